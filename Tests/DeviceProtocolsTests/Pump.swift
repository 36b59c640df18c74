import DeviceProtocols
import Testing

/// What can befall one call on a link.
enum LinkFault: String, CaseIterable {
  /// Nothing comes, or nothing is taken, in time.
  case timeout
  /// Half of it passes, then the line is lost.
  case short
  /// What passes is other bytes.
  case garbage
  /// The pipe refuses; the link clears it and the call is lost.
  case stall
  /// The line is lost.
  case gone
}

/// The line broke; the station would open it anew and begin.
struct LineLost: Error {}

/// Runs conversations against a virtual device, in one thread and without waiting.
struct Pump<Device: VirtualDevice> {
  enum Stuck: Error { case forever, endless }

  var device: Device
  let link: LinkKind
  var now = Duration.zero
  /// Changes a byte on the line: its place in the whole traffic and its value; empty: lost.
  var damage: ((Int, UInt8) -> [UInt8])?
  /// What befalls the link call of that number; calls are counted from 0 in `calls`.
  var fault: (Int) -> LinkFault? = { _ in nil }
  /// What a hand does while a conversation waits.
  var later: (at: Duration, act: VirtualAct)?
  /// Bytes on the line so far.
  private(set) var traffic = 0
  /// Link calls so far: writes, control requests, waits.
  private(set) var calls = 0
  private(set) var events: [VirtualEvent] = []
  /// What passed, for goldens and decoders: the host's writes.
  private(set) var written: [[UInt8]] = []
  private var inbox: [UInt8] = []
  private var hasEnded = false
  private var wakeAt: Duration?

  init(_ device: Device, on link: LinkKind = .serial) {
    self.device = device
    self.link = link
  }

  mutating func act(_ act: VirtualAct) throws {
    take(try device.hand(act, at: now))
  }

  mutating func takeCard() -> VirtualCard? {
    let (card, reaction) = device.take(at: now)
    take(reaction)
    return card
  }

  /// Forgets what is on the line, as a station does that opens it anew.
  mutating func reopen() {
    inbox = []
    hasEnded = false
    if link == .tcp { take(device.connected(at: now)) }
  }

  private mutating func onLine(_ bytes: [UInt8]) -> [UInt8] {
    guard let damage else {
      traffic += bytes.count
      return bytes
    }
    var result: [UInt8] = []
    for byte in bytes {
      result += damage(traffic, byte)
      traffic += 1
    }
    return result
  }

  private mutating func take(_ reaction: VirtualReaction) {
    inbox += onLine(reaction.bytes)
    events += reaction.events
    wakeAt = reaction.wakeAt
    if reaction.endsStream { hasEnded = true }
  }

  private mutating func nextFault() -> LinkFault? {
    defer { calls += 1 }
    return fault(calls)
  }

  private mutating func write(_ bytes: [UInt8]) throws {
    written.append(bytes)
    switch nextFault() {
    case nil: take(device.receive(onLine(bytes), at: now))
    case .garbage: take(device.receive(onLine(bytes.map { $0 ^ 0x55 }), at: now))
    case .short:
      take(device.receive(onLine(Array(bytes.prefix(bytes.count / 2))), at: now))
      throw LineLost()
    case .timeout, .stall, .gone: throw LineLost()
    }
  }

  private mutating func control(_ request: ControlRequest) throws -> LinkEvent {
    let fault = nextFault()
    if fault == .gone || fault == .timeout { throw LineLost() }
    guard fault != .stall else { return .control(nil) }
    let (answer, reaction) = device.control(request, at: now)
    take(reaction)
    switch fault {
    case .short: return .control(answer.map { Array($0.prefix($0.count / 2)) })
    case .garbage: return .control(answer.map { $0.map { $0 ^ 0x55 } })
    default: return .control(answer)
    }
  }

  /// - Throws: `DeviceFailure`, `LineLost`, or `Stuck` when it would wait for ever.
  mutating func run<Outcome: Sendable>(_ exchange: any Exchange<Outcome>) throws -> Outcome {
    var exchange = exchange
    var event = LinkEvent.began
    var deadline: Duration?
    for _ in 0..<100_000 {
      var answer: LinkEvent?
      for step in try exchange.next(event) {
        switch step {
        case .write(let bytes): try write(bytes)
        case .control(let request): answer = try control(request)
        case .endOfWriting: if link == .tcp { take(device.hostEnded(at: now)) }
        case .reconnect: if link == .tcp { reopen() }
        case .discardInput: inbox = []
        case .wait(let limit): deadline = limit.map { now + $0 }
        case .keepWaiting: break
        case .pause(let time):
          try advance(to: now + time)
          answer = .timedOut
        case .finish(let outcome): return outcome
        }
      }
      event = try answer ?? nextEvent(deadline)
    }
    throw Stuck.endless
  }

