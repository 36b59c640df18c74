import Configuration
import LoyaltyRules
import SQLiteStore

/// Which sale a till speaks of: unique for ever in the union of all journals.
package struct TicketIdentity: Hashable, Sendable {
  package var terminal: String
  package var businessDate: Day
  package var number: String
  package var revision: Int64
  package var part: Int64
  /// The fields that the programme does not count as part of the identity: they tell what the till
  /// said, and nothing is found or refused by them.
  package var uncounted: Set<TicketRule.Field> = []

  package init(
    terminal: String, businessDate: Day, number: String, revision: Int64 = 1, part: Int64 = 1
  ) {
    self.terminal = terminal
    self.businessDate = businessDate
    self.number = number
    self.revision = revision
    self.part = part
  }

  var facts: [(String, JSON)] {
    var facts: [(String, JSON)] = [
      ("terminal", .string(terminal)), ("date", .string(businessDate.description)),
      ("ticket", .string(number)), ("revision", .integer(revision)), ("part", .integer(part)),
    ]
    if !uncounted.isEmpty {
      let names = uncounted.map(\.rawValue).sorted().map(JSON.string)
      facts.append(("uncounted", .array(names)))
    }
    return facts
  }

  /// As `facts` wrote it.
  init(_ facts: EntryFacts) {
    self.init(
      terminal: facts.text("terminal") ?? "",
      businessDate: facts.text("date").flatMap { Day($0) } ?? Day(year: 1970, month: 1, day: 1),
      number: facts.text("ticket") ?? "", revision: facts.integer("revision") ?? 1,
      part: facts.integer("part") ?? 1)
    uncounted = Set(facts.texts("uncounted").compactMap { TicketRule.Field(rawValue: $0) })
  }

  /// With what the programme does not count as part of the identity marked.
  func counted(by rule: TicketRule) -> TicketIdentity {
    var counted = self
    counted.uncounted = Set(TicketRule.Field.allCases).subtracting(rule.identity)
    return counted
  }

  /// The counted fields, where not all of them count; nil where they do.
  var partialKey: String? {
    guard !uncounted.isEmpty else { return nil }
    func field(_ field: TicketRule.Field, _ value: JSON) -> JSON {
      uncounted.contains(field) ? .null : value
    }
    let key = JSON.array([
      field(.terminal, .string(terminal)), field(.date, .string(businessDate.description)),
      .string(number), field(.revision, .integer(revision)), field(.part, .integer(part)),
    ])
    return String(decoding: key.canonical, as: UTF8.self)
  }

  /// The identity of the revision that a correction posts next: revisions that the ledger itself
  /// counts are told apart even where those of the till are not.
  var nextRevision: TicketIdentity {
    var next = self
    next.revision = (uncounted.contains(.revision) ? 1 : revision) + 1
    next.uncounted.remove(.revision)
    return next
  }
}
