import LoyaltyRules
import SQLiteStore

/// How an entry reached this ledger, which decides how its effects are found.
enum EntryArrival {
  /// Just written here: nothing names it yet, and what it names is here.
  case own
  /// Written by another node: it may lie before others of its account and card, and entries that
  /// name it may have come first. Its card's rows are left to `applyToCards`.
  case foreign
  /// All entries are there and all caches are empty; cards and points are made anew afterwards.
  case rebuild
}

extension LedgerWriter {
  /// Takes a stored entry into the caches: the one place where an entry changes any of them, but
  /// for the points of its account, which `foldPoints` takes in.
  ///
  /// Own entries, foreign ones and a rebuild come to the same rows whatever the order of arrival.
  ///
  /// - Parameters:
  ///   - id: its row.
  ///   - facts: what its detail says.
  ///   - named: the row of the entry it names, when the caller knows it.
  func applyEffects(
    of entry: Entry, id: Int64, facts: EntryFacts, named: Int64? = nil, arrival: EntryArrival
  ) throws {
    if entry.type.movesPoints {
      precondition(entry.account != nil, "points are posted to an account")
      // own entries are posted together, with the end of the journal
      if arrival == .own { head.posted -= entry.points } else { try post(-entry.points) }
    }
    if let account = entry.account, arrival != .own || entry.type == .account {
      try openRow(account, programme: facts.text("programme"))
    }
    switch entry.type {
    case .ticket:
      try insertTicket(entry, id: id, facts: facts)
      if entry.names != nil { try applyReturn(entry, named: named, facts, arrival) }
      if facts.text("role") == "sale" {
        try meetReturns(ofSale: id)
      } else {
        try keepReceipt(entry, id: id, facts)
      }
    case .merge, .unmerge:
      if let other = entry.reason { try linkAccounts(try view.joined(with: other)) }
    case .observe where entry.card == nil: try noteAlarm(entry, id: id, facts)
    case .stock, .issue: try applyStock(entry, id: id, facts: facts)
    case .award, .redeem: try linkTicket(entry, id: id, named: named, arrival)
    case .awardRefund, .redeemRefund: try applyReversal(entry, named: named, arrival)
    default: break
    }
    if arrival != .own { try catchUp(entry, id: id) }
    if let card = entry.card {
      guard arrival == .own else { return try link(card, facts) }
      try applyToCard(card, entry: entry, id: id, facts: facts)
    }
  }

  /// Which card a provisional one is has to be known before any card is made anew.
  func link(_ card: String, _ facts: EntryFacts) throws {
    guard let known = facts.text("is") else { return }
    try store.run("INSERT OR IGNORE INTO card_link VALUES (?, ?)", .text(card), .text(known))
    foreign.hasLinks = true
  }

  /// Takes an entry's points into its account's caches.
  func foldPoints(of entry: Entry, id: Int64) throws {
    guard let account = entry.account, let event = try reading.event(of: entry) else { return }
    try fold(event, id: id, account: account)
  }

  /// Makes every cache anew from the entries, and lists the findings anew.
  ///
  /// Left as they are: answers under their keys, which no entry holds, and where journals end.
  package func rebuildCaches() throws {
    // article lines refer to tickets that are made anew under the same rows
    try store.execute("PRAGMA defer_foreign_keys = ON")
    for table in [
      "stock", "number_range", "card_alarm", "face_job", "stripe_write", "card_issue", "card",
      "card_link", "open_return", "ticket",
      "reversal", "lot_use", "lot", "hold", "measure_day", "account", "programme_account",
    ] {
      try store.execute("DELETE FROM \(table)")
    }
    var last: Int64 = 0
    while true {
      // a batch at a time, since effects read and write on the same connection
      let batch = try store.rows(
        "SELECT \(Journal.columns) FROM entry WHERE id > ? ORDER BY id LIMIT 1000",
        .integer(last), read: Journal.stored)
      guard let end = batch.last else { break }
      for row in batch {
        try applyEffects(
          of: row.entry, id: row.id, facts: try EntryFacts(row.entry), arrival: .rebuild)
      }
      last = end.id
    }
    for account in try store.rows("SELECT account FROM account", read: { $0.text(0) }) {
      try rebuild(account)
    }
    let cards = try store.rows(
      "SELECT DISTINCT card FROM entry WHERE card IS NOT NULL", read: { $0.text(0) })
    for card in cards { try rebuildCard(card) }
    try rebuildFindings()
  }

  // MARK: Accounts

  func openRow(_ account: String, programme: String?) throws {
    let programme = try programme ?? rules().versions[0].programme.code
    try store.run(
      "INSERT OR IGNORE INTO account (account, programme) VALUES (?, ?)", .text(account),
      .text(programme))
  }

  /// Posts points to the programme's account.
  func post(_ points: Int64) throws {
    let programme = try rules().versions[0].programme.code
    try store.run(
      """
      INSERT INTO programme_account VALUES (?, ?)
      ON CONFLICT (programme) DO UPDATE SET posted = posted + excluded.posted
      """, .text(programme), .integer(points))
  }

  // MARK: Tickets

