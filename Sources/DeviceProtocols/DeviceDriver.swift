import DeviceCatalog
import Raster

/// What a station asks of a card device: one conversation for each thing to be done.
package protocol DeviceDriver: Sendable {
  /// Ends whatever the device was told before we came, and finds out where the card is.
  func begin() -> any Exchange<DeviceSituation>
  func situation() -> any Exchange<DeviceSituation>
  /// Takes a card in, waiting for one as long as it takes, and reads its stripe.
  ///
  /// - Parameter limit: how long to wait for a card; nil: until cancelled.
  func awaitCard(within limit: Duration?) -> any Exchange<CardArrival>
  /// Reads the stripe of the card inside.
  func read() -> any Exchange<StripeReading>
  /// Erases the card inside and prints `elements` on it; the card stays inside.
  ///
  /// - Throws: `.unprintable` when this device cannot print one of them.
  func rewrite(_ elements: [PrintElement]) throws(DeviceFailure) -> any Exchange<Void>
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
  /// - Throws: `.unprintable` when the stripe cannot hold the text.
  func encode(_ text: String) throws(DeviceFailure) -> any Exchange<Void>
  /// Puts the card out, for the hand to take.
  func discharge() -> any Exchange<DeviceSituation>
  /// Brings a device back that failed, by the gentlest way that works.
  func recover() -> any Exchange<DeviceSituation>
}

/// What waiting for a card came to.
package enum CardArrival: Hashable, Sendable {
  /// A card was taken in and is inside.
  case read(StripeReading)
  /// The time was over or the wait was cancelled; where the card is must be asked.
  case none
}

/// The families that are known.
package enum DeviceFamilies {
  /// The driver of a model; nil for a family that this build does not know.
  package static func driver(for model: DeviceModel) -> (any DeviceDriver)? {
    switch model.family {
    case StarTCP300.family: StarTCP300(model: model)
    default: nil
    }
  }

  /// A virtual device of a model; nil for a family that this build does not know.
  ///
  /// - Parameters:
  ///   - percent: how long everything takes, of a real unit's times; 0: no time at all.
  ///   - font: what the unit's own font gives for a character, by the width of its cell.
  package static func virtualDevice(
    of model: DeviceModel, percent: Int,
    font: @escaping @Sendable (Character, Int) -> Bitmap?
  ) -> (any VirtualDevice)? {
    switch model.family {
    case StarTCP300.family:
      StarVirtualDevice(model: model, pace: StarPace(percent: percent), font: font)
    default: nil
    }
  }

  /// The names of the families, as data folders have them.
  package static let all = [StarTCP300.family]
}
