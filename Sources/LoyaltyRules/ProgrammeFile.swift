import Configuration
import Foundation

extension Programme {
  /// Reads a programme file, checked as a whole.
  ///
  /// A key that is left out has the default that its reader states here; `programme new` writes
  /// every one of them out.
  ///
  /// - Throws: the first thing wrong, with file, line, key path, value and what would be right.
  package init(_ node: Node) throws(ConfigurationError) {
    var file = try node.object()
    _ = try file.required("format").integer(in: 1...1)
    code = try Programme.code(try file.required("programme"), length: 4)
    name = try Programme.label(try file.required("name"), limit: 20)
    let zone = try file.required("timeZone")
    timeZone = try zone.text()
    guard BusinessCalendar(zone: timeZone) != nil else {
      throw zone.error("\"\(timeZone)\" is no time zone", remedy: "write it as \"Asia/Taipei\"")
    }
    dayStarts = try file.value("businessDayStarts", default: 0, read: Programme.minutes)
    currency = try Currency(try file.required("currency"))
    // a shop of Taiwan is one whether its file says so or not
    let isTaiwan = currency.code == "TWD" && timeZone == "Asia/Taipei"
    law = try file.choice("law", default: isTaiwan ? .taiwan : .none)
    points = try PointUnit(try file.required("points"))
    earn = try EarnRule(try file.required("earn"), points)
    redeem = try RedeemRule(try file.required("redeem"), points)
    expiry = try ExpiryRule(try file.required("expiry"))
    tiers = try TierRule(try file.required("tiers"), points)
    birthday = try BirthdayRule(file.section("birthday"), points)
    returns = try ReturnRule(file.section("returns"))
    claims = try ClaimRule(file.section("claims"))
    identify = try IdentifyRule(file.section("identify"))
    face = try FaceRule(file.section("face"))
    notice = try NoticeRule(file.section("notice"))
    limits = try RuleCaps(file.section("limits"), points)
    tickets = try TicketRule(file.section("tickets"))
    cards = try CardRule(try file.required("cards"))
    stripe = try StripeRule(file.section("stripe"))
    rewards = try RewardRule.list(file.optional("rewards"), points, tiers)
    estate = try EstateRule(file.section("deceased"))
    acceptedBy = try AcceptedBy(file.section("acceptedBy"))
    try file.finish()
    try checkTogether(node)
  }

