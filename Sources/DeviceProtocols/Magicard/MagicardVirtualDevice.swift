import CardTracks
import DeviceCatalog
import Raster

/// A job that has come as a whole.
enum MagicardTask: Hashable, Sendable {
  case job(MagicardOrder, plane: [UInt8])
  case testCard
}

/// An Enduro as a value: the other side of the wire, with hopper, hand feed and output.
///
/// It does what the sources say of a unit; where they are silent it does what PROTOCOL.md lists
/// under "The virtual unit".
package struct MagicardVirtualDevice: VirtualDevice {
  /// Something wrong, as REQ,ERR tells it.
  struct Trouble: Hashable, Sendable {
    var major: Int
    var minor: Int
    var text: String

    static let notFed = Trouble(
      major: 11, minor: 1,
      text: "Karte wurde nicht in den Drucker eingezogen. Versuchen Sie es erneut.")
    // codes of this virtual unit's own: those of a real one are not known
    static let jam = Trouble(major: 90, minor: 1, text: "Virtual: a card is stuck.")
    static let cover = Trouble(major: 90, minor: 2, text: "Virtual: the cover is open.")
    static let data = Trouble(major: 90, minor: 3, text: "Virtual: data that do not fit.")
    static let stripe = Trouble(major: 90, minor: 4, text: "Virtual: the stripe cannot be written.")
  }

  let model: DeviceModel
  let percent: Int
  /// Where the head stands, as REQ,INF tells it and as it prints.
  package var headPosition = 50
  /// Whether SOFT_RESET makes it forget what it was being sent.
  package var heedsSoftReset = true
  /// Whether it has a stripe encoder.
  package var hasEncoder = true
  /// The next to be drawn in comes first.
  package internal(set) var hopper: [VirtualCard] = []
  package internal(set) var slot: VirtualCard?
  package internal(set) var inside: VirtualCard?
  /// Cards put out and not yet taken, the last one on top.
  package internal(set) var output: [VirtualCard] = []
  var isJammed = false
  var isCoverOpen = false
  var hasPower = true
  var trouble: (what: Trouble, since: Duration)?
  var queue: [MagicardTask] = []
  /// The job whose card has been drawn in, and when it is done.
  var busy: (task: MagicardTask, until: Duration)?
  var faults: [VirtualFault] = []
  var reaction = VirtualReaction()
  package internal(set) var cards = 0
  package internal(set) var cleans = 0
  private var intake = MagicardIntake()
  private var order: MagicardOrder?
  private var plane: [UInt8] = []

  /// - Parameter percent: how long everything takes, of this unit's usual times; 0: no time.
  package init(model: DeviceModel, percent: Int = 0) {
    precondition(model.family == Magicard.family, "this device is of its own family")
    precondition((0...1000).contains(percent), "a pace is 0 to 1000 percent of real times")
    self.model = model
    self.percent = percent
    hasEncoder = !model.tracks.isEmpty
  }

  package var card: VirtualCard? { inside ?? output.last ?? slot ?? hopper.first }

  package var offersCard: Bool { !output.isEmpty }

  func time(_ milliseconds: Int64) -> Duration { .microseconds(milliseconds * 10 * Int64(percent)) }

  // MARK: The line

  package mutating func receive(_ bytes: [UInt8], at now: Duration) -> VirtualReaction {
    advance(to: now)
    guard hasPower else { return finished() }
    for event in intake.take(bytes) {
      switch event {
      case .request(let name): obey(name, at: now)
      case .header(let order):
        self.order = order
        plane = []
      case .plane(let letter, let dots): if letter == UInt8(ascii: "K") { plane = dots }
      case .ended:
        guard let order else { continue }
        queue.append(.job(order, plane: plane))
      case .dropped: order = nil
      }
    }
    advance(to: now)
    return finished()
  }

  package mutating func control(
    _ request: ControlRequest, at now: Duration
  ) -> (answer: [UInt8]?, VirtualReaction) {
    advance(to: now)
    guard hasPower else { return (nil, finished()) }
    switch (request.kind, request.request) {
    case (0xa1, 1): return ([port(at: now)], finished())
    case (0x21, 2):
      if heedsSoftReset { forget() }
      advance(to: now)
      return ([], finished())
    default: return (nil, finished())
    }
  }

  /// 08h while something comes in or is done, and at first when something is wrong; then 10h.
  private func port(at now: Duration) -> UInt8 {
    if let trouble { return now >= trouble.since + time(1000) ? 0x10 : 0x08 }
    return intake.isInside || busy != nil || !queue.isEmpty ? 0x08 : 0x18
  }

  /// Drops what was sent and not begun, and an error that nothing keeps up. A card that stayed
  /// inside is put out.
  private mutating func forget() {
    intake = MagicardIntake()
    queue = []
    guard !isJammed || inside == nil, !isCoverOpen else { return }
    trouble = nil
    if busy == nil { putOut() }
  }

  private mutating func obey(_ request: String, at now: Duration) {
    switch request {
    case "ERR": reply(report)
    case "INF": reply(information)
    case "CLN":
      if inside == nil { cleans += 1 }
    case "TST": queue.append(.testCard)
    default: break
    }
  }

  private mutating func reply(_ text: String) {
    reaction.bytes += [0x01] + Array("STA".utf8) + Array(text.utf8) + [0x03]
  }

  private var report: String {
    guard let trouble = trouble?.what else { return "Printerstatus OK.\n00:00\n(c0300)" }
    func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
    let code = "\(two(trouble.major)):\(two(trouble.minor))"
    return "\(trouble.text)\nFehlercode - \(code)\n(c0201)"
  }

  private var information: String {
    let major = trouble?.what.major ?? 0
    let minor = trouble?.what.minor ?? 0
    let fields = [
      hasEncoder ? "2" : "0", model.name, "0", "V0000001", "H0000001", "P0000001", "V1.00", "30120",
      "0",
      "\(cards)", "\(cards)", "0", "\(cleans)", "0", "0", "1000", "\(headPosition)", "0", "0",
    ]
    return "$$" + fields.joined(separator: ",") + ",\(major):\(minor),"
      + "0,0,0,NONE,0:0:0,0,0,0,0,0,0,0,"
  }

  package mutating func wake(at now: Duration) -> VirtualReaction {
    advance(to: now)
    return finished()
  }

  private mutating func finished() -> VirtualReaction {
    var result = reaction
    reaction = VirtualReaction()
    if !hasPower { result.bytes = [] }
    result.wakeAt = hasPower ? busy?.until : nil
    return result
  }

  mutating func tell(_ event: VirtualEvent) { reaction.events.append(event) }

  // MARK: The hand

  package mutating func hand(
    _ act: VirtualAct, at now: Duration
  ) throws(VirtualActRefused) -> VirtualReaction {
    advance(to: now)
    switch act {
    case .insert(let card):
      guard slot == nil else { throw VirtualActRefused(reason: "a card is in the hand feed") }
      slot = card
      retry()
    case .load(let card):
      hopper.append(card)
      retry()
    case .jam:
      isJammed = true
      if inside != nil { fail(.jam, at: now) }
    case .openCover:
      isCoverOpen = true
      if busy != nil { fail(.cover, at: now) }
    case .closeCover:
      guard isCoverOpen else { throw VirtualActRefused(reason: "the cover is closed") }
      isCoverOpen = false
      if trouble?.what == .cover { trouble = nil }
      if !isJammed, trouble == nil, busy == nil { putOut() }
    case .noise: throw VirtualActRefused(reason: "a USB line lets no damaged byte pass")
    case .powerOff: losePower()
    case .powerOn:
      hasPower = true
      if !isJammed { putOut() }
      if isJammed, inside != nil { fail(.jam, at: now) }
    case .plan(let fault): faults.append(fault)
    }
    advance(to: now)
    return finished()
  }

  /// A card has come for the job that found none.
  private mutating func retry() {
    if trouble?.what == .notFed { trouble = nil }
  }

  package mutating func take(at now: Duration) -> (card: VirtualCard?, VirtualReaction) {
    advance(to: now)
    var taken = output.popLast()
    if taken == nil, isCoverOpen, let card = inside {
      taken = card
      inside = nil
      isJammed = false
      if trouble?.what == .jam { trouble = nil }
    }
    return (taken, finished())
  }

  mutating func losePower() {
    hasPower = false
    busy = nil
    queue = []
    trouble = nil
    intake = MagicardIntake()
    tell(.powerLost)
  }

  mutating func fail(_ what: Trouble, at now: Duration) {
    trouble = (what, now)
    busy = nil
    if what == .jam { tell(.jammed) }
  }

  mutating func putOut() {
    guard let card = inside else { return }
    inside = nil
    output.append(card)
    tell(.cardOut)
  }
}
