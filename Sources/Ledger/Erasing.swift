import LoyaltyRules
import SQLiteStore

extension LedgerWriter {
  /// Takes out of the answers kept for replay what they say about a member's account and cards. The
  /// keys stay, so that a command that comes again is still known.
  ///
  /// - Returns: what they said, to be looked for in the file.
  package func eraseAnswers(account: String?, cards: [String]) throws -> [String] {
    var said: [String] = []
    for (column, id) in cards.map({ ("card", $0) }) + (account.map { [("account", $0)] } ?? []) {
      let entries =
        column == "card"
        ? "SELECT id FROM entry WHERE card = ?" : "SELECT id FROM entry WHERE account = ?"
      said += try store.rows("SELECT answer FROM answer WHERE entry IN (\(entries))", .text(id)) {
        $0.text(0)
      }
      try store.overwriting { () throws(StoreError) in
        try store.run(
          "UPDATE answer SET answer = '\(CommandAnswer.erased)' WHERE entry IN (\(entries))",
          .text(id))
      }
    }
    return said.filter { $0 != CommandAnswer.erased }
  }
}

extension LedgerView {
  /// The cards that a member holds, by id.
  package func cards(heldBy member: String) throws -> [String] {
    try store.rows("SELECT card FROM card WHERE holder = ? ORDER BY card", .text(member)) {
      $0.text(0)
    }
  }

  /// The account that an entry is about; nil: none.
  package func account(ofEntry name: EntryName) throws -> String? {
    try Journal.find(name, in: store)?.entry.account
  }

  /// Every entry about an account, in the order they were written.
  package func entries(about account: String) throws -> [Entry] {
    try store.rows(
      "SELECT \(Journal.columns) FROM entry WHERE account = ? ORDER BY id", .text(account),
      read: Journal.stored
    ).map(\.entry)
  }

  /// Moves the whole write-ahead log into the database and empties its file, so that what was
  /// overwritten stands in neither.
  ///
  /// - Returns: false when another connection is reading at this moment: try again.
  package func emptyLog() throws -> Bool {
    try store.execute("PRAGMA busy_timeout = 50")
    let busy = try store.integer("PRAGMA wal_checkpoint(TRUNCATE)")
    try store.execute("PRAGMA busy_timeout = 5000")
    return busy == 0
  }

  /// Writes the whole file anew, so that no page keeps what was moved or deleted.
  package func rewriteFile() throws { try store.execute("VACUUM") }
}
