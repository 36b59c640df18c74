/// Where a face shows what: boxes in millimetres from the upper left corner of the face, which
/// stands in the middle of the printable area.
package struct FaceTemplate: Hashable, Sendable {
  /// The newest version of the file's format that is understood.
  package static let format: Int64 = 1

  package var name: String
  /// Millimetres across; a surface must be at least that wide.
  package var width: Double
  /// Millimetres down.
  package var height: Double
  package var boxes: [Box]

  /// One thing on the face.
  package struct Box: Hashable, Sendable {
    /// Unique in the template; what messages call it.
    package var name: String
    package var x: Double
    package var y: Double
    package var width: Double
    package var height: Double
    package var ink: Ink
    /// When the box is shown; nil for always.
    package var condition: FaceCondition?
  }

  package enum Ink: Hashable, Sendable {
    case text(Letters)
    /// The box is black: a line is a thin one.
    case solid
    /// A line of that many millimetres inside the box's edge.
    case frame(Double)
  }

  /// A text and how it is set.
  package struct Letters: Hashable, Sendable {
    package var pieces: [Piece]
    /// Height of a line in millimetres; the largest that the device has up to this is taken.
    package var height: Double
    /// How small the letters may become when the text is too long, in millimetres.
    package var least: Double
    /// Whether letters may become half as wide before they become smaller.
    package var condense: Bool
    package var align: Alignment
    package var vertical: VerticalAlignment
    /// The most lines.
    package var lines: Int
    /// Whether the text is repeated as often as it fits into the line: a rule made of signs.
    package var repeats: Bool
  }

  package enum Alignment: String, CaseIterable, Sendable { case left, center, right }

  package enum VerticalAlignment: String, CaseIterable, Sendable { case top, middle, bottom }

  /// A part of a text.
  package enum Piece: Hashable, Sendable {
    case words(String)
    case field(FaceField)
  }
}

/// What a text may name in braces.
package enum FaceField: String, CaseIterable, Sendable {
  case shop, name, number, tier, balance, unit
  case expiringPoints, expiringDay
  case lastDay, lastText, lastPoints
  case message

  /// The condition without which there is nothing to show.
  var needs: FaceCondition? {
    switch self {
    case .expiringPoints, .expiringDay: .expiring
    case .lastDay, .lastText, .lastPoints: .last
    default: nil
    }
  }
}

/// When a box is shown.
package enum FaceCondition: String, CaseIterable, Sendable {
  /// Some points expire.
  case expiring
  /// There was a ticket.
  case last
  /// There is a message, a tier, a name.
  case message, tier, name

  /// Whether it holds.
  func holds(for content: FaceContent) -> Bool {
    switch self {
    case .expiring: content.expiring != nil
    case .last: content.last != nil
    case .message: !content.message.isEmpty
    case .tier: !content.tier.isEmpty
    case .name: !content.name.isEmpty
    }
  }
}

extension FaceContent {
  /// The text of a field; empty when there is nothing.
  func text(_ field: FaceField) -> String {
    switch field {
    case .shop: shop
    case .name: name
    case .number: number
    case .tier: tier
    case .balance: FaceNumber.text(balance, decimals: decimals)
    case .unit: unit
    case .expiringPoints: expiring.map { FaceNumber.text($0.points, decimals: decimals) } ?? ""
    case .expiringDay: expiring?.lastDay.description ?? ""
    case .lastDay: last?.day.description ?? ""
    case .lastText: last?.text ?? ""
    case .lastPoints:
      last.map { FaceNumber.text($0.points, decimals: decimals, sign: true) } ?? ""
    case .message: message
    }
  }

  /// The text of a box.
  func text(_ pieces: [FaceTemplate.Piece]) -> String {
    pieces.map { piece in
      switch piece {
      case .words(let words): words
      case .field(let field): text(field)
      }
    }.joined()
  }
}
