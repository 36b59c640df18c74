import CounterAPI
import CounterService
import DeviceCatalog
import HTTPMessages
import Ledger
import Testing

/// The manual says what the program does: nothing else would keep the two together.
struct ReadmeTests {
  private let tree = PackageTree.here
  private let readme: String

  init() throws { readme = try tree.text("README.md") }

  /// The rows of tables whose first cell is this, in code marks.
  private func rows(_ cell: String) -> [[String]] {
    readme.split(separator: "\n").filter { $0.hasPrefix("| `\(cell)` |") }.map { line in
      line.split(separator: "|").map { $0.trimmingPrefix { $0 == " " } }
        .map { String($0.reversed().drop { $0 == " " }.reversed()) }
    }
  }

  @Test(arguments: Route.allCases)
  func `every route has its row`(route: Route) throws {
    let path = "/" + route.path.map { $0 == "*" ? "{station}" : $0 }.joined(separator: "/")
    let row = try #require(rows("\(route.method.name) \(path)").first, "\(route)")
    #expect(row.count == 3)
    #expect(row.last == route.summary)
  }

  @Test(arguments: SwipeVerdict.allCases)
  func `every class of a swipe stands in the table with its outcome`(verdict: SwipeVerdict) throws {
    let lines = readme.split(separator: "\n").filter {
      $0.hasPrefix("| `")
        && ($0.split(separator: "|").first ?? "").contains("`\(verdict.rawValue)`")
    }
    let cells = try #require(lines.first).split(separator: "|")
    #expect(lines.count == 1 && cells.count == 4)
    #expect(cells[1].contains("`\(verdict.outcome.code)`"))
    #expect(cells[2].contains("untouched") == (verdict.outcome.effect == .untouched))
    #expect(cells[3].contains("yes") == (verdict.outcome.alarm != nil))
  }

  @Test func `no row names a route that is not there`() {
    let count = readme.split(separator: "\n").count {
      $0.hasPrefix("| `GET /") || $0.hasPrefix("| `POST /")
    }
    #expect(count == Route.allCases.count)
  }

  /// What reads one key of an object.
  private static let readers: Set<Substring> = [
    "required", "optional", "value", "section", "integer", "limit", "flag", "choice", "choices",
    "ratio", "words",
  ]

  @Test(
    arguments: [
      ("Sources/CounterService/CounterConfiguration.swift", "pointcardd.json5"),
      ("Sources/CounterService/StationConfiguration.swift", "pointcardd.json5"),
      ("Sources/CounterService/CounterLimits.swift", "pointcardd.json5"),
      ("Sources/LoyaltyRules/ProgrammeFile.swift", "programme file"),
      ("Sources/LoyaltyRules/EarnFile.swift", "programme file"),
      ("Sources/LoyaltyRules/RewardFile.swift", "programme file"),
    ])
  func `every key of a file has its row`(source: String, file: String) throws {
    let text = try tree.text(source)
    let keys = Set(
      text.matches(of: /\.([a-z]+)\(\s*"([A-Za-z0-9]+)"/).filter { Self.readers.contains($0.1) }
        .map { String($0.2) })
    #expect(keys.count > 4, "the search finds keys at all")
    for key in keys {
      // a key inside an object stands behind its object's name, an object before its keys
      let forms = ["| `\(key)` |", "| `\(key).", ".\(key)` |", ".\(key)."]
      let named = forms.contains { readme.contains($0) }
      #expect(named, "\(file): \(key)")
    }
  }

  @Test func `every model stands in the table with its evidence`() throws {
    let models = try CounterResources.load().catalogue.models
    for model in models {
      let row = try #require(rows(model.id).first, "\(model.id)")
      #expect(row.count == 4)
      #expect(
        row.count == 4 && row[1] == model.name && row[2].hasPrefix("\(model.evidence.rawValue)"))
    }
    let families = try tree.names("Firmware-Protocols").filter { !$0.hasSuffix(".md") }
    let shown = readme.split(separator: "\n").count { line in
      families.contains { line.hasPrefix("| `\($0)/") }
    }
    #expect(shown == models.count)
  }

  @Test func `every folder has its line in the codemap`() throws {
    let folders =
      try tree.names("Sources").map { "Sources/\($0)" }
      + ["Tests", "Firmware-Protocols", "udev", ".ci", ".tools"]
    for folder in folders {
      #expect(!rows(folder).isEmpty, "\(folder)")
    }
  }

  @Test func `there are two commands, and the tests run the second`() throws {
    // a command of the script may stand on several lines
    let script = try tree.text(".ci/run").replacing(/\\\n +/, with: "")
    let commands = readme.split(separator: "\n").filter { $0.contains("swift test ") }
    let command = try #require(commands.first)
    #expect(script.contains(command))
    for word in ["libsqlite3-dev", "libusb-1.0-0-dev", "pointcard demo"] {
      #expect(readme.contains(word) && script.contains(word), "\(word)")
    }
  }

  @Test func `what the manual shows is there`() throws {
    for match in readme.matches(of: /\]\(([^)#]+)\)/) where !match.1.contains("://") {
      #expect(tree.exists(String(match.1)), "\(match.1)")
    }
  }
}
