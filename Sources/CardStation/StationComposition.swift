import DeviceProtocols

/// The card session of a station, whatever devices it has: which card it is about, and what an
/// event of one device means for it.
///
/// One card at a time: while one is held inside, or worked on, whatever else comes is given back.
struct StationComposition: Sendable {
  /// What follows from an event of a device.
  struct Reaction: Sendable {
    /// What the station tells, in order.
    var events: [StationEvent] = []
    /// The device's own session whose card is to be put out untouched.
    var givesBack: Int?
    /// A card that a job has waited for was taken in.
    var inserted: StripeReading?
  }

  /// What ending a session asks for.
  enum Closing: Hashable, Sendable {
    /// There is no such session.
    case none
    /// The device puts its card out; events follow.
    case eject(DeviceSlot, session: Int)
    /// The card is in a hand: it is over.
    case over([StationEvent])
  }

  private let abilities: StationAbilities
  /// Counts cards since the station was made.
  private(set) var session = 0
  /// Whether the session's card is there, or in the hand of whoever is being served.
  private(set) var isOpen = false
  private(set) var place = CardPlace.hand
  /// The device's own number of the session's card, of the device that has it or read it last.
  private var origin: (slot: DeviceSlot, session: Int)?
  /// Where a job waits for the card.
  private var awaited: DeviceSlot?
  private var isWorking = false
  /// Whether a job has had the card put out, to go on with it elsewhere.
  private var isGivenOut = false

  init(_ abilities: StationAbilities) { self.abilities = abilities }

  /// The device's own session of the card inside it; nil when it is not there.
  func deviceSession(in slot: DeviceSlot) -> Int? {
    place == .inside(slot) ? origin?.session : nil
  }

  // MARK: Jobs

  mutating func beginJob() { isWorking = true }

  mutating func endJob() {
    isWorking = false
    isGivenOut = false
    awaited = nil
  }

  /// The next card that goes into a device is the session's.
  mutating func expect(in slot: DeviceSlot) { awaited = slot }

  mutating func givesOut() { isGivenOut = true }

  /// The session's card was drawn through another device, so it lies at no mouth any more, whether
  /// or not the device that gave it out has noticed.
  mutating func isInHand() {
    place = .hand
    origin = nil
  }

  // MARK: Sessions without a device

  /// Begins a session of somebody who is known by something else than a card in a device.
  ///
  /// - Returns: its number, and what the station tells; nil while a card is inside or worked on.
  mutating func open() -> (session: Int, [StationEvent])? {
    guard !isWorking, !isOpen || place == .hand else { return nil }
    let events = end()
    session += 1
    isOpen = true
    place = .hand
    origin = nil
    return (session, events)
  }

  /// Ends a session.
  ///
  /// - Parameter wanted: nil: whichever is open.
  mutating func close(_ wanted: Int?) -> Closing {
    guard isOpen, (wanted ?? session) == session else { return .none }
    if case .inside(let slot) = place, let origin { return .eject(slot, session: origin.session) }
    return .over(end())
  }

  private mutating func end() -> [StationEvent] {
    guard isOpen else { return [] }
    isOpen = false
    place = .hand
    return [.cardRemoved(session: session)]
  }

  // MARK: What the devices tell

  mutating func took(_ event: StationEvent, from slot: DeviceSlot) -> Reaction {
    switch event {
    case .deviceReady, .deviceAbsent, .deviceFailed, .cardWanted, .cardInTheWay:
      return Reaction(events: [event])
    case .mouthCleared, .mouthOccupied: return Reaction(events: [event])
    case .cardRead(let number, let reading, let foundInside):
      return read(number, reading, foundInside, from: slot)
    case .cardEjected(let number):
      guard isOurs(number, slot), !isGivenOut else { return Reaction() }
      return Reaction(events: [.cardEjected(session: session)])
    case .cardRemoved(let number):
      guard isOurs(number, slot) else {
        // through a slot cards are only drawn: none was at a mouth
        return Reaction(events: abilities[slot]?.path == .held ? [.mouthCleared] : [])
      }
      if isGivenOut || (isWorking && place == .hand) {
        place = .hand
        return Reaction()
      }
      return Reaction(events: end())
    }
  }

  private func isOurs(_ number: Int, _ slot: DeviceSlot) -> Bool {
    guard isOpen, let origin else { return false }
    return origin.slot == slot && origin.session == number
  }

  private mutating func read(
    _ number: Int, _ reading: StripeReading, _ foundInside: Bool, from slot: DeviceSlot
  ) -> Reaction {
    let isHeld = abilities[slot]?.path == .held
    if awaited == slot {
      awaited = nil
      origin = (slot, number)
      place = isHeld ? .inside(slot) : .hand
      isGivenOut = false
      return Reaction(inserted: reading)
    }
    if isOpen, isWorking || (place != .hand && place != .inside(slot)) {
      let isInTheWay = !isWorking && abilities[slot]?.path == .swiped
      return Reaction(
        events: isInTheWay ? [.cardInTheWay(session: session)] : [], givesBack: number)
    }
    var reaction = Reaction(events: end())
    session += 1
    isOpen = true
    origin = (slot, number)
    place = isHeld ? .inside(slot) : .hand
    reaction.events.append(
      .cardRead(session: session, reading, foundInside: foundInside))
    return reaction
  }
}
