import LoyaltyRules
import SQLiteStore

/// What a node knew of other tickets when it judged one.
struct TicketKnowledge {
  /// The ticket that is judged.
  var except: Int64?
  /// Entries that it knew; nil: all that are here.
  var known: ((EntryName) -> Bool)?
}

extension LedgerView {
  /// Whether a sale has already counted as the visit of a day: one that counted `minimum` at least
  /// and has not come back whole.
  ///
  /// - Parameter instant: the time of the sale that is judged: what took effect after it is left
  ///   out.
  func hasVisited(
    _ account: String, by instant: Instant, minimum: Int64,
    _ knowledge: TicketKnowledge = TicketKnowledge()
  ) throws -> Bool {
    let days = try rules().days(at: instant)
    let start = days.start(of: days.day(of: instant))
    for member in try members(of: account) {
      let sales = try store.rows(
        """
        SELECT t.entry, e.node, e.epoch, e.seq, t.amount, e.account IS NULL
        FROM ticket t JOIN entry e ON e.id = t.entry
        WHERE t.account = ? AND t.role = 'sale' AND t.sold_at BETWEEN ? AND ? AND t.basis >= ?
        """, .text(member), .integer(start.milliseconds), .integer(instant.milliseconds),
        .integer(minimum)
      ) { row in
        PastSale(
          id: row.integer(0),
          name: EntryName(node: row.text(1), epoch: row.integer(2), seq: row.integer(3)),
          amount: row.integer(4), isClaimed: row.integer(5) == 1)
      }
      for sale in sales where sale.id != knowledge.except && knowledge.known?(sale.name) ?? true {
        if try counts(sale, by: instant, knowledge) { return true }
      }
    }
    return false
  }

  private struct PastSale {
    var id: Int64
    var name: EntryName
    var amount: Int64
    /// Whether it was sold without a member, and is somebody's by a late award.
    var isClaimed: Bool
  }

  /// Whether a sale was the member's, and had not come back whole.
  private func counts(
    _ sale: PastSale, by instant: Instant, _ knowledge: TicketKnowledge
  ) throws -> Bool {
    let later = try store.rows(
      """
      SELECT e.node, e.epoch, e.seq, r.role, r.amount FROM entry e JOIN ticket r ON r.entry = e.id
      WHERE e.id IN (SELECT id FROM entry WHERE names = ?1 AND type = 'TICKET'
          UNION ALL SELECT entry FROM open_return WHERE sale = ?2)
        AND e.effective_at <= ?3
      """, .text(sale.name.description), .integer(sale.id), .integer(instant.milliseconds)
    ) { row in
      (
        name: EntryName(node: row.text(0), epoch: row.integer(1), seq: row.integer(2)),
        role: row.text(3), amount: row.integer(4)
      )
    }.filter { knowledge.known?($0.name) ?? true }
    if sale.isClaimed, !later.contains(where: { $0.role == "claim" }) { return false }
    let back = later.filter { ["return", "void", "correction"].contains($0.role) }
    guard !back.isEmpty else { return true }
    return back.allSatisfy { $0.role == "return" }
      && back.reduce(0) { $0 + $1.amount } < sale.amount
  }
}
