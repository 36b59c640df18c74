import Configuration
import Testing

private func read(_ text: String, _ dialect: Dialect = .json5) throws -> String {
  let node = try Node.parse(Array(text.utf8), source: "t", dialect: dialect)
  return String(decoding: try node.json().text, as: UTF8.self)
}

private func failure(_ text: String, _ dialect: Dialect = .json5) -> ConfigurationError? {
  do {
    _ = try Node.parse(Array(text.utf8), source: "t", dialect: dialect)
    return nil
  } catch {
    return error
  }
}

struct ParserTests {
  @Test(arguments: [
    ("{}", "{}"), ("[]", "[]"), (" 7 ", "7"), ("-0", "0"), ("100.00", "100"),
    ("{a:1,'b':[true,false,null,],}", #"{"a":1,"b":[true,false,null]}"#),
    ("// x\n{ /* y */ \"a\": \"\\u00e9\\n\" }", #"{"a":"é\n"}"#),
    (#""\ud83d\ude00""#, "\"😀\""), ("'it\\'s'", "\"it's\""), ("{中文: '值'}", #"{"中文":"值"}"#),
  ])
  func `JSON5 is read`(text: String, json: String) throws {
    #expect(try read(text) == json)
  }

  @Test(arguments: [
    "", "{", "[1", "{a}", "{a:1 b:2}", "[1,,2]", "01", "1.", ".5", "+", "1e", "tru", "nulll",
    "\"\u{1}\"", "\"open", "\"\\x\"", #""\ud800""#, #""\udc00\ud800""#, "0x1f", "Infinity", "1 2",
    "/* open", "{a:1,a:2}", "{1a:1}", "\"a\nb\"",
  ])
  func `what is malformed is refused`(text: String) {
    #expect(failure(text) != nil)
  }

  @Test(arguments: [
    "{a:1}", "{'a':1}", "[1,]", "// x\n1", "+1", "{\"a\":1,}",
  ])
  func `strict JSON refuses what only JSON5 allows`(text: String) {
    #expect(failure(text, .json) != nil)
    #expect(failure(text, .json5) == nil)
  }

  @Test func `an error names file, line and way`() {
    #expect(failure("{\n a: {\n  b: 1,\n  b: 2 }}")?.line == 4)
    #expect(failure("{\n a: {\n  b: 1,\n  b: 2 }}")?.path == "a.b")
    #expect("\(failure("{a:1,a:2}")!)" == "t:1: a: stands twice, first in line 1; keep one")
  }

  @Test func `nesting, size and encoding are limited`() {
    #expect(failure(String(repeating: "[", count: 63) + String(repeating: "]", count: 63)) == nil)
    #expect(failure(String(repeating: "[", count: 100_000)) != nil)
    let long = [UInt8](repeating: 0x20, count: ParserLimits.bytes + 1)
    #expect(throws: ConfigurationError.self) { try Node.parse(long, source: "t") }
    #expect(throws: ConfigurationError.self) { try Node.parse([0x22, 0xff, 0x22], source: "t") }
  }

  @Test func `unknown keys are refused with the nearest known one`() throws {
    let node = try Node.parse(Array("{ stationz: 1 }".utf8), source: "t")
    var object = try node.object()
    _ = object.optional("stations")
    let reader = object
    #expect {
      try reader.finish()
    } throws: { ($0 as? ConfigurationError)?.remedy == "did you mean stations?" }
  }

  @Test func `numbers keep their digits and their range`() throws {
    func integer(_ text: String, _ range: ClosedRange<Int64> = .min ... .max) throws -> Int64 {
      try Node.parse(Array(text.utf8), source: "t").integer(in: range)
    }
    #expect(try integer("9223372036854775807") == .max)
    #expect(throws: ConfigurationError.self) { try integer("9223372036854775808") }
    #expect(throws: ConfigurationError.self) { try integer("100.5") }
    #expect(throws: ConfigurationError.self) { try integer("1e3") }
    #expect(throws: ConfigurationError.self) { try integer("11", 0...10) }
    #expect(throws: ConfigurationError.self) { try integer("'1'") }
  }

  @Test func `the canonical text sorts keys by UTF-16 and does not depend on order`() {
    let a: JSON = ["b": 1, "a": ["x": nil, "é": "\u{1f}\"\\"], "😀": true, "\u{fb33}": false]
    let b: JSON = ["😀": true, "a": ["é": "\u{1f}\"\\", "x": nil], "\u{fb33}": false, "b": 1]
    let text = String(decoding: a.canonical, as: UTF8.self)
    #expect(a == b)
    // RFC 8785 sorts by UTF-16 units: the surrogates of an emoji come before U+FB33
    #expect(
      text == "{\"a\":{\"x\":null,\"é\":\"\\u001f\\\"\\\\\"},\"b\":1,\"😀\":true,\"\u{fb33}\":false}"
    )
  }

  @Test(arguments: 1...300)
  func `what was written is read back, for every value`(seed: Int) throws {
    var random = Generator(state: UInt64(seed))
    let value = JSON.random(depth: 4, using: &random)
    let node = try Node.parse(value.canonical, source: "seed \(seed)", dialect: .json)
    #expect(try node.json() == value, "seed \(seed)")
  }

  @Test(arguments: 1...300)
  func `damaged text never crashes`(seed: Int) throws {
    var random = Generator(state: UInt64(seed) &* 977)
    var bytes = JSON.random(depth: 4, using: &random).text
    for _ in 0..<3 where !bytes.isEmpty {
      bytes[Int.random(in: bytes.indices, using: &random)] = UInt8.random(
        in: 0...255, using: &random)
    }
    do {
      _ = try Node.parse(bytes, source: "t").json()
    } catch {
      #expect(!error.problem.isEmpty, "seed \(seed)")
    }
  }
}

extension JSON {
  fileprivate static func random(depth: Int, using random: inout Generator) -> JSON {
    switch Int.random(in: 0...(depth == 0 ? 3 : 5), using: &random) {
    case 0: .null
    case 1: .bool(Bool.random(using: &random))
    case 2: .integer(Int64.random(in: .min ... .max, using: &random))
    case 3: .string(text(using: &random))
    case 4:
      .array(
        (0..<Int.random(in: 0...4, using: &random)).map { _ in
          .random(depth: depth - 1, using: &random)
        })
    default:
      .object(
        (0..<Int.random(in: 0...4, using: &random)).map { index in
          ("\(index)" + text(using: &random), .random(depth: depth - 1, using: &random))
        })
    }
  }

  private static func text(using random: inout Generator) -> String {
    let letters = Array("ab\"\\/\n\t\u{0}\u{1f}é中😀 {}[]:,'")
    return String(
      (0..<Int.random(in: 0...6, using: &random)).map { _ in
        letters[Int.random(in: letters.indices, using: &random)]
      })
  }
}

private struct Generator: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }
}
