/// Points of real tickets counted in the plainest way: one loop over the tickets of a member, no
/// code of the engine.
struct NaiveCount {
  enum Scheme: String, CaseIterable {
    case floor30, floor60, floor90, tiers, visits, year, lines
  }

  /// What a member was given and used, and has on a day.
  struct Totals: Equatable {
    var given: Int64 = 0
    var redeemed: Int64 = 0
    var balance: Int64 = 0
    var expired: Int64 { given - redeemed - balance }
  }

  static let tobacco: Set<String> = ["CIGARETTES", "CIGARS", "TOBACCO OTHER"]
  static let bonus: Set<String> = ["SOFT DRINKS"]
  /// Each member uses all points on every seventh ticket.
  static let every = 7

  let scheme: Scheme
  private var lots: [(end: Int64, left: Int64)] = []
  private var spent: [Int64: Int64] = [:]
  private var level = 0
  private var levelEnd: Int64 = 0
  private var lastDay: Int64 = -1_000
  private var count = 0
  private var totals = Totals()

  init(_ scheme: Scheme) { self.scheme = scheme }

  /// By member.
  ///
  /// - Parameter day: the balance is that of its first moment.
  static func totals(
    of tickets: [RealTicket], _ scheme: Scheme, on day: Int64
  ) -> [String: Totals] {
    var members: [String: NaiveCount] = [:]
    for ticket in tickets {
      members[ticket.member, default: NaiveCount(scheme)].sell(ticket)
    }
    return members.mapValues { member in
      var totals = member.totals
      totals.balance = member.left(on: day)
      return totals
    }
  }

  private func left(on day: Int64) -> Int64 {
    if scheme == .visits, day > lastDay + 21 { return 0 }
    return lots.reduce(0) { $0 + (day < $1.end ? $1.left : 0) }
  }

  private mutating func sell(_ ticket: RealTicket) {
    let day = ticket.day
    count += 1
    if scheme == .visits, day > lastDay + 21 { lots = [] }
    let forPoints = ticket.lines.reduce(0) {
      $0 + (NaiveCount.tobacco.contains($1.category) ? $1.cents : 0)
    }
    // one point pays one cent, never tobacco
    var used: Int64 = 0
    if count % NaiveCount.every == 0 { used = min(left(on: day), ticket.cents - forPoints) }
    var rest = used
    for index in lots.indices where day < lots[index].end {
      let part = min(rest, lots[index].left)
      lots[index].left -= part
      rest -= part
    }
    totals.redeemed += used
    let earned = earn(ticket, paid: ticket.cents - used, used: used)
    totals.given += earned
    if earned > 0 { lots.append((end(day), earned)) }
    lastDay = day
  }

  private func end(_ day: Int64) -> Int64 {
    switch scheme {
    case .floor30, .lines: day + 31
    case .floor60, .tiers: day + 61
    case .floor90: day + 91
    case .visits: Int64.max
    // the same day of 2018, which is 365 days on, included
    case .year: day + 366
    }
  }

  private mutating func earn(_ ticket: RealTicket, paid: Int64, used: Int64) -> Int64 {
    switch scheme {
    case .floor30, .floor60, .floor90, .year: return paid / 100
    case .visits: return ticket.day == lastDay ? 0 : 1
    case .tiers: return earnByTier(ticket.day, paid)
    case .lines:
      // points are taken off each line by its share, in the order of the lines
      var before: Int64 = 0
      var taken: Int64 = 0
      var basis: Int64 = 0
      var drinks: Int64 = 0
      let payable = ticket.lines.filter { !NaiveCount.tobacco.contains($0.category) }
      let sum = payable.reduce(0) { $0 + $1.cents }
      for line in payable {
        before += line.cents
        let share = sum == 0 ? 0 : used * before / sum - taken
        taken += share
        basis += line.cents - share
        if NaiveCount.bonus.contains(line.category) { drinks += line.cents - share }
      }
      return basis / 100 + drinks / 100 * 2
    }
  }

  /// 1, 1.5 and 2 points for a dollar from 0, 200 and 500 dollars in 60 days on.
  private mutating func earnByTier(_ day: Int64, _ paid: Int64) -> Int64 {
    func reached(_ last: Int64) -> Int {
      let sum = spent.reduce(0) { $0 + ((last - 59...last).contains($1.key) ? $1.value : 0) }
      return sum >= 50_000 ? 2 : sum >= 20_000 ? 1 : 0
    }
    while level > 0, levelEnd <= day {
      level = reached(levelEnd)
      levelEnd += 61
    }
    let points = paid / 100 * [2, 3, 4][level] / 2
    spent[day, default: 0] += paid
    let now = reached(day)
    if now > level {
      level = now
      levelEnd = day + 61
    }
    return points
  }
}