  /// What no section can see alone.
  private func checkTogether(_ node: Node) throws(ConfigurationError) {
    for rule in earn.rules {
      for tier in rule.when.tiers where tiers.index(ofCode: tier) == nil {
        throw node.error(
          "the rule \(rule.id) asks for the tier \(tier), which is none of the levels",
          remedy: "name one of \(tiers.levels.map(\.code).joined(separator: ", "))")
      }
    }
    for tier in face.tierTemplates.keys.sorted() where tiers.index(ofCode: tier) == nil {
      throw node.error(
        "face.tierTemplates names the tier \(tier), which is none of the levels",
        remedy: "name one of \(tiers.levels.map(\.code).joined(separator: ", "))")
    }
    // where points pay for nothing, they pay for none of these
    let paid = redeem.maximumShare == .zero ? law.excluded : redeem.excluded
    for (path, excluded) in [("earn", earn.excluded), ("redeem", paid)] {
      let missing = law.excluded.subtracting(excluded).map(\.rawValue).sorted()
      guard missing.isEmpty else {
        throw node.error(
          "\(path).excluded is without \(missing.joined(separator: " and ")), which the law of "
            + "\(law.rawValue) keeps out of points",
          remedy: "add \(missing.map { "\"\($0)\"" }.joined(separator: ", ")) to it")
      }
    }
    if earn.carry == .remainder, case .visit = earn.base {
      throw node.error(
        "earn.carry \"remainder\" has nothing to carry where visits earn",
        remedy: "write carry: \"none\"")
    }
    if redeem.excluded.isEmpty == false, redeem.maximumShare == .zero {
      throw node.error(
        "redeem.maximumShare 0/1 lets nothing be paid with points",
        remedy: "write \"1/1\", or a share above 0")
    }
  }

  /// A code of capitals and digits, as stripes carry them.
  static func code(_ node: Node, length: Int) throws(ConfigurationError) -> String {
    let text = try node.text()
    let allowed = text.utf8.allSatisfy {
      (0x30...0x39).contains($0) || (0x41...0x5a).contains($0)
    }
    guard allowed, text.utf8.count == length else {
      throw node.error(
        "\"\(text)\" cannot stand on a stripe", remedy: "\(length) characters of 0-9 and A-Z")
    }
    return text
  }

  static func label(_ node: Node, limit: Int) throws(ConfigurationError) -> String {
    let text = try node.text()
    guard !text.isEmpty, text.count <= limit else {
      throw node.error("has \(text.count) characters", remedy: "1 to \(limit) are allowed")
    }
    return text
  }

  /// Reads `"05:30"` as minutes after midnight.
  static func minutes(_ node: Node) throws(ConfigurationError) -> Int {
    let text = try node.text()
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.map(\.count) == [2, 2], let hour = Day.digits(parts[0]),
      let minute = Day.digits(parts[1]), hour < 24, minute < 60
    else { throw node.error("\"\(text)\" is no time of day", remedy: "write it as \"05:30\"") }
    return hour * 60 + minute
  }

  package static func day(_ node: Node) throws(ConfigurationError) -> Day {
    let text = try node.text()
    guard let day = Day(text) else {
      throw node.error("\"\(text)\" is no day", remedy: "write it as \"2026-11-21\"")
    }
    return day
  }
}

extension ObjectReader {
  mutating func integer(
    _ key: String, default fallback: Int64, in range: ClosedRange<Int64>
  ) throws(ConfigurationError) -> Int64 {
    guard let node = optional(key) else { return fallback }
    return try node.integer(in: range)
  }

  /// A limit that may be left out: nil, no limit.
  mutating func limit(
    _ key: String, in range: ClosedRange<Int64>
  ) throws(ConfigurationError) -> Int64? {
    guard let node = optional(key) else { return nil }
    return try node.integer(in: range)
  }

  mutating func flag(_ key: String, default fallback: Bool) throws(ConfigurationError) -> Bool {
    guard let node = optional(key) else { return fallback }
    return try node.flag()
  }

  mutating func choice<Choice: RawRepresentable & CaseIterable>(
    _ key: String, default fallback: Choice
  ) throws(ConfigurationError) -> Choice where Choice.RawValue == String {
    guard let node = optional(key) else { return fallback }
    return try node.choice(of: Choice.self)
  }

  /// A set of words, each once.
  mutating func choices<Choice: RawRepresentable & CaseIterable & Hashable>(
    _ key: String, default fallback: Set<Choice>
  ) throws(ConfigurationError) -> Set<Choice> where Choice.RawValue == String {
    guard let node = optional(key) else { return fallback }
    var found: Set<Choice> = []
    for item in try node.list(limit: 32) {
      guard found.insert(try item.choice(of: Choice.self)).inserted else {
        throw item.error("stands twice", remedy: "name it once")
      }
    }
    return found
  }

  mutating func ratio(
    _ key: String, default fallback: Ratio, limit: Int64, zero: Bool = false
  ) throws(ConfigurationError) -> Ratio {
    guard let node = optional(key) else { return fallback }
    return try Ratio(node, limit: limit, zero: zero)
  }

  /// A set of texts of at most 40 characters.
  mutating func words(_ key: String, limit: Int) throws(ConfigurationError) -> Set<String> {
    guard let node = optional(key) else { return [] }
    var found: Set<String> = []
    for item in try node.list(limit: limit) {
      found.insert(try Programme.label(item, limit: 40))
    }
    return found
  }
}

