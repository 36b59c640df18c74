/// How well somebody stands by what they spent in the last 30 days: 4,000 make the second level and
/// 9,000 the third. A level is kept through the 20th day after it was reached, then two days more;
/// then it falls by one at most.
struct Standing {
  private static let steps: [Int64] = [0, 4_000, 9_000]
  private var spent: [Int64: Int64] = [:]
  private var level = 0
  private var end: Int64 = 0
  /// What somebody set by hand, at least so long.
  var byHand: (level: Int, until: Int64) = (0, 0)

  /// What a point is multiplied by at a level, in halves.
  static let halves: [Int64] = [2, 3, 4]

  private static func day(_ time: Int64) -> Int64 { (time + Auditor.zone) / Auditor.day }

  private func reached(_ time: Int64) -> Int {
    let last = Standing.day(time)
    let sum = spent.reduce(0) { $0 + (last - 30 < $1.key && $1.key <= last ? $1.value : 0) }
    return Standing.steps.lastIndex { $0 <= sum } ?? 0
  }

  private mutating func pass(to time: Int64) {
    while level > 0, end + 2 * Auditor.day <= time {
      let judged = end + 2 * Auditor.day
      level = max(level - 1, reached(judged))
      end = Auditor.midnight(21, after: judged)
    }
  }

  func level(at time: Int64) -> Int {
    var later = self
    later.pass(to: time)
    return time < byHand.until ? max(later.level, byHand.level) : later.level
  }

  mutating func count(_ money: Int64, at time: Int64) {
    pass(to: time)
    spent[Standing.day(time), default: 0] += money
    let now = reached(time)
    guard now > level else { return }
    level = now
    end = Auditor.midnight(21, after: time)
  }

  mutating func join(_ other: Standing, at time: Int64) {
    var other = other
    pass(to: time)
    other.pass(to: time)
    if other.level > level { (level, end) = (other.level, other.end) }
    for (day, money) in other.spent { spent[day, default: 0] += money }
    if other.byHand.until > byHand.until { byHand = other.byHand }
    count(0, at: time)
  }
}
