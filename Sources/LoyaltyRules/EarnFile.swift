import Configuration

extension EarnRule {
  init(_ node: Node, _ unit: PointUnit) throws(ConfigurationError) {
    var object = try node.object()
    basis = try object.choice("basis", default: .paid)
    tax = try object.choice("tax", default: .included)
    base = try EarnRule.base(&object, unit)
    rounding = try object.choice("rounding", default: .floor)
    carry = try object.choice("carry", default: .none)
    invoicedOnly = try object.flag("invoicedOnly", default: true)
    pointsPartEarns = try object.flag("pointsPartEarns", default: false)
    storedValueEarns = try object.flag("storedValueEarns", default: false)
    buyerIDEarns = try object.flag("buyerIdTicketsEarn", default: true)
    excluded = try object.choices("excluded", default: Set(ArticleClass.allCases))
    pendingDays = Int(try object.integer("pendingDays", default: 0, in: 0...366))
    capPerTicket = try object.points(atMost: "capPerTicket", unit)
    capPerDay = try object.points(atMost: "capPerDay", unit)
    capPerMonth = try object.points(atMost: "capPerMonth", unit)
    welcome = try object.points("welcome", unit, default: 0)
    rules = []
    var times = 0
    for item in try object.optional("rules")?.list(limit: 200) ?? [] {
      let rule = try BonusRule(item, unit)
      if rules.contains(where: { $0.id == rule.id }) {
        throw item.error("the id \"\(rule.id)\" stands twice", remedy: "choose another")
      }
      if case .times = rule.gain { times += 1 }
      if times > 4 {
        throw item.error("is the fifth rule that multiplies", remedy: "4 are allowed")
      }
      rules.append(rule)
    }
    if pointsPartEarns, basis == .paid {
      throw node.error(
        "basis \"paid\" leaves out what points pay, pointsPartEarns wants it in",
        remedy: "write basis: \"net\"")
    }
    try object.finish()
  }

  private static func base(
    _ object: inout ObjectReader, _ unit: PointUnit
  ) throws(ConfigurationError) -> Base {
    let amount = object.optional("perAmount")
    let visit = object.optional("perVisit")
    switch (amount, visit) {
    case (let amount?, nil):
      return .amount(
        step: try amount.integer(in: 1...1_000_000),
        points: try object.points("points", unit, default: 1, from: 1, to: 10_000))
    case (nil, let visit?):
      return .visit(
        points: try visit.points(unit, from: 1, to: 10_000),
        minimum: try object.integer("visitMinimum", default: 0, in: 0...RuleLimits.amount))
    case (nil, nil):
      throw object.node.error(
        "says nothing of what earns", remedy: "add perAmount: 100, or perVisit: 1")
    case (_, let visit?):
      throw visit.error("stands beside perAmount", remedy: "keep one of the two")
    }
  }
}

extension BonusRule {
  init(_ node: Node, _ unit: PointUnit) throws(ConfigurationError) {
    var object = try node.object()
    id = try Programme.label(try object.required("id"), limit: 24)
    gain = try BonusRule.gain(&object, unit)
    when = try BonusCondition(object.section("when"))
    priority = try object.integer("priority", default: 0, in: -1_000...1_000)
    stacking = try object.choice("stack", default: .add)
    isMultiplied = try object.flag("tierMultiplies", default: false)
    cap = try object.points(atMost: "cap", unit)
    if case .times = gain, isMultiplied || cap != nil {
      throw node.error(
        "cap and tierMultiplies have no meaning for a rule that multiplies",
        remedy: "use earn.capPerTicket")
    }
    try object.finish()
  }

  private static func gain(
    _ object: inout ObjectReader, _ unit: PointUnit
  ) throws(ConfigurationError) -> Gain {
    var found: [Gain] = []
    if let node = object.optional("perAmount") {
      found.append(
        .perAmount(
          step: try node.integer(in: 1...1_000_000),
          points: try object.required("points").points(unit, from: 1, to: 10_000)))
    }
    if let node = object.optional("perArticle") {
      found.append(.perArticle(points: try node.points(unit, from: 1, to: 10_000)))
    }
    if let node = object.optional("perTicket") {
      found.append(.perVisit(points: try node.points(unit, from: 1, to: 1_000_000)))
    }
    if let node = object.optional("times") { found.append(.times(try Ratio(node, limit: 100))) }
    guard found.count == 1, let gain = found.first else {
      throw object.node.error(
        "gives \(found.count) things",
        remedy: "exactly one of perAmount with points, perArticle, perTicket, times")
    }
    if case .times(let ratio) = gain, ratio.numerator < ratio.denominator {
      throw object.node.error("times \(ratio) gives less", remedy: "a ratio of 1/1 or more")
    }
    return gain
  }
}

