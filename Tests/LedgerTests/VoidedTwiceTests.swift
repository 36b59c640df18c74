import Ledger
import Testing

struct VoidedTwiceTests {
  @Test(arguments: [true, false])
  func `a sale that one node voids and the other takes back or voids is listed at both`(
    isVoid: Bool
  ) async throws {
    let a = try await Shop()
    let b = try await Shop(node: "TPE02")
    let account = try await a.account()
    try await a.sell(6_000, to: account, ticket: "1")
    try await b.fetch(from: a)
    try await a.void("1")
    if isVoid { try await b.void("1") } else { try await b.giveBack(100, of: "1", as: "r") }
    try await a.fetch(from: b)
    try await b.fetch(from: a)
    let findings = try await a.findings()
    #expect(findings.contains { $0.kind == .doubleReturn })
    #expect(try await b.findings() == findings)
    for shop in [a, b] { #expect(try await shop.failing() == []) }
  }
}
