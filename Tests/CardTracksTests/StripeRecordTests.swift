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
    #expect(StripeRecordA.decode(texts[0], keys: []) == .badMAC)
    #expect(StripeRecordA.decode(texts[0], keys: [keys[0]]) == .badMAC)
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
        #expect(verdict == .badMAC || verdict == .notOurFormat, "at \(place)")
        if place < 2 { #expect(verdict == .notOurFormat) }
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
        #expect(verdict == (place == 0 ? .notOurFormat : .badMAC), "at \(place)")
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
