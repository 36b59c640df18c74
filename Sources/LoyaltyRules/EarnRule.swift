/// How a sale earns points.
///
/// Basis → each rule's whole steps → priority and stacking → multipliers → one rounding → caps.
package struct EarnRule: Sendable, Equatable {
  package enum Basis: String, CaseIterable, Sendable {
    /// Prices before any discount.
    case list
    /// After discounts, before points.
    case net
    /// What is left to pay after points.
    case paid
  }
  package enum Tax: String, CaseIterable, Sendable { case included, excluded }
  package enum Carry: String, CaseIterable, Sendable {
    case none
    /// What did not fill a step is added to the member's next ticket.
    case remainder
  }
  /// What every ticket earns.
  package enum Base: Sendable, Equatable {
    /// Points for each whole step of money, in minor units.
    case amount(step: Int64, points: Int64)
    /// Points for each visit that pays this much at least; one visit counts a day.
    case visit(points: Int64, minimum: Int64)
  }

  package var basis: Basis
  package var tax: Tax
  package var base: Base
  package var rounding: Rounding
  package var carry: Carry
  /// Tickets without an invoice earn nothing.
  package var invoicedOnly: Bool
  /// Whether the part that is paid with points earns.
  package var pointsPartEarns: Bool
  package var storedValueEarns: Bool
  /// Whether a ticket with a buyer's tax id 統編 earns.
  package var buyerIDEarns: Bool
  /// Classes of articles that never earn.
  package var excluded: Set<ArticleClass>
  /// Points are usable from the start of the Nth day after the sale; 0: from the next ticket on.
  package var pendingDays: Int
  package var capPerTicket: Int64?
  package var capPerDay: Int64?
  package var capPerMonth: Int64?
  /// Points given once when the first member joins an account; 0 for none.
  package var welcome: Int64
  package var rules: [BonusRule]

  /// What an entry says of the change of what is left over; nil where nothing is or changes.
  package func carries(_ change: Int64) -> Int64? {
    carry == .remainder && change != 0 ? change : nil
  }
}

/// Classes that law or practice sets apart (practice R40).
package enum ArticleClass: String, CaseIterable, Sendable {
  case tobacco, infantFormula, voucher, collectedForOthers, storedValue, deposit, notInvoiced
}

/// A rule on top of the base.
package struct BonusRule: Sendable, Equatable {
  package enum Gain: Sendable, Equatable {
    /// Points for each whole step of money on what matches.
    case perAmount(step: Int64, points: Int64)
    /// Points for each piece that matches.
    case perArticle(points: Int64)
    /// Points for the ticket.
    case perVisit(points: Int64)
    /// The base points of what matches are multiplied.
    case times(Ratio)
  }
  package enum Stacking: String, CaseIterable, Sendable {
    /// Counts beside the others.
    case add
    /// Of all such rules only the one that gives most counts.
    case best
    /// Where it applies, no other rule counts.
    case alone
  }
  /// Short text that answers and explanations name.
  package var id: String
  package var gain: Gain
  package var when: BonusCondition
  /// The higher goes first.
  package var priority: Int64
  package var stacking: Stacking
  /// Whether the tier's multiplier applies to it.
  package var isMultiplied: Bool
  /// The most points that it gives on one ticket, before multipliers.
  package var cap: Int64?
}

/// When a rule applies; what is empty does not restrict.
package struct BonusCondition: Sendable, Equatable {
  /// 1 is Monday, 7 Sunday, by the shop's day.
  package var weekdays: Set<Int> = []
  /// Minutes after midnight, from (included) until (not included); may span midnight.
  package var minutes: Range<Int>?
  package var firstDay: Day?
  package var lastDay: Day?
  package var stores: Set<String> = []
  /// All of the ticket is paid by one of these.
  package var tenders: Set<String> = []
  package var tiers: Set<String> = []
  /// A code that the ticket carries.
  package var campaign: String?
  /// The least basis of the ticket, in minor units.
  package var minimum: Int64 = 0
  package var articles: Set<String> = []
  package var categories: Set<String> = []

  package init() {}

  /// Whether it asks for certain lines.
  package var concernsLines: Bool { !articles.isEmpty || !categories.isEmpty }
}
