import Configuration
import SQLiteStore

/// What a card is told by beside its stripe.
package struct CardIdentifier: Sendable, Equatable {
  package enum Kind: String, CaseIterable, Sendable {
    /// The number of a contactless chip: hexadecimal digits, capitals.
    case uid
    /// What a bar code on the card says.
    case barcode
    /// What its stripe says in a layout of the shop's own: the layout's name, `:`, the number.
    case stripe
  }

  package var kind: Kind
  package var value: String

  package init(_ kind: Kind, _ value: String) {
    self.kind = kind
    self.value = value
  }

  /// What a register names the identifier of a card: never by its value, so that nothing of it is
  /// left when the member is erased.
  static func id(of kind: Kind, card: String) -> String { "\(card) \(kind.rawValue)" }

  /// Whether the value can be one of its kind.
  package var isValid: Bool {
    switch kind {
    case .uid:
      value.utf8.count.isMultiple(of: 2) && (8...20).contains(value.utf8.count)
        && value.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x41...0x46).contains($0) }
    case .stripe:
      value.utf8.contains(UInt8(ascii: ":")) && (3...50).contains(value.utf8.count)
        && value.utf8.allSatisfy { (0x21...0x7e).contains($0) }
    case .barcode:
      (4...40).contains(value.utf8.count) && value.utf8.allSatisfy { (0x21...0x7e).contains($0) }
    }
  }
}

extension Registers {
  /// The random id of the card that is told by this.
  package func card(_ identifier: CardIdentifier) throws(StoreError) -> String? {
    try store.first(
      """
      SELECT card FROM card_identifier WHERE value = ? AND kind = ?
      ORDER BY changed_at DESC, node DESC, card DESC LIMIT 1
      """, .text(identifier.value), .text(identifier.kind.rawValue)
    ) { $0.text(0) }
  }

  /// The random id of the card that somebody keyed or scanned: its number, or a bar code that was
  /// bound to it. A scanner types into the same field as a hand.
  package func card(typed text: String) throws(StoreError) -> String? {
    if let card = try card(number: Registers.cardNumber(typed: text)) { return card }
    return try card(CardIdentifier(.barcode, text))
  }

  /// A card's number without the blanks and hyphens that people put into it.
  package static func cardNumber(typed text: String) -> String {
    text.filter { !" -".contains($0) }
  }

  package func identifiers(ofCard card: String) throws(StoreError) -> [CardIdentifier] {
    try store.rows(
      "SELECT kind, value FROM card_identifier WHERE card = ? ORDER BY kind, value", .text(card)
    ) { (row) throws(StoreError) -> CardIdentifier in
      guard let kind = CardIdentifier.Kind(rawValue: row.text(0)) else {
        throw StoreError(code: 11, message: "an unknown kind", subject: "card_identifier")
      }
      return CardIdentifier(kind, row.text(1))
    }
  }

  /// Lets a card be told by this from now on, and no longer by another of the same kind.
  package func put(
    _ identifier: CardIdentifier, card: String, node: String, at milliseconds: Int64
  ) throws(StoreError) {
    let id = CardIdentifier.id(of: identifier.kind, card: card)
    try write(.identifier, id, ["value": .string(identifier.value)], node: node, at: milliseconds)
    if let row = try current(.identifier, id) { try indexIdentifier(row) }
  }

  /// Brings the look-up of an identifier to what is in force.
  func indexIdentifier(_ row: RegisterRow) throws(StoreError) {
    let parts = row.id.split(separator: " ")
    guard parts.count == 2, CardIdentifier.Kind(rawValue: String(parts[1])) != nil else {
      throw row.unreadable
    }
    let (card, kind) = (Value.text(String(parts[0])), Value.text(String(parts[1])))
    try store.run("DELETE FROM card_identifier WHERE card = ? AND kind = ?", card, kind)
    guard row.content != nil else { return }
    try store.run(
      "INSERT INTO card_identifier VALUES (?, ?, ?, ?, ?)", card, kind,
      .text(try row.text("value")), .integer(row.changedAt), .text(row.node))
  }

  /// Takes what a card is told by out of the registers.
  func eraseIdentifiers(ofCard card: String, node: String, at milliseconds: Int64)
    throws(StoreError)
  {
    for kind in CardIdentifier.Kind.allCases {
      let id = CardIdentifier.id(of: kind, card: card)
      try erase(.identifier, id, node: node, at: milliseconds)
    }
    try store.run("DELETE FROM card_identifier WHERE card = ?", .text(card))
  }
}

/// How a station's device was cared for.
package struct StationCare: Sendable, Equatable {
  /// Cards it has worked on since it was cleaned.
  package var cards: Int64
  /// Milliseconds since 1970; nil: never, as far as is known here.
  package var cleanedAt: Int64?
  package var cleanedBy: String?
}

extension Registers {
  package func care(of station: String) throws(StoreError) -> StationCare {
    try store.first(
      "SELECT cards, cleaned_at, cleaned_by FROM station_care WHERE station = ?", .text(station)
    ) {
      StationCare(
        cards: $0.integer(0), cleanedAt: $0.optionalInteger(1), cleanedBy: $0.optionalText(2))
    } ?? StationCare(cards: 0)
  }

  /// Counts a card that a station has worked on.
  ///
  /// - Returns: how many those are since it was cleaned.
  @discardableResult
  package func countCard(at station: String) throws(StoreError) -> Int64 {
    try store.run(
      """
      INSERT INTO station_care (station, cards) VALUES (?, 1)
      ON CONFLICT (station) DO UPDATE SET cards = cards + 1
      """, .text(station))
    return try care(of: station).cards
  }

  package func cleaned(
    _ station: String, by actor: String, at milliseconds: Int64
  ) throws(StoreError) {
    try store.run(
      """
      INSERT INTO station_care VALUES (?1, 0, ?2, ?3)
      ON CONFLICT (station) DO UPDATE SET cards = 0, cleaned_at = ?2, cleaned_by = ?3
      """, .text(station), .integer(milliseconds), .text(actor))
  }
}
