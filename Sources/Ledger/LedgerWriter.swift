import Configuration
import LoyaltyRules
import Platform
import SQLiteStore

/// Who the node is. Written once, when the database is made; the epoch grows with each restore.
package struct NodeIdentity: Sendable, Equatable {
  /// Five characters 0–9 A–Z: what a stripe carries.
  package var node: String
  package var store: String
  package var epoch: Int64
}

/// What an entry to be appended says; the writer adds name, times, rule version and hash.
package struct EntryDraft: Sendable {
  package var type: EntryType
  package var actor: String
  package var approver: String?
  package var reason: String?
  package var account: String?
  package var card: String?
  package var issue: Int64?
  package var names: EntryName?
  package var effectiveAt: Instant?
  package var rules: Int64?
  package var points: Int64 = 0
  package var quantity: Int64?
  package var count: Int64?
  package var carry: Int64?
  package var starts: Instant?
  package var ends: Instant?
  package var detail: [(String, JSON)] = []

  package init(_ type: EntryType, actor: String) {
    self.type = type
    self.actor = actor
  }
}

/// The only place where rows of the ledger are written: inside a command, on the ledger's thread.
package final class LedgerWriter {
  /// The connection of the running transaction: registers keep their rows in it too. Whoever takes
  /// it finds every account as its last entry left it.
  package var store: Connection {
    settle()
    return connection
  }
  /// The same, while the rows of an account may still lie behind its entries.
  let connection: Connection
  package let identity: NodeIdentity
  let clocks: Clocks
  let random: RandomBytes
  /// How far the clock may lie behind the journal's last entry, in milliseconds.
  let maxBackwards: Int64 = 5 * 60 * 1_000

  var head: JournalHead
  /// The key and hash of the running command, until its first entry has taken them.
  var pendingKey: (key: String, bodyHash: [UInt8])?
  /// The row of the entry that took the running command's key.
  private var keyedEntry: Int64?
  private var rulesKept: RuleTimeline?
  /// What other nodes' entries mean for this one's.
  var foreign: ForeignEntries
  /// A clock that was confirmed although it lies before `bound`.
  var clockConfirmed: (clock: Instant, bound: Instant)?
  /// For whom the running command is done; whoever sets it takes it back at the command's end.
  package var acting = Acting()

  init(store: Connection, identity: NodeIdentity, clocks: Clocks, random: RandomBytes)
    throws
  {
    connection = store
    self.identity = identity
    self.clocks = clocks
    self.random = random
    foreign = try ForeignEntries(store)
    clockConfirmed = try LedgerWriter.clockConfirmed(store)
    head =
      try Journal.head(of: identity.node, in: store)
      ?? JournalHead(
        epoch: identity.epoch, seq: 0, hash: JournalHead.genesis,
        recordedAt: Instant(milliseconds: 0))
    if head.epoch < identity.epoch {
      // the first entry of a new epoch is chained to the last one of the epoch it continues
      head.epoch = identity.epoch
      head.seq = 0
    }
  }

  /// The time of the running command: never before the journal's last entry, unless somebody
  /// confirmed a clock that lies far behind it.
  ///
  /// - Throws: `clock.behind` when the clock lies more than five minutes before it, or before this
  ///   program was made.
  package func now() throws -> Instant {
    if let time = rightTime { return time }
    throw Refusal(
      .clockBehind, ("clock", .integer(clocks.wallMilliseconds())),
      ("lastEntry", .integer(lowestTime.milliseconds)))
  }

  /// The time of the running command; nil where the clock is behind.
  private var rightTime: Instant? {
    let clock = Instant(milliseconds: clocks.wallMilliseconds())
    let bound = lowestTime
    if clock.adding(milliseconds: maxBackwards) >= bound { return max(clock, head.recordedAt) }
    if let confirmed = clockConfirmed, confirmed.bound >= bound,
      clock.adding(milliseconds: maxBackwards) >= confirmed.clock
    {
      return clock
    }
    return nil
  }

  /// The journal's last entry, or when this program was made.
  private var lowestTime: Instant { max(head.recordedAt, Ledger.made) }

  /// How far time has come: the clock, or the journal's last entry where the clock is behind it.
  package var reached: Instant {
    max(Instant(milliseconds: clocks.wallMilliseconds()), head.recordedAt)
  }

  /// Whether an entry may be written now: the journal is not stopped and the clock is not behind.
  package var mayAppend: Bool { foreign.stoppedBy == nil && rightTime != nil }

  /// The entry written last.
  package var lastEntry: EntryName {
    EntryName(node: identity.node, epoch: head.epoch, seq: head.seq)
  }

  /// A random id of 16 characters.
  package func newID() -> String { randomID(random) }

  /// Every query, on the connection of the running transaction.
  package var view: LedgerView { LedgerView(store: store, rulesKept: rulesKept) }

  /// The rule versions.
  ///
  /// - Throws: `programme.missing` before the first activation.
  package func rules() throws -> RuleTimeline {
    if let rulesKept { return rulesKept }
    let read = try view.rules()
    rulesKept = read
    return read
  }

  /// Accounts as far as the running command has read them.
  var opened: [String: OpenedAccount] = [:]
  /// The account of `opened` whose rows lie behind its entries; they are written once for the
  /// entries of a command that follow each other.
  var unsaved: String?
  /// Why they could not be written; it ends the command.
  var unsavedFailure: (any Error)?
  /// Entries that the running command has written: row and time of effect.
  private var recent: [EntryName: (id: Int64, effectiveAt: Instant)] = [:]

  /// Forgets what was read from tables that a roll-back or an activation has changed.
  func forget() {
    settle()
    rulesKept = nil
    opened = [:]
  }

  /// Ends a command that was done, or was refused before it wrote anything.
  func endCommand() throws {
    settle()
    if let unsavedFailure { throw unsavedFailure }
    close()
  }

  /// Forgets what a command did that was undone.
  func goBack(to head: JournalHead) throws {
    self.head = head
    unsaved = nil
    close()
    rulesKept = nil
    foreign = try ForeignEntries(connection)
    clockConfirmed = try LedgerWriter.clockConfirmed(connection)
  }

  private func close() {
    pendingKey = nil
    acting = Acting()
    opened = [:]
    recent = [:]
    unsavedFailure = nil
  }

  /// Writes one entry: chains it, posts its points, brings its account's caches up to date.
  ///
  /// - Returns: its row id and itself.
  @discardableResult
  package func append(_ draft: EntryDraft) throws -> (id: Int64, entry: Entry) {
    try refuseStopped()
    if let account = draft.account { try refuseReadOnly(account) }
    try checkActing(draft)
    let now = try now()
    // never falls within a journal, also under a clock that was confirmed
    let recordedAt = max(now, head.recordedAt)
    var effectiveAt = draft.effectiveAt ?? now
    var named: Int64?
    if let names = draft.names {
      guard let other = try recent[names] ?? Journal.place(of: names, in: connection) else {
        preconditionFailure("an entry names one that the journal holds")
      }
      named = other.id
      effectiveAt = max(effectiveAt, other.effectiveAt)
    }
    let day =
      draft.type == .sync
      ? BusinessCalendar.utc.day(of: effectiveAt) : try rules().businessDay(of: effectiveAt)
    let entry = Entry(
      name: EntryName(node: identity.node, epoch: head.epoch, seq: head.seq + 1),
      type: draft.type, store: identity.store, businessDate: day,
      effectiveAt: effectiveAt, recordedAt: recordedAt, actor: draft.actor,
      approver: draft.approver ?? acting.approver, reason: draft.reason, key: pendingKey?.key,
      bodyHash: pendingKey?.bodyHash, account: draft.account, card: draft.card,
      issue: draft.issue, names: draft.names, rules: draft.rules, points: draft.points,
      quantity: draft.quantity, count: draft.count, carry: draft.carry,
      starts: draft.starts, ends: draft.ends,
      detail: String(decoding: JSON.object(draft.detail).canonical, as: UTF8.self))
    let facts = EntryFacts(draft.detail)
    if let fault = entry.fault(facts) { throw Refusal(fault) }
    let hash = entry.hash(previous: head.hash)
    let id = try Journal.insert(entry, hash: hash, into: connection)
    recent[entry.name] = (id, effectiveAt)
    if pendingKey != nil {
      keyedEntry = id
      pendingKey = nil
    }
    head.seq += 1
    head.hash = hash
    head.recordedAt = recordedAt
    try applyEffects(of: entry, id: id, facts: facts, named: named, arrival: .own)
    try foldPoints(of: entry, id: id)
    return (id, entry)
  }

  /// Writes where the journal ends; part of the transaction that moved it.
  func saveHead() throws {
    guard head.seq > 0 else { return }
    if head.posted != 0 { try post(head.posted) }
    head.posted = 0
    try store.run(
      """
      INSERT INTO journal (node, epoch, seq, hash, recorded_at) VALUES (?, ?, ?, ?, ?)
      ON CONFLICT (node, epoch) DO UPDATE SET
        seq = excluded.seq, hash = excluded.hash, recorded_at = excluded.recorded_at
      """, .text(identity.node), .integer(head.epoch), .integer(head.seq), .blob(head.hash),
      .integer(head.recordedAt.milliseconds))
  }

  /// Forgets the key of a command that had nothing to write.
  package func dropKey() { pendingKey = nil }

  /// Does `body` once for `key`: the same key with the same command gives the first answer again.
  ///
  /// - Parameter command: the decoded command, personal fields already replaced by their HMAC; its
  ///   canonical text is what counts, so white space and the order of keys do not.
  /// - Throws: `key.reused` when the key came with another command.
  package func once(
    key: String, command: JSON, _ body: () throws -> JSON
  ) throws -> CommandAnswer {
    try once(key: key, kept: view.keptAnswer(key), command: command, body)
  }

  /// The same, for whoever has looked for the answer already.
  package func once(
    key: String, kept: KeptAnswer?, command: JSON, _ body: () throws -> JSON
  ) throws -> CommandAnswer {
    if let kept { return try kept.replay(key, command) }
    pendingKey = (key, bodyHash(command))
    keyedEntry = nil
    let answer = String(decoding: try body().text, as: UTF8.self)
    guard let keyedEntry else {
      preconditionFailure("a command that is answered has written an entry")
    }
    try store.run("INSERT INTO answer VALUES (?, ?)", .integer(keyedEntry), .text(answer))
    return CommandAnswer(text: answer, isReplay: false)
  }
}

