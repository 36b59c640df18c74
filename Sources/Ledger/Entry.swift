import Configuration
import Digest
import LoyaltyRules

/// What an entry says. The set is closed; a node that meets another keeps it and says which
/// version it needs.
package enum EntryType: String, CaseIterable, Sendable {
  case account = "ACCOUNT"
  case join = "JOIN"
  case leave = "LEAVE"

  case ticket = "TICKET"
  case award = "AWARD"
  case awardBonus = "AWARD_BONUS"
  case redeem = "REDEEM"
  case awardRefund = "AWARD_REFUND"
  case redeemRefund = "REDEEM_REFUND"
  case adjust = "ADJUST"
  case transfer = "TRANSFER"
  case merge = "MERGE"
  case unmerge = "UNMERGE"
  case convert = "CONVERT"
  case extend = "EXTEND"
  case opening = "OPENING"
  case forfeit = "FORFEIT"
  case hold = "HOLD"
  case holdEnd = "HOLD_END"
  case tierSet = "TIER_SET"
  case rewardDue = "REWARD_DUE"
  case rewardGiven = "REWARD_GIVEN"
  case rewardLapsed = "REWARD_LAPSED"

  case stock = "STOCK"
  case issue = "ISSUE"
  case activate = "ACTIVATE"
  case encode = "ENCODE"
  case facePrinted = "FACE_PRINTED"
  case faceFailed = "FACE_FAILED"
  case suspend = "SUSPEND"
  case resume = "RESUME"
  case block = "BLOCK"
  case unblock = "UNBLOCK"
  case end = "END"
  case observe = "OBSERVE"

  case activateRules = "ACTIVATE_RULES"
  case sync = "SYNC"
  case close = "CLOSE"
  case reopen = "REOPEN"

  /// Whether its points are posted to an account and, negated, to the programme's account.
  var movesPoints: Bool {
    switch self {
    case .award, .awardBonus, .redeem, .awardRefund, .redeemRefund, .adjust, .transfer, .convert,
      .opening, .forfeit, .rewardGiven:
      true
    default: false
    }
  }
}

