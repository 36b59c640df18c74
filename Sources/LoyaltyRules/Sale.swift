/// A sale as far as points care: values in, before any rule has judged it.
package struct Sale: Sendable, Equatable {
  package var soldAt: Instant
  package var store: String
  /// What is to be paid before points, in minor units: 0 to `RuleLimits.amount`.
  package var amount: Int64
  /// The same before any discount; nil: as `amount`, or as the lines say.
  package var list: Int64?
  package var tenders: [Tender]
  package var lines: [SaleLine]
  package var isInvoiced: Bool
  /// Whether the invoice carries a buyer's tax id 統編.
  package var hasBuyerID: Bool
  /// Campaign codes that the till read.
  package var campaigns: Set<String>

  package init(
    soldAt: Instant, store: String, amount: Int64, list: Int64? = nil, tenders: [Tender] = [],
    lines: [SaleLine] = [], isInvoiced: Bool = true, hasBuyerID: Bool = false,
    campaigns: Set<String> = []
  ) {
    self.soldAt = soldAt
    self.store = store
    self.amount = amount
    self.list = list
    self.tenders = tenders
    self.lines = lines
    self.isInvoiced = isInvoiced
    self.hasBuyerID = hasBuyerID
    self.campaigns = campaigns
  }
}

/// How a part of a sale was paid.
package struct Tender: Sendable, Equatable {
  /// The kind that stored value has.
  package static let storedValue = "storedValue"
  /// As the till names it: `cash`, `card`, `storedValue`.
  package var kind: String
  package var amount: Int64

  package init(kind: String, amount: Int64) {
    self.kind = kind
    self.amount = amount
  }
}

/// A line of a sale; amounts are of the whole line, in minor units.
package struct SaleLine: Sendable, Equatable {
  package enum Kind: String, CaseIterable, Sendable {
    case item
    /// An article or discount that a reward gave: never earns.
    case reward
  }
  package var kind: Kind
  package var article: String
  package var category: String
  package var articleClass: ArticleClass?
  package var quantity: Int64
  package var list: Int64
  /// After the line's own discounts.
  package var amount: Int64

  package init(
    kind: Kind = .item, article: String, category: String = "", articleClass: ArticleClass? = nil,
    quantity: Int64 = 1, list: Int64? = nil, amount: Int64
  ) {
    self.kind = kind
    self.article = article
    self.category = category
    self.articleClass = articleClass
    self.quantity = quantity
    self.list = list ?? amount
    self.amount = amount
  }
}

/// What of a sale counts, line by line.
package struct SaleBasis: Sendable, Equatable {
  package var lines: [SaleLine]
  /// In step with `lines`, in minor units.
  package var counted: [Int64]
  /// Whether a line of its class and kind earns at all.
  package var earns: [Bool]
  package var total: Int64 { counted.reduce(0, +) }
}

extension Sale {
  /// The lines; a sale without any is one line of no article.
  package var wholeLines: [SaleLine] {
    lines.isEmpty
      ? [SaleLine(article: "", list: list ?? amount, amount: amount)] : lines
  }

  /// How much of the amount points may pay: not what stands in excluded classes.
  package func payable(_ rule: RedeemRule) -> Int64 {
    let lines = wholeLines
    let amounts = spread(of: lines)
    return zip(lines, amounts).reduce(0) { sum, pair in
      sum + (rule.mayPay(pair.0) ? pair.1 : 0)
    }
  }

  /// Each line's part of what is to be paid: discounts on the whole ticket are shared out in
  /// proportion.
  private func spread(of lines: [SaleLine]) -> [Int64] {
    let amounts = lines.map(\.amount)
    return Sale.taking(amounts.reduce(0, +) - amount, from: amounts)
  }