/// What entries of other nodes mean for a node's own.
struct ForeignEntries {
  /// The latest instant at which one of them takes effect: own entries behind it are in order.
  var through: Instant
  /// Whether there are entries of a later program.
  var hasUnknown: Bool
  /// Whether a provisional card turned out to be another.
  var hasLinks: Bool
  /// Whether a return was accepted from a receipt: its sale may come.
  var hasReceipts: Bool
  /// The entry because of which nothing more is written.
  var stoppedBy: String?

  init(_ store: Connection) throws {
    through = try Journal.foreignThrough(store)
    hasUnknown = try store.integer("SELECT 1 FROM unknown_entry LIMIT 1") != nil
    hasLinks = try store.integer("SELECT 1 FROM card_link LIMIT 1") != nil
    hasReceipts = try store.integer("SELECT 1 FROM open_return LIMIT 1") != nil
    stoppedBy = try store.first("SELECT stopped_by FROM node") { $0.optionalText(0) } ?? nil
  }
}

/// The answer to a command, as it was given the first time.
package struct CommandAnswer: Sendable, Equatable {
  /// A JSON object.
  package var text: String
  /// Whether the command had been done before.
  package var isReplay: Bool

  /// Whether it told of somebody who was erased since.
  package var isErased: Bool { text == CommandAnswer.erased }

  /// What is left of an answer then.
  static let erased = "{\"erased\":true}"
}

/// What the command of a key was answered, and the hash of its body.
package struct KeptAnswer: Sendable {
  var hash: [UInt8]
  var answer: String

  /// The answer to the same command once more.
  ///
  /// - Throws: `key.reused` when the key came with another command.
  func replay(_ key: String, _ command: JSON) throws -> CommandAnswer {
    guard hash == bodyHash(command) else {
      throw Refusal(.keyReused, ("key", .string(key)))
    }
    return CommandAnswer(text: answer, isReplay: true)
  }

  /// What is left of it when it told of somebody who was erased since; nil otherwise. The salt of
  /// such a command is gone, so that its body cannot be compared.
  package var erased: CommandAnswer? {
    answer == CommandAnswer.erased ? CommandAnswer(text: answer, isReplay: true) : nil
  }
}

/// A random id: 80 bits as 16 characters of base 32.
package func randomID(_ random: RandomBytes) -> String { base32(random(10)) }
