import CardTracks
import Testing

private let key = StripeKey(number: 1, bytes: Array(0...31))
private let keys = [0, 1, 3, 9, 31].map { StripeKey(number: $0, bytes: Array(0...31)) }

private func record() -> StripeRecordA {
  StripeRecordA(
    programme: 1, cardNumber: "9012345678", issue: 1, counter: 0, balance: 0, tier: "",
    node: "S01", date: StripeDate(year: 2026, month: 11, day: 21))
}

private func misfit(_ change: (inout StripeRecordA) -> Void) -> String? {
  var record = record()
  change(&record)
  do throws(StripeRecordError) {
    _ = try record.encode(key: key)
    return nil
  } catch {
    if case .field(let name) = error { return name }
    return nil
  }
}

/// Texts made by another implementation; cards carry them, so they hold for ever.
private let texts = [
  "P100019012345678      0100000+000000000  S01  2611211PA41PSRQ5RQWAHSZ",
  "P1ZZZZABCDEFGHIJKLMNOP9999999-999999999G1HQ001991231Z3SDKAY8P2AGHWXCH",
]

struct StripeRecordATests {
  @Test func `records are written as they always were`() throws {
    #expect(try record().encode(key: key) == texts[0])
    let last = StripeRecordA(
      programme: 1_679_615, cardNumber: "ABCDEFGHIJKLMNOP", issue: 99, counter: 99_999,
      balance: .min, tier: "G1", node: "HQ001", date: StripeDate(year: 2099, month: 12, day: 31))
    #expect(last.balance == -999_999_999)
    #expect(try last.encode(key: keys[4]) == texts[1])
    #expect(texts.allSatisfy { $0.utf8.count == StripeRecordA.length })
  }

  @Test func `records read back under the key of their number`() throws {
    #expect(StripeRecordA.decode(texts[0], keys: keys) == .ours(record()))
    guard case .ours(let last) = StripeRecordA.decode(texts[1], keys: keys) else {
      Issue.record("the second text is ours")
      return
    }
    #expect(last.counter == 99_999 && last.balance == -999_999_999 && last.tier == "G1")
  }

  @Test func `a key of another number or other bytes confirms nothing`() {
    #expect(StripeRecordA.decode(texts[0], keys: []) == .unknownKey(1))
    #expect(StripeRecordA.decode(texts[0], keys: [keys[0]]) == .unknownKey(1))
    let other = StripeKey(number: 1, bytes: Array(1...32))
    #expect(StripeRecordA.decode(texts[0], keys: [other]) == .badMAC)
    #expect(StripeRecordA.decode(texts[0], keys: [other, key]) == .ours(record()))
  }

  @Test func `no character of a record can be changed`() {
    for place in 0..<StripeRecordA.length {
      for character in "P1 0Z+-A" {
        var characters = Array(texts[0])
        guard characters[place] != character else { continue }
        characters[place] = character
        let verdict = StripeRecordA.decode(String(characters), keys: keys)
        switch verdict {
        case .ours: Issue.record("\(character) at \(place) is taken")
        case .notOurFormat: #expect(place < 2 || place == 52)
        case .unknownKey: #expect(place == 52)
        case .badMAC: #expect(place >= 2)
        }
      }
    }
  }

  private static let foreign: [String] = {
    let text = texts[0]
    var others = ["", "P1", "TKW12345678", text + " "]
    others.append(String(text.dropLast()))
    others.append(text.dropLast() + "z")
    others.append("P2" + text.dropFirst(2))
    others.append(text.prefix(52) + "U" + text.suffix(16))
    return others
  }()

  @Test(arguments: foreign)
  func `other texts are not our format`(text: String) {
    #expect(StripeRecordA.decode(text, keys: keys) == .notOurFormat)
  }

  @Test func `fields that do not fit are named`() {
    #expect(misfit { _ in } == nil)
    #expect(misfit { $0.programme = 1_679_616 } == "programme")
    #expect(misfit { $0.programme = -1 } == "programme")
    #expect(misfit { $0.cardNumber = "" } == "cardNumber")
    #expect(misfit { $0.cardNumber = "12345678901234567" } == "cardNumber")
    #expect(misfit { $0.cardNumber = "12 34" } == "cardNumber")
    #expect(misfit { $0.cardNumber = "abc" } == "cardNumber")
    #expect(misfit { $0.issue = 0 } == "issue")
    #expect(misfit { $0.issue = 100 } == "issue")
    #expect(misfit { $0.counter = 100_000 } == "counter")
    #expect(misfit { $0.tier = "VIP" } == "tier")
    #expect(misfit { $0.node = "" } == "node")
    #expect(misfit { $0.node = "S00001" } == "node")
    #expect(misfit { $0.date = StripeDate(year: 2026, month: 2, day: 29) } == "date")
    #expect(misfit { $0.date = StripeDate(year: 2028, month: 2, day: 29) } == nil)
    #expect(misfit { $0.date = StripeDate(year: 1999, month: 1, day: 1) } == "date")
    #expect(misfit { $0.balance = .max } == nil)
  }

