import DeviceProtocols
import Platform

/// Where the programs that speak to a virtual device find it.
package enum VirtualPlace: Hashable, Sendable {
  /// A new pseudo-terminal; at this symbolic link, if one is given.
  case terminal(link: String?)
  /// A port of this machine; 0: one that is free.
  case tcp(port: UInt16)
  /// A USB device, for clients of the USB/IP protocol: the kernel's vhci driver, a testbed.
  case usb(USBPersona, at: SocketAddress)
  /// In this process only, by `VirtualDeviceHost.open`: a device on USB for a demonstration.
  case memory
}

/// What came over a virtual device's line.
enum LineEvent: Hashable, Sendable {
  case bytes([UInt8])
  /// A request on the control pipe, to be answered before the next event is asked for.
  case control(ControlRequest)
  /// The host has begun a connection.
  case connected
  /// The host writes no more on its connection.
  case hostEnded
  /// Nothing that the device hears: the line must only be asked again.
  case nothing
  case timedOut
  case interrupted
  /// The line is gone for good.
  case end
}

/// The line of a virtual device, from the device's side.
protocol VirtualLine: AnyObject, Sendable {
  /// Where stations open it now; nil where no address leads.
  var address: String? { get }
  /// What comes next; on one thread only.
  func next(within limit: Duration?, interruptedBy wakeup: Wakeup) throws(SystemError) -> LineEvent
  /// Sends to the host; from any thread. Bytes that nobody is there for are lost.
  func send(_ bytes: [UInt8]) throws(SystemError)
  /// Answers the control request that was told last; nil: refuses it.
  func answer(_ bytes: [UInt8]?) throws(SystemError)
  /// Ends the connection; a line without connections does nothing.
  func endStream()
  func close()
}

extension VirtualLine {
  func answer(_ bytes: [UInt8]?) {}
  func endStream() {}
}

/// A virtual device's pseudo-terminal.
final class TerminalLine: VirtualLine {
  let terminal: PseudoTerminal

  init(link: String?) throws(SystemError) { terminal = try PseudoTerminal.open(link: link) }

  var path: String { terminal.link ?? terminal.slavePath }
  var address: String? { "serial:\(path)" }

  func next(
    within limit: Duration?, interruptedBy wakeup: Wakeup
  ) throws(SystemError) -> LineEvent {
    switch try terminal.read(within: limit, interruptedBy: wakeup) {
    case .bytes(let bytes): .bytes(bytes)
    case .timedOut: .timedOut
    case .interrupted: .interrupted
    case .end: .end
    }
  }

  func send(_ bytes: [UInt8]) throws(SystemError) {
    let taken = try terminal.write(bytes, within: .seconds(1))
    guard taken == bytes.count else {
      throw .timedOut("write", path)
    }
  }

  func close() { terminal.close() }
}

/// A virtual device's TCP port: one connection at a time, others wait.
final class TCPLine: VirtualLine {
  private let listener: Listener
  private let connection = Guarded<Connection?>(nil)

  private struct Connection: Sendable {
    var descriptor: FileDescriptor
    /// Whether the host has ended its half.
    var hasHostEnded = false
  }

  private static let readSize = 16_384

  init(port: UInt16) throws(SystemError) {
    listener = try Listener.listen(on: .loopback(port: port))
  }

  /// The port that is listened on.
  var port: UInt16 {
    if case .loopback(let port) = listener.address { port } else { 0 }
  }

  var address: String? { "tcp:127.0.0.1:\(port)" }

  func next(
    within limit: Duration?, interruptedBy wakeup: Wakeup
  ) throws(SystemError) -> LineEvent {
    guard let current = connection.withLock({ $0 }) else {
      switch try listener.descriptor.wait(
        for: .reading, until: .after(limit), interruptedBy: wakeup)
      {
      case .timedOut: return .timedOut
      case .interrupted: return .interrupted
      case .ready: break
      }
      guard let descriptor = try listener.accept() else { return .nothing }
      connection.withLock { $0 = Connection(descriptor: descriptor) }
      return .connected
    }
    if current.hasHostEnded {
      // only the device's own clock, or a hand, can move it now
      return try wakeup.wait(until: .after(limit)) ? .interrupted : .timedOut
    }
    let outcome: ReadOutcome
    do throws(SystemError) {
      outcome = try current.descriptor.read(
        upTo: Self.readSize, within: limit, interruptedBy: wakeup)
    } catch {
      // the host is gone without a word; the port stays
      drop(current.descriptor)
      return .nothing
    }
    switch outcome {
    case .bytes(let bytes): return .bytes(bytes)
    case .timedOut: return .timedOut
    case .interrupted: return .interrupted
    case .end:
      connection.withLock { $0?.hasHostEnded = true }
      return .hostEnded
    }
  }

  func send(_ bytes: [UInt8]) throws(SystemError) {
    guard let descriptor = connection.withLock({ $0?.descriptor }) else { return }
    do throws(SystemError) {
      try descriptor.write(bytes, within: .seconds(1))
    } catch {
      drop(descriptor)
      throw error
    }
  }

  func endStream() {
    if let descriptor = connection.withLock({ $0?.descriptor }) { drop(descriptor) }
  }

  private func drop(_ descriptor: FileDescriptor) {
    connection.withLock { connection in
      if connection?.descriptor === descriptor { connection = nil }
    }
    descriptor.close()
  }

  func close() {
    endStream()
    listener.close()
  }
}
