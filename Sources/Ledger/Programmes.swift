import Configuration
import Digest
import LoyaltyRules
import SQLiteStore

extension LedgerWriter {
  /// Puts a rule version in force; the same text again changes nothing.
  ///
  /// The first version has always been in force; a later one is from now on, so no ticket is judged
  /// by rules that came after it.
  ///
  /// - Parameter source: the programme file as it is; kept whole, so it can be read for ever.
  /// - Returns: the version's number.
  /// - Throws: `ConfigurationError` when the file is wrong; `programme.conflict` when it belongs to
  ///   another programme than the one in force, or changes what stands in stripes and numbers.
  package func activateRules(source: String, actor: String) throws -> Int64 {
    let digest = SHA256.hash(Array(source.utf8))
    let known = try store.integer(
      "SELECT number FROM rule_version WHERE digest = ?", .blob(digest))
    if let known { return known }
    let programme = try Programme(
      try Node.parse(Array(source.utf8), source: "programme"))
    if let current = try store.first(
      "SELECT source FROM rule_version ORDER BY number DESC LIMIT 1", read: { $0.text(0) })
    {
      let old = try Programme(try Node.parse(Array(current.utf8), source: "programme"))
      guard old.code == programme.code, old.timeZone == programme.timeZone,
        old.cards == programme.cards
      else { throw Refusal(.programmeConflict, ("programme", .string(old.code))) }
    }
    let number = (try store.integer("SELECT max(number) FROM rule_version") ?? 0) + 1
    let from = number == 1 ? Instant(milliseconds: 0) : try now()
    try store.run(
      "INSERT INTO rule_version VALUES (?, ?, ?, ?, ?)", .integer(number), .text(programme.code),
      .integer(from.milliseconds), .blob(digest), .text(source))
    forget()
    var draft = EntryDraft(.activateRules, actor: actor)
    draft.rules = number
    draft.detail = [
      ("begins", .integer(from.milliseconds)), ("digest", .string(hexadecimal(digest))),
      ("programme", .string(programme.code)),
    ]
    try append(draft)
    return number
  }

  /// Opens an account.
  ///
  /// - Returns: its random id.
  package func openAccount(actor: String) throws -> String {
    let programme = try rules().versions[0].programme.code
    let account = newID()
    var draft = EntryDraft(.account, actor: actor)
    draft.account = account
    draft.detail = [("programme", .string(programme))]
    try append(draft)
    return account
  }

  /// Lets a member join an account.
  package func join(member: String, account: String, actor: String) throws {
    var draft = EntryDraft(.join, actor: actor)
    draft.account = account
    draft.detail = [("member", .string(member))]
    try append(draft)
  }
}
