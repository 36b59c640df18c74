/// Knows what every account must have, from the facts alone: it shares no code with the ledger.
///
/// Points are pieces in a list; everything is replayed from the start each time, in the plainest
/// way there is.
struct Auditor {
  static let day: Int64 = 86_400_000
  /// The shops' clocks are 8 hours ahead of UTC; points live through the 20th day after.
  static let zone: Int64 = 8 * 3_600_000
  static let life: Int64 = 20
  static let grace: Int64 = 5
  /// How long points stay reserved.
  static let hold = day

  /// By node, in the order in which it wrote them.
  private(set) var facts: [[Fact]]
  /// How many facts of each node each node knows.
  private(set) var known: [[Int]]

  init(nodes: Int) {
    facts = Array(repeating: [], count: nodes)
    known = Array(repeating: Array(repeating: 0, count: nodes), count: nodes)
  }

  mutating func note(_ kind: Fact.Kind, at: Int64, by node: Int) {
    facts[node].append(Fact(at: at, node: node, place: facts[node].count, kind: kind))
    known[node][node] = facts[node].count
  }

  mutating func learnt(_ node: Int, of other: Int, count: Int) { known[node][other] = count }

  static func midnight(_ days: Int64, after instant: Int64) -> Int64 {
    ((instant + zone) / day + days) * day - zone
  }

  // MARK: What a node must say

  /// Everything that a node knows, in the order in which it counts.
  func view(of node: Int) -> [Fact] {
    facts.indices.flatMap { facts[$0].prefix(known[node][$0]) }
      .sorted { ($0.at, $0.node, $0.place) < ($1.at, $1.node, $1.place) }
  }

  /// - Parameter last: leaves out what took effect later, but for joinings that were undone: they
  ///   count as if they had never been.
  func purses(of node: Int, through last: Int64 = .max) -> Purses {
    let view = view(of: node)
    var parted: Set<String> = []
    for fact in view { if case .parted(let link) = fact.kind { parted.insert(link) } }
    var purses = Purses()
    for fact in view where fact.at <= last { purses.take(fact, parted: parted) }
    return purses
  }

  /// A sale as a node knows it, with what came back of it.
  func sale(_ ticket: String, of node: Int) -> (sold: Fact.Sold, back: Returned)? {
    var sold: Fact.Sold?
    var back = Returned()
    for fact in view(of: node) {
      switch fact.kind {
      case .sold(let sale) where sale.ticket == ticket: sold = sale
      case .returned(ticket, _, let amount, let counted, let reversed, let restored):
        back.amount += amount
        back.counted += counted
        back.reversed += reversed
        back.restored += restored
      default: break
      }
    }
    return sold.map { ($0, back) }
  }

  struct Returned {
    var amount: Int64 = 0
    var counted: Int64 = 0
    var reversed: Int64 = 0
    var restored: Int64 = 0
  }

  /// What a return of `amount` must move.
  func expected(_ amount: Int64, of sold: Fact.Sold, after back: Returned) -> Returned {
    let sum = back.amount + amount
    let counted =
      sum == sold.amount
      ? sold.counted - back.counted
      : min(sold.counted - back.counted, sold.counted * amount / max(1, sold.amount))
    let reversed =
      sold.counted == 0
      ? 0 : sold.earned * (back.counted + counted) / sold.counted - back.reversed
    let restored =
      sold.amount == 0 ? 0 : sold.spent * sum / sold.amount - back.restored
    return Returned(amount: amount, counted: counted, reversed: reversed, restored: restored)
  }
}

/// Every account's pieces, as one observer reckons them.
struct Purses {
  struct Piece {
    var lot: String
    var at: Int64
    var node: Int
    var place: Int
    /// Usable from here on; at `at` unless they were made of older points.
    var start: Int64
    var end: Int64
    var size: Int64
    var left: Int64
  }
  struct Purse {
    var pieces: [Piece] = []
    var debt: Int64 = 0
    var spendings: [String: [(lot: String?, points: Int64, restored: Int64)]] = [:]
    var holds: [String: (points: Int64, until: Int64)] = [:]
    var standing = Standing()
  }
  private var purses: [String: Purse] = [:]
  private var mergedInto: [String: String] = [:]

  /// The account that answers for this one.
  func root(_ account: String) -> String {
    var root = account
    while let next = mergedInto[root] { root = next }
    return root
  }

  func balance(_ account: String, at time: Int64) -> Int64 {
    let purse = purses[root(account)] ?? Purse()
    return purse.pieces.reduce(-purse.debt) { $0 + (time < $1.end ? $1.left : 0) }
  }

  func available(_ account: String, at time: Int64) -> Int64 {
    let purse = purses[root(account)] ?? Purse()
    let held = purse.holds.values.reduce(0) { $0 + (time < $1.until ? $1.points : 0) }
    return purse.pieces.reduce(-purse.debt - held) {
      $0 + ($1.start <= time && time < $1.end ? $1.left : 0)
    }
  }

  func level(_ account: String, at time: Int64) -> Int {
    (purses[root(account)] ?? Purse()).standing.level(at: time)
  }

  /// What of an account's lots is left and ends after `time`, what ends first before the others.
  func lots(_ account: String, endingAfter time: Int64) -> [Piece] {
    (purses[root(account)] ?? Purse()).pieces.filter { $0.left > 0 && time < $0.end }
      .sorted { ($0.end, $0.at, $0.node, $0.place) < ($1.end, $1.at, $1.node, $1.place) }
  }

  /// The ends of the points that a spending at `time` takes, in order.
  func ends(of points: Int64, _ account: String, at time: Int64) -> [(end: Int64, points: Int64)] {
    var purse = purses[root(account)] ?? Purse()
    return purse.use(points, at: time).compactMap { use in
      purse.pieces.first { $0.lot == use.lot }.map { ($0.end, use.points) }
    }
  }

