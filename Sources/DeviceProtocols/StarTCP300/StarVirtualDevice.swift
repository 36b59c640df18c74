import CardTracks
import DeviceCatalog
import Raster

/// A TCP300 as a value: the other side of the wire, with its card path.
///
/// It does what the documents say of a unit; where they are silent it does what PROTOCOL.md lists
/// under "Inferred", so that a driver tested here is not tested against itself only.
package struct StarVirtualDevice: VirtualDevice {
  /// What the unit's font gives for a character at a width of 12 or 24 dots, 24 high.
  package typealias Font = @Sendable (Character, Int) -> Bitmap?

  /// Where a card at the mouth is in its life.
  enum Mouth: Hashable, Sendable {
    case empty
    /// Put in and not yet drawn in.
    case target(VirtualCard)
    /// Put out; `reuse`: to the reuse position, from where 50h puts it out for good.
    case waiting(VirtualCard, reuse: Bool)
  }

  /// A command under way.
  struct Work: Hashable, Sendable {
    var command: UInt8
    var task: StarTask
  }

  let tracks: [TrackSetting]
  let pace: StarPace
  var mouth = Mouth.empty
  var inside: VirtualCard?
  var isJammed = false
  var isCoverOpen = false
  var hasPower = true
  var expansion: StarExpansion
  /// What 35h–3Dh have set, by track.
  var writeBuffer: [Int: VirtualStripe] = [:]
  /// What reads have found, by track.
  var readBuffer: [Int: [UInt8]] = [:]
  var transports = 0
  var prints = 0
  var faults: [VirtualFault] = []
  var waiting: Work?
  var busy: (work: Work, until: Duration)?
  private var receiver = StarReceiver(shortest: 1)
  /// The block that the host has not acknowledged yet.
  private var unacknowledged: [UInt8]?
  private var noise = LineNoise()
  var reaction = VirtualReaction()

  /// - Parameter pace: how fast the mechanism works.
  package init(model: DeviceModel, pace: StarPace = .instantly, font: @escaping Font) {
    precondition(model.family == StarTCP300.family, "this device is of its own family")
    tracks = model.tracks
    self.pace = pace
    expansion = StarExpansion(font: font)
  }

  package var card: VirtualCard? {
    if let inside { return inside }
    switch mouth {
    case .empty: return nil
    case .target(let card), .waiting(let card, _): return card
    }
  }

  package var offersCard: Bool {
    if case .waiting = mouth { return true }
    return false
  }

  package mutating func receive(_ bytes: [UInt8], at now: Duration) -> VirtualReaction {
    guard hasPower else { return finished() }
    advance(to: now)
    let start = now + pace.lineTime(bytes: bytes.count)
    for byte in bytes {
      guard hasPower else { break }
      switch receiver.take(noise.damaged(byte)) {
      case nil: continue
      case .acknowledged: unacknowledged = nil
      case .refused: if let block = unacknowledged { send(block) }
      case .withdrawn: continue
      case .garbled: send([StarControl.refuse])
      case .block(let command, let data):
        unacknowledged = nil
        obey(command, data, at: start)
      }
    }
    advance(to: now)
    return finished()
  }

  package mutating func wake(at now: Duration) -> VirtualReaction {
    advance(to: now)
    return finished()
  }

  /// The reaction gathered so far, noise added.
  private mutating func finished() -> VirtualReaction {
    var result = reaction
    reaction = VirtualReaction()
    result.bytes = hasPower ? result.bytes.map { noise.damaged($0) } : []
    result.wakeAt = hasPower ? busy?.until : nil
    return result
  }

  mutating func send(_ bytes: [UInt8]) { reaction.bytes += bytes }

  mutating func tell(_ event: VirtualEvent) { reaction.events.append(event) }

  mutating func answer(_ command: UInt8, _ status: StarStatus, _ data: [UInt8] = []) {
    answer(command, status.rawValue, data)
  }

  mutating func answer(_ command: UInt8, _ status: UInt8, _ data: [UInt8] = []) {
    let block = StarFrame.block(command, [status] + data)
    unacknowledged = block
    send(block)
  }

  /// Takes a command: acknowledges it and begins, or withdraws from it.
  private mutating func obey(_ command: UInt8, _ data: [UInt8], at now: Duration) {
    let isPriority = [0x54, 0x55, 0x5f].contains(command)
    // a unit that works or waits hears the priority commands only
    guard isPriority || (waiting == nil && busy == nil) else { return }
    guard let order = order(command, data) else { return send([StarControl.withdraw]) }
    send([StarControl.acknowledge])
    switch order {
    case .answered(let status, let data): answer(command, status, data)
    case .cancelInsertion:
      waiting = nil
      answer(command, .normal)
    case .cancelRemoval:
      if case .waiting(let card, _) = mouth { mouth = .target(card) }
      answer(command, .normal)
    case .reset:
      waiting = nil
      busy = (Work(command: command, task: .reset), now + pace.time(of: .reset))
    case .card(let task):
      begin(Work(command: command, task: task), at: now)
    }
  }

  /// Starts work that needs a card, or waits for one.
  mutating func begin(_ work: Work, at now: Duration) {
    if isCoverOpen { return answer(work.command, .coverOpen) }
    if isJammed, inside != nil { return answer(work.command, .jam) }
    guard takeTarget(for: work.task) else {
      guard work.task.waitsForCard else { return answer(work.command, .noTargetCard) }
      waiting = work
      tell(.waitsForCard)
      return
    }
    waiting = nil
    if isJammed {
      tell(.jammed)
      return answer(work.command, .jam)
    }
    busy = (work, now + pace.time(of: work.task))
  }

  /// The process-target rule: a card inside comes before one at the mouth; one that was put out is
  /// none, unless the command is one that takes it back. The card found is drawn in.
  private mutating func takeTarget(for task: StarTask) -> Bool {
    if inside != nil { return true }
    switch mouth {
    case .target(let card): inside = card
    case .waiting(let card, let reuse):
      guard task.takesBack || (reuse && task.isDischarge) else { return false }
      inside = card
    case .empty: return false
    }
    mouth = .empty
    transports += 1
    tell(.cardIn)
    return true
  }

  /// Ends what is due, and begins what waited for it.
  mutating func advance(to now: Duration) {
    guard hasPower else { return }
    while let current = busy, current.until <= now {
      busy = nil
      finish(current.work)
    }
    if let work = waiting, busy == nil, case .target = mouth { begin(work, at: now) }
    while let current = busy, current.until <= now {
      busy = nil
      finish(current.work)
    }
  }

  package mutating func hand(
    _ act: VirtualAct, at now: Duration
  ) throws(VirtualActRefused) -> VirtualReaction {
    advance(to: now)
    switch act {
    case .insert(let card):
      guard mouth == .empty else { throw VirtualActRefused(reason: "a card is in the mouth") }
      mouth = .target(card)
    case .load: throw VirtualActRefused(reason: "this device has no feeder")
    case .jam:
      isJammed = true
      if inside != nil { tell(.jammed) }
    case .openCover: isCoverOpen = true
    case .closeCover:
      guard isCoverOpen else { throw VirtualActRefused(reason: "the cover is closed") }
      isCoverOpen = false
      waiting = nil
      busy = nil
      restart()
      if !isJammed { putOut(reuse: false) }
    case .noise(let perMille):
      guard (0...1000).contains(perMille) else {
        throw VirtualActRefused(reason: "noise is from 0 to 1000 of a thousand bytes")
      }
      noise.perMille = perMille
    case .powerOff: losePower()
    case .powerOn:
      hasPower = true
      restart()
    case .plan(let fault): faults.append(fault)
    }
    advance(to: now)
    return finished()
  }

  package mutating func take(at now: Duration) -> (card: VirtualCard?, VirtualReaction) {
    advance(to: now)
    var taken: VirtualCard?
    switch mouth {
    case .waiting(let card, _), .target(let card):
      taken = card
      mouth = .empty
    case .empty:
      if isCoverOpen, let card = inside {
        taken = card
        inside = nil
        isJammed = false
      }
    }
    return (taken, finished())
  }

  mutating func losePower() {
    hasPower = false
    waiting = nil
    busy = nil
    unacknowledged = nil
    receiver.reset()
    tell(.powerLost)
  }

  /// Forgets everything volatile.
  mutating func restart() {
    expansion.clearText()
    expansion.clearImages()
    expansion.clearGlyphs()
    writeBuffer = [:]
    readBuffer = [:]
    unacknowledged = nil
    receiver.reset()
  }

  /// Puts the card inside out; false when another one is in the way.
  @discardableResult
  mutating func putOut(reuse: Bool) -> Bool {
    guard let card = inside else { return true }
    guard mouth == .empty else { return false }
    inside = nil
    mouth = .waiting(card, reuse: reuse)
    transports += 1
    tell(.cardOut)
    return true
  }
}

/// How fast a virtual unit works.
package struct StarPace: Hashable, Sendable {
  /// Percent of a real unit's times; 0: no time at all.
  package var percent: Int
  /// Bit/s of the line, which takes its time too.
  package var lineSpeed: Int

  package init(percent: Int, lineSpeed: Int = 9600) {
    precondition((0...1000).contains(percent), "a pace is 0 to 1000 percent of real times")
    precondition(lineSpeed > 0, "a line has a speed")
    self.percent = percent
    self.lineSpeed = lineSpeed
  }

  package static let instantly = StarPace(percent: 0)
  package static let real = StarPace(percent: 100)

  func lineTime(bytes: Int) -> Duration {
    .nanoseconds(Int64(bytes) * 100_000_000 * Int64(percent) / Int64(lineSpeed))
  }

  /// Only the reset's 3 s are documented; the others are such that nothing takes more than 7 s.
  func time(of task: StarTask) -> Duration {
    let milliseconds: Int64 =
      switch task {
      case .reset: 3000
      case .heat: 6000
      case .read: 1500
      case .write: 2500
      case .discharge, .idle: 800
      case .clean: 5000
      }
    return .microseconds(milliseconds * 10 * Int64(percent))
  }
}
