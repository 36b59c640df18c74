import CardTracks
import DeviceCatalog
import Raster

/// A printer as a value: the other side of the wire, with its card path.
///
/// It does what the sources say of a printer; where they are silent it does what PROTOCOL.md lists
/// under "The virtual printer".
package struct EvolisVirtualDevice: VirtualDevice {
  /// Where a card at the mouth is in its life.
  enum Mouth: Hashable, Sendable {
    case empty
    /// Put in and not yet drawn in.
    case target(VirtualCard)
    /// Put out, for the hand to take.
    case out(VirtualCard)
  }

  /// Work under way.
  struct Work: Hashable, Sendable {
    var task: EvolisTask
    var until: Duration
    /// Whether the command that began it has still to be answered.
    var answers: Bool
  }

  let isTCP: Bool
  let isOld: Bool
  let hasHead: Bool
  let percent: Int
  /// The bits of the model itself.
  let configuration: EvolisFlags<EvolisConfiguration>
  /// Whether a command that moves a card is answered when the motion is over, and not at once.
  package var answersWhenDone = false
  /// Flags that somebody wants to see beside those that are true.
  package var extraWarning = EvolisFlags<EvolisWarning>(0)
  package var extraInformation = EvolisFlags<EvolisInformation>(0)
  package var extensions: [UInt32] = []
  var mouth = Mouth.empty
  var feeder: [VirtualCard] = []
  var inside: VirtualCard?
  var isJammed = false
  var isCoverOpen = false
  var hasPower = true
  var hasRebooted = false
  var error = EvolisFlags<EvolisError>(0)
  /// Whether it waits for a card, and what it does when one comes.
  var waiting: EvolisTask?
  var work: Work?
  var faults: [VirtualFault] = []
  var settings = EvolisVirtualSettings()
  private(set) var session: (number: UInt16, until: Duration) = (0, .zero)
  private var reader = EvolisCommandReader()
  /// What is to be sent when the host has ended its part of the connection.
  private var outbox: [UInt8] = []
  private var hasHostEnded = false
  private var wasAsked = false
  var now = Duration.zero
  var reaction = VirtualReaction()

  /// - Precondition: a model of this family.
  package init(_ setup: VirtualSetup) {
    let model = setup.model
    precondition(model.family == Evolis.family, "this device is of its own family")
    precondition((0...1000).contains(setup.percent), "a pace is 0 to 1000 percent of real times")
    isTCP = setup.link == .tcp
    isOld = model.word("dialect") == "2004"
    hasHead = !model.tracks.isEmpty
    percent = setup.percent
    var configuration = EvolisFlags<EvolisConfiguration>(
      UInt32(model.word("configuration"), radix: 16) ?? 0)
    configuration[.magnetic] = hasHead
    configuration[.ethernet] = isTCP
    self.configuration = configuration
  }

  package var card: VirtualCard? {
    if let inside { return inside }
    switch mouth {
    case .empty: return nil
    case .target(let card), .out(let card): return card
    }
  }

  package var offersCard: Bool { if case .out = mouth { true } else { false } }

  /// Who has reserved it; 0: nobody.
  package var holder: Int { session.until > now ? Int(session.number) : 0 }

  /// Lets another host reserve it.
  package mutating func occupy(_ number: UInt16, until end: Duration) { session = (number, end) }

  // MARK: The line

  package mutating func receive(_ bytes: [UInt8], at time: Duration) -> VirtualReaction {
    advance(to: time)
    var rest = bytes[...]
    while hasPower {
      rest = rest.dropFirst(reader.takeData(rest))
      guard let byte = rest.popFirst() else { break }
      switch reader.take(byte) {
      case nil: continue
      case .malformed:
        wasAsked = true
        answer("ERROR CDE")
      case .command(let command):
        wasAsked = true
        obey(command)
      }
    }
    advance(to: time)
    return finished()
  }

  package mutating func wake(at time: Duration) -> VirtualReaction {
    advance(to: time)
    return finished()
  }

  package mutating func control(
    _ request: ControlRequest, at time: Duration
  ) -> (answer: [UInt8]?, VirtualReaction) {
    advance(to: time)
    guard hasPower, !isTCP else { return (nil, finished()) }
    switch (request.kind, request.request) {
    case (ControlRequest.softReset.kind, ControlRequest.softReset.request):
      reader.reset()
      reaction.bytes = []
      work?.answers = false
      return ([], finished())
    case (ControlRequest.portStatus.kind, ControlRequest.portStatus.request):
      return ([error.isEmpty ? 0x18 : 0x10], finished())
    default: return (nil, finished())
    }
  }

  package mutating func connected(at time: Duration) -> VirtualReaction {
    advance(to: time)
    reader.reset()
    outbox = []
    hasHostEnded = false
    wasAsked = false
    work?.answers = false
    return finished()
  }

  package mutating func hostEnded(at time: Duration) -> VirtualReaction {
    advance(to: time)
    hasHostEnded = true
    // an empty request asks for the status
    if !wasAsked { answer("") }
    return finished()
  }

  private mutating func finished() -> VirtualReaction {
    var result = reaction
    reaction = VirtualReaction()
    if isTCP {
      outbox += result.bytes
      result.bytes = []
      if hasHostEnded, work?.answers != true {
        result.bytes = outbox
        result.endsStream = true
        outbox = []
        hasHostEnded = false
      }
    }
    guard hasPower else { return VirtualReaction(events: result.events) }
    result.wakeAt = work?.until
    return result
  }

  mutating func answer(_ text: String) {
    reaction.bytes += Array(text.utf8) + [0]
    guard !isOld else { return }
    let status = status
    reaction.bytes += [0, 0, 16]
    let words = [
      status.configuration.word, status.information.word, status.warning.word, status.error.word,
    ]
    for word in words { reaction.bytes += Self.bytes(word) }
    reaction.bytes += [2, UInt8(status.session >> 8), UInt8(status.session & 0xff)]
    for word in status.extensions { reaction.bytes += [4] + Self.bytes(word) }
  }

  private static func bytes(_ word: UInt32) -> [UInt8] {
    [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: word >> UInt32($0)) }
  }

  mutating func tell(_ event: VirtualEvent) { reaction.events.append(event) }

  // MARK: Status

  package var status: EvolisStatus {
    var status = EvolisStatus(session: UInt16(holder), extensions: extensions)
    status.configuration = configuration
    status.configuration[.extensionUsed] = !extensions.isEmpty
    status.configuration[.rewriteMode] = settings.rewriteType != nil
    status.information = EvolisFlags(extraInformation.word)
    status.information[.claimed] = settings.isClaimed
    status.information[.cardInFeeder] = !feeder.isEmpty
    status.information[.cardInPrintPosition] = inside != nil
    status.information[.cardInEjectPosition] = offersCard
    status.information[.justRebooted] = hasRebooted
    if let task = work?.task {
      status.information[.busy] = true
      status.information[.printing] = task == .print || task == .printOnce
      status.information[.encoding] = task == .readStripe || task == .writeStripe
      status.information[.cleaning] = task == .clean
    }
    status.warning = EvolisFlags(extraWarning.word)
    if offersCard { status.warning[.cardOnEject] = true }
    if isCoverOpen { status.warning[.coverOpen] = true }
    if waiting != nil {
      status.warning[settings.inputTray == "F" ? .feederEmpty : .waitingForCard] = true
    }
    status.error = error
    return status
  }

  mutating func reserve(_ number: UInt16, seconds: Int) {
    // the printer stays with who has it
    guard holder == 0 || number == 0 || Int(number) == holder else { return }
    session = number == 0 ? (0, .zero) : (number, now + .seconds(seconds))
    hasRebooted = false
  }

  // MARK: Hands

  package mutating func hand(
    _ act: VirtualAct, at time: Duration
  ) throws(VirtualActRefused) -> VirtualReaction {
    advance(to: time)
    switch act {
    case .insert(let card):
      guard mouth == .empty else { throw VirtualActRefused(reason: "a card is in the mouth") }
      mouth = .target(card)
    case .load(let card): feeder.append(card)
    case .jam:
      isJammed = true
      if inside != nil {
        error[.mechanical] = true
        tell(.jammed)
      }
    case .openCover: isCoverOpen = true
    case .closeCover:
      guard isCoverOpen else { throw VirtualActRefused(reason: "the cover is closed") }
      isCoverOpen = false
    case .noise: throw VirtualActRefused(reason: "its lines carry bytes whole")
    case .powerOff: losePower()
    case .powerOn:
      guard !hasPower else { throw VirtualActRefused(reason: "the power is on") }
      hasPower = true
      restart()
    case .plan(let fault): faults.append(fault)
    }
    advance(to: time)
    return finished()
  }

  package mutating func take(at time: Duration) -> (card: VirtualCard?, VirtualReaction) {
    advance(to: time)
    var taken: VirtualCard?
    switch mouth {
    case .target(let card), .out(let card):
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
    guard hasPower else { return }
    hasPower = false
    waiting = nil
    work = nil
    outbox = []
    hasHostEnded = false
    reader.reset()
    reaction.bytes = []
    tell(.powerLost)
  }

  /// Forgets everything volatile.
  mutating func restart() {
    waiting = nil
    work = nil
    settings = EvolisVirtualSettings()
    session = (0, .zero)
    error = EvolisFlags(0)
    if isJammed { error[.mechanical] = true }
    hasRebooted = true
    reader.reset()
  }
}
