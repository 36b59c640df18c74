import Configuration
import LoyaltyRules
import Testing

struct StripeRuleTests {
  private func rule(_ layouts: String) throws -> StripeRule {
    try programme(settings(rest: "stripe: { layouts: [\(layouts)] },")).stripe
  }

  @Test func `a number is found where the layout says`() throws {
    let rule = try rule(
      """
      { name: 'old', prefix: 'TKW', number: {} },
      { name: 'club', prefix: 'C', number: { from: 4, length: 6, characters: 'letters' } },
      { name: 'luhn', prefix: 'L', number: { length: 8, check: 'luhn' } }
      """)
    for (text, value) in [
      ("TKW1", "old:1"), ("TKW0012345", "old:0012345"), ("TKW0012345   ", "old:0012345"),
      ("C--AB12CD", "club:AB12CD"), ("L12345674", "luhn:12345674"),
    ] {
      #expect(rule.told(text)?.value == value, "\(text)")
      #expect(rule.holds(value))
    }
    for text in [
      "", "TKW", "TKW ", "TK1", "TKW12A", "TKW1 2", "C--AB12C", "C--AB12CDE", "C--ab12cd", "C-",
      "L12345670", "L1234567", "X1", "TKW" + String(repeating: "1", count: 33), "P1",
    ] {
      #expect(rule.told(text) == nil, "\(text)")
    }
    for value in ["", "old", "old:", "new:1", "old:12A", "luhn:12345670"] {
      #expect(!rule.holds(value), "\(value)")
    }
    #expect(try programme(settings()).stripe.layouts.isEmpty)
  }

  @Test(arguments: [
    ("{ prefix: 'A', number: {} }", "stripe.layouts[0].name"),
    ("{ name: 'Old', prefix: 'A', number: {} }", "stripe.layouts[0].name"),
    ("{ name: 'a', prefix: '', number: {} }", "stripe.layouts[0].prefix"),
    ("{ name: 'a', prefix: 'P1', number: {} }", "stripe.layouts[0].prefix"),
    ("{ name: 'a', prefix: '點', number: {} }", "stripe.layouts[0].prefix"),
    ("{ name: 'a', prefix: 'ABC', number: { from: 3 } }", "stripe.layouts[0].number"),
    ("{ name: 'a', prefix: 'A', number: { from: 65 } }", "stripe.layouts[0].number.from"),
    ("{ name: 'a', prefix: 'A', number: { length: 33 } }", "stripe.layouts[0].number.length"),
    (
      "{ name: 'a', prefix: 'A', number: { check: 'luhn', characters: 'letters' } }",
      "stripe.layouts[0].number"
    ),
    ("{ name: 'a', prefix: 'A', number: { chars: 1 } }", "stripe.layouts[0].number.chars"),
    (
      "{ name: 'a', prefix: 'A', number: {} }, { name: 'b', prefix: 'A', number: {} }",
      "stripe.layouts[1]"
    ),
    ("{ name: 'a', prefix: 'A', number: {}, rewrite: 1 }", "stripe.layouts[0].rewrite"),
  ])
  func `a layout that cannot be is refused with its place`(layouts: String, path: String) {
    #expect(fault(settings(rest: "stripe: { layouts: [\(layouts)] },"))?.path == path, "\(layouts)")
  }
}
