import CardFace
import CardTracks
import Configuration
import CounterAPI
import EventLog
import Ledger
import LoyaltyRules
import Platform
import Registers

/// What every use case of the counter works with.
package struct Counter: Sendable {
  package let configuration: CounterConfiguration
  package let ledger: Ledger
  package let faces: CardFaces
  /// The programme's code on stripes.
  package let programme: String
  /// What amounts are in; it never changes.
  package let currency: Currency
  /// What points are in; how finely they are divided never changes.
  package let points: PointUnit
  /// The shop's days as they were when the daemon started: what a date is that a till leaves out.
  package let days: BusinessDays
  /// What journals are signed with.
  package let nodeKeys: NodeKeys
  /// What codes of approval are answered with.
  package let approvalKey: [UInt8]
  /// The programme file as it was at the start.
  package let programmeFile: ProgrammeFile
  package let clocks: Clocks
  package let random: RandomBytes
  package let log: Log

  package init(
    configuration: CounterConfiguration, ledger: Ledger, faces: CardFaces, programme: String,
    currency: Currency, points: PointUnit, days: BusinessDays, nodeKeys: NodeKeys,
    approvalKey: [UInt8],
    programmeFile: ProgrammeFile, clocks: Clocks,
    random: RandomBytes, log: Log
  ) {
    self.configuration = configuration
    self.ledger = ledger
    self.faces = faces
    self.programme = programme
    self.currency = currency
    self.points = points
    self.days = days
    self.nodeKeys = nodeKeys
    self.approvalKey = approvalKey
    self.programmeFile = programmeFile
    self.clocks = clocks
    self.random = random
    self.log = log
  }

  var now: Instant { Instant(milliseconds: clocks.wallMilliseconds()) }

  /// How people read amounts and points.
  var decimals: Decimals { Decimals(money: currency.decimals, points: points.decimals) }

  /// Limits of the configuration, which are in whole points, in smallest parts.
  var cashierRedeem: Int64 { configuration.limits.cashierRedeem * points.parts }
  var adjustPerDay: Int64 { configuration.limits.adjustPerDay * points.parts }
}

/// A card of ours that was swiped, with what its stripe said and what the ledger knows.
struct SwipedCard: Sendable {
  var card: String
  var number: String
  var issue: Int64
  var account: String
  /// From the stripe; nil: nothing has read it.
  var reading: CardReading?
  /// What told the card where its stripe was not read; nil as well: somebody keyed its number.
  var identifier: CardIdentifier?
  /// What the stripe said in a layout of the shop's own; nil: a record, or nothing.
  var layoutText: String?
  var carriedBalance: Int64
  var verdict: SwipeVerdict
  /// Whether this node may not know all there is.
  var isLimited: Bool
  /// As the face shows it.
  var name: String
  var balance: Int64
  var tier: String
  var state: CardIssueState
  var isWorn: Bool
  /// The design of plastic that the tier asks for, where the card has another.
  var swap: String?
  /// Whether a gift waits for its holder.
  var hasReward: Bool
  /// Why its face is stale: a failed writing, or nil when it is current or merely behind.
  var failed: String?
  var isBehind: Bool
  /// Whether no counter is left for it: it is written no more and must be replaced.
  var isFull = false
  var mayBeWritten = true
}

/// A genuine card whose number or issue is not known here yet.
struct Newcomer: Sendable {
  /// The card, when only the issue is new.
  var card: String?
  var number: String
  var issue: Int64
  var reading: CardReading
}

/// What a read stripe means for the counter.
enum Identification: Sendable {
  case ours(SwipedCard)
  case newcomer(Newcomer)
  /// Not to be touched; `known` is a card of ours that leaves an OBSERVE.
  case untouched(code: String, known: SwipedCard?)
  /// Not proven ours; only a keyed hash of it is kept.
  case stranger(Stranger)
}

extension SwipedCard {
  /// Whether a device had it before it, and nobody just keyed a number.
  var isToldByDevice: Bool { reading != nil || identifier != nil }

  /// What the cashier should know of the plastic.
  var notices: [String] {
    (isLimited ? ["card.limited"] : []) + (isFull ? ["card.full"] : [])
      + (isWorn ? ["card.worn"] : []) + (swap == nil ? [] : ["card.swap"])
      + (hasReward ? ["reward.waiting"] : [])
  }
}

