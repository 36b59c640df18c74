import DeviceLinks
import DeviceProtocols
import EventLog
import Platform

/// Why a conversation that was run came to nothing.
enum RunFailure: Error {
  /// The device failed, and said afterwards where the card is, if it could.
  case device(DeviceFailure, DeviceSituation?)
  /// The line broke.
  case line(LinkError)
}

/// Runs conversations of every family over a line: time-outs, cancellation, clean-up, wire log.
///
/// Lives on the device's thread.
struct Conversation {
  let link: any DeviceLink
  let log: Log
  /// Rests until then; false when before that something came that may call the conversation off.
  var rest: (Deadline) -> Bool
  /// Told once of each conversation, however it ends: bytes that passed, and how often something
  /// came damaged.
  var passed: (_ bytes: Int, _ faults: Int) -> Void = { _, _ in }
  /// Whether a failure is news: what is tried again and again fails in one way for long.
  var isNews: (DeviceFailure) -> Bool = { _ in true }
  /// Asked when a wait or a rest is interrupted: whether the conversation is to be called off.
  /// It is told so once; what it then still waits and rests for is not cut short again.
  var isCalledOff: () -> Bool

  /// How long the line may take to accept one write: a whole block at 1,200 bit/s takes 10 s.
  private static let writeLimit = Duration.seconds(15)
  private static let connectLimit = Duration.seconds(5)
  private static let controlLimit = Duration.seconds(5)

  /// Runs `exchange` to its outcome; if it fails, also its clean-up.
  func run<Outcome: Sendable>(
    _ exchange: any Exchange<Outcome>
  ) throws(RunFailure) -> Outcome {
    let failure: DeviceFailure
    do throws(RunFailure) {
      return try converse(exchange, canBeCalledOff: true)
    } catch {
      guard case .device(let cause, _) = error, cause.kind != .absent else { throw error }
      failure = cause
    }
    if isNews(failure) {
      log.info(
        "the device failed",
        ["code": failure.code, "during": failure.during, "status": failure.statusText])
    }
    throw .device(failure, try situation(after: exchange, failure))
  }

  /// Where the card is after a failure; nil when the device could not say.
  private func situation<Outcome: Sendable>(
    after exchange: any Exchange<Outcome>, _ failure: DeviceFailure
  ) throws(RunFailure) -> DeviceSituation? {
    do throws(RunFailure) {
      // what comes late may be the answer to what was said before
      return try converse(
        exchange.cleanUp(after: .device(failure)), canBeCalledOff: false,
        isConfidential: exchange.isConfidential)
    } catch {
      if case .line = error { throw error }
      log.info("the device does not say where the card is")
      return nil
    }
  }

  /// Runs `exchange` alone: when it fails nothing is cleaned up.
  ///
  /// - Parameter isConfidential: whether personal data may come although `exchange` asks for none.
  func converse<Outcome: Sendable>(
    _ exchange: any Exchange<Outcome>, canBeCalledOff: Bool, isConfidential: Bool = false
  ) throws(RunFailure) -> Outcome {
    var exchange = exchange
    var mayEnd = canBeCalledOff
    var event = LinkEvent.began
    var deadline = Deadline.never
    let isConfidential = isConfidential || exchange.isConfidential
    var bytes = 0
    var heard = 0
    defer { passed(bytes, exchange.lineFaults) }
    while true {
      let steps: [Step<Outcome>]
      do throws(DeviceFailure) {
        steps = try exchange.next(event)
      } catch {
        throw .device(error, nil)
      }
      var answer: LinkEvent?
      for step in steps {
        switch step {
        case .write(let sent):
          bytes += sent.count
          heard = 0
          try write(sent, isConfidential)
        case .control(let request): answer = try control(request)
        case .endOfWriting: try onLine { () throws(LinkError) in try link.endOfWriting() }
        case .reconnect:
          try onLine { () throws(LinkError) in try link.reconnect(within: Self.connectLimit) }
        case .discardInput: try onLine { () throws(LinkError) in try link.discardInput() }
        case .wait(let limit): deadline = .after(limit)
        case .keepWaiting: break
        case .pause(let time): answer = pause(time, mayEnd)
        case .finish(let outcome): return outcome
        }
      }
      if let answer {
        event = answer
      } else {
        event = try wait(until: deadline, mayEnd)
        if case .bytes(let received) = event {
          if log.writes(.wire) { note("<", received, isConfidential ? max(0, 2 - heard) : nil) }
          bytes += received.count
          heard += received.count
        }
      }
      if event == .cancelled { mayEnd = false }
    }
  }

  private func control(_ request: ControlRequest) throws(RunFailure) -> LinkEvent {
    let answer = try onLine { () throws(LinkError) in
      try link.control(request, within: Self.controlLimit)
    }
    if log.writes(.wire) {
      log.wire("? \(request.kind) \(request.request)" + (answer == nil ? " refused" : ""))
    }
    return .control(answer)
  }

  private func pause(_ time: Duration, _ canBeCalledOff: Bool) -> LinkEvent {
    let end = Deadline.after(time)
    guard canBeCalledOff else {
      // devices count their rests: one that is cut short ends their patience too soon
      Self.rest(until: end)
      return .timedOut
    }
    while !rest(end) { if isCalledOff() { return .cancelled } }
    return .timedOut
  }

  /// Rests to the end, whatever comes.
  private static func rest(until end: Deadline) {
    let nothing = Monitor(false)
    _ = nothing.wait(until: end) { _ -> Bool? in nil }
  }

  private func onLine<Result>(
    _ body: () throws(LinkError) -> Result
  ) throws(RunFailure) -> Result {
    do throws(LinkError) {
      return try body()
    } catch {
      throw .line(error)
    }
  }

  private func wait(
    until deadline: Deadline, _ canBeCalledOff: Bool
  ) throws(RunFailure) -> LinkEvent {
    while true {
      let read: LinkRead
      do throws(LinkError) {
        read = try link.read(within: deadline.remaining)
      } catch {
        throw .line(error)
      }
      switch read {
      case .bytes(let bytes): return .bytes(bytes)
      case .endOfStream: return .endOfStream
      case .timedOut: return .timedOut
      case .interrupted: if canBeCalledOff, isCalledOff() { return .cancelled }
      }
    }
  }

  private func write(_ bytes: [UInt8], _ isConfidential: Bool) throws(RunFailure) {
    if log.writes(.wire) { note(">", bytes, isConfidential && bytes.count > 6 ? 2 : nil) }
    try onLine { () throws(LinkError) in try link.write(bytes, within: Self.writeLimit) }
  }

  /// What may be personal is told by its length only, behind the two bytes that name the command or
  /// the answer: an answer comes in pieces of any length, so its first two are shown once.
  private func note(_ mark: String, _ bytes: [UInt8], _ limit: Int?) {
    let shown = bytes.prefix(limit ?? bytes.count)
    let hex = shown.map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }
    let rest = bytes.count - shown.count
    let parts = [hex.joined(separator: " "), rest > 0 ? "and \(rest) bytes" : ""]
    log.wire(([mark] + parts.filter { !$0.isEmpty }).joined(separator: " "))
  }
}

extension DeviceFailure {
  var statusText: String { status.map { String($0, radix: 16) } ?? "none" }
}

extension RunFailure {
  var deviceFailure: DeviceFailure {
    switch self {
    case .device(let failure, _): failure
    case .line(let error): error.failure
    }
  }
}

extension LinkError {
  /// The line's failure as the device's: it is not there.
  var failure: DeviceFailure {
    DeviceFailure(.absent, during: "line", detail: kind.rawValue)
  }
}
