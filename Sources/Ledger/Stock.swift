import Configuration
import LoyaltyRules
import SQLiteStore

/// Blank or pre-printed cards of one design in one store.
package struct CardStock: Sendable, Equatable {
  package var store: String
  package var design: String
  /// Below 0 when more were given out than had been entered: a count mends it.
  package var quantity: Int64

  package init(store: String, design: String, quantity: Int64) {
    self.store = store
    self.design = design
    self.quantity = quantity
  }
}

/// Serials from which one store draws its card numbers.
package struct NumberRange: Sendable, Equatable {
  package var store: String
  package var first: Int64
  package var last: Int64

  package init(store: String, first: Int64, last: Int64) {
    self.store = store
    self.first = first
    self.last = last
  }
}

/// What happens to a store's stock.
package enum StockMovement: Sendable, Equatable {
  case receive(Int64)
  case move(Int64, to: String)
  case spoil(Int64, reason: String)
  /// So many were counted: the difference is booked.
  case count(Int64)
}

extension LedgerWriter {
  /// The most cards that one command books.
  static let stockLimit: Int64 = 1_000_000

  /// Books a movement of this store's stock.
  ///
  /// - Returns: what the store has then.
  /// - Throws: `stock.quantity` for a number out of range; `stock.insufficient` when more leaves
  ///   than is there.
  package func book(
    _ movement: StockMovement, design: String, actor: String
  ) throws -> CardStock {
    let known = try view.stock(of: identity.store, design: design)
    var draft = EntryDraft(.stock, actor: actor)
    let kind: String
    let quantity: Int64
    switch movement {
    case .receive(let count): (kind, quantity) = ("receive", count)
    case .move(let count, let store):
      (kind, quantity) = ("move", count)
      draft.detail = [("to", .string(store))]
    case .spoil(let count, let reason):
      (kind, quantity) = ("spoil", count)
      draft.reason = reason
    case .count(let count):
      (kind, quantity) = ("count", count)
      draft.detail = [("counted", .integer(count))]
    }
    let least: Int64 = kind == "count" ? 0 : 1
    guard (least...LedgerWriter.stockLimit).contains(quantity) else {
      throw Refusal(.stockQuantity, ("quantity", .integer(quantity)))
    }
    if kind == "move" || kind == "spoil", quantity > known {
      throw Refusal(.stockInsufficient, ("quantity", .integer(known)))
    }
    draft.detail += [("kind", .string(kind)), ("design", .string(design))]
    draft.quantity =
      switch kind {
      case "receive": quantity
      case "count": quantity - known
      default: -quantity
      }
    try append(draft)
    return CardStock(
      store: identity.store, design: design,
      quantity: try view.stock(of: identity.store, design: design))
  }

  /// Gives a store a range of serials.
  ///
  /// - Throws: `number.range` when it is empty, has no room in the programme's numbers, or touches
  ///   a range that was given before.
  package func giveRange(_ range: NumberRange, actor: String) throws {
    let rule = try rules().version(at: try now()).programme.cards
    let taken = try view.numberRanges().first { $0.first <= range.last && range.first <= $0.last }
    guard range.first >= 1, range.first <= range.last, rule.number(serial: range.last) != nil,
      taken == nil
    else {
      throw Refusal(
        .numberRange, ("first", .integer(range.first)), ("last", .integer(range.last)),
        ("store", taken.map { .string($0.store) } ?? .null))
    }
    var draft = EntryDraft(.stock, actor: actor)
    draft.detail = [
      ("kind", "range"), ("to", .string(range.store)), ("first", .integer(range.first)),
      ("last", .integer(range.last)),
    ]
    try append(draft)
  }

  /// What an entry does to stock and ranges: sums, so the order of arrival does not matter.
  func applyStock(_ entry: Entry, id: Int64, facts: EntryFacts) throws {
    if entry.type == .issue {
      guard let design = facts.text("design") else { return }
      return try add(-1, entry.store, design)
    }
    if facts.text("kind") == "range" {
      guard let store = facts.text("to"), let first = facts.integer("first"),
        let last = facts.integer("last")
      else { return }
      return try keep(store, first, last, id: id)
    }
    guard let design = facts.text("design"), let quantity = entry.quantity else { return }
    try add(quantity, entry.store, design)
    if facts.text("kind") == "move", let target = facts.text("to") {
      try add(-quantity, target, design)
    }
  }

  private func add(_ quantity: Int64, _ name: String, _ design: String) throws {
    try store.run(
      """
      INSERT INTO stock VALUES (?, ?, ?)
      ON CONFLICT (store, design) DO UPDATE SET quantity = quantity + excluded.quantity
      """, .text(name), .text(design), .integer(quantity))
  }

  private func keep(_ name: String, _ first: Int64, _ last: Int64, id: Int64) throws {
    try store.run(
      "INSERT INTO number_range VALUES (?, ?, ?, ?)", .integer(id), .text(name),
      .integer(first), .integer(last))
  }
}

extension LedgerView {
  func stock(of name: String, design: String) throws -> Int64 {
    try store.integer(
      "SELECT quantity FROM stock WHERE store = ? AND design = ?", .text(name), .text(design))
      ?? 0
  }

  /// Every design of every store.
  package func stock() throws -> [CardStock] {
    try store.rows("SELECT store, design, quantity FROM stock ORDER BY store, design") { row in
      CardStock(store: row.text(0), design: row.text(1), quantity: row.integer(2))
    }
  }

  /// The ranges that were given, in their order.
  package func numberRanges(of name: String? = nil) throws -> [NumberRange] {
    try store.rows("SELECT store, first, last FROM number_range ORDER BY first, last") { row in
      NumberRange(store: row.text(0), first: row.integer(1), last: row.integer(2))
    }.filter { name == nil || $0.store == name }
  }
}