  @Test func `a record fits a JIS stripe and ISO track 1`() throws {
    for encoding in [TrackEncoding.jis2, .iso1] {
      let stripe = try encoding.encode(Array(texts[1].utf8))
      #expect(try encoding.decode(characters: stripe) == Array(texts[1].utf8))
    }
  }
}

struct StripeRecordBTests {
  private static let cases: [(Int, StripeRecordB, Int, String)] = [
    (
      10,
      StripeRecordB(
        programme: 7, cardNumber: "9012345678", issue: 1, counter: 12, balance: 12_345),
      1, "1079012345678010012101234561523936779"
    ),
    (
      13,
      StripeRecordB(
        programme: 99, cardNumber: "1234567890123", issue: 99, counter: 9_999,
        balance: 999_999),
      9, "1991234567890123999999999999930565798"
    ),
    (
      14,
      StripeRecordB(
        programme: 0, cardNumber: "12345678901234", issue: 1, counter: 0, balance: nil),
      0, "1001234567890123401000007344757521634"
    ),
    (
      1, StripeRecordB(programme: 99, cardNumber: "1", issue: 1, counter: 1, balance: 5),
      3, "1991010001300000541114718163799000079"
    ),
    (
      19,
      StripeRecordB(
        programme: 99, cardNumber: "1234567890123456789", issue: 2, counter: 1, balance: nil),
      3, "1991234567890123456789020001300593010"
    ),
  ]

  @Test(arguments: cases.indices)
  func `records are written as they always were`(index: Int) throws {
    let (digits, record, number, text) = Self.cases[index]
    let layout = try #require(StripeLayoutB(numberDigits: digits))
    let key = try #require(keys.first { $0.number == number })
    #expect(try record.encode(key: key, layout: layout) == text)
    #expect(text.utf8.count == StripeRecordB.length)
    #expect(StripeRecordB.decode(text, keys: keys, layout: layout) == .ours(record))
  }

  @Test func `balances saturate`() throws {
    let layout = try #require(StripeLayoutB())
    for (balance, kept) in [(Int64.max, Int64(999_999)), (-5, 0), (999_999, 999_999)] {
      let record = StripeRecordB(
        programme: 1, cardNumber: "0000000001", issue: 1, counter: 1, balance: balance)
      let text = try record.encode(key: key, layout: layout)
      guard case .ours(let read) = StripeRecordB.decode(text, keys: [key], layout: layout) else {
        Issue.record("it is ours")
        continue
      }
      #expect(read.balance == kept)
    }
  }

  @Test func `no digit of a record can be changed`() throws {
    let layout = try #require(StripeLayoutB())
    let text = Array(Self.cases[0].3)
    for place in text.indices {
      for digit in "0123456789" where text[place] != digit {
        var changed = text
        changed[place] = digit
        let verdict = StripeRecordB.decode(String(changed), keys: keys, layout: layout)
        let number = digit.wholeNumberValue ?? 0
        let isHeld = keys.contains { $0.number == number }
        #expect(
          verdict
            == (place == 0
              ? .notOurFormat : place == 19 && !isHeld ? .unknownKey(number) : .badMAC),
          "at \(place)")
      }
    }
  }

  @Test func `layouts and fields that do not fit are refused`() throws {
    #expect(StripeLayoutB(numberDigits: 0) == nil)
    #expect(StripeLayoutB(numberDigits: 20) == nil)
    let layout = try #require(StripeLayoutB())
    #expect(layout.macDigits == 11 && layout.hasBalance)
    func misfit(_ change: (inout StripeRecordB) -> Void, key number: Int = 1) -> String? {
      var record = Self.cases[0].1
      change(&record)
      do throws(StripeRecordError) {
        _ = try record.encode(key: StripeKey(number: number, bytes: key.bytes), layout: layout)
        return nil
      } catch {
        if case .field(let name) = error { return name }
        return nil
      }
    }
    #expect(misfit { $0.programme = 100 } == "programme")
    #expect(misfit { $0.cardNumber = "123" } == "cardNumber")
    #expect(misfit { $0.cardNumber = "90123456AB" } == "cardNumber")
    #expect(misfit { $0.issue = 0 } == "issue")
    #expect(misfit { $0.counter = 10_000 } == "counter")
    #expect(misfit({ _ in }, key: 10) == "key")
    #expect(StripeRecordB.decode("", keys: keys, layout: layout) == .notOurFormat)
    #expect(
      StripeRecordB.decode(String(repeating: "A", count: 37), keys: keys, layout: layout)
        == .notOurFormat)
  }
}

/// Each forgery is refused by its own name, and what was signed with an old key still holds.
struct StripeForgeryTests {
  private static let old = StripeKey(number: 3, bytes: Array(0...31))
  private static let new = StripeKey(number: 4, bytes: Array(100...131))

