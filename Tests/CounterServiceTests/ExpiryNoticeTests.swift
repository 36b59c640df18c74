import Configuration
import CounterAPI
import Testing

/// Points that are about to end, and who is told when.
struct ExpiryNoticeTests {
  /// Days from 2026-11-20 to 2027-12-31, the last usable day of what is given in 2026.
  private static let lastDay: Int64 = 406

  private func expiring(
    _ shop: NightShop, before day: String, _ more: [(String, JSON)] = []
  ) async throws -> Answer {
    try await shop.ok(.pointsExpiring, .object([("before", .string(day))] + more))
  }

  @Test func `points that end before a day are listed by page with their value`() async throws {
    let shop = try await NightShop {
      $0.replacing("points: 1, amount: 1, minimum: 1", with: "points: 10, amount: 3, minimum: 10")
        .replacing("multiple: 1,", with: "multiple: 10,")
    }
    for (index, points) in [40, 70, 90].enumerated() {
      _ = try await shop.member("王\(index)", points: Int64(points))
    }
    #expect(try await expiring(shop, before: "2027-12-31").integer("accounts") == 0)
    let all = try await expiring(shop, before: "2028-01-01")
    #expect(all.integer("accounts") == 3 && all.integer("points") == 200)
    #expect(all.integer("value") == 60)
    #expect(Set(all.list("expiring").map { $0.text("lastUsableDay") }) == ["2027-12-31"])
    #expect(Set(all.list("expiring").map { $0.integer("value") }) == [12, 21, 27])
    // page by page the same
    var paged: [String] = []
    var next: JSON?
    repeat {
      let page = try await expiring(
        shop, before: "2028-01-01", [("limit", 2)] + (next.map { [("after", $0)] } ?? []))
      paged += page.list("expiring").map { $0.text("account") }
      next = page.text("next").isEmpty ? nil : .string(page.text("next"))
    } while next != nil
    #expect(paged == all.list("expiring").map { $0.text("account") } && paged.count == 3)
    await shop.stop()
  }

  @Test func `members are told once at each stage, a missed one is made up for, the dead are not`()
    async throws
  {
    let shop = try await NightShop()
    let (_, account) = try await shop.member(points: 40)
    let (dead, _) = try await shop.member("李四", points: 7)
    _ = try await shop.ok(.memberDeceased, ["member": .string(dead)])
    func night(daysBefore: Int64) async throws -> Int64 {
      shop.noon(after: Self.lastDay - daysBefore)
      return try await shop.ok(.nightly).integer("notices")
    }
    #expect(try await night(daysBefore: 61) == 0)
    #expect(try await night(daysBefore: 60) == 1)
    #expect(try await night(daysBefore: 60) == 0)
    #expect(try await night(daysBefore: 15) == 0)
    // the night of the 14th day did not run
    #expect(try await night(daysBefore: 13) == 1)
    #expect(try await night(daysBefore: 0) == 0)
    #expect(try await night(daysBefore: -1) == 0)
    let due = try await shop.ok(.noticeDue).list("notices")
    #expect(due.map { $0.integer("stage") } == [60, 14])
    #expect(due.allSatisfy { $0.integer("points") == 40 && $0.text("account") == account })
    #expect(Set(due.map { $0.text("lastUsableDay") }) == ["2027-12-31"])
    await shop.stop()
  }

  @Test func `points that live longer are told of again, a short life only at its own stage`()
    async throws
  {
    let shop = try await NightShop()
    let (_, account) = try await shop.member(points: 40)
    shop.noon(after: Self.lastDay - 10)
    #expect(try await shop.ok(.nightly).integer("notices") == 1, "ten days: the stage of 14")
    _ = try await shop.ok(
      .pointsExtend, ["to": "2028-02-10", "reason": "typhoon", "account": .string(account)])
    #expect(try await shop.ok(.nightly).integer("notices") == 1, "another end, the stage of 60")
    #expect(
      try await shop.ok(.noticeDue).list("notices").map { $0.integer("stage") } == [14, 60])
    await shop.stop()
  }

  @Test func `what was sent is kept as proof and not listed again`() async throws {
    let shop = try await NightShop()
    let body: JSON = ["name": "王小明", "phone": "0912345678"]
    let member = try await shop.ok(.memberAdd, body).text("member")
    _ = try await shop.ok(.pointsOpening, ["points": 5, "member": .string(member)])
    shop.noon(after: Self.lastDay - 14)
    _ = try await shop.ok(.nightly)
    let due = try #require(try await shop.ok(.noticeDue, ["contacts": true]).list("notices").first)
    #expect(due.text("phone") == "0912345678")
    let views = try await shop.ok(.auditList, ["whom": .string(member)]).list("rows")
    #expect(views.contains { $0.text("function") == "noticeDue" }, "where to reach them is a view")
    let sent: JSON = ["notice": .integer(due.integer("notice")), "channel": "sms"]
    #expect(try await shop.ok(.noticeSent, sent).flag("isNew"))
    #expect(try await !shop.ok(.noticeSent, sent).flag("isNew"))
    #expect(
      try await shop.call(.noticeSent, ["notice": 99, "channel": "sms"]).code
        == "notice.notFound")
    #expect(try await shop.ok(.noticeDue).list("notices").isEmpty)
    let kept = try #require(try await shop.ok(.noticeDue, ["sent": true]).list("notices").first)
    #expect(kept.text("channel") == "sms" && !kept.text("sentAt").isEmpty)
    let told = try await expiring(shop, before: "2028-01-01").list("expiring").first
    #expect(told?.list("notices").map { $0.text("channel") } == ["sms"])
    await shop.stop()
  }

  @Test func `what was used since, and who died or was forgotten since, is known when it is sent`()
    async throws
  {
    let shop = try await NightShop()
    let (member, account) = try await shop.member(points: 40)
    let (dead, _) = try await shop.member("李四", points: 7)
    let (gone, _) = try await shop.member("陳五", points: 8)
    shop.noon(after: Self.lastDay - 60)
    #expect(try await shop.ok(.nightly).integer("notices") == 3)
    _ = try await shop.ok(.pointsRedeem, ["points": 15, "account": .string(account)])
    _ = try await shop.ok(.memberDeceased, ["member": .string(dead)])
    _ = try await shop.ok(.memberErase, ["member": .string(gone)])
    let due = try await shop.ok(.noticeDue, ["contacts": true]).list("notices")
    #expect(due.map { $0.text("member") } == [member])
    #expect(due.map { $0.integer("points") } == [40] && due.map { $0.integer("left") } == [25])
    await shop.stop()
  }
}
