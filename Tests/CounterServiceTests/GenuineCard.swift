import CardTracks
import DeviceProtocols
import LoyaltyRules
import Testing

@testable import CounterService

extension CounterFixture {
  /// A card as another node of the programme would have written it: genuine, and not known here.
  func genuine(number: String, issue: Int = 1, balance: Int64 = 200) throws -> VirtualCard {
    let counter = assembly.routes.counter
    let record = StripeRecordA(
      programme: try #require(Int(counter.programme, radix: 36)), cardNumber: number, issue: issue,
      counter: 3, balance: balance, tier: "01", node: "TPE02",
      date: StripeDate(year: 2026, month: 11, day: 19))
    var card = VirtualCard()
    try card.encode(try record.encode(key: counter.faces.keys.stripe[0]))
    return card
  }

  /// A number of the standard programme.
  func number(serial: Int64) -> String {
    let body = "88" + String(String(10_000_000 + serial).dropFirst())
    return body + String(CardRule.checkDigit(body))
  }
}
