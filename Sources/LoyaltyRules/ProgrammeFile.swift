import Configuration
import Foundation

extension Programme {
  /// Reads a programme file, checked as a whole.
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
    unit = try Programme.label(try file.required("unit"), limit: 4)
    currency = try Currency(try file.required("currency"))
    earn = try EarnRule(try file.required("earn"))
    redeem = try RedeemRule(try file.required("redeem"))
    expiry = try ExpiryRule(try file.required("expiry"))
    tiers = try TierRule(try file.required("tiers"))
    returns = try ReturnRule(try file.required("returns"))
    cards = try CardRule(try file.required("cards"))
    try file.finish()
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
}

/// The largest amount of one ticket and number of points of one entry: products of two stay within
/// 64 bits.
package enum RuleLimits {
  package static let amount: Int64 = 1_000_000_000
  package static let points: Int64 = 1_000_000_000
}

extension Currency {
  init(_ node: Node) throws(ConfigurationError) {
    var object = try node.object()
    let codeNode = try object.required("code")
    code = try codeNode.text()
    guard code.utf8.count == 3, code.utf8.allSatisfy({ (0x41...0x5a).contains($0) }) else {
      throw codeNode.error("\"\(code)\" is no currency code", remedy: "write it as \"TWD\"")
    }
    decimals = Int(try object.required("decimals").integer(in: 0...3))
    try object.finish()
  }
}

extension EarnRule {
  init(_ node: Node) throws(ConfigurationError) {
    var object = try node.object()
    perAmount = try object.required("perAmount").integer(in: 1...1_000_000)
    points = try object.required("points").integer(in: 1...10_000)
    rounding = try object.required("rounding").choice(of: Rounding.self)
    try object.finish()
  }
}

extension RedeemRule {
  init(_ node: Node) throws(ConfigurationError) {
    var object = try node.object()
    pointValue = try object.required("pointValue").integer(in: 1...1_000_000)
    minimum = try object.required("minimum").integer(in: 1...1_000_000)
    let multipleNode = try object.required("multiple")
    multiple = try multipleNode.integer(in: 1...1_000_000)
    guard minimum % multiple == 0 else {
      throw multipleNode.error(
        "the minimum of \(minimum) points is no multiple of \(multiple)",
        remedy: "make redeem.minimum a multiple of redeem.multiple")
    }
    try object.finish()
  }
}

extension ExpiryRule {
  private enum Style: String, CaseIterable {
    case never, days, months, endOfMonth, endOfQuarter, endOfYear, endOfNextYear
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
    }
    try object.finish()
  }
}

extension TierRule {
  init(_ node: Node) throws(ConfigurationError) {
    var object = try node.object()
    windowMonths = Int(try object.required("windowMonths").integer(in: 1...120))
    periodMonths = Int(try object.required("periodMonths").integer(in: 1...120))
    graceDays = Int(try object.required("graceDays").integer(in: 0...366))
    let list = try object.required("levels")
    levels = []
    for levelNode in try list.list(limit: 20) {
      let level = try TierLevel(levelNode)
      if let last = levels.last, level.from <= last.from {
        throw levelNode.error(
          "begins at \(level.from), not above the level before it (\(last.from))",
          remedy: "list the levels from the lowest to the highest")
      }
      if levels.isEmpty, level.from != 0 {
        throw levelNode.error(
          "the lowest level begins at \(level.from)", remedy: "let it begin at 0")
      }
      if levels.contains(where: { $0.code == level.code }) {
        throw levelNode.error("the code \(level.code) stands twice", remedy: "choose another")
      }
      levels.append(level)
    }
    guard !levels.isEmpty else { throw list.error("is empty", remedy: "name one level at least") }
    try object.finish()
  }
}

extension TierLevel {
  init(_ node: Node) throws(ConfigurationError) {
    var object = try node.object()
    code = try Programme.code(try object.required("code"), length: 2)
    name = try Programme.label(try object.required("name"), limit: 8)
    from = try object.required("from").integer(in: 0...1_000_000_000_000)
    multiplier = try Ratio(try object.required("multiplier"))
    try object.finish()
  }
}

extension Ratio {
  /// Reads `"3/2"`: both sides 1 to 1,000.
  init(_ node: Node) throws(ConfigurationError) {
    let text = try node.text()
    let sides = text.split(separator: "/", omittingEmptySubsequences: false).map { Int64($0) }
    guard sides.count == 2, let numerator = sides[0], let denominator = sides[1],
      (1...1_000).contains(numerator), (1...1_000).contains(denominator)
    else {
      throw node.error("\"\(text)\" is no ratio", remedy: "write it as \"3/2\", sides 1 to 1000")
    }
    self.init(numerator, denominator)
  }
}

extension ReturnRule {
  init(_ node: Node) throws(ConfigurationError) {
    var object = try node.object()
    shortfall = try object.required("shortfall").choice(of: ShortfallPolicy.self)
    expiredLotGraceDays = Int(try object.required("expiredLotGraceDays").integer(in: 0...366))
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
    ratedRewrites = try object.required("ratedRewrites").integer(in: 10...100_000)
    try object.finish()
  }
}
