import DeviceCatalog
import DeviceProtocols

/// A device of a station, by what it is for.
package enum DeviceSlot: String, Hashable, Sendable, CaseIterable {
  /// The one that every station has.
  case main
  /// A separate reader or encoder beside it.
  case reader
}

/// What a device adds to its station.
package struct DeviceTraits: Hashable, Sendable {
  package var path: CardPath
  package var prints: Bool
  /// Whether it can say what is on a card.
  package var reads: Bool
  /// Whether it writes the stripe that carries our record.
  package var encodes: Bool
  package var order: RewriteOrder

  package init(
    path: CardPath, prints: Bool, reads: Bool, encodes: Bool,
    order: RewriteOrder = .printThenEncode
  ) {
    self.path = path
    self.prints = prints
    self.reads = reads
    self.encodes = encodes
    self.order = order
  }

  package init(model: DeviceModel, driver: any DeviceDriver) {
    self.init(
      path: driver.path,
      prints: model.geometry != nil && driver.support(for: .print) == .works,
      reads: driver.path != .passed && driver.support(for: .read) == .works,
      encodes: model.record != nil && driver.support(for: .write) == .works,
      order: model.order)
  }
}

/// Where the card of a session is.
enum CardPlace: Hashable, Sendable {
  /// With the customer or the cashier.
  case hand
  case inside(DeviceSlot)
}

/// One thing that a rewrite has a device do.
enum JobStep: Hashable, Sendable {
  /// Take the card in that the hand puts in.
  case insert(DeviceSlot)
  /// Erase and print the card inside.
  case print(DeviceSlot)
  /// Face and stripe of the card inside, in one.
  case both(DeviceSlot)
  /// Take a card, work on it and put it out.
  case pass(DeviceSlot, withStripe: Bool)
  case encode(DeviceSlot)
  case readBack(DeviceSlot)
  case giveOut(DeviceSlot)
  case swipeToWrite(DeviceSlot)
  case swipeToCheck(DeviceSlot)

  var slot: DeviceSlot {
    switch self {
    case .insert(let slot), .print(let slot), .both(let slot), .pass(let slot, _),
      .encode(let slot), .readBack(let slot), .giveOut(let slot), .swipeToWrite(let slot),
      .swipeToCheck(let slot):
      slot
    }
  }

  /// Whether it waits for a hand.
  var isByHand: Bool {
    switch self {
    case .insert, .pass, .swipeToWrite, .swipeToCheck: true
    case .print, .both, .encode, .readBack, .giveOut: false
    }
  }
}

/// What the devices of a station can do together, and how.
package struct StationAbilities: Hashable, Sendable {
  package var main: DeviceTraits
  package var reader: DeviceTraits?

  package init(main: DeviceTraits, reader: DeviceTraits? = nil) {
    self.main = main
    self.reader = reader
  }

  /// What the device in a slot adds; nil: there is none.
  package subscript(slot: DeviceSlot) -> DeviceTraits? { slot == .main ? main : reader }

  private func first(_ condition: (DeviceTraits) -> Bool) -> DeviceSlot? {
    DeviceSlot.allCases.first { self[$0].map(condition) ?? false }
  }

  package var printer: DeviceSlot? { first(\.prints) }

  /// What writes stripes: the printer itself where it can.
  var encoder: DeviceSlot? {
    if let printer, self[printer]?.encodes == true { return printer }
    return first(\.encodes)
  }

  package var prints: Bool { printer != nil }
  package var encodes: Bool { encoder != nil }
  /// Whether a session can begin with a card; else only with a number that somebody gives.
  package var looks: Bool { first(\.reads) != nil }
  /// Whether a card stays inside while its ticket is made.
  package var holds: Bool { first { $0.path == .held && $0.reads } != nil }
  /// Whether writing a stripe is one swipe of a hand more.
  package var writesByHand: Bool { encoder.flatMap { self[$0]?.path } == .swiped }
  /// Whether a stripe that was written proves the face that goes with it: only where the one is
  /// begun after the good answer about the other.
  package var provesFace: Bool {
    guard let printer, let encoder else { return false }
    guard printer == encoder, let traits = self[printer] else {
      return self[encoder]?.path != .held
    }
    return traits.path == .held && traits.order == .printThenEncode
  }

  /// How a rewrite goes, from where the card is; nil when the devices cannot do it.
  func plan(face: Bool, stripe: Bool, from place: CardPlace) -> [JobStep]? {
    guard face || stripe, !stripe || encodes else { return nil }
    var plan = JobPlan(abilities: self, place: place)
    let printer = face ? printer : nil
    guard stripe, let encoder else {
      guard let printer else { return nil }
      plan.print(printer)
      return plan.steps
    }
    guard let printer else {
      plan.write(encoder)
      return plan.steps
    }
    if printer == encoder {
      plan.rewrite(printer)
    } else if place == .inside(encoder) {
      // it is there: what else would take it out and in again
      plan.write(encoder)
      plan.print(printer)
    } else {
      plan.print(printer)
      plan.write(encoder)
    }
    return plan.steps
  }
}

/// A plan in the making: the steps so far and where they leave the card.
private struct JobPlan {
  let abilities: StationAbilities
  var place: CardPlace
  var steps: [JobStep] = []

  private func path(_ slot: DeviceSlot) -> CardPath { abilities[slot]?.path ?? .held }
  private func reads(_ slot: DeviceSlot) -> Bool { abilities[slot]?.reads == true }

  private mutating func bring(to slot: DeviceSlot) {
    guard place != .inside(slot) else { return }
    free()
    steps.append(.insert(slot))
    place = .inside(slot)
  }

  private mutating func free() {
    if case .inside(let slot) = place { steps.append(.giveOut(slot)) }
    place = .hand
  }

  mutating func print(_ slot: DeviceSlot) {
    if path(slot) == .held {
      bring(to: slot)
      steps.append(.print(slot))
    } else {
      free()
      steps.append(.pass(slot, withStripe: false))
    }
  }

  mutating func write(_ slot: DeviceSlot) {
    switch path(slot) {
    case .held:
      bring(to: slot)
      steps.append(.encode(slot))
      if reads(slot) { steps.append(.readBack(slot)) }
    case .swiped:
      free()
      steps.append(.swipeToWrite(slot))
      if reads(slot) { steps.append(.swipeToCheck(slot)) }
    case .passed:
      free()
      steps.append(.pass(slot, withStripe: true))
    }
  }

  /// Face and stripe on one device.
  mutating func rewrite(_ slot: DeviceSlot) {
    guard path(slot) == .held, let traits = abilities[slot] else {
      free()
      steps.append(.pass(slot, withStripe: true))
      // it cannot look itself: what stands beside it can
      let other: DeviceSlot = slot == .main ? .reader : .main
      guard reads(other) else { return }
      if path(other) == .swiped {
        steps.append(.swipeToCheck(other))
      } else {
        bring(to: other)
        steps.append(.readBack(other))
      }
      return
    }
    bring(to: slot)
    switch traits.order {
    case .printThenEncode: steps += [.print(slot), .encode(slot)]
    case .encodeThenPrint: steps += [.encode(slot), .print(slot)]
    case .oneJob: steps.append(.both(slot))
    }
    if traits.reads { steps.append(.readBack(slot)) }
  }
}
