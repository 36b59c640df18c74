import Configuration
import CounterAPI
import CounterService
import EventLog
import Platform
import Testing

/// A programme file that was changed while the daemon was off.
struct ProgrammeFileTests {
  private static let worse: @Sendable (String) -> String = {
    $0.replacing("perAmount: 100", with: "perAmount: 200")
  }

  private func earned(_ shop: NightShop, _ ticket: String) async throws -> Int64 {
    let (_, account) = try await shop.member("王\(ticket)")
    return try await shop.ok(
      .ticketPost,
      [
        "ticket": .string(ticket), "terminal": "1", "amount": 1_000,
        "account": .string(account),
      ]
    ).integer("earned")
  }

  private func programme(_ shop: NightShop) async throws -> Answer {
    try #require(try await shop.ok(.health).object("programme"))
  }

  @Test func `worse terms do not keep the shop shut: what is in force stays, and health says so`()
    async throws
  {
    let first = try await NightShop()
    #expect(try await programme(first).text("file") == "inForce")
    await first.stop()
    let shop = try await NightShop(in: first.folder, at: first.time, programme: Self.worse)
    let standing = try await programme(shop)
    #expect(standing.text("file") == "waits" && standing.integer("version") == 1)
    #expect(standing.texts("worse") == ["earn.perAmount: 1 per 100 → 1 per 200"])
    #expect(standing.text("earliest") == "2026-12-20")
    let warnings = shop.lines.lines.map { "\($0)" }.filter { $0.contains("programme activate") }
    #expect(warnings.count == 1 && warnings[0].contains("earn.perAmount"), "\(warnings)")
    #expect(try await earned(shop, "1") == 10)

    // activated in time, it waits for its day, and then it holds
    let text = String(
      decoding: try Files.read(shop.folder("programme.json5"), limit: 1 << 20), as: UTF8.self)
    _ = try await shop.ok(
      .programmeActivate, ["source": .string(text), "from": "2026-12-20"])
    #expect(try await programme(shop).text("file") == "later")
    #expect(try await programme(shop)["worse"] == nil)
    shop.noon(after: 30)
    #expect(try await programme(shop).text("file") == "inForce")
    #expect(try await earned(shop, "2") == 5)
    await shop.stop()

    // the old file again: the newer version stays
    let old = try await NightShop(in: shop.folder, at: shop.time)
    #expect(try await programme(old).text("file") == "replaced")
    #expect(try await earned(old, "3") == 5)
    await old.stop()
  }

  @Test func `a clock that is behind keeps no shop shut: the file waits for the next start`()
    async throws
  {
    let first = try await NightShop()
    #expect(try await earned(first, "1") == 10)
    await first.stop()
    first.time.withLock { $0 -= 10 * 60_000 }
    let better: @Sendable (String) -> String = {
      $0.replacing("perAmount: 100", with: "perAmount: 50")
    }
    let shop = try await NightShop(in: first.folder, at: first.time, programme: better)
    let standing = try await programme(shop)
    #expect(standing.text("file") == "waits" && standing.integer("version") == 1)
    #expect(shop.lines.lines.map { "\($0)" }.contains { $0.contains("clock.behind") })
    await shop.stop()
    first.time.withLock { $0 += 10 * 60_000 }
    let next = try await NightShop(in: shop.folder, at: shop.time, programme: better)
    #expect(try await programme(next).text("file") == "inForce")
    #expect(try await earned(next, "2") == 20)
    await next.stop()
  }

  @Test func `better terms are in force at once`() async throws {
    let first = try await NightShop()
    await first.stop()
    let shop = try await NightShop(in: first.folder, at: first.time) {
      $0.replacing("perAmount: 100", with: "perAmount: 50")
    }
    #expect(try await programme(shop).text("file") == "inForce")
    #expect(try await programme(shop).integer("version") == 2)
    #expect(try await earned(shop, "1") == 20)
    await shop.stop()
  }
}