extension Ratio {
  /// Reads `"3/2"`: both sides 1 to `limit`, or 0 above when `zero`.
  package init(_ node: Node, limit: Int64, zero: Bool = false) throws(ConfigurationError) {
    let text = try node.text()
    let sides = text.split(separator: "/", omittingEmptySubsequences: false).map { Int64($0) }
    guard sides.count == 2, let numerator = sides[0], let denominator = sides[1],
      ((zero ? 0 : 1)...limit).contains(numerator), (1...limit).contains(denominator)
    else {
      throw node.error(
        "\"\(text)\" is no ratio", remedy: "write it as \"3/2\", sides 1 to \(limit)")
    }
    self.init(numerator, denominator)
  }
}

extension Currency {
  /// `tax`: the share of an amount that is tax; 0/1 when left out.
  init(_ node: Node) throws(ConfigurationError) {
    var object = try node.object()
    let codeNode = try object.required("code")
    code = try codeNode.text()
    guard code.utf8.count == 3, code.utf8.allSatisfy({ (0x41...0x5a).contains($0) }) else {
      throw codeNode.error("\"\(code)\" is no currency code", remedy: "write it as \"TWD\"")
    }
    decimals = Int(try object.required("decimals").integer(in: 0...3))
    let taxNode = object.optional("tax")
    tax =
      try taxNode.map { (node) throws(ConfigurationError) in
        try Ratio(node, limit: 10_000, zero: true)
      } ?? .zero
    guard tax.numerator < tax.denominator else {
      throw (taxNode ?? node).error(
        "a share of \(tax) is the whole amount", remedy: "write 5 % on top as \"5/105\"")
    }
    try object.finish()
  }
}

extension BirthdayRule {
  init(_ node: Node, _ points: PointUnit) throws(ConfigurationError) {
    var object = try node.object()
    let factor = object.optional("multiplier")
    multiplier =
      try factor.map { (node) throws(ConfigurationError) in
        try Ratio(node, limit: 100)
      } ?? .one
    if multiplier.isLess(than: .one) {
      throw (factor ?? node).error(
        "a birthday that multiplies by \(multiplier) gives less", remedy: "a ratio of 1/1 or more")
    }
    bonus = try object.points("bonus", points, default: 0)
    span = try object.choice("when", default: .month)
    leapDay = try object.choice("leapDay", default: .february28)
    try object.finish()
  }
}

extension ReturnRule {
  init(_ node: Node) throws(ConfigurationError) {
    var object = try node.object()
    proration = try object.choice("proration", default: .line)
    shortfall = try object.choice("shortfall", default: .deductFromRefund)
    endedLot = try object.choice("endedLot", default: .grace)
    graceDays = Int(try object.integer("graceDays", default: 30, in: 1...366))
    windowDays = Int(try object.integer("windowDays", default: 30, in: 0...3_660))
    openDays = Int(try object.integer("openDays", default: 14, in: 0...3_660))
    try object.finish()
  }
}

extension ClaimRule {
  init(_ node: Node) throws(ConfigurationError) {
    var object = try node.object()
    days = Int(try object.integer("days", default: 7, in: 0...366))
    place = try object.choice("where", default: .sameStore)
    correctionMinutes = Int(try object.integer("correctionMinutes", default: 10, in: 0...1_440))
    try object.finish()
  }
}

extension IdentifyRule {
  init(_ node: Node) throws(ConfigurationError) {
    var object = try node.object()
    earn = try object.choices("earn", default: [.card, .number, .phone])
    redeem = try object.choices("redeem", default: [.card])
    try object.finish()
  }
}

