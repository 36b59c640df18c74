import Configuration
import Digest
import LoyaltyRules
import SQLiteStore

extension LedgerWriter {
  /// Puts a rule version in force; the same text again changes nothing.
  ///
  /// `again` puts a text in force that was before, unless it is the newest: a new version with an
  /// earlier one's rules. A program that starts does not ask for that.
  ///
  /// The first version has always been in force; a later one is from `from` on, which is not past,
  /// so no ticket is judged by rules that came after it.
  ///
  /// - Parameters:
  ///   - source: the programme file as it is; kept whole, so it can be read for ever.
  ///   - from: when it begins; nil: now.
  ///   - approver: the second person, who may put worse terms in force without notice.
  /// - Returns: the version's number, whether it is a new one, and what is worse for members.
  /// - Throws: `ConfigurationError` when the file is wrong; `programme.conflict` when it belongs to
  ///   another programme than the one in force, or changes what stands in stripes and numbers;
  ///   `programme.decimals` when it divides points otherwise than entries and stripes do;
  ///   `programme.past`; `programme.worse` when what is worse comes too soon.
  @discardableResult
  package func activateRules(
    source: String, from: Instant? = nil, actor: String, approver: String? = nil,
    again: Bool = false
  ) throws -> (version: Int64, isNew: Bool, worse: [WorseTerm]) {
    let digest = SHA256.hash(Array(source.utf8))
    let newest = try store.integer("SELECT max(number) FROM rule_version") ?? 0
    let known = try store.integer(
      "SELECT max(number) FROM rule_version WHERE digest = ?", .blob(digest))
    if let known, known == newest || !again { return (known, false, []) }
    let programme = try Programme(
      try Node.parse(Array(source.utf8), source: "programme"))
    let number = newest + 1
    let now = number == 1 ? Instant(milliseconds: 0) : try now()
    let begins = number == 1 ? now : from ?? now
    guard now <= begins else {
      throw Refusal(.programmePast, ("from", .string(try rules().calendar.text(begins))))
    }
    let worse =
      number == 1
      ? [] : try compare(programme, begins: begins, now: now, isApproved: approver != nil)
    try store.run(
      "INSERT INTO rule_version VALUES (?, ?, ?, ?, ?)", .integer(number), .text(programme.code),
      .integer(begins.milliseconds), .blob(digest), .text(source))
    forget()
    var draft = EntryDraft(.activateRules, actor: actor)
    draft.approver = approver
    draft.rules = number
    draft.detail = [
      ("begins", .integer(begins.milliseconds)), ("digest", .string(hexadecimal(digest))),
      ("programme", .string(programme.code)),
    ]
    if !worse.isEmpty {
      draft.detail.append(("worse", .array(worse.map { .string($0.path) })))
    }
    try append(draft)
    return (number, true, worse)
  }

  /// Puts a programme file in force at a start, where nobody can approve anything: the same as an
  /// activation now, but worse terms that come too soon leave what is in force, and so does a node
  /// that writes no entries now.
  ///
  /// - Returns: the refusal that kept the file out; nil when it is in force or will be.
  /// - Throws: as `activateRules`, without `programme.worse`.
  package func activateAtStart(source: String, actor: String) throws -> Refusal? {
    let hasRules = try store.integer("SELECT max(number) FROM rule_version") != nil
    let kept: Set<RefusalCode> =
      hasRules ? [.programmeWorse, .clockBehind, .journalStopped] : [.programmeWorse]
    do {
      // what cannot be written leaves no row behind
      if try view.ruleVersion(of: source) == nil {
        try refuseStopped()
        _ = try now()
      }
      try activateRules(source: source, actor: actor)
      return nil
    } catch let refusal as Refusal where kept.contains(refusal.code) {
      return refusal
    }
  }

  /// What is worse than in the version that would be in force, refused when it comes too soon.
  private func compare(
    _ programme: Programme, begins: Instant, now: Instant, isApproved: Bool
  ) throws -> [WorseTerm] {
    let rules = try rules()
    let old = rules.version(at: begins).programme
    guard old.code == programme.code, old.timeZone == programme.timeZone,
      old.cards.prefix == programme.cards.prefix, old.cards.digits == programme.cards.digits,
      old.currency == programme.currency
    else { throw Refusal(.programmeConflict, ("programme", .string(old.code))) }
    guard old.points.decimals == programme.points.decimals else {
      throw Refusal(
        .programmeDecimals, ("places", .integer(Int64(old.points.decimals))),
        ("wanted", .integer(Int64(programme.points.decimals))))
    }
    let worse = programme.worseTerms(than: old)
    let days = rules.days(at: now)
    let earliest = days.start(
      of: rules.calendar.day(days.day(of: now), adding: old.notice.worseTermsDays))
    guard worse.isEmpty || isApproved || earliest <= begins else {
      throw Refusal(
        .programmeWorse, ("days", .integer(Int64(old.notice.worseTermsDays))),
        ("earliest", .string(days.day(of: earliest).description)),
        ("worse", .array(worse.map { .string("\($0.path): \($0.before) → \($0.after)") })))
    }
    return worse
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

  /// Lets a member leave an account, whose points stay what they are.
  package func leave(member: String, account: String, actor: String) throws {
    var draft = EntryDraft(.leave, actor: actor)
    draft.account = account
    draft.detail = [("member", .string(member))]
    try append(draft)
  }

  /// Lets a member join an account; the first to join brings the programme's welcome points.
  ///
  /// - Parameter isNew: whether the member is new to the programme; who was welcomed before is not
  ///   welcomed again.
  package func join(
    member: String, account: String, isNew: Bool = true, actor: String
  ) throws {
    var draft = EntryDraft(.join, actor: actor)
    draft.account = account
    draft.detail = [("member", .string(member))]
    let joined = try append(draft).entry
    let version = try rules().version(at: joined.effectiveAt)
    guard isNew else { return }
    try raiseRewards(.welcome, account: account, version: version, actor: actor)
    guard version.programme.earn.welcome > 0 else { return }
    _ = try bonus(
      version.programme.earn.welcome, reason: "welcome", once: "welcome:\(account)",
      account: account, at: joined.effectiveAt, version: version, actor: actor)
  }
}

extension LedgerView {
  /// The number of the rule version that is this text; nil when it never was activated.
  package func ruleVersion(of source: String) throws -> Int64? {
    try store.integer(
      "SELECT number FROM rule_version WHERE digest = ?",
      .blob(SHA256.hash(Array(source.utf8))))
  }
}
