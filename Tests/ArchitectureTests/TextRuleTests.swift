import Testing

struct TextRuleTests {
  @Test func `the sources hold no banned word`() throws {
    let files = try PackageTree.here.files("Sources")
    let faults = files.flatMap { TextRules.faults($0) }
    #expect(faults.isEmpty, "\(faults.joined(separator: "\n"))")
  }

  @Test func `files, functions and lines keep their budgets`() throws {
    let files = try PackageTree.here.swiftFiles()
    let faults = files.flatMap { Budgets.faults($0) }
    #expect(faults.isEmpty, "\(faults.joined(separator: "\n"))")
    let gone = Budgets.raised.keys.filter { !PackageTree.here.exists($0) }
    #expect(gone.isEmpty)
  }

  @Test(
    arguments: [
      ("Ledger", "fatalError(\"x\")"), ("Ledger", "let a = try? b()"), ("Ledger", "try! b()"),
      ("Ledger", "do { try b() } catch {}"), ("Ledger", "do { try b() } catch {\n}"),
      ("Ledger", "do { try b() } catch is StoreError { }"), ("Ledger", "Thread.sleep(1)"),
      ("Ledger", "usleep(10)"), ("Ledger", "// TO" + "DO later"),
      ("Ledger", "/* FIX" + "ME */"), ("Ledger", "throw A(\"not " + "implemented\")"),
      ("Ledger", "public struct A {}"), ("Ledger", "final class A: @unchecked Sendable {}"),
      ("Platform", "final class A: @unchecked Sendable {}"),
      ("Platform", "nonisolated(unsafe) var a = 1"),
      ("Ledger", "nonisolated(unsafe) var a = 1  // under a lock"),
      ("Ledger", "let a = \"/tmp\""), ("Ledger", "let a = \"/home/me\""),
      ("LoyaltyRules", "let now = Date()"), ("LoyaltyRules", "let a = FileManager.default"),
      ("Raster", "let a = Int.random(in: 0...1)"), ("CardFace", "let queue: DispatchQueue"),
      ("Digest", "static var last = 0"), ("CounterAPI", "let a = \"\\(Date())\""),
    ])
  func `a planted word is refused`(room: String, line: String) {
    #expect(!TextRules.faults(planted(room, line)).isEmpty)
  }

  @Test(
    arguments: [
      ("Ledger", "let text = \"fatalError( public try? \""), ("Ledger", "// try? is not used"),
      ("Ledger", "deinit {\n  try? close()\n}"), ("Ledger", "deinit { try? close() }"),
      ("Ledger", "do { try b() } catch { log(error) }"),
      ("Ledger", "do { try b() } catch {\n  // a reason\n}"),
      ("Ledger", "let entry = self.entry?.a"),
      ("Platform", "final class A: @unchecked Sendable {  // under `lock`"),
      ("LoyaltyRules", "let day = StripeDate()"), ("LoyaltyRules", "func publicName() {}"),
      ("Ledger", "let now = Date()"), ("Raster", "let text = #\"a \" static var\"#"),
      ("Raster", "let a = /static var [0-9]\\//"), ("Ledger", "let a = \"a/tmp\""),
      ("Raster", "/* Date() /* nested */ FileManager */ let a = 1"),
      ("Raster", "let a = \"\"\"\n  \"Date()\" FileManager\n  \"\"\""),
    ])
  func `what only looks like it passes`(room: String, line: String) {
    #expect(TextRules.faults(planted(room, line)) == [])
  }

  private func planted(_ room: String, _ line: String) -> PackageTree.File {
    PackageTree.File(path: "Sources/\(room)/Planted.swift", text: line + "\n")
  }

  /// `lines` lines of a function's body.
  private func function(_ lines: Int, _ line: String = "  b()") -> String {
    "func a() {\n" + String(repeating: line + "\n", count: lines) + "}\n"
  }

  @Test func `what is too large is refused`() {
    let texts = [
      (String(repeating: "let a = 1\n", count: 401), "Planted.swift: 401 lines"),
      ("let a = \"" + String(repeating: "券", count: 91) + "\"", "Planted.swift:1: 101 columns"),
      (function(61), "Planted.swift:1: a function of 61 lines"),
      (
        "struct A {\n  init(_ a: Int) {\n" + String(repeating: "    b { c }\n", count: 61)
          + "  }\n}\n", "Planted.swift:2: a function of 61 lines"
      ),
    ]
    for (text, fault) in texts {
      #expect(Budgets.faults(PackageTree.File(path: "Planted.swift", text: text)) == [fault])
    }
  }

  @Test func `what just fits passes`() {
    let texts = [
      String(repeating: "let a = 1\n", count: 400),
      "let a = \"" + String(repeating: "券", count: 90) + "\"\n",
      function(60, "  b(\"}\")  // }"),
      "struct A {\n" + String(repeating: "  func a() {}\n", count: 61) + "}\n",
    ]
    for text in texts {
      #expect(Budgets.faults(PackageTree.File(path: "Planted.swift", text: text)) == [])
    }
  }

  @Test func `a file is taken apart into code and literals`() {
    let text = SwiftText("let a = \"x \\(b(\"y\")) z\" // c \"d\"\nlet e = #\"f\\\"\"#\n")
    #expect(text.literals.map(\.text).sorted() == ["f\\\"", "x  z", "y"])
    #expect(text.literals.map(\.line).sorted() == [0, 0, 1])
    #expect(text.lines.map { $0.filter { $0 != " " } } == ["leta=b()", "lete=", ""])
  }
}
