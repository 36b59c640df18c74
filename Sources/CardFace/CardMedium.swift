/// One kind of plastic: how large it is, what of it can be printed anew, how it lies in a device,
/// and how long it lasts. A shop writes one such file for each design that it buys.
///
/// All places are in millimetres from the upper left corner of the card as its face is read.
package struct CardMedium: Hashable, Sendable {
  /// The newest version of the file's format that is understood.
  package static let format: Int64 = 1
  /// Rewrites that the makers of such media state, where a file says nothing.
  package static let ratedCycles = 500

  /// The design, as the ledger's stock and the tiers of a programme call it.
  package var name: String
  /// Across and down.
  package var width: Double
  package var height: Double
  /// What can be printed anew; empty: the whole face.
  package var windows: [Window]
  /// How the face is turned, clockwise, before it goes to the device.
  package var turn: Turn
  package var polarity: Polarity
  /// How often it may be erased and printed.
  package var ratedCycles: Int
  /// Where the printable dots of a model lie; a model without one prints in the card's middle.
  package var placements: [Placement]

  /// A part of the face that can be printed anew.
  package struct Window: Hashable, Sendable {
    package var name: String
    package var area: FaceArea
  }

  /// Quarters of a turn.
  package enum Turn: String, CaseIterable, Sendable {
    case none, right, half, left

    /// Quarters clockwise, 0 to 3.
    package var quarters: Int {
      switch self {
      case .none: 0
      case .right: 1
      case .half: 2
      case .left: 3
      }
    }
  }

  /// What heat does to the medium.
  package enum Polarity: String, CaseIterable, Sendable {
    /// Heated dots turn dark on a light ground: leuco dyes.
    case darkOnLight
    /// Heated dots turn white on a dark or clear ground: the turbid kind.
    case whiteTurbid
  }

  /// Where the upper left printable dot of a model stands on the card.
  package struct Placement: Hashable, Sendable {
    /// `family/model`.
    package var model: String
    package var x: Double
    package var y: Double
  }

}

/// A rectangle on a card's face, in millimetres.
package struct FaceArea: Hashable, Sendable {
  package var x: Double
  package var y: Double
  package var width: Double
  package var height: Double

  package init(x: Double, y: Double, width: Double, height: Double) {
    self.x = x
    self.y = y
    self.width = width
    self.height = height
  }

  /// Whether `other` lies inside; `slack` is what roundings to whole dots may stick out.
  func holds(_ other: FaceArea, slack: Double) -> Bool {
    other.x >= x - slack && other.y >= y - slack && other.x + other.width <= x + width + slack
      && other.y + other.height <= y + height + slack
  }
}

extension CardMedium {
  /// Where the printable dots of a model lie on this card.
  ///
  /// - Parameters:
  ///   - model: `family/model`.
  ///   - surface: of the face as it is read on this medium (`surface(_:)`).
  package func printable(_ surface: FaceSurface, of model: String) -> FaceArea {
    let across = Double(surface.width) / surface.dotsPerMillimetre
    let down = Double(surface.height) / surface.dotsPerMillimetre
    let placement = placements.first { $0.model == model }
    return FaceArea(
      x: placement?.x ?? (width - across) / 2, y: placement?.y ?? (height - down) / 2,
      width: across, height: down)
  }

  /// Whether ink may stand there: inside one of the windows, and on the card.
  ///
  /// - Parameter place: in dots of `surface`.
  package func allows(
    _ place: FaceLayout.Place, on surface: FaceSurface, of model: String
  ) -> Bool {
    let origin = printable(surface, of: model)
    let dot = 1 / surface.dotsPerMillimetre
    let ink = FaceArea(
      x: origin.x + Double(place.x) * dot, y: origin.y + Double(place.y) * dot,
      width: Double(place.width) * dot, height: Double(place.height) * dot)
    let parts =
      windows.isEmpty
      ? [FaceArea(x: 0, y: 0, width: width, height: height)] : windows.map(\.area)
    return parts.contains { $0.holds(ink, slack: dot / 2) }
  }

  /// What a device's surface is for a face that is read on this medium: a card that lies turned in
  /// the device has its sides exchanged. Nil for a device with letters of its own that would have
  /// to turn them: it cannot.
  package func surface(_ device: FaceSurface) -> FaceSurface? {
    guard turn == .none || device.text == nil else { return nil }
    var surface = device
    if turn.quarters % 2 == 1 { (surface.width, surface.height) = (device.height, device.width) }
    surface.isLightOnDark = polarity == .whiteTurbid
    return surface
  }
}