extension FaceRule {
  init(_ node: Node) throws(ConfigurationError) {
    var object = try node.object()
    rewrite = try object.choice("rewrite", default: .whenPrintChanges)
    name = try object.choice("name", default: .masked)
    expiringWithinDays = Int(try object.integer("expiringWithinDays", default: 90, in: 0...3_660))
    template = try FaceRule.template(object.optional("template")) ?? "standard"
    tierTemplates = [:]
    if let tiers = object.optional("tierTemplates") {
      guard case .object(let members) = tiers.kind else {
        throw tiers.error("is no object", remedy: "write it as {code: \"name\"}")
      }
      for member in members {
        tierTemplates[member.key] = try FaceRule.template(member.value)
      }
    }
    locale = try object.choice("locale", default: .zhHant)
    dates = try object.optional("dates")?.choice(of: Dates.self)
    campaign =
      try object.optional("campaign").map { (node) throws(ConfigurationError) in
        let text = try node.text()
        guard text.count <= 40 else {
          throw node.error("is too long", remedy: "at most 40 letters are allowed")
        }
        return text
      } ?? ""
    lineSecondsMax = Int(try object.integer("lineSecondsMax", default: 2, in: 1...600))
    try object.finish()
  }

  private static func template(_ node: Node?) throws(ConfigurationError) -> String? {
    guard let node else { return nil }
    let name = try node.text()
    let allowed = name.utf8.allSatisfy {
      (0x61...0x7a).contains($0) || (0x30...0x39).contains($0) || $0 == UInt8(ascii: "-")
    }
    guard allowed, (1...32).contains(name.utf8.count) else {
      throw node.error("\"\(name)\" is no template's name", remedy: "write it as \"standard\"")
    }
    return name
  }
}

extension NoticeRule {
  init(_ node: Node) throws(ConfigurationError) {
    var object = try node.object()
    worseTermsDays = Int(try object.integer("worseTermsDays", default: 30, in: 0...366))
    expiryDays = [60, 14]
    if let list = object.optional("expiryDays") {
      expiryDays = []
      for item in try list.list(limit: 8) { expiryDays.append(Int(try item.integer(in: 1...366))) }
      expiryDays.sort(by: >)
    }
    try object.finish()
  }
}

extension RuleCaps {
  init(_ node: Node, _ points: PointUnit) throws(ConfigurationError) {
    var object = try node.object()
    awardsPerDay = try object.integer("awardsPer24h", default: 5, in: 1...10_000)
    keyedRedeem = try object.points("keyedRedeem", points, default: 100)
    offlineRedeemPerCard = try object.points("offlineRedeemPerCard", points, default: 100)
    offlineRedeemPerTill = try object.points("offlineRedeemPerTill", points, default: 3_000)
    adjustAlone = try object.points("adjustAlone", points, default: 300)
    goodwillPerCase = try object.points("goodwillPerCase", points, default: 200)
    goodwillPerMember = try object.points("goodwillPerMember", points, default: 1_000)
    goodwillPerStore = try object.points("goodwillPerStore", points, default: 10_000)
    anonymousRedeem = try object.points("anonymousRedeem", points, default: 100)
    try object.finish()
  }
}

extension TicketRule {
  init(_ node: Node) throws(ConfigurationError) {
    var object = try node.object()
    identity = try object.choices("identity", default: Set(Field.allCases))
    guard identity.contains(.number) else {
      throw node.error(
        "identity is without \"number\"", remedy: "a ticket is known by its number at least")
    }
    holdMinutes = Int(try object.integer("holdMinutes", default: 15, in: 1...1_440))
    try object.finish()
  }
}

extension CardRule {
  init(_ node: Node) throws(ConfigurationError) {
    var object = try node.object()
    let prefixNode = try object.required("prefix")
    prefix = try prefixNode.text()
    digits = Int(try object.required("digits").integer(in: 8...12))
    guard prefix.utf8.allSatisfy({ (0x30...0x39).contains($0) }), prefix.count <= digits - 5 else {
      throw prefixNode.error(
        "\"\(prefix)\" leaves no room for serials",
        remedy: "at most \(digits - 5) digits, 0-9 only")
    }
    ratedRewrites = try object.integer("ratedRewrites", default: 500, in: 10...100_000)
    reissueFee = try object.integer("reissueFee", default: 0, in: 0...RuleLimits.amount)
    sameNumberOnReissue = try object.flag("sameNumberOnReissue", default: true)
    try object.finish()
  }
}