extension BonusCondition {
  private static let weekdayNames = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]

  init(_ node: Node) throws(ConfigurationError) {
    self.init()
    var object = try node.object()
    for item in try object.optional("weekdays")?.list(limit: 7) ?? [] {
      let text = try item.text()
      guard let index = BonusCondition.weekdayNames.firstIndex(of: text) else {
        throw item.error(
          "\"\(text)\" is no weekday",
          remedy: "one of \(BonusCondition.weekdayNames.joined(separator: ", "))")
      }
      weekdays.insert(index + 1)
    }
    minutes = try BonusCondition.window(&object)
    firstDay = try object.optional("firstDay").map(Programme.day)
    let lastNode = object.optional("lastDay")
    lastDay = try lastNode.map(Programme.day)
    if let first = firstDay, let last = lastDay, last < first {
      throw (lastNode ?? node).error("lies before firstDay \(first)", remedy: "swap the two")
    }
    stores = try object.words("stores", limit: 1_000)
    tenders = try object.words("tenders", limit: 20)
    tiers = try object.words("tiers", limit: 20)
    campaign = try object.optional("campaign").map { (node) throws(ConfigurationError) in
      try Programme.label(node, limit: 24)
    }
    minimum = try object.integer("minimum", default: 0, in: 0...RuleLimits.amount)
    articles = try object.words("articles", limit: 10_000)
    categories = try object.words("categories", limit: 1_000)
    try object.finish()
  }

  /// `from` and `until`; a window that ends before it begins spans midnight.
  private static func window(_ object: inout ObjectReader) throws(ConfigurationError) -> Range<Int>?
  {
    let from = try object.optional("from").map(Programme.minutes)
    let until = try object.optional("until").map(Programme.minutes)
    guard from != nil || until != nil else { return nil }
    let begin = from ?? 0
    let end = until ?? 1_440
    guard begin != end else {
      throw object.node.error("from and until are the same", remedy: "leave both out for all day")
    }
    return begin..<(end > begin ? end : end + 1_440)
  }
}

extension RedeemRule {
  init(_ node: Node, _ unit: PointUnit) throws(ConfigurationError) {
    var object = try node.object()
    points = try object.points("points", unit, default: 1, from: 1, to: 1_000_000)
    amount = try object.integer("amount", default: 1, in: 1...1_000_000)
    minimum = try object.points("minimum", unit, default: 1, from: 1, to: 1_000_000)
    maximum = try object.points(atMost: "maximum", unit)
    let multipleNode = object.optional("multiple")
    multiple = try multipleNode?.points(unit, from: 1, to: 1_000_000) ?? unit.parts
    maximumShare = try object.ratio("maximumShare", default: .one, limit: 1_000, zero: true)
    steps = []
    for item in try object.optional("steps")?.list(limit: 50) ?? [] {
      let step = try RedeemStep(item, unit)
      if let last = steps.last, step.from <= last.from {
        throw item.error(
          "begins at \(step.from), not above the step before it (\(last.from))",
          remedy: "list the steps from the lowest amount to the highest")
      }
      steps.append(step)
    }
    leaveAtLeast = try object.integer("leaveAtLeast", default: 0, in: 0...RuleLimits.amount)
    kind = try object.choice("kind", default: .discount)
    excluded = try object.choices(
      "excluded",
      default: [.tobacco, .infantFormula, .voucher, .collectedForOthers, .storedValue])
    try object.finish()
    try check(node, multipleNode ?? node, unit)
  }

  private func check(
    _ node: Node, _ multipleNode: Node, _ unit: PointUnit
  ) throws(ConfigurationError) {
    guard minimum % multiple == 0 else {
      throw multipleNode.error(
        "the minimum of \(unit.text(minimum)) points is no multiple of \(unit.text(multiple))",
        remedy: "make redeem.minimum a multiple of redeem.multiple")
    }
    guard multiple * amount % points == 0 else {
      throw multipleNode.error(
        "\(unit.text(multiple)) points would take off a broken amount at \(unit.text(points)) for "
          + "\(amount)",
        remedy: "make redeem.multiple a multiple of \(unit.text(points))")
    }
    if let maximum, maximum < minimum {
      throw node.error(
        "the maximum of \(unit.text(maximum)) points lies below the minimum of "
          + unit.text(minimum),
        remedy: "raise redeem.maximum or lower redeem.minimum")
    }
    guard maximumShare.numerator <= maximumShare.denominator else {
      throw node.error(
        "a maximumShare of \(maximumShare) is more than the ticket", remedy: "1/1 at most")
    }
  }
}

extension RedeemStep {
  init(_ node: Node, _ unit: PointUnit) throws(ConfigurationError) {
    var object = try node.object()
    from = try object.required("from").integer(in: 0...RuleLimits.amount)
    most = try object.required("most").points(unit, to: RuleLimits.points)
    try object.finish()
  }
}

extension ExpiryRule {
  private enum Style: String, CaseIterable {
    case never, days, months, endOfMonth, endOfQuarter, endOfYear, endOfNextYear, dateNextYear
    case inactivity, rolling
  }

