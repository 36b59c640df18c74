import Configuration
import Digest
import LoyaltyRules
import SQLiteStore

extension Sale {
  /// What of a sale stands in its entry beside the sums: only what differs from a plain one.
  var facts: [(String, JSON)] {
    var facts: [(String, JSON)] = []
    if let list { facts.append(("list", .integer(list))) }
    if !isInvoiced { facts.append(("invoiced", false)) }
    if hasBuyerID { facts.append(("buyerId", true)) }
    if !campaigns.isEmpty {
      facts.append(("campaigns", .array(campaigns.sorted().map(JSON.string))))
    }
    if !tenders.isEmpty {
      facts.append(
        (
          "tenders",
          .array(tenders.map { ["kind": .string($0.kind), "amount": .integer($0.amount)] })
        ))
    }
    if !lines.isEmpty { facts.append(("lines", .string(linesDigest))) }
    return facts
  }

  /// SHA-256 over the lines in canonical form: they may be deleted, this stays.
  private var linesDigest: String {
    let list = lines.map { line -> JSON in
      [
        "kind": .string(line.kind.rawValue), "article": .string(line.article),
        "category": .string(line.category),
        "class": line.articleClass.map { .string($0.rawValue) } ?? .null,
        "quantity": .integer(line.quantity), "list": .integer(line.list),
        "amount": .integer(line.amount),
      ]
    }
    return hexadecimal(SHA256.hash(JSON.array(list).canonical))
  }
}

extension LedgerWriter {
  /// Keeps a sale's lines beside its entry, with what each counted for.
  func keepLines(of sale: Sale, pointsPart: Int64, _ programme: Programme, ticket: Int64) throws {
    guard !sale.lines.isEmpty else { return }
    let basis = sale.basis(programme, pointsPart: pointsPart)
    for (ordinal, line) in basis.lines.enumerated() {
      try store.run(
        "INSERT INTO ticket_line VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0)", .integer(ticket),
        Value(ordinal), .text(line.kind.rawValue), .text(line.article), .text(line.category),
        Value(line.articleClass?.rawValue), .integer(line.quantity), .integer(line.list),
        .integer(line.amount), .integer(basis.counted[ordinal]))
    }
  }
}

extension LedgerWriter {
  /// Lets the article lines of tickets go; the entries keep their digests.
  ///
  /// - Returns: how many lines.
  package func dropLines(ofTickets tickets: [Int64]) throws -> Int {
    var dropped = 0
    for ticket in tickets {
      try store.run("DELETE FROM ticket_line WHERE ticket = ?", .integer(ticket))
      dropped += store.changes
    }
    return dropped
  }
}

extension LedgerView {
  /// Tickets sold before an instant whose lines are still there, by their rows.
  package func ticketsWithLines(soldBefore instant: Instant, limit: Int) throws -> [Int64] {
    try store.rows(
      """
      SELECT t.entry FROM (SELECT DISTINCT ticket FROM ticket_line) l
      JOIN ticket t ON t.entry = l.ticket WHERE t.sold_at < ? ORDER BY t.entry LIMIT ?
      """, .integer(instant.milliseconds), Value(limit)
    ) { $0.integer(0) }
  }

  /// The lines of a ticket as they were sold; empty when it had none or they have been deleted.
  func lines(ofTicket id: Int64) throws -> [SaleLine] {
    try store.rows(
      """
      SELECT kind, article, category, class, quantity, list, amount FROM ticket_line
      WHERE ticket = ? ORDER BY ordinal
      """, .integer(id)
    ) { row in
      SaleLine(
        kind: SaleLine.Kind(rawValue: row.text(0)) ?? .item, article: row.text(1),
        category: row.text(2),
        articleClass: row.optionalText(3).flatMap { ArticleClass(rawValue: $0) },
        quantity: row.integer(4), list: row.integer(5), amount: row.integer(6))
    }
  }

  /// Points that sales of these days gave an account, or one that is part of it, less what came
  /// back of them.
  func awarded(to account: String, from first: Day, through last: Day) throws -> Int64 {
    let accounts = RowScope(
      stores: Set(try members(of: try root(of: account))), terminal: nil
    ).storeList
    return try store.integer(
      """
      SELECT coalesce(sum(e.points - coalesce(r.reversed, 0)), 0)
      FROM json_each(?) m JOIN entry e ON e.account = m.value
        LEFT JOIN reversal r ON r.entry = e.id
      WHERE e.type = 'AWARD' AND e.business_date BETWEEN ? AND ?
      """, accounts, .text(first.description), .text(last.description)) ?? 0
  }

  /// How many awards an account got in the last `milliseconds`.
  func awards(of account: String, within milliseconds: Int64, before now: Instant) throws -> Int64 {
    try store.integer(
      """
      SELECT count(*) FROM entry
      WHERE account = ? AND effective_at > ? AND type = 'AWARD'
      """, .text(account), .integer(now.adding(milliseconds: -milliseconds).milliseconds)) ?? 0
  }

  /// Points that were redeemed at a till on a shop's day without knowing what the account had.
  func offlineRedeemed(at terminal: String, store name: String, on day: Day) throws -> Int64 {
    let used = try store.rows(
      """
      SELECT -points, names FROM entry INDEXED BY entry_offline
      WHERE type = 'REDEEM' AND reason = 'offline' AND store = ? AND business_date = ?
      """, .text(name), .text(day.description)
    ) { ($0.integer(0), $0.optionalText(1).flatMap { EntryName($0) }) }
    return try used.reduce(0) { sum, use in
      guard let ticket = try use.1.flatMap({ try rowID($0) }) else { return sum }
      let till = try store.first(
        "SELECT terminal FROM ticket WHERE entry = ?", .integer(ticket)
      ) { $0.text(0) }
      return till == terminal ? sum + use.0 : sum
    }
  }

  /// The business day of the last bonus that an account, or one merged into it, got for a reason.
  func lastBonus(_ reason: String, of account: String) throws -> Day? {
    var last: Day?
    for member in try members(of: account) {
      let found = try store.first(
        """
        SELECT max(business_date) FROM entry
        WHERE account = ? AND type = 'AWARD_BONUS' AND reason = ?
        """, .text(member), .text(reason)
      ) { $0.optionalText(0) }
      last = [last, (found ?? nil).flatMap { Day($0) }].compactMap { $0 }.max()
    }
    return last
  }

  /// The business days of an account's sales since an instant that were judged as a birthday's.
  package func birthdaySales(of account: String, since instant: Instant) throws -> [Day] {
    var days: Set<Day> = []
    for member in try members(of: account) {
      let found = try store.rows(
        """
        SELECT DISTINCT business_date FROM entry WHERE account = ? AND effective_at >= ?
          AND type = 'TICKET' AND json_extract(detail, '$.birthday') = 1
        """, .text(member), .integer(instant.milliseconds)
      ) { $0.text(0) }
      days.formUnion(found.compactMap { Day($0) })
    }
    return days.sorted()
  }
}