extension Counter {
  /// Who a stripe's record is, in the order of I13: MAC, programme, number and issue, suspended or
  /// ended, digest.
  func identify(_ text: String) async throws(LedgerFailure) -> Identification {
    let record: StripeRecordA
    switch StripeRecordA.decode(text, keys: faces.keys.stripe) {
    case .ours(let decoded): record = decoded
    case .badMAC: return try await unconfirmed(text, key: nil)
    case .unknownKey(let number): return try await unconfirmed(text, key: number)
    case .notOurFormat: return try await byLayout(text)
    }
    guard record.programme == Int(programme, radix: 36) else {
      return .stranger(Stranger(.otherProgramme, text))
    }
    let now = now
    return try await ledger.read { view in
      let card = try Registers(view.store).card(number: record.cardNumber)
      let number = Int64(record.issue)
      if let card, Registers.isSpent(card) { return .untouched(code: "card.ended", known: nil) }
      guard let card, let account = try view.account(ofCard: card),
        let issue = try view.issue(of: card, number)
      else {
        if let card, try view.issues(of: card).contains(where: { $0.issue > number }) {
          return .untouched(code: "card.ended", known: nil)
        }
        let newcomer = Newcomer(
          card: card, number: record.cardNumber, issue: number,
          reading: Counter.reading(record, text))
        return .newcomer(newcomer)
      }
      let swiped = try describe(
        record, text: text, card: card, issue: issue, account: account, at: now, view: view)
      return swiped.verdict.mayBeServed
        ? .ours(swiped) : .untouched(code: swiped.verdict.outcome.code, known: swiped)
    }
  }

  private func describe(
    _ record: StripeRecordA, text: String, card: String, issue: CardIssue, account: String,
    at now: Instant, view: LedgerView
  ) throws -> SwipedCard {
    let reading = Counter.reading(record, text)
    let verdict = try view.swipeFacts(card, issue: issue.issue, reading: reading).verdict
    var swiped = try describe(
      card, number: record.cardNumber, issue: issue, account: account, at: now, view: view)
    swiped.reading = reading
    swiped.carriedBalance = record.balance
    swiped.verdict = verdict
    swiped.isLimited = swiped.isLimited || verdict.isLimited
    if record.counter >= StripeRecordA.lastCounter {
      swiped.isFull = true
      swiped.mayBeWritten = false
    }
    return swiped
  }

  /// A card of ours as the ledger knows it, whatever told it.
  func describe(
    _ card: String, number: String, issue: CardIssue, account: String, at now: Instant,
    view: LedgerView
  ) throws -> SwipedCard {
    let lacks = try view.lacksEntries(card, issue: issue.issue)
    let stale = try view.staleFaces(at: now, card: card).first { $0.issue == issue.issue }
    let holder = try view.holder(of: card).flatMap { try Registers(view.store).member($0) }
    let summary = try view.account(account, at: now)
    let programme = try view.rules().version(at: now).programme
    let rated = programme.cards.ratedRewrites
    let design = summary?.tier.design
    let waits =
      try !programme.rewards.isEmpty
      && view.rewards(of: account).contains { $0.standing(at: now) == .due }
    let isFull = max(issue.highestCTC, issue.seenCTC) >= StripeRecordA.lastCounter
    return SwipedCard(
      card: card, number: number, issue: issue.issue, account: account,
      reading: nil, carriedBalance: 0, verdict: .current, isLimited: lacks,
      name: holder.map { NameStyle.masked.text($0.name) } ?? "",
      balance: summary?.balance ?? 0, tier: summary?.tier.name ?? "", state: issue.state,
      isWorn: issue.rewrites >= rated, swap: design == issue.design ? nil : design,
      hasReward: waits,
      failed: stale?.failed, isBehind: stale != nil, isFull: isFull, mayBeWritten: !isFull)
  }

  private static func reading(_ record: StripeRecordA, _ text: String) -> CardReading {
    CardReading(
      ctc: Int64(record.counter), digest: recordDigest(text), writer: record.node,
      writtenOn: Day(year: record.date.year, month: record.date.month, day: record.date.day))
  }

  /// The most a swiped card may redeem beyond the rules; nil when nothing limits it.
  func redeemLimit(_ card: SwipedCard, _ writer: LedgerWriter) throws -> RedeemLimit? {
    guard card.isLimited else { return nil }
    let limits = try writer.rules().version(at: try writer.now()).programme.limits
    return RedeemLimit(
      points: max(0, min(card.carriedBalance, limits.offlineRedeemPerCard)),
      refusal: .redeemOfflineLimit)
  }

  /// Whether a ticket's card is written anew at once, as the programme says; else its face is
  /// behind, and is counted as such.
  func wantsRewrite(_ card: SwipedCard, _ writer: LedgerWriter) throws -> Bool {
    guard card.mayBeWritten else { return false }
    let rules = try writer.rules()
    let now = try writer.now()
    let issue = try writer.view.currentIssue(of: card.card)
    switch rules.version(at: now).programme.face.rewrite {
    case .everyTicket: return true
    case .whenPrintChanges:
      let changes = try writer.view.account(card.account, at: now)?.changes
      return issue?.printedChanges != changes || card.isBehind
    case .atMostDaily:
      guard let printed = issue?.printedAt else { return true }
      return rules.businessDay(of: printed) < rules.businessDay(of: now)
    case .onRequest: return issue?.printedAt == nil
    }
  }
}
