import Configuration
import CounterAPI
import Testing

/// Members who have died, and birthdays that were changed.
struct EstateTests {
  private func estate(
    _ shop: NightShop, _ member: String, heir: String?, key: String? = nil
  ) async throws -> Answer {
    let more: (String, JSON) = heir.map { ("heir", .string($0)) } ?? ("lapse", true)
    return try await shop.call(
      .memberEstate, .object([("member", .string(member)), more]), key: key)
  }

  @Test func `points of the dead stay until they are settled, and go to an heir with their ends`()
    async throws
  {
    let shop = try await NightShop()
    let (member, account) = try await shop.member(points: 40)
    let (_, heir) = try await shop.member("王大明", points: 2)
    #expect(try await estate(shop, member, heir: heir).code == "estate.alive")
    _ = try await shop.ok(.memberDeceased, ["member": .string(member)])
    #expect(try await shop.balance(account) == 40)
    let redeemed = try await shop.call(
      .pointsRedeem, ["points": 1, "account": .string(account)])
    #expect(redeemed.code == "redeem.deceased")
    #expect(try await estate(shop, member, heir: "NOBODY").code == "account.notFound")
    let settled = try await estate(shop, member, heir: heir, key: "e")
    #expect(settled.integer("points") == 40 && settled.integer("balance") == 0)
    #expect(try await shop.balance(heir) == 42)
    #expect(try await estate(shop, member, heir: heir, key: "e").flag("replayed"))
    #expect(try await estate(shop, member, heir: heir).code == "points.insufficient")
    #expect(try await shop.ok(.ledgerCheck).flag("passed"))
    await shop.stop()
  }

  @Test(arguments: ["heirs", "lapse"])
  func `points lapse where nobody inherits, or where the programme says so`(policy: String)
    async throws
  {
    let shop = try await NightShop {
      $0.replacing("deceased: { points: \"heirs\" }", with: "deceased: { points: \"\(policy)\" }")
    }
    let (member, account) = try await shop.member(points: 40)
    let (_, heir) = try await shop.member("王大明")
    _ = try await shop.ok(.memberDeceased, ["member": .string(member)])
    if policy == "lapse" {
      #expect(try await estate(shop, member, heir: heir).code == "estate.lapses")
      #expect(try await shop.balance(account) == 40)
    }
    #expect(try await estate(shop, member, heir: nil).integer("points") == 40)
    #expect(try await shop.balance(account) == 0)
    #expect(try await shop.balance(heir) == 0)
    #expect(try await estate(shop, member, heir: nil).code == "points.insufficient")
    let both = try await shop.call(
      .memberEstate,
      ["member": .string(member), "heir": .string(heir), "lapse": true])
    #expect(both.code == "field.invalid")
    await shop.stop()
  }

  /// What a birthday's sale earns: twice as much.
  private func earned(_ shop: NightShop, _ ticket: String, _ account: String) async throws -> Int64
  {
    try await shop.ok(
      .ticketPost,
      [
        "ticket": .string(ticket), "terminal": "1", "amount": 1_000,
        "account": .string(account),
      ]
    ).integer("earned")
  }

  @Test func `a birthday that is changed gives nothing before twelve months are over`()
    async throws
  {
    let shop = try await NightShop {
      $0.replacing("bonus: 0, when: \"month\"", with: "bonus: 5, when: \"month\"")
    }
    let (member, account) = try await shop.member(birthday: "1990-11-03")
    let (fresh, freshAccount) = try await shop.member("李四", birthday: "1990-06-06")
    func change(_ member: String, _ birthday: String) async throws {
      _ = try await shop.ok(
        .memberEdit, ["member": .string(member), "birthday": .string(birthday)])
    }
    #expect(try await earned(shop, "1", account) == 25)
    #expect(try await earned(shop, "2", account) == 20, "the month goes on, the bonus is had")
    try await change(member, "1990-12-03")
    // a birthday that was never kept does not stand in the way of the right one
    try await change(fresh, "1990-12-24")
    shop.noon(after: 20)
    #expect(try await earned(shop, "3", account) == 10)
    #expect(try await earned(shop, "4", freshAccount) == 25)
    // a year later its month counts
    shop.noon(after: 385)
    #expect(try await earned(shop, "5", account) == 25)
    await shop.stop()
  }
}
