import Configuration
import SQLiteStore

/// Free text about an account, beside the entry it explains.
package struct Remark: Sendable, Equatable {
  package var entry: String?
  package var account: String
  /// Milliseconds since 1970.
  package var at: Int64
  package var actor: String
  package var text: String

  package init(entry: String?, account: String, at: Int64, actor: String, text: String) {
    self.entry = entry
    self.account = account
    self.at = at
    self.actor = actor
    self.text = text
  }
}

extension Registers {
  package func put(_ remark: Remark) throws(StoreError) {
    try store.overwriting { () throws(StoreError) in
      try store.run(
        "INSERT INTO remark (entry, account, at, actor, text) VALUES (?, ?, ?, ?, ?)",
        Value(remark.entry), .text(remark.account), .integer(remark.at), .text(remark.actor),
        .text(remark.text))
    }
  }

  /// What was noted about an account, the oldest first.
  package func remarks(about account: String) throws(StoreError) -> [Remark] {
    try store.rows(
      "SELECT entry, account, at, actor, text FROM remark WHERE account = ? ORDER BY id",
      .text(account)
    ) { row in
      Remark(
        entry: row.optionalText(0), account: row.text(1), at: row.integer(2), actor: row.text(3),
        text: row.text(4))
    }
  }

  /// Takes a member out of every register: all versions, look-up indexes, consents, card numbers,
  /// salts, remarks, waiting commands. What stays is a row that says so, which wins over whatever
  /// another node still sends; and ids that lead nowhere.
  ///
  /// A card's number is kept as used, without its card, so that it is never given again.
  ///
  /// - Parameter cards: the ids of the cards that the member holds.
  package func eraseMember(
    _ id: String, cards: [String], node: String, at milliseconds: Int64
  ) throws(StoreError) {
    try store.overwriting { () throws(StoreError) in
      let account = try member(id)?.account
      if try current(.member, id) == nil {
        try store.run(
          "INSERT INTO register_row VALUES ('member', ?, 1, ?, ?, NULL, 1)", .text(id), .text(node),
          .integer(milliseconds))
      }
      try erase(.member, id, node: node, at: milliseconds)
      try store.run("DELETE FROM member_index WHERE member = ?", .text(id))
      for purpose in ConsentPurpose.allCases {
        for channel in ContactChannel.allCases {
          try erase(
            .consent, "\(id)/\(purpose.rawValue)/\(channel.rawValue)", node: node, at: milliseconds)
        }
      }
      for card in cards {
        try erase(.card, card, node: node, at: milliseconds)
        try store.run(
          "UPDATE card_number SET card = 'spent ' || number WHERE card = ?", .text(card))
        try eraseIdentifiers(ofCard: card, node: node, at: milliseconds)
      }
      try store.run("DELETE FROM command_salt WHERE member = ?", .text(id))
      try store.run("DELETE FROM member_salt WHERE whose = ?", .text(id))
      try store.run(
        "DELETE FROM attempt WHERE subject IN (?, ?)", .text("member \(id)"), .text("check \(id)"))
      guard let account else { return }
      try store.run("DELETE FROM member_salt WHERE whose = ?", .text(account))
      try store.run("DELETE FROM remark WHERE account = ?", .text(account))
      try store.run("DELETE FROM pending WHERE account = ?", .text(account))
    }
  }

  /// Whether something of a member is still here, or nothing says yet that it was erased.
  package func isErased(_ id: String) throws(StoreError) -> Bool {
    guard let row = try current(.member, id), row.content == nil else { return false }
    let left = try store.integer(
      """
      SELECT 1 FROM register_row WHERE kind = 'member' AND id = ?1 AND content IS NOT NULL
      UNION ALL SELECT 1 FROM member_index WHERE member = ?1
      UNION ALL SELECT 1 FROM command_salt WHERE member = ?1
      UNION ALL SELECT 1 FROM member_salt WHERE whose = ?1 LIMIT 1
      """, .text(id))
    return left == nil
  }
}

extension Registers {
  /// The bytes by which a member's rows would be known in a file: every version, and the keys of
  /// the look-up indexes as they stand side by side.
  package func traces(of id: String) throws(StoreError) -> [[UInt8]] {
    var traces = try versions(.member, id).compactMap { $0.content.map { Array($0.utf8) } }
    if let member = try member(id) {
      traces.append(Array((id + member.account + member.name).utf8))
      traces.append(Array((member.name + id).utf8))
      if let phone = member.phone { traces.append(Array((phone + id).utf8)) }
    }
    return traces
  }
}
