import CardFace
import CounterAPI
import CounterService
import Foundation
import Ledger
import Testing

/// Whatever the service can answer has its sentence, and a sentence can be shown everywhere.
struct SentenceCodeTests {
  private static let known = Set(Sentence.all.map(\.code))

  /// The literals of the form `word.word` in the service's sources that are no codes of answers:
  /// marks for tests, names of commands in hashes, names in the audit.
  private func codes(_ file: PackageTree.File) -> [(line: Int, code: String)] {
    let lines = file.text.split(separator: "\n", omittingEmptySubsequences: false)
    return SwiftText(file.text).literals.compactMap { literal in
      guard literal.text.wholeMatch(of: /[a-z]+\.[a-z][A-Za-z]*/) != nil,
        // names of files are no codes
        !["socket", "db", "json5"].contains(literal.text.split(separator: ".").last)
      else { return nil }
      let line = lines[literal.line]
      let isOther = ["mark(", "\"command\":", "(\"command\",", "what:"].contains { word in
        line.firstRange(of: word + (word == "mark(" ? "" : " ") + "\"\(literal.text)\"") != nil
      }
      return isOther ? nil : (literal.line + 1, literal.text)
    }
  }

  @Test func `every code that the service answers has a sentence`() throws {
    var found: Set<String> = []
    for file in try PackageTree.here.files("Sources/CounterService") {
      for (line, code) in codes(file) {
        #expect(Self.known.contains(code), "\(file.path):\(line): \(code) has no sentence")
        found.insert(code)
      }
    }
    #expect(found.count > 30, "the search finds codes at all")
    #expect(found.isSuperset(of: ["device.jam", "card.foreign", "route.notFound", "card.issued"]))
  }

  @Test func `a code without a sentence would be found`() {
    let file = PackageTree.File(
      path: "Planted.swift",
      text: """
        throw APIError(status: 409, code: "station.onFire")
        log.mark("station.marked")
        ["command": "station.command"]
        """)
    #expect(codes(file).map(\.code) == ["station.onFire"])
  }

  @Test(arguments: RefusalCode.allCases)
  func `every refusal of the ledger has a sentence`(code: RefusalCode) {
    #expect(Self.known.contains(code.rawValue))
  }

  @Test func `every sentence is said somewhere`() throws {
    var texts = ""
    for file in try PackageTree.here.files("Sources")
    where !file.path.hasPrefix("Sources/CounterAPI/Sentences") {
      texts += file.text
    }
    for code in Self.known {
      #expect(texts.contains("\"\(code)\""), "\(code) is never answered")
    }
  }

  @Test func `every sentence can be drawn at 24 dots and stands in CP950`() throws {
    let fonts = try CounterResources.load().fonts
    let encodings: [UInt] = [0x8000_0423, 0x8000_0a03]  // CP950, Big5
    for sentence in Sentence.all {
      for text in [sentence.chinese, sentence.english] {
        let shown = text.replacing(/\{[A-Za-z]+\}/, with: "")
        let missing = fonts.unprintableCharacters(in: shown)
        #expect(missing.isEmpty, "\(sentence.code): \(missing)")
        #expect(
          encodings.contains { shown.canBeConverted(to: String.Encoding(rawValue: $0)) },
          "\(sentence.code)")
      }
    }
    let has = encodings.map { "點".canBeConverted(to: String.Encoding(rawValue: $0)) }
    #expect(has.contains(true), "Foundation knows neither encoding")
    #expect(
      !encodings.contains { "堃".canBeConverted(to: String.Encoding(rawValue: $0)) },
      "a check that passes everything checks nothing")
  }
}
