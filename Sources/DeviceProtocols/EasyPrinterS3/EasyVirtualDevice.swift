import DeviceCatalog
import Raster

/// An EasyPrinter S3 as a value: the other side of the wire, with its card path.
///
/// Where the sources are silent it does what PROTOCOL.md lists under "The virtual unit".
package struct EasyVirtualDevice: VirtualDevice {
  /// A card at the front; one that was put out is no target until a hand has taken it.
  struct Front: Hashable, Sendable {
    var card: VirtualCard
    var isOut: Bool
  }

  enum Chore: Hashable, Sendable { case feed, eject, print, boot }

  let geometry: PrintGeometry
  let link: LinkKind
  let percent: Int
  var front: Front?
  /// The last one is on top and goes first.
  var hopper: [VirtualCard] = []
  var inside: VirtualCard?
  var isPrinted = false
  var isError = false
  var isJammed = false
  var isCoverOpen = false
  var hasPower = true
  /// Which feeder is to give the next card.
  var awaited: EasyFeederName?
  var busy: (task: Chore, until: Duration)?
  /// Whether the state was told since the print began: a print is never too short to be seen.
  var hasToldPrinting = false
  var page: EasyVirtualPage
  var faults: [VirtualFault] = []
  private var reader = EasyOrderReader()
  private var noise = LineNoise()
  var reaction = VirtualReaction()
  /// What the display shows; nil: the unit's own text.
  package internal(set) var display: String?

  package init(model: DeviceModel, link: LinkKind = .tcp, percent: Int = 0) {
    precondition(model.family == EasyPrinterS3.family, "this device is of its own family")
    guard let geometry = model.geometry else {
      preconditionFailure("every model of this family prints")
    }
    self.geometry = geometry
    self.link = link
    self.percent = percent
    page = EasyVirtualPage(geometry: geometry)
  }

  /// The texts in the buffer; the fonts' dots are not known, so they are not drawn.
  package var bufferedTexts: [[UInt8]] { page.texts.map(\.text) }

  package var card: VirtualCard? { inside ?? front?.card }

  package var offersCard: Bool { front?.isOut == true }

  var isStarting: Bool { busy?.task == .boot }

  package mutating func receive(_ bytes: [UInt8], at now: Duration) -> VirtualReaction {
    guard hasPower else { return finished(at: now) }
    advance(to: now)
    for byte in bytes {
      guard hasPower, !isStarting else { break }
      for order in reader.take(noise.damaged(byte)) {
        obey(order, at: now)
        advance(to: now)
      }
    }
    return finished(at: now)
  }

  package mutating func wake(at now: Duration) -> VirtualReaction {
    advance(to: now)
    return finished(at: now)
  }

  package mutating func connected(at now: Duration) -> VirtualReaction {
    advance(to: now)
    if !hasPower || isStarting { reaction.endsStream = true }
    return finished(at: now)
  }

  /// The reaction gathered so far, noise added.
  private mutating func finished(at now: Duration) -> VirtualReaction {
    var result = reaction
    reaction = VirtualReaction()
    result.bytes = hasPower ? result.bytes.map { noise.damaged($0) } : []
    // a print that is over and was never asked about ends when it is
    if hasPower, let until = busy?.until, until > now { result.wakeAt = until }
    return result
  }

  mutating func send(_ bytes: [UInt8]) { reaction.bytes += bytes }

  mutating func tell(_ event: VirtualEvent) { reaction.events.append(event) }

  package mutating func hand(
    _ act: VirtualAct, at now: Duration
  ) throws(VirtualActRefused) -> VirtualReaction {
    advance(to: now)
    switch act {
    case .insert(let card):
      guard front == nil else { throw VirtualActRefused(reason: "a card is at the front") }
      front = Front(card: card, isOut: false)
    case .load(let card): hopper.append(card)
    case .jam:
      isJammed = true
      if inside != nil { jammed() }
    case .openCover: isCoverOpen = true
    case .closeCover:
      guard isCoverOpen else { throw VirtualActRefused(reason: "the cover is closed") }
      isCoverOpen = false
      if !isJammed { isError = false }
    case .noise(let perMille):
      guard (0...1000).contains(perMille) else {
        throw VirtualActRefused(reason: "noise is from 0 to 1000 of a thousand bytes")
      }
      noise.perMille = perMille
    case .powerOff: losePower()
    case .powerOn:
      hasPower = true
      start(at: now)
    case .plan(let fault): faults.append(fault)
    }
    advance(to: now)
    return finished(at: now)
  }

  package mutating func take(at now: Duration) -> (card: VirtualCard?, VirtualReaction) {
    advance(to: now)
    var taken = front?.card
    front = nil
    if taken == nil, isCoverOpen, let card = inside {
      taken = card
      inside = nil
      isJammed = false
      isPrinted = false
      busy = nil
    }
    return (taken, finished(at: now))
  }

  mutating func losePower() {
    hasPower = false
    forget()
    busy = nil
    tell(.powerLost)
    if link == .tcp { reaction.endsStream = true }
  }

  /// Starts anew: everything volatile is gone, nothing is heard until it is up.
  mutating func start(at now: Duration) {
    forget()
    isError = isJammed && inside != nil
    busy = (.boot, now + time(of: .boot))
    if link == .tcp { reaction.endsStream = true }
  }

  private mutating func forget() {
    reader.reset()
    page = EasyVirtualPage(geometry: geometry)
    awaited = nil
    display = nil
  }

  mutating func jammed() {
    isError = true
    tell(.jammed)
  }

  /// Times of ours; the sources give only the start's.
  func time(of task: Chore) -> Duration {
    let milliseconds: Int64 =
      switch task {
      case .feed: 1500
      case .eject: 1000
      case .print: 8000
      case .boot: 15_000
      }
    return .microseconds(milliseconds * 10 * Int64(percent))
  }
}

/// Where a virtual unit takes its next card from.
enum EasyFeederName: Hashable, Sendable { case front, hopper }
