/// What a text may name in braces.
package enum FaceField: String, CaseIterable, Sendable {
  case shop, name, number, tier, balance, unit
  /// The card number without blanks, for symbols.
  case digits
  case expiringPoints, expiringDay, expiringDays
  case lastDay, lastText, lastPoints
  case message, campaign
  /// The next tier, what it lacks, and the share that is reached in parts of a hundred.
  case nextTier, nextMissing, nextShare
  /// The day of the face.
  case day

  /// The condition without which there is nothing to show.
  var needs: FaceCondition? {
    switch self {
    case .expiringPoints, .expiringDay, .expiringDays: .expiring
    case .lastDay, .lastText, .lastPoints: .last
    case .nextTier, .nextMissing, .nextShare: .progress
    case .day: .day
    default: nil
    }
  }
}

/// When a box is shown.
package indirect enum FaceCondition: Hashable, Sendable {
  /// Some points expire.
  case expiring
  /// There was a ticket.
  case last
  /// There is a message, a campaign's message, a tier, a name, a day.
  case message, campaign, tier, name, day
  /// There is a next tier.
  case progress
  /// It is the month of the member's birthday.
  case birthday
  /// The member had no ticket before, or the one of today.
  case firstVisit
  /// The tier's name or code is one of these.
  case tierIn(Set<String>)
  /// Some points expire within so many days.
  case expiresWithin(Int)
  case not(FaceCondition)
  case all([FaceCondition])
  case any([FaceCondition])

  /// Those that are a word in the file.
  static let words: [(word: String, condition: FaceCondition)] = [
    ("expiring", .expiring), ("last", .last), ("message", .message), ("campaign", .campaign),
    ("tier", .tier), ("name", .name), ("day", .day), ("progress", .progress),
    ("birthday", .birthday), ("firstVisit", .firstVisit),
  ]

  /// Whether it holds.
  package func holds(for content: FaceContent) -> Bool {
    switch self {
    case .expiring: content.expiring != nil
    case .last: content.last != nil
    case .message: !content.message.isEmpty
    case .campaign: !content.campaign.isEmpty
    case .tier: !content.tier.isEmpty
    case .name: !content.name.isEmpty
    case .day: content.day != nil
    case .progress: content.progress != nil
    case .birthday: content.isBirthdayMonth
    case .firstVisit: content.isFirstVisit
    case .tierIn(let tiers): tiers.contains(content.tier) || tiers.contains(content.tierCode)
    case .expiresWithin(let days): content.expiring.map { $0.daysLeft <= days } ?? false
    case .not(let condition): !condition.holds(for: content)
    case .all(let conditions): conditions.allSatisfy { $0.holds(for: content) }
    case .any(let conditions): conditions.contains { $0.holds(for: content) }
    }
  }

  /// Whether `needed` holds wherever this one does, as far as its shape tells.
  func implies(_ needed: FaceCondition) -> Bool {
    switch self {
    case needed: true
    case .expiresWithin: needed == .expiring
    case .all(let conditions): conditions.contains { $0.implies(needed) }
    case .any(let conditions):
      !conditions.isEmpty && conditions.allSatisfy { $0.implies(needed) }
    default: false
    }
  }
}

extension FaceTemplate {
  /// The text of a field; empty when there is nothing.
  func text(_ field: FaceField, _ content: FaceContent) -> String {
    func points(_ value: Int64?, sign: Bool = false) -> String {
      value.map { FaceNumber.text($0, decimals: content.decimals, sign: sign) } ?? ""
    }
    func day(_ day: FaceDay?) -> String { day?.text(dates, locale) ?? "" }
    return switch field {
    case .shop: content.shop
    case .name: content.name
    case .number: content.number
    case .digits: content.number.filter { $0 != " " }
    case .tier: content.tier
    case .balance: points(content.balance)
    case .unit: content.unit
    case .expiringPoints: points(content.expiring?.points)
    case .expiringDay: day(content.expiring?.lastDay)
    case .expiringDays: content.expiring.map { String($0.daysLeft) } ?? ""
    case .lastDay: day(content.last?.day)
    case .lastText: content.last?.text ?? ""
    case .lastPoints: points(content.last?.points, sign: true)
    case .message: content.message
    case .campaign: content.campaign
    case .nextTier: content.progress?.tier ?? ""
    case .nextMissing: content.progress?.missing ?? ""
    case .nextShare: content.progress.map { String($0.share / 10) } ?? ""
    case .day: day(content.day)
    }
  }

  /// The text of pieces.
  func text(_ pieces: [Piece], _ content: FaceContent) -> String {
    pieces.map { piece in
      switch piece {
      case .words(let words): words
      case .field(let field): text(field, content)
      }
    }.joined()
  }

  /// The text of a box; empty for what is no text and no symbol.
  func text(_ box: Box, _ content: FaceContent) -> String {
    switch box.ink {
    case .text(let letters): text(letters.pieces, content)
    case .symbol(let symbol): text(symbol.pieces, content)
    default: ""
    }
  }
}
