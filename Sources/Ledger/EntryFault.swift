import Configuration
import LoyaltyRules

/// Why an entry cannot stand in a journal.
package struct EntryFault: Error, Sendable, Equatable {
  /// The key in the entry's text; `detail.…` for a fact of its detail.
  package var field: String
  package var value: String
  package var problem: String
  package var remedy: String

  init(_ field: String, _ value: String?, _ problem: String, remedy: String) {
    self.field = field
    self.value = value ?? "nothing"
    self.problem = problem
    self.remedy = remedy
  }
}

/// What holds for every entry, whoever wrote it: asked before one is written here, and of each that
/// comes from another node. So nothing is written that others would refuse to read, and nothing is
/// taken in that the fold or the tables cannot bear.
extension Entry {
  /// Bounds of what an entry says.
  package enum Limits {
    package static let instant = Instant.last.milliseconds
    /// How far an entry may take effect ahead of its recording, in milliseconds: a day, for a till
    /// or another node whose clock is ahead.
    package static let ahead: Int64 = 86_400_000
    /// Bytes of the detail.
    package static let detail = 192 << 10
    /// The largest card transaction counter that a stripe can carry.
    package static let counter: Int64 = 99_999
    /// The most that a revision, a part or a count of rewrites can be.
    package static let count: Int64 = 1_000_000
    /// The largest serial number of a card.
    package static let serial: Int64 = 1_000_000_000_000
  }

  /// The first thing wrong with it, or nil.
  ///
  /// - Parameter facts: what its detail says.
  func fault(_ facts: EntryFacts) -> EntryFault? {
    timeFault ?? sizeFault ?? pointsFault ?? subjectFault ?? quantityFault ?? factFault(facts)
  }

  // MARK: For every type

  private var timeFault: EntryFault? {
    let year9999 = "a time from 1970 to 9999"
    for (field, time) in [("effective", effectiveAt), ("recorded", recordedAt)]
    where !(0...Limits.instant).contains(time.milliseconds) {
      return EntryFault(
        field, "\(time.milliseconds)", "is out of range", remedy: year9999)
    }
    if effectiveAt.milliseconds > recordedAt.milliseconds + Limits.ahead {
      return EntryFault(
        "effective", "\(effectiveAt.milliseconds)", "lies more than a day ahead of its recording",
        remedy: "at most \(recordedAt.milliseconds + Limits.ahead); set the clocks right")
    }
    if let starts, !(0...Limits.instant).contains(starts.milliseconds) {
      return EntryFault("starts", "\(starts.milliseconds)", "is out of range", remedy: year9999)
    }
    guard let ends, !(0...Limits.instant).contains(ends.milliseconds) else { return nil }
    // two ends are no instants: points that live as long as the member is active, and points given
    // back that never end, since nothing there means that they end at once
    let isLife = ends == .whileActive && type.givesPoints
    let isForEver = ends == .never && type == .redeemRefund
    return isLife || isForEver
      ? nil : EntryFault("ends", "\(ends.milliseconds)", "is out of range", remedy: year9999)
  }

  private var sizeFault: EntryFault? {
    if detail.utf8.count > Limits.detail {
      return EntryFault(
        "detail", "\(detail.utf8.count) bytes", "is too long", remedy: "\(Limits.detail) at most")
    }
    if let issue, !(1...99).contains(issue) {
      return EntryFault("issue", "\(issue)", "is out of range", remedy: "1 to 99")
    }
    let amounts = -RuleLimits.amount...RuleLimits.amount
    for (field, value) in [("quantity", quantity), ("carry", carry)] {
      guard let value, !amounts.contains(value) else { continue }
      return EntryFault(
        field, "\(value)", "is out of range",
        remedy: "\(amounts.lowerBound) to \(amounts.upperBound)")
    }
    if let count, !(-1...1).contains(count) {
      return EntryFault("count", "\(count)", "is out of range", remedy: "-1, 0 or 1")
    }
    if (key == nil) != (bodyHash == nil) {
      return EntryFault("key", key, "stands without a body", remedy: "both or none")
    }
    return nil
  }