  init(_ node: Node) throws(ConfigurationError) {
    var object = try node.object()
    switch try object.required("style").choice(of: Style.self) {
    case .never: self = .never
    case .days: self = .days(Int(try object.required("count").integer(in: 1...36_500)))
    case .months: self = .months(Int(try object.required("count").integer(in: 1...1_200)))
    case .endOfMonth: self = .endOfMonth
    case .endOfQuarter: self = .endOfQuarter
    case .endOfYear: self = .endOfYear
    case .endOfNextYear: self = .endOfNextYear
    case .dateNextYear:
      let node = try object.required("date")
      let text = try node.text()
      // a leap year, so that 29 February may be asked for
      guard let day = Day("2028-\(text)") else {
        throw node.error("\"\(text)\" is no date", remedy: "write 31 March as \"03-31\"")
      }
      self = .dateNextYear(month: day.month, day: day.day)
    case .inactivity: self = .inactivity(try Span(&object))
    case .rolling: self = .rolling(try Span(&object))
    }
    try object.finish()
  }
}

extension ExpiryRule.Span {
  /// Exactly one of `days` and `months`.
  init(_ object: inout ObjectReader) throws(ConfigurationError) {
    let days = try object.limit("days", in: 1...36_500)
    let months = try object.limit("months", in: 1...1_200)
    switch (days, months) {
    case (let days?, nil): self = .days(Int(days))
    case (nil, let months?): self = .months(Int(months))
    default:
      throw object.node.error("has no length, or two", remedy: "add days: 365, or months: 12")
    }
  }
}

extension TierRule {
  init(_ node: Node, _ points: PointUnit) throws(ConfigurationError) {
    var object = try node.object()
    measure = try object.choice("measure", default: .spend)
    window = try Window(object.section("window"))
    period = try Period(object.section("period"))
    down = try object.choice("down", default: .oneLevel)
    graceDays = Int(try object.integer("graceDays", default: 0, in: 0...366))
    let list = try object.required("levels")
    levels = []
    for item in try list.list(limit: 20) {
      let level = try TierLevel(item, measure == .points ? points : nil)
      if let last = levels.last, level.from <= last.from {
        let unit = measure == .points ? points : nil
        let said = { (from: Int64) in unit?.text(from) ?? "\(from)" }
        throw item.error(
          "begins at \(said(level.from)), not above the level before it (\(said(last.from)))",
          remedy: "list the levels from the lowest to the highest")
      }
      if levels.isEmpty, level.from != 0 {
        throw item.error("the lowest level begins at \(level.from)", remedy: "let it begin at 0")
      }
      if levels.contains(where: { $0.code == level.code }) {
        throw item.error("the code \(level.code) stands twice", remedy: "choose another")
      }
      levels.append(level)
    }
    guard !levels.isEmpty else { throw list.error("is empty", remedy: "name one level at least") }
    try object.finish()
  }
}

extension TierRule.Window {
  private enum Style: String, CaseIterable {
    case calendarYear, rollingMonths, rollingDays, lifetime, sinceLastChange
  }

  /// `{ style, count }`; 12 rolling months when left out.
  init(_ node: Node) throws(ConfigurationError) {
    var object = try node.object()
    switch try object.choice("style", default: Style.rollingMonths) {
    case .calendarYear: self = .calendarYear
    case .rollingMonths:
      self = .rollingMonths(Int(try object.integer("count", default: 12, in: 1...120)))
    case .rollingDays:
      self = .rollingDays(Int(try object.required("count").integer(in: 1...3_660)))
    case .lifetime: self = .lifetime
    case .sinceLastChange: self = .sinceLastChange
    }
    try object.finish()
  }
}

extension TierRule.Period {
  private enum Style: String, CaseIterable { case months, days, nextCalendarYear }

  /// `{ style, count }`; 12 months when left out.
  init(_ node: Node) throws(ConfigurationError) {
    var object = try node.object()
    switch try object.choice("style", default: Style.months) {
    case .months: self = .months(Int(try object.integer("count", default: 12, in: 1...120)))
    case .days: self = .days(Int(try object.required("count").integer(in: 1...3_660)))
    case .nextCalendarYear: self = .nextCalendarYear
    }
    try object.finish()
  }
}

extension TierLevel {
  /// - Parameter points: where points are what tiers count; nil: `from` is money or visits.
  init(_ node: Node, _ points: PointUnit?) throws(ConfigurationError) {
    var object = try node.object()
    code = try Programme.code(try object.required("code"), length: 2)
    name = try Programme.label(try object.required("name"), limit: 8)
    let most: Int64 = 1_000_000_000_000
    let start = try object.required("from")
    if let points {
      from = try start.points(points, to: most, limit: most * points.parts)
    } else {
      from = try start.integer(in: 0...most)
    }
    multiplier = try object.ratio("multiplier", default: .one, limit: 1_000)
    design = try object.optional("design").map { (node) throws(ConfigurationError) in
      try RewardRule.word(node)
    }
    try object.finish()
  }
}
