import CardFace
import Configuration
import CounterAPI
import Ledger
import HTTPMessages
import Raster
import Registers
import Testing

@testable import CounterService

/// What the ledger gives a face, and which template it is made from.
struct FaceContentTests {
  private func print(_ shop: CounterFixture, _ number: String) async throws -> CardPrint {
    let counter = shop.assembly.routes.counter
    let now = counter.now
    return try await counter.ledger.read { view in
      let card = try #require(try Registers(view.store).card(typed: number))
      return try counter.faces.print(card: card, issue: 1, at: now, view: view)
    }
  }

  private func edited(_ face: String) -> (String) -> String {
    { $0.replacing("expiringWithinDays: 90", with: "expiringWithinDays: 90, " + face) }
  }

  @Test
  func `the way to the next tier, the first visit and the tier's template come from the ledger`()
    async throws
  {
    let shop = try await CounterFixture(
      programme: edited("tierTemplates: { '02': 'gold' }, campaign: '雙倍點數週', dates: 'roc'"))
    let number = try await shop.card().number
    let first = try await print(shop, number)
    #expect(first.content.isFirstVisit && first.content.last == nil)
    #expect(!first.content.isBirthdayMonth && first.content.campaign == "雙倍點數週")
    #expect(first.content.progress == .init(tier: "銀卡", missing: "NT$20,000", share: 0))
    #expect(first.templates.name == "standard" && first.templates.layouts[0].dates == .roc)

    _ = try await shop.ok(.ticketPost, shop.sale("1", amount: 5_000, by: ("card", .string(number))))
    let second = try await print(shop, number)
    #expect(second.content.progress == .init(tier: "銀卡", missing: "NT$15,000", share: 250))
    #expect(second.content.last?.text == "消費" && second.content.isFirstVisit)

    _ = try await shop.ok(
      .ticketPost, shop.sale("2", amount: 15_000, by: ("card", .string(number))))
    let third = try await print(shop, number)
    #expect(third.content.tierCode == "02" && third.templates.name == "gold")
    #expect(third.content.progress?.tier == "金卡")
    await shop.stop()
  }

  @Test func `a face is drawn for a member and for any model that prints`() async throws {
    let shop = try await CounterFixture()
    let member = try await shop.member().text("member")
    _ = try await shop.ok(.cardIssue, ["member": .string(member)])
    let face = await shop.call(
      .faceRender, ["member": .string(member), "device": "evolis/primacy-2"])
    let dots = try PBM.read(face.body)
    #expect(dots.width == 1016 && dots.height == 648 && dots.blackDots > 5_000)
    let own = await shop.call(.faceRender, ["member": .string(member)])
    #expect(try PBM.read(own.body).width == 480)
    for body: JSON in [
      ["member": .string(member), "card": "8800000013"], [:],
      ["member": .string(member), "device": "evolis/primacy-3"],
      ["member": .string(member), "device": "msr/msr605"],
    ] {
      let refused = await shop.call(.faceRender, body)
      #expect(refused.status == 400 || refused.status == 422, "\(refused.status)")
    }
    await shop.stop()
  }

  @Test(arguments: ["template: 'silver'", "tierTemplates: { '02': 'silver' }"])
  func `a programme whose template there is not is refused at the start`(face: String) async {
    await #expect(throws: ConfigurationError.self) {
      _ = try await CounterFixture(programme: edited(face))
    }
  }

  @Test(arguments: [
    ("template: '../x'", "is no template's name"),
    ("tierTemplates: { '77': 'gold' }", "the tier 77"),
    ("tierTemplates: 'gold'", "is no object"), ("locale: 'de'", "de"), ("dates: 'us'", "us"),
    ("lineSecondsMax: 0", "out of range"),
    ("campaign: '\(String(repeating: "雙", count: 41))'", "too long"),
  ])
  func `a face's settings are checked`(face: String, message: String) async {
    do {
      _ = try await CounterFixture(programme: edited(face))
      Issue.record("it is refused")
    } catch {
      #expect("\(error)".contains(message), "\(error)")
    }
  }
}
