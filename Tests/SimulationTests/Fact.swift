/// One thing that happened to points, as the world saw it: what the auditor reckons with.
struct Fact {
  enum Kind {
    case opened(account: String)
    /// Points given, usable from `at` until `end`.
    case gave(account: String, lot: String, points: Int64, end: Int64)
    case spent(account: String, spending: String, points: Int64)
    /// Points of a sale taken back.
    case took(account: String, lot: String, points: Int64)
    /// Points of a spending given back; what came from an ended lot is usable until `grace`.
    case restored(account: String, spending: String, points: Int64, grace: Int64)
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
    /// Points of a lot became those of another.
    case converted(account: String, lot: String, into: String, taken: Int64, given: Int64)
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
  }

  /// When it takes effect, in milliseconds.
  var at: Int64
  /// The node that wrote it, and as which of its facts.
  var node: Int
  var place: Int
  var kind: Kind
}
