import DeviceCatalog
import Raster

/// What a station asks of a card device: one conversation for each thing to be done.
package protocol DeviceDriver: Sendable {
  /// How a card comes to the device's heads.
  var path: CardPath { get }
  /// What is known of an ability of this model.
  func support(for ability: Ability) -> Support
  /// Ends whatever the device was told before we came, and finds out where the card is.
  func begin() -> any Exchange<DeviceSituation>
  func situation() -> any Exchange<DeviceSituation>
  /// Takes a card in, waiting for one as long as it takes, and reads its stripe.
  ///
  /// - Parameter limit: how long to wait for a card; nil: until cancelled.
  func awaitCard(within limit: Duration?) -> any Exchange<CardArrival>
  /// Reads the stripe of the card inside.
  func read() -> any Exchange<StripeReading>
  /// Erases the face of the card and prints it; the card stays inside, unless the device passes
  /// cards through.
  ///
  /// - Throws: `.unprintable` when this device cannot print one of the elements, or its stripe not
  ///   hold the text (of a device that does both in one job); `.unsupported`.
  func rewrite(_ face: FaceJob) throws(DeviceFailure) -> any Exchange<Void>
  /// How long the line is busy with a rewrite of the face at a speed, both directions added.
  ///
  /// - Throws: as `rewrite`.
  func lineTime(
    of elements: [PrintElement], bitsPerSecond: Int
  ) throws(DeviceFailure) -> Duration
  /// The width of a character in the device's own 24-dot font, 12 or 24; nil when the font lacks it
  /// and its cell must be a glyph.
  func width(of character: Character) -> Int?
  /// Writes the stripe of the card inside; the card stays inside.
  ///
  /// - Throws: `.unprintable` when the stripe cannot hold the text; `.unsupported`.
  func encode(_ text: String) throws(DeviceFailure) -> any Exchange<Void>
  /// Puts the card out, for the hand to take.
  func discharge() -> any Exchange<DeviceSituation>
  /// Brings a device back that failed, by the gentlest way that works.
  func recover() -> any Exchange<DeviceSituation>
  /// Something that is done now and then, away from the customer.
  ///
  /// - Throws: `.unsupported` with what is not known.
  func service(_ service: DeviceService) throws(DeviceFailure) -> any Exchange<DeviceReport>
  /// Reads both sides of a wire log, for people.
  func wireReader() -> any WireReader
}

extension DeviceDriver {
  package var path: CardPath { .held }

  package func width(of character: Character) -> Int? { nil }

  package func service(
    _ service: DeviceService
  ) throws(DeviceFailure) -> any Exchange<DeviceReport> {
    throw DeviceFailure(.unsupported, during: service.rawValue)
  }
}

/// A face to be put on a card.
package struct FaceJob: Hashable, Sendable {
  /// Empty: an erased face.
  package var elements: [PrintElement]
  /// What is erased and printed; nil: the whole face.
  package var area: DotArea?
  /// The stripe's new text, for a device that does both in one job; nil: it stays as it is.
  package var stripe: String?
  /// Whether the line damages what passes: then the face goes in short frames, where commands allow
  /// it, for of a long one damage passes an 8-bit check more often.
  package var isLineNoisy = false

  package init(_ elements: [PrintElement], area: DotArea? = nil, stripe: String? = nil) {
    self.elements = elements
    self.area = area
    self.stripe = stripe
  }
}

/// A rectangle of the printable area, in dots from its upper left corner.
package struct DotArea: Hashable, Sendable {
  package var x: Int
  package var y: Int
  package var width: Int
  package var height: Int

  package init(x: Int, y: Int, width: Int, height: Int) {
    self.x = x
    self.y = y
    self.width = width
    self.height = height
  }
}

/// How a card comes to the heads of a device.
package enum CardPath: String, Hashable, Sendable, CaseIterable {
  /// It is taken in, held inside between reading and rewriting, and put out.
  case held
  /// A job takes it from the feeder or the hand, works on it and puts it out: it cannot be read
  /// first. Which card it is must be known from elsewhere.
  case passed
  /// A hand draws it through a slot; every look at the stripe and every write is one swipe.
  case swiped
}

/// What one may want of a card device.
package enum Ability: String, Hashable, Sendable, CaseIterable {
  case insert, read, write, verify, erase, print, partialErase, eject, clean, status, hotplug
}

/// What is known of an ability.
package enum Support: String, Hashable, Sendable, CaseIterable {
  case works, cannot, notKnown
}

/// What is done with a device away from customers.
package enum DeviceService: String, Hashable, Sendable, CaseIterable {
  /// Who it is: model, serial number, firmware.
  case identify
  /// How much it has worked.
  case counters
  case clean
  /// Prints the maker's own test card.
  case testCard
  /// Sets it back as if it had been switched off and on.
  case reset
}

/// What a device says of itself: names that are the same for all families, values as it gives them.
package struct DeviceReport: Hashable, Sendable {
  /// In the order in which people want to read them.
  package var facts: [Fact]

  package struct Fact: Hashable, Sendable {
    /// `serialNumber`, `firmware`, `cardsPrinted`, …
    package var name: String
    package var value: String

    package init(_ name: String, _ value: String) {
      self.name = name
      self.value = value
    }
  }

  package init(_ facts: [Fact] = []) { self.facts = facts }

  package subscript(name: String) -> String? { facts.first { $0.name == name }?.value }
}

/// Says what bytes on a line mean, in the order in which they passed.
package protocol WireReader: Sendable {
  /// What became clear with `bytes`, one text each; what may be personal is told by its length.
  mutating func read(_ bytes: [UInt8], from side: WireSide) -> [String]
}

package enum WireSide: String, Hashable, Sendable, CaseIterable { case host, device }

/// What waiting for a card came to.
package enum CardArrival: Hashable, Sendable {
  /// A card was taken in and is inside.
  case read(StripeReading)
  /// The time was over or the wait was cancelled; where the card is must be asked.
  case none
}
