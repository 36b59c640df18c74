import Configuration
import Digest
import SQLiteStore

/// The registers, on the connection of whoever reads or writes: a member's row is written in the
/// transaction of the entry that lets the member join.
package struct Registers {
  let store: Connection

  package init(_ store: Connection) {
    self.store = store
  }

  // MARK: Members

  /// Writes a new version of a member's row.
  package func put(_ member: Member, node: String, at milliseconds: Int64) throws(StoreError) {
    try write(.member, member.id, member.content, node: node, at: milliseconds)
    try index(member)
  }

  /// Brings the look-up index to what is in force.
  func index(_ row: RegisterRow) throws(StoreError) {
    guard row.content != nil else {
      try store.run("DELETE FROM member_index WHERE member = ?", .text(row.id))
      return
    }
    try index(try Member(row))
  }

  private func index(_ member: Member) throws(StoreError) {
    try store.overwriting { () throws(StoreError) in
      let joining = member.joining
      try store.run(
        "INSERT OR REPLACE INTO member_index VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        .text(member.id), .text(member.account), .text(member.name), Value(member.phone),
        Value(member.email), Value(member.birthday), Value(member.guardian), Value(joining?.notice),
        Value(joining?.at), Value(joining?.place), Value(joining?.form), Value(member.deceasedAt),
        Value(member.redeemLock.text))
    }
  }

  private static let columns = """
    member, account, name, phone, email, birthday, guardian, notice, joined_at, place, form,
    deceased_at, redeem_lock
    """

  private static func member(_ row: Row) throws(StoreError) -> Member {
    var member = Member(
      id: row.text(0), account: row.text(1), name: row.text(2), phone: row.optionalText(3))
    member.email = row.optionalText(4)
    member.birthday = row.optionalText(5)
    member.guardian = row.optionalText(6)
    if let at = row.optionalInteger(8) {
      member.joining = Joining(
        notice: row.optionalText(7), at: at, place: row.optionalText(9), form: row.optionalText(10))
    }
    member.deceasedAt = row.optionalInteger(11)
    member.redeemLock = RedeemLock(row.optionalText(12))
    return member
  }

  package func member(_ id: String) throws(StoreError) -> Member? {
    try store.first(
      "SELECT \(Registers.columns) FROM member_index WHERE member = ?", .text(id),
      read: Registers.member)
  }

  /// The members of an account, in the order of their ids.
  package func members(of account: String) throws(StoreError) -> [Member] {
    try store.rows(
      "SELECT \(Registers.columns) FROM member_index WHERE account = ? ORDER BY member",
      .text(account), read: Registers.member)
  }

  /// The members of an account who have told their birthday, and it: `1990-04-01`.
  package func birthdays(
    ofAccount account: String
  ) throws(StoreError) -> [(member: String, birthday: String)] {
    try store.rows(
      """
      SELECT member, birthday FROM member_index WHERE account = ? AND birthday IS NOT NULL
      ORDER BY member
      """, .text(account)
    ) { ($0.text(0), $0.text(1)) }
  }

  /// Members with exactly this phone number, or whose name begins with `text`; at most `limit`.
  package func find(_ text: String, limit: Int) throws(StoreError) -> [Member] {
    if let phone = PhoneNumber.normalised(text) {
      return try store.rows(
        "SELECT \(Registers.columns) FROM member_index WHERE phone = ? ORDER BY member LIMIT ?",
        .text(phone), Value(limit), read: Registers.member)
    }
    return try store.rows(
      """
      SELECT \(Registers.columns) FROM member_index WHERE name >= ?1 AND name < ?2
      ORDER BY name, member LIMIT ?3
      """, .text(text), .text(text + "\u{10ffff}"), Value(limit), read: Registers.member)
  }

  // MARK: Card numbers

  /// The random id of the card with this number.
  package func card(number: String) throws(StoreError) -> String? {
    try store.first("SELECT card FROM card_number WHERE number = ?", .text(number)) { $0.text(0) }
  }

  /// Whether what stands for a number's card is that its holder was erased.
  package static func isSpent(_ card: String) -> Bool { card.hasPrefix("spent ") }

  package func number(ofCard card: String) throws(StoreError) -> String? {
    try store.first("SELECT number FROM card_number WHERE card = ?", .text(card)) { $0.text(0) }
  }

  /// Gives a card its number.
  package func put(number: String, card: String, node: String, at milliseconds: Int64)
    throws(StoreError)
  {
    try store.overwriting { () throws(StoreError) in
      let content = JSON.object([("number", .string(number))]).canonical
      try store.run(
        "INSERT INTO register_row VALUES ('card', ?, 1, ?, ?, ?, 0)", .text(card), .text(node),
        .integer(milliseconds), .text(String(decoding: content, as: UTF8.self)))
      try store.run("INSERT INTO card_number VALUES (?, ?)", .text(number), .text(card))
    }
  }

  /// Gives the number of a provisional card to the card that it turned out to be.
  package func hand(
    numberOf provisional: String, to card: String, node: String, at milliseconds: Int64
  ) throws(StoreError) {
    guard let number = try number(ofCard: provisional), try self.number(ofCard: card) == nil else {
      return
    }
    try store.overwriting { () throws(StoreError) in
      try store.run("DELETE FROM card_number WHERE card = ?", .text(provisional))
      try store.run(
        "DELETE FROM register_row WHERE kind = 'card' AND id = ?", .text(provisional))
    }
    try put(number: number, card: card, node: node, at: milliseconds)
  }

  /// The highest number given so far that begins with `prefix`; nil when there is none.
  package func lastNumber(prefix: String) throws(StoreError) -> String? {
    try store.first(
      "SELECT max(number) FROM card_number WHERE number >= ? AND number < ?", .text(prefix),
      .text(prefix + ":")
    ) { $0.optionalText(0) } ?? nil
  }

  /// The highest number given so far within two; nil when there is none.
  package func lastNumber(from low: String, to high: String) throws(StoreError) -> String? {
    try store.first(
      "SELECT max(number) FROM card_number WHERE number BETWEEN ? AND ?", .text(low), .text(high)
    ) { $0.optionalText(0) } ?? nil
  }

  /// Brings the look-up of a card's number to what is in force.
  func indexNumber(_ row: RegisterRow) throws(StoreError) {
    guard row.content != nil else {
      try store.run(
        "UPDATE card_number SET card = 'spent ' || number WHERE card = ?", .text(row.id))
      return
    }
    try store.run(
      "INSERT OR IGNORE INTO card_number VALUES (?, ?)", .text(try row.text("number")),
      .text(row.id))
  }

  // MARK: Hashes of personal fields

  /// The salt that a command's personal fields are hashed with: kept from the first time, so that a
  /// repeated command hashes alike; `fresh` is kept when there is none.
  ///
  /// - Parameter member: whose fields they are, so that it goes with them; nil: nobody's who is
  ///   known yet.
  package func salt(
    key: String, fresh: [UInt8], of member: String? = nil
  ) throws(StoreError) -> [UInt8] {
    let kept = try store.first(
      "SELECT salt FROM command_salt WHERE key = ?", .text(key)
    ) { $0.blob(0) }
    if let kept { return kept }
    try store.overwriting { () throws(StoreError) in
      try store.run(
        "INSERT INTO command_salt (key, salt, member) VALUES (?, ?, ?)", .text(key), .blob(fresh),
        Value(member))
    }
    return fresh
  }

  /// Binds a command's salt to the member whose fields it hides, so that it goes with them.
  package func bind(saltOf key: String, to member: String) throws(StoreError) {
    try store.run(
      "UPDATE command_salt SET member = ? WHERE key = ?", .text(member), .text(key))
  }

  /// The salt for what somebody keys to name a member, or an account that is nobody's; made when
  /// there is none yet.
  package func salt(of whose: String, fresh: () -> [UInt8]) throws(StoreError) -> [UInt8] {
    let kept = try store.first(
      "SELECT salt FROM member_salt WHERE whose = ?", .text(whose)
    ) { $0.blob(0) }
    if let kept { return kept }
    let made = fresh()
    try store.overwriting { () throws(StoreError) in
      try store.run("INSERT INTO member_salt VALUES (?, ?)", .text(whose), .blob(made))
    }
    return made
  }

  /// What stands for a personal field in a command that is hashed.
  package static func hidden(_ text: String, salt: [UInt8]) -> String {
    Base32.encode(Array(HMACSHA256.code(key: salt, message: Array(text.utf8)).prefix(20)))
  }
}
