import Configuration

/// The languages a cashier can read.
package enum Language: String, CaseIterable, Sendable {
  case traditionalChinese = "zh-Hant"
  case english = "en"

  /// The first language of an `Accept-Language` field that we have; Chinese otherwise.
  package init(acceptLanguage field: String?) {
    let wanted = (field ?? "").lowercased().split(separator: ",").map {
      $0.prefix { $0 != ";" && $0 != "-" }.filter { $0 != " " }
    }
    self = wanted.first { $0 == "en" || $0 == "zh" } == "en" ? .english : .traditionalChinese
  }
}

/// One sentence for the cashier: first what it is, then that the points are safe, then what to do.
package struct Sentence: Sendable {
  package var code: String
  package var chinese: String
  package var english: String

  /// The sentence of a code with its placeholders filled.
  ///
  /// A code without a sentence gives the one of `internal.failure`; a test keeps that from
  /// happening.
  ///
  /// - Parameter decimals: of the facts, which are told in smallest parts.
  package static func text(
    _ code: String, _ facts: [(String, JSON)], _ language: Language,
    decimals: Decimals = Decimals()
  ) -> String {
    let sentence = byCode[code] ?? byCode["internal.failure"]
    let text = (language == .english ? sentence?.english : sentence?.chinese) ?? code
    return filled(text) { name in
      guard let (key, value) = facts.first(where: { name.elementsEqual($0.0.utf8) }) else {
        return nil
      }
      return switch value {
      case .string(let word): word
      case .integer(let number):
        amount(number, decimals: Sentence.decimals(of: key, in: code, decimals))
      default: String(decoding: value.canonical, as: UTF8.self)
      }
    }
  }

  /// A text with its `{names}` filled in, in one pass over its bytes: what is filled in is not
  /// looked through again. A name without a value stays as it is.
  private static func filled(
    _ text: String, _ value: (ArraySlice<UInt8>) -> String?
  ) -> String {
    let bytes = Array(text.utf8)
    var result: [UInt8] = []
    result.reserveCapacity(bytes.count + 32)
    var next = bytes.startIndex
    while let open = bytes[next...].firstIndex(of: UInt8(ascii: "{")),
      let close = bytes[open...].firstIndex(of: UInt8(ascii: "}"))
    {
      result += bytes[next..<open]
      if let shown = value(bytes[(open + 1)..<close]) {
        result += shown.utf8
      } else {
        result += bytes[open...close]
      }
      next = close + 1
    }
    result += bytes[next...]
    return String(decoding: result, as: UTF8.self)
  }

  /// `12,345`.
  package static func grouped(_ number: Int64) -> String {
    var digits = String(number.magnitude)
    var groups: [String] = []
    while digits.count > 3 {
      groups.insert(String(digits.suffix(3)), at: 0)
      digits = String(digits.dropLast(3))
    }
    return (number < 0 ? "-" : "") + ([digits] + groups).joined(separator: ",")
  }

  /// Facts that are amounts of money wherever a sentence says them.
  package static let moneyFacts: Set<String> = ["amount", "lines", "sold"]

  /// Facts that are points wherever a sentence says them.
  package static let pointFacts: Set<String> = [
    "after", "available", "balance", "before", "cap", "earned", "givenBack", "held", "left",
    "limit", "max", "minimum", "multiple", "points", "redeemed", "reversed", "short",
  ]

  /// The decimals with which a sentence says a fact; what is counted in pieces has none.
  private static func decimals(of fact: String, in code: String, _ decimals: Decimals) -> Int {
    if moneyFacts.contains(fact) { return decimals.money }
    // how often somebody can have a reward
    return pointFacts.contains(fact) && code != "reward.limit" ? decimals.points : 0
  }

  /// An amount of smallest parts in whole ones: `1,234.50`.
  package static func amount(_ number: Int64, decimals: Int) -> String {
    guard decimals > 0 else { return grouped(number) }
    let digits = String(number.magnitude)
    let padded = String(repeating: "0", count: max(0, decimals + 1 - digits.count)) + digits
    let whole = Int64(padded.dropLast(decimals)) ?? 0
    return (number < 0 ? "-" : "") + grouped(whole) + "." + padded.suffix(decimals)
  }

  private static let byCode = Dictionary(
    all.map { ($0.code, $0) }, uniquingKeysWith: { first, _ in first })
}
