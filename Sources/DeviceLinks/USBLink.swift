import CLibUSB
import DeviceCatalog
import DeviceProtocols
import Platform

/// A printer-class or vendor-specific device on USB, by its bulk pipes and its control pipe.
package final class USBLink: DeviceLink, @unchecked Sendable {  // all but `interrupt`: one thread
  package let address: String
  private let context: USBContext
  private let handle: OpaquePointer
  private let interface: USBInterface
  private let input: USBTransfer
  private let output: USBTransfer
  private let mailbox = Guarded(Mailbox())

  private struct Mailbox: Sendable {
    var isInterrupted = false
    var isClosed = false
  }

  /// Bytes a transfer out: larger ones win nothing, much smaller ones cost much.
  private static let chunk = 32 << 10
  /// A read asks at least once.
  private static let shortestRead = Duration.milliseconds(5)
  /// Before a device that answered with an empty packet is asked again.
  private static let emptyRest = Duration.milliseconds(10)
  /// How long stale input is looked for.
  private static let discardLimit = Duration.milliseconds(100)
  private static let controlSize = 4096

  /// Finds the device, opens it and takes its interface.
  ///
  /// - Throws: `.notFound`, `.noPermission`, `.busy` with who has it, `.unusable`.
  package init(_ identities: [USBIdentity], serial: String?) throws(LinkError) {
    let text = LinkAddress.usb(identities, serial: serial).description
    address = text
    let claim = try USBSearch(identities: identities, serial: serial, address: text).claim()
    context = claim.context
    handle = claim.handle
    interface = claim.interface
    do throws(USBFailure) {
      // a packet a transfer, so that an answer of whole packets is had at once
      input = try USBTransfer(
        context, handle, endpoint: interface.input, size: interface.inputPacket)
      output = try USBTransfer(context, handle, endpoint: interface.output, size: Self.chunk)
    } catch {
      libusb_release_interface(claim.handle, Int32(claim.interface.number))
      libusb_close(claim.handle)
      throw LinkError(error, address: text)
    }
  }

  deinit { close() }

  // MARK: Writing

  package func write(_ bytes: [UInt8], within limit: Duration) throws(LinkError) {
    let deadline = Deadline.after(limit)
    var sent = 0
    var isRetry = false
    while sent < bytes.count {
      let count = min(Self.chunk, bytes.count - sent)
      bytes[sent..<sent + count].withUnsafeBufferPointer { part in
        output.buffer.update(from: part.baseAddress!, count: count)
      }
      let isLast = sent + count == bytes.count
      let outcome = try run(
        output, count, deadline,
        endsMessage: isLast && interface.isVendorSpecific && count % interface.outputPacket == 0)
      sent += outcome.count
      switch outcome.end {
      case .done:
        guard outcome.count > 0 else {
          throw LinkError(.unusable, address: address, reason: "it takes no bytes")
        }
        isRetry = false
      case .stalled:
        try recover(output, isRetry, "out")
        isRetry = true
      case .timedOut, .interrupted:
        throw LinkError(
          .timedOut, address: address, reason: "it took \(sent) of \(bytes.count) bytes")
      case .gone, .failed: throw broken(outcome.end)
      }
    }
  }

  // MARK: Reading

  package func read(within limit: Duration?) throws(LinkError) -> LinkRead {
    let deadline = Deadline.after(limit.map { max($0, Self.shortestRead) })
    var isRetry = false
    while true {
      var wasCalledOff = false
      let outcome = try run(input, input.size, deadline) {
        if takeInterruption() { wasCalledOff = true }
        return wasCalledOff
      }
      if outcome.count > 0 {
        // what came before it was called off counts, and the next read is called off instead
        if wasCalledOff { mailbox.withLock { $0.isInterrupted = true } }
        return .bytes(received(outcome.count))
      }
      if outcome.end == .gone || outcome.end == .failed { throw broken(outcome.end) }
      if wasCalledOff { return .interrupted }
      switch outcome.end {
      case .timedOut: return .timedOut
      case .stalled:
        try recover(input, isRetry, "in")
        isRetry = true
      case .done, .interrupted, .gone, .failed:
        // empty packets, however many, are no answer
        guard !deadline.hasPassed else { return .timedOut }
        try rest()
      }
    }
  }

  private func received(_ count: Int) -> [UInt8] {
    Array(UnsafeBufferPointer(start: input.buffer, count: count))
  }

  package func discardInput() throws(LinkError) {
    let deadline = Deadline.after(Self.discardLimit)
    while !deadline.hasPassed {
      let end = min(deadline.remaining ?? .zero, Self.shortestRead)
      let outcome = try run(input, input.size, .after(end))
      if outcome.end == .stalled { try recover(input, false, "in") }
      if outcome.end == .gone || outcome.end == .failed { throw broken(outcome.end) }
      if outcome.count == 0 { return }
    }
  }

  private func takeInterruption() -> Bool {
    mailbox.withLock { mailbox in
      defer { mailbox.isInterrupted = false }
      return mailbox.isInterrupted
    }
  }

  /// Leaves a device alone for a moment that has nothing to say; an interruption ends it.
  private func rest() throws(LinkError) {
    try on { () throws(USBFailure) in try context.handleEvents(within: Self.emptyRest) }
  }

  // MARK: The control pipe

  package func control(
    _ request: ControlRequest, within limit: Duration
  ) throws(LinkError) -> [UInt8]? {
    let count = request.isRead ? request.length : request.data.count
    guard (0...Self.controlSize).contains(count) else {
      throw LinkError(
        .unusable, address: address, reason: "a control request of \(count) bytes")
    }
    var data = request.isRead ? [UInt8](repeating: 0, count: count) : request.data
    let milliseconds = UInt32(clamping: max(limit.wholeNanoseconds / 1_000_000, 1))
    let result = libusb_control_transfer(
      handle, request.kind, request.request, request.value, index(of: request), &data,
      UInt16(count), milliseconds)
    if result == LIBUSB_ERROR_PIPE.rawValue { return nil }
    let moved = try on { () throws(USBFailure) in try usb("control", result) }
    return request.isRead ? Array(data.prefix(Int(moved))) : []
  }

  /// The index of a request to the interface is the interface's number. GET_DEVICE_ID alone has it
  /// in its upper half, over the alternate setting.
  private func index(of request: ControlRequest) -> UInt16 {
    guard request.kind & 0x1f == 1 else { return request.index }
    let number = UInt16(interface.number)
    let asksID =
      request.kind == ControlRequest.deviceID.kind
      && request.request == ControlRequest.deviceID.request
    return asksID ? number << 8 | UInt16(interface.alternate) : number
  }

  // MARK: All of it

  package func interrupt() {
    mailbox.withLock { mailbox in
      guard !mailbox.isClosed else { return }
      mailbox.isInterrupted = true
      context.interrupt()
    }
  }

  package func close() {
    let wasOpen = mailbox.withLock { mailbox in
      defer { mailbox.isClosed = true }
      return !mailbox.isClosed
    }
    guard wasOpen else { return }
    // with it the kernel's driver comes back
    libusb_release_interface(handle, Int32(interface.number))
    libusb_close(handle)
  }

  private func run(
    _ transfer: USBTransfer, _ count: Int, _ deadline: Deadline, endsMessage: Bool = false,
    isCalledOff: () -> Bool = { false }
  ) throws(LinkError) -> (end: USBTransfer.End, count: Int) {
    guard !transfer.isStuck, !mailbox.withLock({ $0.isClosed }) else { throw broken(.gone) }
    return try on { () throws(USBFailure) in
      try transfer.run(
        count, until: deadline, endsMessage: endsMessage, isCalledOff: isCalledOff)
    }
  }

  /// A halted pipe is set going once; a second halt means that the device refuses.
  private func recover(
    _ transfer: USBTransfer, _ isRetry: Bool, _ side: String
  ) throws(LinkError) {
    guard !isRetry else {
      throw LinkError(.unusable, address: address, reason: "the bulk pipe \(side) is halted again")
    }
    try on { () throws(USBFailure) in try transfer.clearHalt() }
  }

  private func broken(_ end: USBTransfer.End) -> LinkError {
    LinkError(
      .gone, address: address, reason: end == .gone ? "" : "the transfer failed on the way")
  }

  private func on<Result>(
    _ body: () throws(USBFailure) -> Result
  ) throws(LinkError) -> Result {
    do throws(USBFailure) {
      return try body()
    } catch {
      throw LinkError(error, address: address)
    }
  }
}
