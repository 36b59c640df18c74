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

  /// Points are those of when the sale was made, whatever they have become since.
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