  private func insertTicket(_ entry: Entry, id: Int64, facts: EntryFacts) throws {
    let role = facts.text("role") ?? ""
    let isReversal = role != "sale"
    try connection.run(
      """
      INSERT INTO ticket (entry, journal, store, terminal, business_date, number, revision, role,
        part, account, sold_at, amount, paid, basis, state, identity)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
      """, .integer(id), .text("\(entry.name.node).\(entry.name.epoch)"), .text(entry.store),
      .text(facts.text("terminal") ?? ""), .text(facts.text("date") ?? ""),
      .text(facts.text("ticket") ?? ""), .integer(facts.integer("revision") ?? 1), .text(role),
      .integer(facts.integer("part") ?? 1), Value(entry.account),
      .integer(entry.effectiveAt.milliseconds), .integer(facts.integer("amount") ?? 0),
      .integer(facts.integer("paid") ?? 0), .integer(facts.integer("basis") ?? 0),
      .text(isReversal ? "reversal" : "closed"), Value(partialKey(facts)))
  }

  /// Most programmes count every field.
  private func partialKey(_ facts: EntryFacts) -> String? {
    facts.texts("uncounted").isEmpty ? nil : TicketIdentity(facts).partialKey
  }

  private func applyReturn(
    _ entry: Entry, named: Int64?, _ facts: EntryFacts, _ arrival: EntryArrival
  ) throws {
    guard let sale = try named ?? row(named: entry) else { return }
    if facts.text("role") == "claim" { return try findClaim(of: sale, names: entry.names) }
    try sumReturns(of: sale, names: entry.names)
  }

  /// A ticket sold without a member is the first claimant's.
  private func findClaim(of sale: Int64, names: EntryName?) throws {
    try store.run(
      """
      UPDATE ticket SET account = coalesce((SELECT e.account
          FROM entry e JOIN ticket r ON r.entry = e.id
          WHERE e.names = ?1 AND r.role = 'claim'
          ORDER BY e.effective_at, e.node, e.epoch, e.seq LIMIT 1), account)
      WHERE entry = ?2
      """, Value(names?.description), .integer(sale))
  }

  /// What came back of a sale, and what it is since.
  func sumReturns(of sale: Int64, names: EntryName?) throws {
    try store.run(
      """
      UPDATE ticket SET (returned, returned_basis, state) = (
        SELECT coalesce(sum(r.amount), 0), coalesce(sum(r.basis), 0),
          CASE WHEN max(r.role = 'correction') THEN 'corrected'
            WHEN max(r.role = 'void') THEN 'voided'
            WHEN count(*) > 0 AND sum(r.amount) >= ticket.amount THEN 'returned'
            ELSE 'closed' END
        FROM ticket r WHERE r.role IN ('return', 'void', 'correction')
          AND r.entry IN (SELECT id FROM entry WHERE names = ?1 AND type = 'TICKET'
            UNION ALL SELECT entry FROM open_return WHERE sale = ?2))
      WHERE entry = ?2 AND role = 'sale'
      """, Value(names?.description), .integer(sale))
  }

  /// A sale knows the award and the redemption that name it.
  private func linkTicket(
    _ entry: Entry, id: Int64, named: Int64?, _ arrival: EntryArrival
  ) throws {
    guard let ticket = try named ?? row(named: entry) else { return }
    guard arrival == .own else { return try findPoints(of: ticket, names: entry.names) }
    let sql =
      entry.type == .award
      ? "UPDATE ticket SET award = ? WHERE entry = ? AND award IS NULL"
      : "UPDATE ticket SET redeem = ? WHERE entry = ? AND redeem IS NULL"
    try connection.run(sql, .integer(id), .integer(ticket))
  }

  /// The first in order of the awards and redemptions that name a ticket.
  private func findPoints(of ticket: Int64, names: EntryName?) throws {
    try store.run(
      """
      UPDATE ticket SET
        award = (SELECT id FROM entry WHERE names = ?1 AND type = 'AWARD'
          ORDER BY effective_at, node, epoch, seq LIMIT 1),
        redeem = (SELECT id FROM entry WHERE names = ?1 AND type = 'REDEEM'
          ORDER BY effective_at, node, epoch, seq LIMIT 1)
      WHERE entry = ?2
      """, Value(names?.description), .integer(ticket))
  }

  // MARK: Reversals

  private func applyReversal(_ entry: Entry, named: Int64?, _ arrival: EntryArrival) throws {
    // what a receipt's return takes and gives stands with the receipt
    if entry.isOpenRefund { return }
    guard let original = try named ?? row(named: entry) else { return }
    guard arrival == .own else { return try sumReversals(of: original, names: entry.names) }
    try store.run(
      """
      INSERT INTO reversal VALUES (?, ?)
      ON CONFLICT (entry) DO UPDATE SET reversed = reversed + excluded.reversed
      """, .integer(original), .integer(entry.quantity ?? 0))
  }

  private func sumReversals(of original: Int64, names: EntryName?) throws {
    try store.run(
      """
      INSERT INTO reversal SELECT ?1, total FROM (SELECT sum(quantity) AS total FROM entry
        WHERE names = ?2 AND type IN ('AWARD_REFUND', 'REDEEM_REFUND'))
      WHERE total IS NOT NULL
      ON CONFLICT (entry) DO UPDATE SET reversed = excluded.reversed
      """, .integer(original), Value(names?.description))
  }

  /// Takes up what had come before the entry it names.
  private func catchUp(_ entry: Entry, id: Int64) throws {
    switch entry.type {
    case .ticket:
      try findPoints(of: id, names: entry.name)
      if try store.integer("SELECT 1 FROM ticket WHERE entry = ? AND role = 'sale'", .integer(id))
        != nil
      {
        try sumReturns(of: id, names: entry.name)
        try findClaim(of: id, names: entry.name)
      }
    case .award, .redeem: try sumReversals(of: id, names: entry.name)
    default: break
    }
  }

  private func row(named entry: Entry) throws -> Int64? {
    try entry.names.flatMap { try view.rowID($0) }
  }
}