  /// A text with `characters` put in at a place.
  private static func altered(_ text: String, at place: Int, _ characters: String) -> String {
    var bytes = Array(text.utf8)
    bytes.replaceSubrange(place..<place + characters.utf8.count, with: characters.utf8)
    return String(decoding: bytes, as: UTF8.self)
  }

  @Test func `a record A that was forged is not ours, and says what it claims`() throws {
    var record = record()
    record.balance = 120
    let text = try record.encode(key: Self.old)
    let held = [Self.old, Self.new]
    #expect(StripeRecordA.decode(text, keys: held) == .ours(record), "an old key still verifies")
    let balance = Self.altered(text, at: 29, "+000099999")
    #expect(StripeRecordA.decode(balance, keys: held) == .badMAC)
    #expect(StripeRecordA.claim(balance)?.balance == 99_999)
    let number = Self.altered(text, at: 6, "9012345679")
    #expect(StripeRecordA.decode(number, keys: held) == .badMAC)
    #expect(StripeRecordA.claim(number)?.cardNumber == "9012345679")
    let wrong = StripeKey(number: 3, bytes: Array(200...231))
    let signed = try record.encode(key: wrong)
    #expect(StripeRecordA.decode(signed, keys: held) == .badMAC)
    #expect(StripeRecordA.claim(signed) == record)
    #expect(StripeRecordA.decode(text, keys: [Self.new]) == .unknownKey(3))
    #expect(StripeRecordA.claim("TKW12345678") == nil)
  }

  @Test(arguments: 8...16)
  func `so is a record B, whatever its numbers are long`(digits: Int) throws {
    let layout = try #require(StripeLayoutB(numberDigits: digits))
    #expect(layout.hasBalance == (digits <= 13))
    #expect(layout.macDigits == (digits <= 13 ? 21 : 27) - digits)
    #expect(layout.macDigits >= 8)
    let number = String(repeating: "7", count: digits)
    let record = StripeRecordB(
      programme: 7, cardNumber: number, issue: 1, counter: 12,
      balance: layout.hasBalance ? 120 : nil)
    let text = try record.encode(key: Self.old, layout: layout)
    #expect(text.utf8.count == StripeRecordB.length)
    let held = [Self.old, Self.new]
    #expect(StripeRecordB.decode(text, keys: held, layout: layout) == .ours(record))
    let forged = Self.altered(text, at: 3, "8")
    #expect(StripeRecordB.decode(forged, keys: held, layout: layout) == .badMAC)
    #expect(StripeRecordB.claim(forged, layout: layout)?.cardNumber.first == "8")
    if layout.hasBalance {
      let balance = Self.altered(text, at: digits + 10, "999999")
      #expect(StripeRecordB.decode(balance, keys: held, layout: layout) == .badMAC)
      #expect(StripeRecordB.claim(balance, layout: layout)?.balance == 999_999)
    }
    #expect(StripeRecordB.decode(text, keys: [Self.new], layout: layout) == .unknownKey(3))
    // cards of a programme with longer numbers are not ours
    let other = try #require(StripeLayoutB(numberDigits: digits == 16 ? 8 : digits + 1))
    guard case .ours = StripeRecordB.decode(text, keys: held, layout: other) else { return }
    Issue.record("another layout takes it")
  }

  @Test func `a balance below zero, and one beyond all room, is the nearer end`() throws {
    for (balance, kept) in [(Int64.min, -999_999_999 as Int64), (-1, -1), (.max, 999_999_999)] {
      var record = record()
      record.balance = balance
      let text = try record.encode(key: Self.old)
      guard case .ours(let read) = StripeRecordA.decode(text, keys: [Self.old]) else {
        Issue.record("it is ours")
        continue
      }
      #expect(read.balance == kept)
    }
  }

  @Test func `no text of a track can stop the reader`() {
    let seed: UInt64 = 9
    var random = Seeded(state: seed)
    let alphabet = Array("0123456789P1 +-AZ\u{e9}\u{9ede}".utf8)
    for round in 0..<2_000 {
      let length =
        round % 3 == 0 ? 69 : round % 3 == 1 ? 37 : Int.random(in: 0...80, using: &random)
      var bytes = (0..<length).map { _ in alphabet.randomElement(using: &random)! }
      if round % 2 == 0, length == 69 { bytes.replaceSubrange(0..<2, with: "P1".utf8) }
      let text = String(decoding: bytes, as: UTF8.self)
      if case .ours = StripeRecordA.decode(text, keys: keys) { Issue.record("seed \(seed)") }
      _ = StripeRecordA.claim(text)
      for digits in [1, 8, 13, 14, 19] {
        guard let layout = StripeLayoutB(numberDigits: digits) else { continue }
        if case .ours = StripeRecordB.decode(text, keys: keys, layout: layout) {
          Issue.record("seed \(seed)")
        }
        _ = StripeRecordB.claim(text, layout: layout)
      }
    }
  }
}
