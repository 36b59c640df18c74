import Configuration
import LoyaltyRules
import SQLiteStore

extension LedgerWriter {
  /// Keeps what a return's receipt says, and finds its sale if that is here.
  func keepReceipt(_ entry: Entry, id: Int64, _ facts: EntryFacts) throws {
    guard let receipt = facts.object("receipt") else { return }
    try connection.run(
      "INSERT INTO open_return VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, NULL)",
      .integer(id), .text(receipt.text("store") ?? ""), .text(receipt.text("terminal") ?? ""),
      .text(receipt.text("date") ?? ""), .text(receipt.text("ticket") ?? ""),
      .integer(receipt.integer("revision") ?? 1), .integer(receipt.integer("part") ?? 1),
      .integer(receipt.integer("soldAt") ?? 0), .integer(receipt.integer("amount") ?? 0),
      .integer(receipt.integer("earned") ?? 0), .integer(receipt.integer("redeemed") ?? 0),
      .integer(receipt.integer("takes") ?? 0), .integer(receipt.integer("gives") ?? 0))
    foreign.hasReceipts = true
    try meetSale("o.entry = ?1", id)
  }

  /// A sale that has arrived takes in the returns that were accepted from its receipt.
  func meetReturns(ofSale id: Int64) throws {
    guard foreign.hasReceipts else { return }
    try meetSale(
      """
      o.entry IN (SELECT o.entry FROM ticket t JOIN open_return o
        ON (o.store, o.number) = (t.store, t.number) WHERE t.entry = ?1)
      """, id)
  }

  /// Links returns with the first sale in order that their receipts name.
  private func meetSale(_ which: String, _ id: Int64) throws {
    let found = try connection.rows(
      """
      SELECT o.entry, o.sale, (SELECT t.entry FROM ticket t JOIN entry e ON e.id = t.entry
        WHERE (t.store, t.terminal, t.business_date, t.number, t.revision, t.part)
          = (o.store, o.terminal, o.business_date, o.number, o.revision, o.part)
          AND t.role = 'sale'
        ORDER BY e.effective_at, e.node, e.epoch, e.seq LIMIT 1)
      FROM open_return o WHERE \(which)
      """, .integer(id)
    ) { ($0.integer(0), $0.optionalInteger(1), $0.optionalInteger(2)) }
    for (entry, before, sale) in found where sale != before {
      try connection.run(
        "UPDATE open_return SET sale = ? WHERE entry = ?", Value(sale), .integer(entry))
      for ticket in [before, sale].compactMap({ $0 }) {
        guard let stored = try Journal.find(id: ticket, in: connection) else { continue }
        try sumReturns(of: ticket, names: stored.entry.name)
      }
    }
  }
}
