import CardTracks
import DeviceCatalog
import Raster

/// A CRP unit as a value: the other side of the wire, with its card path.
///
/// It does what the sources say of a unit; where they are silent it does what PROTOCOL.md lists
/// under "The virtual unit", some of it in more than one way (`SanwaUnknowns`).
package struct SanwaVirtualDevice: VirtualDevice {
  /// What the unit's font gives for a character at a width of 12 or 24 dots, 24 high.
  package typealias Font = @Sendable (Character, Int) -> Bitmap?

  /// Where a card at the mouth is in its life.
  enum Mouth: Hashable, Sendable {
    case empty
    /// Put in by the hand and not drawn in yet.
    case arriving(VirtualCard)
    /// Put out, for the hand to take.
    case leaving(VirtualCard)
  }

  /// Where a card inside stands.
  enum Place: Hashable, Sendable { case head, thermal, dispenser }

  /// How a job ended; the place of the card is told as it is when it is asked.
  struct Ending: Hashable, Sendable {
    var command: UInt8
    var problem: UInt8 = 0x30
    var state: UInt8 = 0x30
    var data: [UInt8] = []
  }

  struct Job: Hashable, Sendable {
    var command: UInt8
    var task: SanwaTask
  }

  let tracks: [TrackSetting]
  let isBR: Bool
  let pace: SanwaPace
  var mouth = Mouth.empty
  var inside: (card: VirtualCard, place: Place)?
  /// In the dispenser, the next one last; nil: the unit has none.
  var stock: [VirtualCard]? = []
  var isShutterOpen = false
  var isJammed = false
  var isCoverOpen = false
  var isBatteryLow = false
  var hasPower = true
  var page: SanwaPage
  var faults: [VirtualFault] = []
  /// The last job's end; nil since power came: then there is nothing to fetch.
  var ending: Ending?
  var waiting: Job?
  var busy: (job: Job, until: Duration)?
  private var ear = SanwaEar()
  private var noise = LineNoise()
  private var heardAt = Duration.zero
  var reaction = VirtualReaction()

  /// - Parameters:
  ///   - pace: how fast the mechanism works.
  ///   - unknowns: how it does what no source tells.
  package init(
    model: DeviceModel, pace: SanwaPace = .instantly, unknowns: SanwaUnknowns = SanwaUnknowns(),
    font: @escaping Font
  ) {
    precondition(model.family == SanwaCRP.family, "this device is of its own family")
    guard let geometry = model.geometry else {
      preconditionFailure("every model of this family prints")
    }
    tracks = model.tracks
    isBR = model.word("places") == "sensors"
    self.pace = pace
    page = SanwaPage(
      width: geometry.width, height: geometry.height, unknowns: unknowns, font: font)
  }

  package var card: VirtualCard? {
    if let inside { return inside.card }
    switch mouth {
    case .empty: return nil
    case .arriving(let card), .leaving(let card): return card
    }
  }

  package var offersCard: Bool {
    if case .leaving = mouth { return true }
    return false
  }

  package mutating func receive(_ bytes: [UInt8], at now: Duration) -> VirtualReaction {
    guard hasPower else { return finished() }
    advance(to: now)
    // a block that stops is forgotten
    if now - heardAt > .milliseconds(100) { ear = SanwaEar() }
    heardAt = now
    for byte in bytes {
      guard hasPower else { break }
      switch ear.hear(noise.damaged(byte)) {
      case nil: continue
      case .enquiry: if let answer { reaction.bytes += answer }
      case .nonsense: reaction.bytes.append(0x15)
      case .command(let code, let parameters): obey(code, parameters, at: now)
      }
      advance(to: now)
    }
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

  mutating func tell(_ event: VirtualEvent) { reaction.events.append(event) }

  // MARK: Answers

  /// What an enquiry brings; nil: nothing.
  private var answer: [UInt8]? {
    var told: Ending
    if let busy {
      told = Ending(command: busy.job.command, state: 0x33)
    } else if let waiting {
      told = Ending(command: waiting.command, state: 0x34)
    } else if let ending {
      told = ending
    } else {
      return nil
    }
    if told.problem == 0x30, isJammed, inside != nil { told.problem = 0x33 }
    let body =
      [UInt8(6 + told.data.count), told.command, place, told.problem, told.state] + told.data
      + [0x03]
    return [0x02] + body + [body.reduce(0, ^)]
  }

  /// R.
  private var place: UInt8 {
    if isBR {
      let sensors: UInt8 =
        switch (inside?.place, mouth) {
        case (.head?, _): 0b11000
        case (.thermal?, _): 0b00111
        case (.dispenser?, _): 0b11100
        case (nil, .leaving): 0b00001
        // the sensor lies behind the shutter
        case (nil, .arriving): isShutterOpen ? 0b00001 : 0b00000
        case (nil, .empty): 0b00000
        }
      return (isShutterOpen ? 2 : 1) << 6 | (stock?.isEmpty == false ? 1 : 0) << 5 | sensors
    }
    switch (inside?.place, mouth) {
    case (.head?, _): return 0x31
    case (.thermal?, _): return 0x32
    case (.dispenser?, _): return 0x33
    case (nil, .leaving): return 0x34
    case (nil, _): return 0x30
    }
  }

  mutating func end(
    _ command: UInt8, problem: UInt8 = 0x30, state: UInt8 = 0x30, _ data: [UInt8] = []
  ) {
    ending = Ending(command: command, problem: problem, state: state, data: data)
  }

  // MARK: Jobs

  private mutating func obey(_ command: UInt8, _ parameters: [UInt8], at now: Duration) {
    // a unit that works hears nothing, one that waits for a card only that it is called off
    guard busy == nil, waiting == nil || command == 0x40 else { return }
    reaction.bytes.append(0x06)
    if command == 0x40 {
      waiting = nil
      return end(command)
    }
    guard let order = order(command, parameters) else { return end(command, state: 0x32) }
    switch order {
    case .done(let problem, let state, let data):
      end(command, problem: problem, state: state, data)
    case .job(let task): begin(Job(command: command, task: task), at: now)
    }
  }

  /// Starts work, or waits for the card that it needs.
  private mutating func begin(_ job: Job, at now: Duration) {
    if isCoverOpen { return end(job.command, state: 0x32) }
    if isJammed, inside != nil { return end(job.command, problem: 0x33) }
    if job.task.takesCard, inside == nil {
      guard case .arriving(let card) = mouth, !isBR || isShutterOpen else {
        guard job.task.waits else { return end(job.command, state: 0x32) }
        if waiting != job {
          waiting = job
          tell(.waitsForCard)
        }
        return
      }
      mouth = .empty
      inside = (card, .head)
      tell(.cardIn)
      if isJammed {
        tell(.jammed)
        waiting = nil
        return end(job.command, problem: 0x33)
      }
    }
    waiting = nil
    busy = (job, now + pace.time(of: job.task))
  }

  /// Ends what is due, and begins what waited for a card.
  mutating func advance(to now: Duration) {
    while hasPower {
      if let current = busy {
        guard current.until <= now else { return }
        busy = nil
        finish(current.job)
      } else if let job = waiting, case .arriving = mouth, !isBR || isShutterOpen {
        begin(job, at: now)
      } else {
        return
      }
    }
  }

  package mutating func take(at now: Duration) -> (card: VirtualCard?, VirtualReaction) {
    advance(to: now)
    var taken: VirtualCard?
    switch mouth {
    case .arriving(let card), .leaving(let card):
      taken = card
      mouth = .empty
    case .empty:
      if isCoverOpen, let card = inside?.card {
        taken = card
        inside = nil
        isJammed = false
      }
    }
    return (taken, finished())
  }

  package mutating func hand(
    _ act: VirtualAct, at now: Duration
  ) throws(VirtualActRefused) -> VirtualReaction {
    advance(to: now)
    switch act {
    case .insert(let card):
      guard mouth == .empty else { throw VirtualActRefused(reason: "a card is in the mouth") }
      mouth = .arriving(card)
    case .load(let card):
      guard stock != nil else { throw VirtualActRefused(reason: "this unit has no dispenser") }
      stock?.append(card)
    case .jam:
      isJammed = true
      if inside != nil { tell(.jammed) }
    case .openCover: isCoverOpen = true
    case .closeCover:
      guard isCoverOpen else { throw VirtualActRefused(reason: "the cover is closed") }
      isCoverOpen = false
    case .noise(let perMille):
      guard (0...1000).contains(perMille) else {
        throw VirtualActRefused(reason: "noise is from 0 to 1000 of a thousand bytes")
      }
      noise.perMille = perMille
    case .powerOff: losePower()
    case .powerOn: hasPower = true
    case .plan(let fault): faults.append(fault)
    }
    advance(to: now)
    return finished()
  }

  /// Power gone: everything volatile is forgotten, a card stays where it is.
  mutating func losePower() {
    hasPower = false
    waiting = nil
    busy = nil
    ending = nil
    ear = SanwaEar()
    page.forget()
    tell(.powerLost)
  }

  /// Takes the dispenser away, for tests of what a unit without one says.
  package mutating func removeDispenser() { stock = nil }

  /// Empties the battery, for tests.
  package mutating func drainBattery() { isBatteryLow = true }
}

/// What comes from the host, heard byte by byte.
struct SanwaEar: Hashable, Sendable {
  enum Sound: Hashable, Sendable {
    case enquiry
    /// A block whose check is right: command and parameters.
    case command(UInt8, [UInt8])
    case nonsense
  }

  /// What has come of a block behind its 02; nil: none has begun.
  private var heard: [UInt8]?

  mutating func hear(_ byte: UInt8) -> Sound? {
    guard var block = heard else {
      if byte == 0x02 { heard = [] }
      return byte == 0x05 ? .enquiry : nil
    }
    block.append(byte)
    heard = block
    guard let length = block.first, block.count == Int(length) + 1 || length < 6 else { return nil }
    heard = nil
    guard length >= 6, block.reduce(0, ^) == 0, block[Int(length) - 1] == 0x03,
      block[2...4].allSatisfy({ $0 == 0 })
    else { return .nonsense }
    return .command(block[1], Array(block[5..<Int(length) - 1]))
  }
}

/// How fast a virtual unit works.
package struct SanwaPace: Hashable, Sendable {
  /// Percent of a real unit's times; 0: no time at all.
  package var percent: Int

  package init(percent: Int) {
    precondition((0...1000).contains(percent), "a pace is 0 to 1000 percent of real times")
    self.percent = percent
  }

  package static let instantly = SanwaPace(percent: 0)
  package static let real = SanwaPace(percent: 100)

  /// No source gives times; these are of the size that people see at such devices.
  func time(of task: SanwaTask) -> Duration {
    let milliseconds: Int64 =
      switch task {
      case .start: 1500
      case .takeIn: 800
      case .read, .dump: 1500
      case .write: 2500
      case .print: 6000
      case .erase: 4000
      case .eject: 800
      case .clean: 5000
      case .dispense: 1500
      case .shutter: 300
      }
    return .microseconds(milliseconds * 10 * Int64(percent))
  }
}