/// One entry of a journal.
///
/// Ids of accounts, cards and members are random texts; their numbers and names stand in the
/// registers, so a chain stays valid when a person is erased.
package struct Entry: Sendable, Equatable {
  /// The form of the canonical text: 1.
  package static let format: Int64 = 1

  package var name: EntryName
  package var type: EntryType
  package var store: String
  package var businessDate: Day
  package var effectiveAt: Instant
  package var recordedAt: Instant
  /// Who did it: an operator's name.
  package var actor: String
  package var approver: String?
  /// A reason code, never free text.
  package var reason: String?
  /// The idempotency key of the command, at the first of its entries only.
  package var key: String?
  /// SHA-256 of the command in canonical form, beside the key.
  package var bodyHash: [UInt8]?
  package var account: String?
  package var card: String?
  /// The issue of the card, 1 to 99.
  package var issue: Int64?
  /// The entry this one is about.
  package var names: EntryName?
  /// The rule version that judged it.
  package var rules: Int64?
  /// What is posted to the account; its negative is posted to the programme's account.
  package var points: Int64
  /// TICKET: the amount that counts for the tier, in minor units. AWARD_REFUND, REDEEM_REFUND: the
  /// points of the original that are reversed, as points were then, before a shortfall comes off.
  /// CONVERT: the points
  /// taken. HOLD: the points reserved. HOLD, EXTEND, TIER_SET: `ends` says until when.
  package var quantity: Int64?
  /// TICKET: how many visits it counts: 1 for a sale, -1 for a sale that came back whole.
  package var count: Int64?
  /// TICKET: by how much what is left over for the account's next sale grows or, below 0, shrinks,
  /// in minor units. Sums, so the order of arrival does not matter.
  package var carry: Int64?
  /// A credit's first usable instant. REDEEM_REFUND: by when a lot has ended or not. TICKET with a
  /// count of -1: when the visit was.
  package var starts: Instant?
  /// A credit's first unusable instant; nil when it never ends.
  package var ends: Instant?
  /// Facts that are only shown and explained, as a canonical JSON object.
  package var detail: String

  package var foldKey: FoldKey { FoldKey(effectiveAt: effectiveAt, name: name) }

  /// The text that is hashed and that travels: keys sorted, nothing for what is nil.
  package func canonical(previous: [UInt8]) -> [UInt8] {
    var text = CanonicalObject(capacity: 512 + detail.utf8.count)
    text.add("account", account)
    text.add("actor", actor)
    text.add("approver", approver)
    text.add("body", hexadecimal: bodyHash)
    text.add("card", card)
    text.add("carry", carry)
    text.add("count", count)
    text.add("date", businessDate.description)
    text.add("detail", detail == "{}" ? nil : detail)
    text.add("effective", effectiveAt.milliseconds)
    text.add("ends", ends?.milliseconds)
    text.add("epoch", name.epoch)
    text.add("format", Entry.format)
    text.add("issue", issue)
    text.add("key", key)
    text.add("names", names?.description)
    text.add("node", name.node)
    text.add("points", points)
    text.add("previous", hexadecimal: previous)
    text.add("quantity", quantity)
    text.add("reason", reason)
    text.add("recorded", recordedAt.milliseconds)
    text.add("rules", rules)
    text.add("seq", name.seq)
    text.add("starts", starts?.milliseconds)
    text.add("store", store)
    text.add("type", type.rawValue)
    return text.finish()
  }

  /// SHA-256 of the canonical text, which holds the hash of the entry before.
  package func hash(previous: [UInt8]) -> [UInt8] {
    SHA256.hash(canonical(previous: previous))
  }

  /// What the entry does to its account, or nil when it does nothing to points or tier.
  package var foldEvent: FoldEvent? {
    foldKind.map { FoldEvent(key: foldKey, kind: $0) }
  }

  private var foldKind: FoldEvent.Kind? {
    switch type {
    case .award, .awardBonus: credit(counts: true)
    case .opening: credit(counts: false)
    case .adjust where points == 0: nil
    case .adjust, .transfer:
      points > 0 ? credit(counts: false) : .consume(points: -points, isUse: false)
    case .forfeit: .consume(points: -points, isUse: false)
    case .redeem: .consume(points: -points, isUse: true)
    case .rewardGiven: points == 0 ? nil : .consume(points: -points, isUse: true)
    case .awardRefund:
      names.map { .awardRefund(of: $0, points: -points, reversed: quantity ?? -points) }
    case .redeemRefund:
      names.map {
        .redeemRefund(
          of: $0, points: points, reversed: quantity, graceEnd: ends, judgedAt: starts)
      }
    case .ticket:
      quantity.map {
        .sale(
          amount: $0, visits: count ?? 0, carry: carry, visitedAt: count == -1 ? starts : nil)
      }
    case .convert:
      names.map { .convert(lot: $0, taken: quantity ?? 0, given: (quantity ?? 0) + points) }
    case .extend: names.map { .extend(lot: $0, end: ends ?? .never) }
    case .hold: .hold(points: quantity ?? 0, until: ends ?? .never)
    case .holdEnd: names.map { .holdEnd($0) }
    case .tierSet: reason.map { .tierSet(code: $0, until: ends ?? .never) }
    default: nil
    }
  }

  private func credit(counts: Bool) -> FoldEvent.Kind {
    .credit(points: points, start: starts ?? effectiveAt, end: ends ?? .never, counts: counts)
  }
}

/// The hexadecimal text of `bytes`, in small letters.
package func hexadecimal(_ bytes: [UInt8]) -> String {
  let digits = Array("0123456789abcdef".utf8)
  var text: [UInt8] = []
  text.reserveCapacity(bytes.count * 2)
  for byte in bytes {
    text.append(digits[Int(byte >> 4)])
    text.append(digits[Int(byte & 15)])
  }
  return String(decoding: text, as: UTF8.self)
}
