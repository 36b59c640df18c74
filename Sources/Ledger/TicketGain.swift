import LoyaltyRules
import SQLiteStore

/// What a ticket gave its member, as far as what comes back takes a share of it.
struct TicketGain {
  /// What of the sale had not come back when the points were given, in minor units: all of it, but
  /// for a late award.
  var amount: Int64
  var basis: Int64
  /// What it left over for the next sale.
  var carry: Int64
  /// The sale's own, and so what had come back before.
  var soldAmount: Int64
  var soldBasis: Int64

  /// How many of `points` are reversed in all once so much has come back, both cumulative: in
  /// proportion to what counted, or to the money where the points were given for no amount.
  func reversed(_ points: Int64, amount returned: Int64, basis returnedBasis: Int64) -> Int64 {
    let isByBasis = soldBasis > 0
    let whole = isByBasis ? basis : amount
    let since = isByBasis ? returnedBasis - (soldBasis - basis) : returned - (soldAmount - amount)
    return ReturnShare.points(
      of: points, returned: max(0, min(since, whole)), original: whole, reversed: 0)
  }

  /// The same of what was left over, whichever way it went.
  func reversedCarry(amount returned: Int64, basis returnedBasis: Int64) -> Int64 {
    let size = reversed(abs(carry), amount: returned, basis: returnedBasis)
    return carry < 0 ? -size : size
  }
}

extension PostedTicket {
  /// What part of the points that the whole sale would give is given for what has not come back.
  func kept(_ points: Int64) -> Int64 {
    let (left, whole) = basis > 0 ? (basis - returnedBasis, basis) : (amount - returned, amount)
    return ReturnShare.points(of: points, returned: left, original: whole, reversed: 0)
  }
}

extension LedgerView {
  /// What a sale gave, or the late award that gave it to somebody.
  func gain(of sale: PostedTicket) throws -> TicketGain {
    var gain = TicketGain(
      amount: sale.amount, basis: sale.basis, carry: sale.entry.carry ?? 0,
      soldAmount: sale.amount, soldBasis: sale.basis)
    guard sale.entry.account == nil else { return gain }
    if let claim = try claim(of: sale.entry.name) {
      gain.amount = claim.amount ?? sale.amount
      gain.basis = claim.basis ?? sale.basis
      gain.carry = claim.carry
    }
    return gain
  }

  /// What the first claim of a ticket found that had not come back; nil when there is none.
  func claim(
    of sale: EntryName
  ) throws -> (amount: Int64?, basis: Int64?, carry: Int64)? {
    try store.first(
      """
      SELECT e.detail ->> 'kept', e.quantity, e.carry FROM entry e JOIN ticket r ON r.entry = e.id
      WHERE e.names = ? AND r.role = 'claim'
      ORDER BY e.effective_at, e.node, e.epoch, e.seq LIMIT 1
      """, .text(sale.description)
    ) { ($0.optionalInteger(0), $0.optionalInteger(1), $0.optionalInteger(2) ?? 0) }
  }

  // MARK: Conversions

  /// What a point of an account has become since an entry: the rates of the conversions behind it.
  ///
  /// A conversion touched it only where its node knew of the entry, and its account was one with
  /// the entry's then: points of a ticket that came later, or from elsewhere, stay what they were.
  func conversions(of account: String, since entry: Entry) throws -> PointScale {
    let members = try members(of: try root(of: account))
    let found = try store.rows(
      """
      SELECT e.effective_at, e.node, e.epoch, e.seq, e.account, e.detail ->> 'rate'
      FROM json_each(?1) m JOIN entry e ON e.account = m.value AND e.effective_at >= ?2
      WHERE e.type = 'CONVERT'
        AND (e.effective_at, e.node, e.epoch, e.seq) > (?2, ?3, ?4, ?5)
      ORDER BY e.effective_at, e.node, e.epoch, e.seq
      """, RowScope(stores: Set(members), terminal: nil).storeList,
      .integer(entry.effectiveAt.milliseconds), .text(entry.name.node),
      .integer(entry.name.epoch), .integer(entry.name.seq)
    ) { row in
      Conversion(
        key: FoldKey(
          effectiveAt: Instant(milliseconds: row.integer(0)),
          name: EntryName(node: row.text(1), epoch: row.integer(2), seq: row.integer(3))),
        account: row.text(4), rate: row.optionalText(5) ?? "")
    }
    let own = entry.account ?? account
    let joined = found.isEmpty || members.count == 1 ? nil : try joined(with: account)
    var scale = PointScale(rates: [])
    var last: Conversion?
    // the lots of one account are converted by an entry each
    for conversion in found where last?.isOne(with: conversion) != true {
      last = conversion
      let known = try knowledge(of: conversion.key.name)
      guard known.holds(entry.name) else { continue }
      let isOne = { (links: AccountLinks) in
        links.holder(of: own, before: conversion.key)
          == links.holder(of: conversion.account, before: conversion.key)
      }
      if let joined, !isOne(joined.links()) || !isOne(joined.links { known.holds($0.name) }) {
        continue
      }
      if let rate = Ratio(conversion.rate) { scale.rates.append(rate) }
    }
    return scale
  }

  /// Loads a lot and all that it was converted into.
  func loadConverted(
    _ name: EntryName, of account: String, into open: inout OpenedAccount
  ) throws {
    var waiting = [name]
    while let next = waiting.popLast() {
      try loadLot(next, of: account, into: &open)
      let found = try store.rows(
        """
        SELECT node, epoch, seq FROM entry WHERE names = ? AND type = 'CONVERT'
        ORDER BY effective_at, node, epoch, seq
        """, .text(next.description)
      ) { EntryName(node: $0.text(0), epoch: $0.integer(1), seq: $0.integer(2)) }
      guard !found.isEmpty else { continue }
      open.state.conversions[next] = found
      waiting += found.filter { open.state.conversions[$0] == nil }
    }
  }
}

/// An entry that converted a lot.
private struct Conversion {
  var key: FoldKey
  var account: String
  var rate: String

  /// Whether both are of one command.
  func isOne(with other: Conversion) -> Bool {
    key.effectiveAt == other.key.effectiveAt && key.name.node == other.key.name.node
      && account == other.account && rate == other.rate
  }
}

/// What points of an earlier time are worth in those of now.
struct PointScale {
  /// Of each conversion since, the earliest first.
  var rates: [Ratio]

  var isOne: Bool { rates.isEmpty }

  /// So many points of then, now: whole points only, so parts are differences of these.
  func now(_ points: Int64) -> Int64 { rates.reduce(points) { $1.part(of: $0) } }

  /// So many points of now, then: rounded up, `most` at most.
  func then(_ points: Int64, most: Int64) -> Int64 {
    let value = rates.reversed().reduce(points) { sum, rate in
      guard rate.numerator > 0 else { return sum == 0 ? 0 : most }
      return Rounding.ceiling.divide(
        Int128(sum) * Int128(rate.denominator), by: Int128(rate.numerator))
    }
    return min(value, most)
  }
}

extension Ratio {
  /// As `description` wrote it; nil for any other text.
  init?(_ text: String) {
    let sides = text.split(separator: "/", omittingEmptySubsequences: false).map { Int64($0) }
    guard sides.count == 2, let top = sides[0], let bottom = sides[1],
      (0...RuleLimits.points).contains(top), (1...RuleLimits.points).contains(bottom)
    else { return nil }
    self.init(top, bottom)
  }
}
