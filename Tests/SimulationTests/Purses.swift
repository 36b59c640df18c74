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
    /// The conversions since each lot or spending that there ever was.
    var rates: [String: [Fact.Rate]] = [:]
    /// What each lot was converted into.
    var heirs: [String: [String]] = [:]
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

  /// What a sale at `sold` that is told of at `now` may be paid with, and when that is taken.
  ///
  /// Points are those of now. A till that was away for more than five minutes gave what was there
  /// then, and stays; what ended since it may have given too, up to the 100 points of a till that
  /// could not ask.
  ///
  /// - Parameter then: what was when it was sold: not what came back, or was joined, since.
  func payment(
    of points: Int64, _ account: String, sold: Int64, now: Int64, then: Purses
  ) -> (isThere: Bool, at: Int64) {
    let purse = purses[root(account)] ?? Purse()
    let owed = purse.debt + purse.holds.values.reduce(0) { $0 + (now < $1.until ? $1.points : 0) }
    let staying = purse.pieces.reduce(-owed) {
      $0 + ($1.start <= sold && now < $1.end ? $1.left : 0)
    }
    let ended = purse.pieces.contains {
      $0.left > 0 && $0.start <= sold && sold < $0.end && $0.end <= now
    }
    let there = (then.purses[then.root(root(account))] ?? Purse()).pieces.reduce(0) {
      $0 + ($1.start <= sold && sold < $1.end ? $1.left : 0)
    }
    if points <= staying { return (true, ended || there < points ? now : sold) }
    guard sold + 5 * 60_000 < now else { return (points <= available(account, at: now), now) }
    return (points <= min(100, available(account, at: sold)), sold)
  }

  /// What so many points of a lot or spending are worth by now.
  func worth(_ points: Int64, of origin: Purse.Origin, _ account: String) -> Int64 {
    let rates = (purses[root(account)] ?? Purse()).rates[origin.name] ?? []
    return rates.reduce(points) { $1.of($0) }
  }

  /// All that an account's points ever came from.
  func origins(_ account: String) -> Set<String> {
    Set((purses[root(account)] ?? Purse()).rates.keys)
  }

  /// Whether an account was ever given points.
  func hasLots(_ account: String) -> Bool { !(purses[root(account)] ?? Purse()).pieces.isEmpty }

  func level(_ account: String, at time: Int64) -> Int {
    (purses[root(account)] ?? Purse()).standing.level(at: time)
  }

  /// What of an account's lots is left and ends after `time`, what ends first before the others.
  func lots(_ account: String, endingAfter time: Int64) -> [Piece] {
    (purses[root(account)] ?? Purse()).pieces.filter {
      $0.left > 0 && time < $0.end && $0.start < $0.end
    }
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
      change(account) { purse in
        purse.spendings[spending] = purse.use(points, at: fact.at)
        purse.rates[Purse.Origin.spending(spending).name] = []
      }
    case .took(let account, let lot, let points):
      change(account) { $0.takeBack(points, lot, at: fact.at) }
    case .restored(let account, let spending, let points, let lost, let judged, let grace):
      change(account) {
        $0.restore(points, spending, lost: lost, judged: judged, grace: grace, fact)
      }
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
          // never shorter, and no life for what never had one
          let piece = purse.pieces[index]
          if piece.start < piece.end { purse.pieces[index].end = max(end, piece.end) }
        }
      }
    case .converted(let account, let rate, let origins, let lots):
      change(account) { $0.convert(lots, rate, of: origins, fact) }
    case .ranked(let account, let level, let until):
      change(account) { $0.standing.byHand = (level, until) }
    case .merged(let link, let other, let account)
    where !parted.contains(link) && mergedInto[other] == nil && root(account) != other:
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