  /// The sign of what is posted.
  private var pointsFault: EntryFault? {
    let most = RuleLimits.points
    let (range, rule): (ClosedRange<Int64>, String) =
      switch type {
      case .award, .awardBonus, .opening: (1...most, "more than 0")
      case .redeem, .forfeit: (-most ... -1, "less than 0")
      case .awardRefund, .rewardGiven: (-most...0, "0 or less")
      case .redeemRefund: (0...most, "0 or more")
      case .adjust, .transfer, .convert: (-most...most, "within \(most)")
      default: (0...0, "0, since this type moves none")
      }
    guard range.contains(points) else {
      return EntryFault("points", "\(points)", "does not fit \(type.rawValue)", remedy: rule)
    }
    if type == .transfer, points == 0 {
      return EntryFault("points", "0", "does not fit TRANSFER", remedy: "not 0")
    }
    return nil
  }

  /// Whom and what it is about.
  private var subjectFault: EntryFault? {
    func lacks(_ field: String) -> EntryFault {
      EntryFault(field, nil, "is wanted by \(type.rawValue)", remedy: "name it")
    }
    // a note that a finding was looked into may be about nobody
    let isNote = type == .adjust && points == 0
    if account == nil, type.isOfAccount, !isNote { return lacks("account") }
    if names == nil, type.namesAnother { return lacks("names") }
    if reason == nil, [.merge, .unmerge, .tierSet].contains(type) { return lacks("reason") }
    if type == .merge, reason == account {
      return EntryFault("reason", reason, "is the account itself", remedy: "name another")
    }
    if (card == nil || issue == nil), type.isOfCard { return lacks(card == nil ? "card" : "issue") }
    if ends == nil, [.hold, .tierSet].contains(type) { return lacks("ends") }
    return nil
  }

  private var quantityFault: EntryFault? {
    func isWrong(_ rule: String) -> EntryFault {
      EntryFault(
        "quantity", quantity.map(String.init), "does not fit \(type.rawValue)", remedy: rule)
    }
    switch type {
    case .awardRefund where (quantity ?? -1) < 0, .redeemRefund where (quantity ?? -1) < 0:
      return isWrong("0 or more: what is reversed")
    case .hold where !(1...RuleLimits.points).contains(quantity ?? 0):
      return isWrong("1 or more: what is reserved")
    case .convert:
      let taken = quantity ?? -1
      let range = 0...RuleLimits.points
      return range.contains(taken) && range.contains(taken + points)
        ? nil : isWrong("0 or more, also with the points that are added")
    default: return nil
    }
  }

  // MARK: What the detail says

  private func factFault(_ facts: EntryFacts) -> EntryFault? {
    let money = 0...RuleLimits.amount
    let numbers: [(String, ClosedRange<Int64>)] =
      switch type {
      case .ticket:
        [
          ("amount", money), ("paid", money), ("basis", money), ("kept", money), ("list", money),
          ("revision", 1...Limits.count), ("part", 1...Limits.count),
        ]
      case .encode, .observe:
        [("ctc", 0...Limits.counter), ("changes", 0...Limits.serial)]
      case .facePrinted: [("changes", 0...Limits.serial), ("face", 0...Limits.serial)]
      case .issue: [("rewrites", 0...Limits.count)]
      case .stock: [("first", 1...Limits.serial), ("last", 1...Limits.serial)]
      default: []
      }
    for (name, range) in numbers {
      guard let value = facts.integer(name), !range.contains(value) else { continue }
      return EntryFault(
        "detail.\(name)", "\(value)", "is out of range",
        remedy: "\(range.lowerBound) to \(range.upperBound)")
    }
    if type == .ticket, facts.text("role") == nil {
      return EntryFault("detail.role", nil, "is wanted by TICKET", remedy: "sale, return, …")
    }
    return nil
  }
}

extension EntryType {
  /// Whether it can give points with an end.
  fileprivate var givesPoints: Bool {
    switch self {
    case .award, .awardBonus, .opening, .adjust, .transfer, .redeemRefund, .extend: true
    default: false
    }
  }

  fileprivate var isOfAccount: Bool {
    switch self {
    case .account, .join, .leave, .merge, .unmerge, .extend, .hold, .holdEnd, .tierSet: true
    default: movesPoints
    }
  }

  fileprivate var namesAnother: Bool {
    switch self {
    case .award, .awardRefund, .redeemRefund, .unmerge, .convert, .extend, .holdEnd: true
    default: false
    }
  }

  fileprivate var isOfCard: Bool {
    switch self {
    case .issue, .activate, .encode, .facePrinted, .faceFailed, .suspend, .resume, .block,
      .unblock, .end:
      true
    default: false
    }
  }
}