  /// Lets time pass, the device doing what it has to do.
  mutating func advance(to time: Duration) throws {
    if let act = later, act.at <= time {
      later = nil
      try advance(to: act.at)
      try self.act(act.act)
    }
    while let due = wakeAt, due <= time {
      now = max(now, due)
      take(device.wake(at: now))
      if wakeAt == due { break }
    }
    now = max(now, time)
  }

  private mutating func nextEvent(_ deadline: Duration?) throws -> LinkEvent {
    let fault = nextFault()
    if fault == .gone || fault == .stall { throw LineLost() }
    if fault == .timeout, let deadline {
      try advance(to: deadline)
      inbox = []
      return .timedOut
    }
    while inbox.isEmpty {
      if hasEnded {
        hasEnded = false
        return .endOfStream
      }
      if let act = later, act.at <= min(deadline ?? act.at, wakeAt ?? act.at) {
        later = nil
        now = max(now, act.at)
        try self.act(act.act)
      } else if let wakeAt, wakeAt <= deadline ?? wakeAt {
        now = max(now, wakeAt)
        take(device.wake(at: now))
      } else if let deadline {
        now = deadline
        return .timedOut
      } else {
        throw Stuck.forever
      }
    }
    defer { inbox = [] }
    switch fault {
    case .short: return .bytes(Array(inbox.prefix(max(1, inbox.count / 2))))
    case .garbage: return .bytes(inbox.map { $0 ^ 0x55 })
    default: return .bytes(inbox)
    }
  }
}

/// Lets every link call of a job fail in one way, one after the other, until a run is clean.
///
/// - Parameters:
///   - start: a pump whose device is ready for the job.
///   - check: told what the job came to (nil: nothing went wrong), and the number of the call.
func sweepLinkFaults<Device: VirtualDevice>(
  _ kind: LinkFault, from start: () throws -> Pump<Device>,
  _ job: (inout Pump<Device>) throws -> Void,
  check: (inout Pump<Device>, (any Error)?, Int) throws -> Void
) throws {
  var place = 0
  while true {
    var pump = try start()
    let begun = pump.calls
    pump.fault = { $0 == begun + place ? kind : nil }
    var failure: (any Error)?
    do { try job(&pump) } catch { failure = error }
    let hasStruck = pump.calls > begun + place
    pump.fault = { _ in nil }
    guard hasStruck else { break }
    if failure is LineLost { pump.reopen() }
    try check(&pump, failure, place)
    place += 1
  }
  #expect(place > 1)
}

/// What is done to one byte of the traffic.
enum Damage: String, CaseIterable {
  case lost, flippedLow, flippedHigh, doubled, becomesStart, becomesEnd

  func callAsFunction(_ byte: UInt8) -> [UInt8] {
    switch self {
    case .lost: []
    case .flippedLow: [byte ^ 0x01]
    case .flippedHigh: [byte ^ 0x80]
    case .doubled: [byte, byte]
    case .becomesStart: [0x02]
    case .becomesEnd: [0x03]
    }
  }
}

/// Damages every byte of a conversation, one after the other, until a run without damage.
///
/// - Parameters:
///   - limit: the last byte but one; a conversation that damage makes longer has no end.
///   - check: told what `body` failed with (nil: nothing went wrong), and which byte was damaged.
/// - Returns: how many bytes were damaged.
@discardableResult
func sweepDamage<Device: VirtualDevice>(
  _ damage: @escaping (UInt8) -> [UInt8], upTo limit: Int = .max,
  from start: () throws -> Pump<Device>,
  _ body: (inout Pump<Device>) throws -> Void,
  check: (inout Pump<Device>, DeviceFailure?, Int) throws -> Void
) throws -> Int {
  var place = 0
  while place < limit {
    var pump = try start()
    let begun = pump.traffic
    var hasStruck = false
    pump.damage = { index, byte in
      guard index == begun + place else { return [byte] }
      hasStruck = true
      return damage(byte)
    }
    let failure = try failure { try body(&pump) }
    pump.damage = nil
    guard hasStruck else { break }
    try check(&pump, failure, place)
    place += 1
  }
  #expect(place > 10)
  return place
}
