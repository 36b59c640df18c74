import DeviceLinks
import DeviceProtocols
import EventLog
import Platform

/// Speaks to one device over an open line, without a station: for looks, services and recordings by
/// hand. Time-outs, clean-up and the wire log are those of stations.
///
/// `run` and `ask` block: they belong on a thread of their own. `callOff` comes from any thread.
package final class DeviceConversation: Sendable {
  private let log: Log
  private let tap: WireTap
  private let calledOff = Monitor(false)

  /// - Parameter onWire: told of everything that passes, in order, on the thread of the
  ///   conversation: it must return at once.
  package init(
    over link: any DeviceLink, log: Log = .off,
    onWire: @escaping @Sendable (WirePassage) -> Void = { _ in }
  ) {
    self.log = log
    tap = WireTap(link, onWire)
  }

  private var conversation: Conversation {
    Conversation(link: tap, log: log, rest: rest(until:)) { [self] in isCalledOff }
  }

  /// Whether somebody has called it off.
  package var isCalledOff: Bool { calledOff.withLock { $0 } }

  /// Ends the wait under way; a conversation that can be called off then is.
  package func callOff() {
    calledOff.withLock { $0 = true }
    tap.interrupt()
  }

  /// Rests so long; false when it was called off.
  package func rest(_ time: Duration) -> Bool { rest(until: .after(time)) }

  private func rest(until end: Deadline) -> Bool {
    calledOff.wait(until: end) { $0 ? true : nil } == nil
  }

  /// Runs an exchange to its outcome; if it fails, its clean-up too, which may move the card.
  package func run<Outcome: Sendable>(
    _ exchange: any Exchange<Outcome>
  ) throws(DeviceConversationError) -> Outcome {
    tap.isConfidential = exchange.isConfidential
    do throws(RunFailure) {
      return try conversation.run(exchange)
    } catch {
      throw DeviceConversationError(error)
    }
  }

  /// Runs an exchange that only asks: when it fails nothing more is said to the device.
  package func ask<Outcome: Sendable>(
    _ exchange: any Exchange<Outcome>
  ) throws(DeviceConversationError) -> Outcome {
    tap.isConfidential = exchange.isConfidential
    do throws(RunFailure) {
      return try conversation.converse(exchange, canBeCalledOff: true)
    } catch {
      throw DeviceConversationError(error)
    }
  }

  /// Closes the line.
  package func close() { tap.close() }
}

/// Why a conversation came to nothing.
package enum DeviceConversationError: Error, Hashable, Sendable {
  /// The device failed, and said afterwards where the card is, if it was asked and could.
  case device(DeviceFailure, after: DeviceSituation?)
  /// The line broke.
  case line(LinkError)

  init(_ failure: RunFailure) {
    self =
      switch failure {
      case .device(let failure, let situation): .device(failure, after: situation)
      case .line(let error): .line(error)
      }
  }

  /// The failure as a device's; a broken line means that the device is not there.
  package var failure: DeviceFailure {
    switch self {
    case .device(let failure, _): failure
    case .line(let error): error.failure
    }
  }
}

/// Something that passed on a line.
package struct WirePassage: Hashable, Sendable {
  package var line: Recording.Line
  /// Whether its bytes may hold personal data.
  package var isConfidential: Bool
  /// Since the line was opened.
  package var time: Duration
}

/// A line that tells what passes over another one.
private final class WireTap: DeviceLink {
  private let link: any DeviceLink
  private let tell: @Sendable (WirePassage) -> Void
  private let start = Clocks.system.monotonicNanoseconds()
  private let confidential = Guarded(false)

  init(_ link: any DeviceLink, _ tell: @escaping @Sendable (WirePassage) -> Void) {
    self.link = link
    self.tell = tell
  }

  var isConfidential: Bool {
    get { confidential.withLock { $0 } }
    set { confidential.withLock { $0 = newValue } }
  }

  var address: String { link.address }

  private func note(_ line: Recording.Line) {
    let time = Duration.nanoseconds(Int64(Clocks.system.monotonicNanoseconds() - start))
    tell(WirePassage(line: line, isConfidential: isConfidential, time: time))
  }

  func write(_ bytes: [UInt8], within limit: Duration) throws(LinkError) {
    note(.host(bytes))
    try link.write(bytes, within: limit)
  }

  func read(within limit: Duration?) throws(LinkError) -> LinkRead {
    let read = try link.read(within: limit)
    switch read {
    case .bytes(let bytes): note(.device(bytes))
    case .endOfStream: note(.endOfStream)
    case .timedOut: note(.silence)
    case .interrupted: note(.cancel)
    }
    return read
  }

  func control(
    _ request: ControlRequest, within limit: Duration
  ) throws(LinkError) -> [UInt8]? {
    let answer = try link.control(request, within: limit)
    note(.control(request, answer))
    return answer
  }

  func endOfWriting() throws(LinkError) {
    note(.endOfWriting)
    try link.endOfWriting()
  }

  func reconnect(within limit: Duration) throws(LinkError) {
    note(.reconnect)
    try link.reconnect(within: limit)
  }

  func discardInput() throws(LinkError) { try link.discardInput() }
  func interrupt() { link.interrupt() }
  func close() { link.close() }
}