  /// What earns under `programme` when points pay `pointsPart` of the sale.
  package func basis(_ programme: Programme, pointsPart: Int64) -> SaleBasis {
    let rule = programme.earn
    let lines = wholeLines
    guard isInvoiced || !rule.invoicedOnly, !hasBuyerID || rule.buyerIDEarns else {
      return SaleBasis(
        lines: lines, counted: lines.map { _ in 0 }, earns: lines.map { _ in false })
    }
    let net = spread(of: lines)
    var amounts = rule.basis == .list ? lines.map(\.list) : net
    if rule.basis == .paid || !rule.pointsPartEarns {
      let payable = zip(lines, net).map { programme.redeem.mayPay($0) ? $1 : 0 }
      let shares = Sale.shares(of: pointsPart, over: payable)
      amounts = zip(amounts, shares).map { max(0, $0 - $1) }
    }
    if !rule.storedValueEarns {
      let stored = tenders.reduce(0) { $0 + ($1.kind == Tender.storedValue ? $1.amount : 0) }
      amounts = Sale.taking(min(stored, amounts.reduce(0, +)), from: amounts)
    }
    let earns = lines.map { line in
      line.kind == .item && !(line.articleClass.map(rule.excluded.contains) ?? false)
    }
    var counted = zip(earns, amounts).map { $0 ? $1 : 0 }
    if rule.tax == .excluded {
      let tax = programme.currency.tax
      let untaxed = Ratio(tax.denominator - tax.numerator, tax.denominator)
      // the sum is rounded once, so that many small lines lose no more than one
      let sum = counted.reduce(0, +)
      counted = Sale.taking(sum - untaxed.part(of: sum), from: counted)
    }
    return SaleBasis(lines: lines, counted: counted, earns: earns)
  }

  /// `amounts` with `sum` taken off in proportion.
  static func taking(_ sum: Int64, from amounts: [Int64]) -> [Int64] {
    zip(amounts, shares(of: sum, over: amounts)).map { $0 - $1 }
  }

  /// `sum` shared out in proportion to `amounts`: cumulative shares rounded down, so that they add
  /// up; nothing where all amounts are 0.
  static func shares(of sum: Int64, over amounts: [Int64]) -> [Int64] {
    let total = Int128(amounts.reduce(0, +))
    guard total > 0, sum != 0 else { return amounts.map { _ in 0 } }
    var before: Int128 = 0
    var given: Int64 = 0
    return amounts.map { amount in
      before += Int128(amount)
      let reached = Int64(Int128(sum) * before / total)
      defer { given = reached }
      return reached - given
    }
  }

  /// Why the sale makes no sense, as field and remedy, or nil.
  package var fault: (field: String, problem: String, remedy: String)? {
    let range = 0...RuleLimits.amount
    if !(0...Instant.last.milliseconds).contains(soldAt.milliseconds) {
      return ("soldAt", "\(soldAt.milliseconds) is out of range", "a time from 1970 to 9999")
    }
    if !range.contains(amount) {
      return ("amount", "\(amount) is out of range", "0 to \(RuleLimits.amount)")
    }
    if let list, !(amount...RuleLimits.amount).contains(list) {
      return ("list", "\(list) lies below the amount \(amount)", "send the sum before discounts")
    }
    let wrong = lines.firstIndex {
      !range.contains($0.amount) || !($0.amount...RuleLimits.amount).contains($0.list)
        || !(0...1_000_000).contains($0.quantity)
    }
    if let wrong {
      return (
        "lines[\(wrong)]", "has an amount, list price or quantity out of range",
        "amount 0 or more, list not below it, quantity 0 to 1000000"
      )
    }
    let sum = lines.reduce(0) { $0 + $1.amount }
    if !lines.isEmpty, sum < amount || sum > RuleLimits.amount {
      return (
        "lines", "add up to \(sum), less than the amount \(amount)",
        "send every line, amounts before discounts on the whole ticket"
      )
    }
    if lines.reduce(0, { $0 + $1.list }) > RuleLimits.amount {
      return (
        "lines", "have list prices that add up to more than \(RuleLimits.amount)",
        "split the sale into several tickets"
      )
    }
    if let wrong = tenders.first(where: { !range.contains($0.amount) }) {
      return ("tenders", "\(wrong.amount) is out of range", "0 to \(RuleLimits.amount)")
    }
    let paid = tenders.reduce(0) { $0 + $1.amount }
    if paid > amount {
      return ("tenders", "add up to \(paid), more than the amount", "send what each one paid")
    }
    return nil
  }
}

extension RedeemRule {
  func mayPay(_ line: SaleLine) -> Bool {
    line.articleClass.map { !excluded.contains($0) } ?? true
  }
}
