import CardTracks
import CounterAPI
import DeviceLinks
import DeviceProtocols
import HTTPMessages
import LoyaltyRules
import Testing

@testable import CounterService

extension CounterFixture {
  /// A card with any text on its stripe, in reverse 7-bit as the device reads it.
  func plastic(_ text: String) throws -> VirtualCard {
    var card = VirtualCard()
    try card.encode(text)
    return card
  }

  /// Puts a card in, waits for what is said of it, and takes it out again as it went in.
  func comesOut(_ card: VirtualCard, saying code: String) async throws {
    try host.insert(card)
    _ = try await says(code)
    #expect(try await taken() == card, "\(code)")
    _ = try await says("station.ready")
  }

  /// The kinds of the alarms that are listed, each with how often it came.
  func alarms() async throws -> [String: Int64] {
    let answer = try await ok(.cardAlarms)
    for alarm in answer.list("alarms") { #expect(!alarm.text("sentence").isEmpty) }
    return Dictionary(
      answer.list("alarms").map { ($0.text("alarm"), $0.integer("count")) }, uniquingKeysWith: +)
  }
}
