import Configuration
import CounterAPI
import HTTPMessages
import Testing

struct SentenceTests {
  @Test func `every code has one sentence in each language`() {
    let codes = Sentence.all.map(\.code)
    #expect(Set(codes).count == codes.count)
    for sentence in Sentence.all {
      #expect(!sentence.chinese.isEmpty && !sentence.english.isEmpty, "\(sentence.code)")
    }
  }

  @Test func `a sentence has at most 45 Han characters and no English word in Chinese`() {
    for sentence in Sentence.all {
      let bare = sentence.chinese.replacing(/\{[A-Za-z]+\}/, with: "")
      let han = bare.unicodeScalars.count { (0x4e00...0x9fff).contains($0.value) }
      #expect(han <= 45, "\(sentence.code) has \(han)")
      #expect(!bare.contains(/[A-Za-z]{2,}/), "\(sentence.code)")
      #expect(sentence.chinese.hasSuffix("。"), "\(sentence.code)")
    }
  }

  @Test func `both languages name the same facts`() {
    func names(_ text: String) -> Set<String> {
      Set(text.matches(of: /\{([A-Za-z]+)\}/).map { String($0.1) })
    }
    for sentence in Sentence.all {
      #expect(names(sentence.chinese) == names(sentence.english), "\(sentence.code)")
    }
  }

  @Test func `placeholders are filled, numbers grouped`() {
    let text = Sentence.text(
      "points.insufficient", [("available", 12_345), ("max", -1_000)], .traditionalChinese)
    #expect(text == "目前可用 12,345 點，本次最多折抵 -1,000 點，請重新輸入點數。")
  }

  @Test(arguments: [
    (0, "12,345", "3", "50"), (1, "1,234.5", "0.3", "5.0"), (2, "123.45", "0.03", "0.50"),
  ])
  func `points are told with their decimals, money with the currency's`(
    decimals: Int, many: String, few: String, less: String
  ) {
    let facts: [(String, JSON)] = [("points", 12_345), ("short", 3), ("amount", 1_280)]
    let money = Decimals(money: 2, points: decimals)
    #expect(
      Sentence.text("return.shortfall", facts, .english, decimals: money)
        == "This return takes back \(many) points; \(few) are missing, so the refund is reduced by "
        + "12.80.")
    let text = Sentence.text(
      "points.insufficient", [("available", 12_345), ("max", -50)], .traditionalChinese,
      decimals: money)
    #expect(text == "目前可用 \(many) 點，本次最多折抵 -\(less) 點，請重新輸入點數。")
    // how often is no number of points
    let often = Sentence.text(
      "reward.limit", [("reward", "cup"), ("limit", 2)], .english, decimals: money)
    #expect(often.contains("cup 2 times"), "\(often)")
  }

  @Test func `every fact that a sentence names is points, money, or counted in pieces`() {
    let pieces: Set<String> = [
      "accounts", "added", "characters", "code", "count", "days", "design", "edition", "entry",
      "first", "found", "last", "lots", "minutes", "name", "node", "place", "places", "quantity",
      "reward", "station", "store", "tier", "till", "time", "version", "wanted",
    ]
    for sentence in Sentence.all {
      let names = sentence.english.matches(of: /\{([A-Za-z]+)\}/).map { String($0.1) }
      let unknown = Set(names).subtracting(pieces).subtracting(Sentence.pointFacts)
        .subtracting(Sentence.moneyFacts)
      #expect(unknown.isEmpty, "\(sentence.code): \(unknown)")
    }
  }

  @Test(
    arguments: [
      (nil, Language.traditionalChinese), ("en-GB,en;q=0.8", .english),
      ("zh-TW", .traditionalChinese), ("fr,en;q=0.5", .english), ("fr", .traditionalChinese),
      ("", .traditionalChinese),
    ] as [(String?, Language)])
  func `the first language we have is taken`(field: String?, language: Language) {
    #expect(Language(acceptLanguage: field) == language)
  }

  @Test func `an unknown code still says something`() {
    #expect(Sentence.text("no.such", [], .english).hasPrefix("Something went wrong"))
  }
}

struct RouteTests {
  @Test func `no two routes share method and path`() {
    let all = Route.allCases.map { "\($0.method) \($0.path.joined(separator: "/"))" }
    #expect(Set(all).count == all.count)
  }

  @Test func `every route is found by its own path`() {
    for route in Route.allCases {
      let path = route.path.map { $0 == "*" ? "counter-1" : $0 }
      let station = route.path.contains("*") ? "counter-1" : nil
      #expect(Route.find(route.method, path) == .route(route, station: station))
    }
  }

  @Test func `a wrong method is told from a wrong path`() {
    #expect(Route.find(.get, ["v1", "tickets"]) == .wrongMethod([.post]))
    #expect(Route.find(.get, ["v2", "tickets"]) == .notFound)
    #expect(Route.find(.get, []) == .notFound)
  }

  @Test func `an error's body holds code, sentence, detail and facts`() {
    let error = APIError(
      status: 422, code: "points.insufficient", facts: [("available", 5), ("max", 3)],
      detail: "x")
    let text = String(decoding: error.json(.english).text, as: UTF8.self)
    #expect(text.contains("\"code\":\"points.insufficient\""))
    #expect(text.contains("5 points can be used now and at most 3"))
    #expect(text.contains("\"facts\":{\"available\":5,\"max\":3}"))
  }
}
