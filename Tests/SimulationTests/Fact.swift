/// One thing that happened to points, as the world saw it: what the auditor reckons with.
struct Fact {
  enum Kind {
    case opened(account: String)
    /// Points given, usable from `at` until `end`.
    case gave(account: String, lot: String, points: Int64, end: Int64)
    case spent(account: String, spending: String, points: Int64)
    /// Points of a sale taken back, as they are now.
    case took(account: String, lot: String, points: Int64)
    /// `lost` points of a spending given back, which are `points` by now; what came from a lot that
    /// had ended when it was done, at `judged`, is usable until `grace`.
    case restored(
      account: String, spending: String, points: Int64, lost: Int64, judged: Int64, grace: Int64)
    case held(account: String, hold: String, points: Int64, until: Int64)
    case released(account: String, hold: String)
    /// `other` counts for `account` from now on.
    case merged(link: String, other: String, account: String)
    case parted(link: String)
    case sold(Sold)
    case claimed(
      ticket: String, account: String, lot: String, counted: Int64, points: Int64)
    /// What came back of a sale, in money, in what counted, and in points.
    case returned(
      ticket: String, account: String?, amount: Int64, counted: Int64, reversed: Int64,
      restored: Int64)
    /// These lots end at another time.
    case extended(account: String, lots: [String], end: Int64)
    /// All points became others, lot by lot; `origins` are the lots and spendings the node knew.
    case converted(account: String, rate: Rate, origins: Set<String>, lots: [Change])
    /// A standing given by hand.
    case ranked(account: String, level: Int, until: Int64)
  }

  /// A sale: what it earned stands in the lot of its name, what it spent in the spending.
  struct Sold {
    var ticket: String
    var at: Int64
    var account: String?
    var amount: Int64
    var counted: Int64
    var earned: Int64
    var spent: Int64
    /// When its points were spent, which may be later.
    var spentAt: Int64
  }

  /// So many new points for so many old ones, whole ones only.
  struct Rate {
    var over: Int64
    var under: Int64

    func of(_ points: Int64) -> Int64 { points * over / under }
  }

  /// What became of one lot.
  struct Change {
    var lot: String
    var into: String
    var taken: Int64
    var given: Int64
  }

  /// When it takes effect, in milliseconds.
  var at: Int64
  /// The node that wrote it, and as which of its facts.
  var node: Int
  var place: Int
  var kind: Kind
}
