import Configuration
import CounterAPI
import CounterService
import HTTPMessages
import Testing

struct APITests {
  @Test func `the same key and command give one entry and the same answer, whatever the blanks`()
    async throws
  {
    let counter = try await CounterFixture()
    _ = try await counter.member()
    let body = counter.sale("1", by: ("phone", "0912345678"))
    let first = try await counter.ok(.ticketPost, body, key: "k")
    let entries = try await counter.ok(.health).text("journal")
    let again = try await counter.ok(.ticketPost, body, key: "k")
    #expect(again.flag("replayed") && again.text("entry") == first.text("entry"))
    let spaced = """
      { "phone" : "0912345678",   "redeem":0, "amount": 1000.00,
        "terminal":"1", "ticket" : "1" }
      """
    let response = await counter.raw(.ticketPost, Array(spaced.utf8), key: "k")
    #expect(try Answer(response.body).text("entry") == first.text("entry"))
    #expect(try await counter.ok(.health).text("journal") == entries)
    await counter.stop()
  }

  @Test func `another command under the same key, and the same ticket under another, are refused`()
    async throws
  {
    let counter = try await CounterFixture()
    _ = try await counter.member()
    _ = try await counter.ok(
      .ticketPost, counter.sale("1", by: ("phone", "0912345678")), key: "a")
    let reused = await counter.call(
      .ticketPost, counter.sale("1", amount: 999, by: ("phone", "0912345678")), key: "a")
    #expect(reused.status == 409)
    #expect(try Answer(reused.body).code == "key.reused")
    let twice = await counter.call(
      .ticketPost, counter.sale("1", by: ("phone", "0912345678")), key: "b")
    let answer = try Answer(twice.body)
    #expect(twice.status == 409 && answer.code == "ticket.alreadyPosted")
    #expect(answer.message.contains("已累 10 點"))
    #expect(try await counter.failingChecks() == [])
    await counter.stop()
  }

  @Test func `a member is registered once, and the journal holds neither name nor number`()
    async throws
  {
    let counter = try await CounterFixture()
    let body: JSON = ["name": "黃彥筠", "phone": "０９１２－３４５－６７８"]
    let first = try await counter.ok(.memberAdd, body, key: "m")
    let again = try await counter.ok(.memberAdd, body, key: "m")
    #expect(first.text("member") == again.text("member") && again.flag("replayed"))
    let other = await counter.call(.memberAdd, ["name": "黄彥筠"], key: "m")
    #expect(try Answer(other.body).code == "key.reused")
    let found = try await counter.ok(.memberFind, ["text": "0912345678"])
    #expect(found.list("members").map { $0.text("name") } == ["黃○筠"])
    #expect(found.list("members").map { $0.text("phone") } == ["0912-***-678"])
    let lines = try await counter.ok(.statement, ["member": .string(first.text("member"))])
    #expect(lines.list("lines").count == 0)
    await counter.stop()
  }

  @Test func `health tells how much the database keeps in memory`() async throws {
    let counter = try await CounterFixture()
    _ = try await counter.member()
    let kept = try await counter.ok(.health).integer("databaseKiB")
    // other tests have databases in this process too
    #expect(kept > 100)
    await counter.stop()
  }

  @Test func `a name that cannot be printed is reported when the member is added`() async throws {
    let counter = try await CounterFixture()
    let refused = await counter.call(.memberAdd, ["name": "王🐉明"])
    let answer = try Answer(refused.body)
    #expect(refused.status == 422 && answer.code == "face.unprintable")
    #expect(answer.message.contains("🐉"))
    let kept = try await counter.ok(.memberAdd, ["name": "王🐉明", "acceptUnprintable": true])
    #expect(kept.text("unprintable") == "🐉")
    await counter.stop()
  }