  mutating func take(_ fact: Fact, parted: Set<String>) {
    switch fact.kind {
    case .gave(let account, let lot, let points, let end):
      change(account) { $0.give(lot, points, end: end, fact) }
    case .spent(let account, let spending, let points):
      change(account) { $0.spendings[spending] = $0.use(points, at: fact.at) }
    case .took(let account, let lot, let points):
      change(account) { $0.takeBack(points, lot, at: fact.at) }
    case .restored(let account, let spending, let points, let grace):
      change(account) { $0.restore(points, spending, grace: grace, fact) }
    case .held(let account, let hold, let points, let until):
      change(account) { $0.holds[hold] = (points, until) }
    case .released(let account, let hold):
      change(account) { purse in
        if let held = purse.holds[hold] {
          purse.holds[hold] = (held.points, min(held.until, fact.at))
        }
      }
    case .sold(let sold):
      if let account = sold.account { count(sold.counted, account, fact.at) }
    case .claimed(_, let account, _, let counted, _): count(counted, account, fact.at)
    case .returned(_, let account?, _, let counted, _, _): count(-counted, account, fact.at)
    case .extended(let account, let lots, let end):
      change(account) { purse in
        for index in purse.pieces.indices where lots.contains(purse.pieces[index].lot) {
          purse.pieces[index].end = end
        }
      }
    case .converted(let account, let lot, let into, let taken, let given):
      change(account) { $0.convert(lot, into, taken: taken, given: given, fact) }
    case .ranked(let account, let level, let until):
      change(account) { $0.standing.byHand = (level, until) }
    case .merged(let link, let other, let account) where !parted.contains(link):
      let absorbed = purses[other] ?? Purse()
      purses[other] = nil
      mergedInto[other] = account
      change(account) { $0.absorb(absorbed, at: fact.at) }
    default: break
    }
  }

  private mutating func count(_ money: Int64, _ account: String, _ time: Int64) {
    change(account) { $0.standing.count(money, at: time) }
  }

  private mutating func change(_ account: String, _ body: (inout Purse) -> Void) {
    body(&purses[root(account), default: Purse()])
  }
}

extension Purses.Purse {
  mutating func give(
    _ lot: String, _ points: Int64, start: Int64? = nil, end: Int64, _ fact: Fact
  ) {
    let paid = min(debt, points)
    debt -= paid
    pieces.append(
      Purses.Piece(
        lot: lot, at: fact.at, node: fact.node, place: fact.place, start: start ?? fact.at,
        end: end, size: points, left: points - paid))
  }

  mutating func use(
    _ points: Int64, at time: Int64
  ) -> [(lot: String?, points: Int64, restored: Int64)] {
    var used: [(lot: String?, points: Int64, restored: Int64)] = []
    // one point after the other from whatever ends first
    var wanted = points
    while wanted > 0 {
      let next = pieces.indices.filter {
        pieces[$0].left > 0 && pieces[$0].start <= time && time < pieces[$0].end
      }.min { a, b in
        let (a, b) = (pieces[a], pieces[b])
        return (a.end, a.at, a.node, a.place) < (b.end, b.at, b.node, b.place)
      }
      guard let next else { break }
      let part = min(wanted, pieces[next].left)
      pieces[next].left -= part
      wanted -= part
      used.append((pieces[next].lot, part, 0))
    }
    if wanted > 0 {
      debt += wanted
      used.append((nil, wanted, 0))
    }
    return used
  }

  mutating func takeBack(_ points: Int64, _ lot: String, at time: Int64) {
    var rest = points
    if let own = pieces.firstIndex(where: { $0.lot == lot }) {
      let part = min(rest, pieces[own].left)
      pieces[own].left -= part
      rest -= part
    }
    _ = use(rest, at: time)
  }

  mutating func restore(_ points: Int64, _ spending: String, grace: Int64, _ fact: Fact) {
    let paid = min(debt, points)
    debt -= paid
    var toGive = points - paid
    var toMark = points
    var homeless: Int64 = 0
    var uses = spendings[spending] ?? []
    for index in uses.indices.reversed() {
      let part = min(uses[index].points - uses[index].restored, toMark)
      uses[index].restored += part
      toMark -= part
      guard let piece = pieces.firstIndex(where: { $0.lot == uses[index].lot }) else { continue }
      let given = min(part, toGive, pieces[piece].size - pieces[piece].left)
      toGive -= given
      if fact.at < pieces[piece].end { pieces[piece].left += given } else { homeless += given }
    }
    spendings[spending] = uses
    homeless += toGive
    if homeless > 0 {
      give("\(spending) back \(fact.node).\(fact.place)", homeless, end: grace, fact)
    }
  }

  mutating func convert(
    _ lot: String, _ into: String, taken: Int64, given: Int64, _ fact: Fact
  ) {
    var (start, end) = (fact.at, Int64.max)
    if let own = pieces.firstIndex(where: { $0.lot == lot }) {
      let part = min(taken, pieces[own].left)
      pieces[own].left -= part
      debt += taken - part
      (start, end) = (pieces[own].start, pieces[own].end)
    } else {
      debt += taken
    }
    give(into, given, start: start, end: end, fact)
  }

  mutating func absorb(_ other: Purses.Purse, at time: Int64) {
    pieces += other.pieces
    spendings.merge(other.spendings) { own, _ in own }
    holds.merge(other.holds) { own, _ in own }
    standing.join(other.standing, at: time)
    let owed = debt + other.debt
    debt = 0
    _ = use(owed, at: time)
  }
}