  @Test func `a phone number earns and does not redeem, a keyed card only a little`() async throws {
    let counter = try await CounterFixture()
    let (_, number) = try await counter.card()
    _ = try await counter.ok(.ticketPost, counter.sale("1", by: ("phone", "0912345678")))
    for (points, subject) in [(5, ("phone", JSON("0912345678"))), (101, ("card", .string(number)))]
    {
      let refused = await counter.call(
        .ticketPost, counter.sale("2", redeem: Int64(points), by: subject))
      #expect(
        try Answer(refused.body).code == "redeem.needsCard",
        "\(String(decoding: refused.body, as: UTF8.self))")
    }
    await counter.stop()
  }

  @Test(arguments: [
    (#"{"ticket":"1","terminal":"1","amount":100.5}"#, 422, "amount.fraction"),
    (#"{"ticket":"1","terminal":"1","amount":-1}"#, 400, "field.invalid"),
    (#"{"ticket":"1","terminal":"1","amount":1000000001}"#, 400, "field.invalid"),
    (#"{"ticket":"1","terminal":"1","amount":"100"}"#, 400, "field.invalid"),
    (#"{"ticket":"","terminal":"1","amount":1}"#, 400, "field.invalid"),
    (#"{"ticket":"1","amount":1}"#, 400, "field.invalid"),
    (#"{"ticket":"1","terminal":"1","amount":1,"amuont":2}"#, 400, "field.invalid"),
    (#"{"ticket":"1","terminal":"1","amount":1,"amount":2}"#, 400, "field.invalid"),
    (#"{"ticket":"1","terminal":"1","amount":1,"soldAt":"soon"}"#, 400, "field.invalid"),
    (
      #"{"ticket":"1","terminal":"1","amount":1,"soldAt":"2999-01-01T00:00:00Z"}"#, 400,
      "field.invalid"
    ),
    (#"{"ticket":"1","terminal":"1","amount":1,"phone":"1","card":"2"}"#, 400, "field.invalid"),
    (#"{"ticket":"1","terminal":"1","amount":1,"phone":"0900000000"}"#, 404, "member.notFound"),
    (#"{"ticket":"1","terminal":"1","amount":1,"card":"8800000012"}"#, 422, "card.number"),
    (#"{"ticket":"1","terminal":"1","amount":1,"card":"8800000013"}"#, 404, "card.notFound"),
    (#"{"ticket":"1","terminal":"1","amount":1,"station":"c9"}"#, 404, "station.notFound"),
    (#"{"ticket":"1","terminal":"1","amount":1,"station":"c1"}"#, 409, "station.noCard"),
    (#"{"ticket":"1","terminal":"1","amount":1,"session":1}"#, 400, "field.invalid"),
    ("not json", 400, "field.invalid"), ("[]", 400, "field.invalid"),
  ])
  func `nonsense is refused with its reason and changes nothing`(
    body: String, status: Int, code: String
  ) async throws {
    let counter = try await CounterFixture()
    let before = try await counter.ok(.health).text("journal")
    let response = await counter.raw(.ticketPost, Array(body.utf8), key: "n")
    let answer = try Answer(response.body)
    #expect(response.status == status && answer.code == code, "\(answer.node)")
    #expect(!answer.message.isEmpty)
    #expect(try await counter.ok(.health).text("journal") == before)
    await counter.stop()
  }

  @Test func `a write without a key, a wrong method and a wrong path have their answers`()
    async throws
  {
    let counter = try await CounterFixture()
    let keyless = await counter.raw(.ticketPost, Array("{}".utf8), key: "")
    #expect(try Answer(keyless.body).code == "key.missing")
    let method = await counter.assembly.routes.answer(
      HTTPRequest(.get, HTTPTarget(path: ["v1", "tickets"])), peer: .user("test", isOwner: true))
    #expect(method.status == 405 && method.headers["allow"] == "POST")
    let path = await counter.assembly.routes.answer(
      HTTPRequest(.get, HTTPTarget(path: ["v1", "secrets"])), peer: .user("test", isOwner: true))
    #expect(path.status == 404)
    await counter.stop()
  }

  @Test func `a return without the card takes points back and leaves the face behind`()
    async throws
  {
    let counter = try await CounterFixture()
    let (_, number) = try await counter.card()
    _ = try await counter.ok(
      .ticketPost, counter.sale("1", amount: 10_000, by: ("card", .string(number))))
    let answer = try await counter.ok(
      .ticketReturn,
      ["ticket": "1", "terminal": "1", "returnTicket": "r1", "amount": 2_500])
    #expect(answer.integer("reversed") == 25 && answer.integer("balance") == 75)
    #expect(answer.message == "退貨完成，扣回 25 點、退回 0 點，餘額 75 點。")
    #expect(try await counter.ok(.faceStale).integer("movedOn") == 1)
    #expect(try await counter.failingChecks() == [])
    await counter.stop()
  }

  @Test func `a backup is made and checked`() async throws {
    let counter = try await CounterFixture()
    _ = try await counter.member()
    let answer = try await counter.ok(.backup)
    #expect(answer.flag("passed") && answer.integer("bytes") > 0)
    await counter.stop()
  }
}
