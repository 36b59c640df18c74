import Configuration
import CounterAPI
import HTTPMessages
import Platform
import Testing

@testable import CounterService

/// Who is let in, for how long, and what waits for a second person.
struct AccessTests {
  /// 2026-11-20T12:00 in Taipei.
  private static let noon: Int64 = 1_795_147_200_000
  private static let minute: Int64 = 60_000

  /// A counter with a manager, a second one and a clerk; the clock is the test's.
  private struct Bureau {
    let counter: CounterFixture
    let time: Guarded<Int64>
    var tokens: [String: String] = [:]

    init(programme edit: @escaping (String) -> String = { $0 }) async throws {
      let time = Guarded(AccessTests.noon)
      self.time = time
      counter = try await CounterFixture(
        clocks: Clocks(
          wallMilliseconds: { time.withLock { $0 } },
          monotonicNanoseconds: { UInt64(time.withLock { $0 }) * 1_000_000 }),
        more: "limits: { cashierRedeem: 50 },"
      ) {
        edit($0).replacing("adjustAlone: 300", with: "adjustAlone: 100")
          .replacing("goodwillPerCase: 200", with: "goodwillPerCase: 300")
          .replacing("goodwillPerMember: 1000", with: "goodwillPerMember: 500")
      }
      for (name, role, pin) in [("mei", "manager", "2580"), ("hua", "headOffice", "3691")] {
        try await add(name, role, pin, as: nil)
      }
      try await signIn("hua", "3691")
      try await add("lin", "cashier", "1470", as: "hua")
    }

    mutating func signIn(_ name: String, _ pin: String) async throws {
      let answer = await ask(.signIn, ["operator": .string(name), "pin": .string(pin)], as: nil)
      #expect(answer.status == 200)
      tokens[name] = try Answer(answer.body).text("token")
    }

    func add(_ name: String, _ role: String, _ pin: String, as who: String?) async throws {
      let answer = await ask(
        .operatorAdd,
        ["name": .string(name), "roles": [.string(role)], "pin": .string(pin)], as: who)
      #expect(answer.status == 200, "\(String(decoding: answer.body, as: UTF8.self))")
    }

    /// - Parameter who: whose token is sent; nil: the daemon's own user without one.
    func ask(
      _ route: Route, _ body: JSON = [:], as who: String?, key: String = "",
      peer: CallerPeer = .user("test", isOwner: true)
    ) async -> HTTPResponse {
      var headers: HTTPHeaders = [:]
      headers.add(
        "Idempotency-Key", key.isEmpty ? "k\(RandomBytes.system(8))".filter(\.isLetterOrDigit) : key
      )
      if let who { headers.add("Authorization", "Bearer \(tokens[who] ?? who)") }
      return await counter.assembly.routes.answer(
        HTTPRequest(
          route.method, HTTPTarget(path: route.path), headers: headers, body: body.text), peer: peer
      )
    }

    func code(
      _ route: Route, _ body: JSON = [:], as who: String?, key: String = ""
    ) async throws -> String {
      try Answer(await ask(route, body, as: who, key: key).body).code
    }

    func later(_ minutes: Int64) { time.withLock { $0 += minutes * AccessTests.minute } }

    func account(_ name: String = "王小明") async throws -> String {
      let answer = await ask(.memberAdd, ["name": .string(name)], as: "hua")
      return try Answer(answer.body).text("account")
    }

    func balance(_ account: String) async throws -> Int64 {
      let answer = await ask(.statement, ["account": .string(account)], as: "hua")
      return try Answer(answer.body).object("points")?.integer("balance") ?? .min
    }
  }

  @Test func `a sign-in ends with its time, and a lock with its`() async throws {
    var bureau = try await Bureau()
    try await bureau.signIn("mei", "2580")
    bureau.later(479)
    #expect(try await bureau.code(.tillList, as: "mei") == "")
    bureau.later(1)
    #expect(try await bureau.code(.tillList, as: "mei") == "signIn.ended")
    func signIn(_ pin: String) async throws -> String {
      try await bureau.code(.signIn, ["operator": "mei", "pin": .string(pin)], as: nil)
    }
    for _ in 1...5 { #expect(try await signIn("0000") == "pin.wrong") }
    #expect(try await signIn("2580") == "pin.locked")
    bureau.later(15)
    #expect(try await signIn("2580") == "")
    // the count began anew
    for _ in 1...4 { #expect(try await signIn("0000") == "pin.wrong") }
    #expect(try await signIn("2580") == "")
    #expect(
      try await bureau.code(.signIn, ["operator": "ghost", "pin": "1"], as: nil) == "pin.wrong")
    await bureau.counter.stop()
  }

  @Test func `many wrong PINs at once get no more tries than one after the other`() async throws {
    let bureau = try await Bureau()
    let codes = await withTaskGroup(of: String.self) { group in
      for number in 0..<40 {
        group.addTask {
          let pin = number == 39 ? "2580" : "0000"
          let answer = await bureau.ask(
            .signIn, ["operator": "mei", "pin": .string(pin)], as: nil)
          do { return try Answer(answer.body).code } catch { return "\(error)" }
        }
      }
      return await group.reduce(into: [String: Int]()) { $0[$1, default: 0] += 1 }
    }
    #expect(codes["pin.locked", default: 0] >= 35, "\(codes)")
    #expect(codes["pin.wrong", default: 0] <= 5, "\(codes)")
    await bureau.counter.stop()
  }

  @Test func `nobody without a token is let in but the daemon's own user, and only for upkeep`()
    async throws
  {
    let bureau = try await Bureau()
    let stranger = CallerPeer.user("stranger", isOwner: false)
    for (peer, route, status) in [
      (stranger, Route.statement, 401), (stranger, .health, 200), (stranger, .operatorAdd, 401),
      (.loopback, .ticketPost, 401), (.loopback, .health, 200), (.loopback, .backup, 401),
      (.user("root", isOwner: true), .operatorList, 200),
      (.user("root", isOwner: true), .ticketPost, 403),
      (.user("root", isOwner: true), .memberErase, 403),
    ] as [(CallerPeer, Route, Int)] {
      let answer = await bureau.ask(route, as: nil, peer: peer)
      #expect(answer.status == status, "\(peer) \(route)")
      #expect((answer.headers["www-authenticate"] == "Bearer") == (status == 401))
    }
    for token in ["", "X", "Bearer", String(repeating: "A", count: 200)] {
      #expect(await bureau.ask(.statement, as: token).status == 401, "\(token)")
    }
    await bureau.counter.stop()
  }

  @Test func `a waiting command changes nothing, lapses at the day's end, and its code sooner`()
    async throws
  {
    var bureau = try await Bureau()
    try await bureau.signIn("mei", "2580")
    let account = try await bureau.account()
    func ask(_ key: String, points: Int64 = 150) async throws -> Answer {
      let body: JSON = [
        "points": .integer(points), "reason": "mistake", "account": .string(account), "later": true,
      ]
      return try Answer(await bureau.ask(.pointsAdjust, body, as: "mei", key: key).body)
    }
    let first = try await ask("a1")
    #expect(try await ask("a1").text("pending") == first.text("pending"), "asked again")
    #expect(try await ask("a1", points: 151).code == "key.reused")
    #expect(try await bureau.balance(account) == 0)
    // the one who asked is not the second one; a cashier is none
    let grant: JSON = ["pending": .string(first.text("pending"))]
    #expect(try await bureau.code(.approvalGrant, grant, as: "mei") == "approval.self")
    try await bureau.signIn("lin", "1470")
    #expect(try await bureau.code(.approvalGrant, grant, as: "lin") == "right.missing")
    #expect(try await bureau.code(.approvalGrant, grant, as: "hua") == "")
    #expect(try await bureau.balance(account) == 150)
    #expect(try await bureau.code(.approvalGrant, grant, as: "hua") == "approval.notFound")
    // who asks once more under the key learns that it is done
    #expect(try await ask("a1").flag("replayed"))

    let second = try await ask("a2")
    let answer = ApprovalCode.answer(
      key: bureau.counter.assembly.routes.counter.approvalKey, node: "TPE01",
      code: second.text("code"), points: "150", approver: "hua")
    let coded: JSON = [
      "pending": .string(second.text("pending")), "by": "hua", "answer": .string(answer),
    ]
    bureau.later(10)
    #expect(try await bureau.code(.approvalAnswer, coded, as: "mei") == "approval.late")
    let third = try await ask("a3")
    let wrong: JSON = ["pending": .string(third.text("pending")), "by": "hua", "answer": "x"]
    for _ in 1...3 {
      #expect(try await bureau.code(.approvalAnswer, wrong, as: "mei") == "approval.wrong")
    }
    #expect(try await bureau.code(.approvalAnswer, wrong, as: "mei") == "approval.notFound")
    bureau.later(12 * 60)
    try await bureau.signIn("hua", "3691")
    let old: JSON = ["pending": .string(second.text("pending"))]
    #expect(try await bureau.code(.approvalGrant, old, as: "hua") == "approval.notFound")
    #expect(try await bureau.balance(account) == 150)
    await bureau.counter.stop()
  }

  @Test func `goodwill ends at its caps, and head office goes beyond`() async throws {
    var bureau = try await Bureau()
    try await bureau.signIn("mei", "2580")
    let account = try await bureau.account()
    func give(_ points: Int64, as who: String, _ more: [(String, JSON)] = []) async throws -> String
    {
      let body = JSON.object(
        [
          ("points", .integer(points)), ("reason", "goodwill"), ("account", .string(account)),
        ] + more)
      return try await bureau.code(.pointsAdjust, body, as: who)
    }
    for _ in 1...5 { #expect(try await give(100, as: "mei") == "") }
    #expect(try await give(1, as: "mei") == "goodwill.cap")
    let second: [(String, JSON)] = [("approver", "hua"), ("approverPin", "3691")]
    #expect(try await give(301, as: "mei", second) == "")
    // the next month has its own
    bureau.later(31 * 24 * 60)
    try await bureau.signIn("mei", "2580")
    #expect(try await give(100, as: "mei") == "")
    await bureau.counter.stop()
  }

  @Test func `a dear reward and the points of the dead wait for a second person`() async throws {
    var bureau = try await Bureau {
      $0.replacing(
        "  cards: {", with: "  rewards: [{ id: 'tv', name: 'tv', points: 60 }],\n  cards: {")
    }
    try await bureau.signIn("mei", "2580")
    try await bureau.signIn("lin", "1470")
    let added = try Answer(await bureau.ask(.memberAdd, ["name": "王小明"], as: "hua").body)
    let (member, account) = (added.text("member"), added.text("account"))
    let opening: JSON = ["points": 100, "account": .string(account)]
    #expect(try await bureau.code(.pointsOpening, opening, as: "hua") == "")
    let give: [(String, JSON)] = [("reward", "tv"), ("account", .string(account))]
    #expect(try await bureau.code(.rewardGive, .object(give), as: "lin") == "approval.needed")
    #expect(try await bureau.balance(account) == 100)
    let signed: [(String, JSON)] = [("approver", "mei"), ("approverPin", "2580")]
    #expect(try await bureau.code(.rewardGive, .object(give + signed), as: "lin") == "")
    #expect(try await bureau.balance(account) == 40)

    let whose: JSON = ["member": .string(member)]
    #expect(try await bureau.code(.memberDeceased, whose, as: "lin") == "right.missing")
    #expect(try await bureau.code(.memberDeceased, whose, as: "mei") == "")
    let heir = try await bureau.account("王大明")
    func estate(_ heir: String, _ more: [(String, JSON)]) async throws -> Answer {
      let body = JSON.object([("member", .string(member)), ("heir", .string(heir))] + more)
      return try Answer(await bureau.ask(.memberEstate, body, as: "mei").body)
    }
    #expect(try await estate(heir, []).code == "approval.needed")
    let meis = try await bureau.account("梅")
    let own = JSON.object([("name", "mei"), ("accounts", [.string(meis)])])
    #expect(try await bureau.code(.operatorAccounts, own, as: "hua") == "")
    let second: [(String, JSON)] = [("approver", "hua"), ("approverPin", "3691")]
    #expect(try await estate(meis, second).code == "account.own")
    let pending = try await estate(heir, [("later", true)]).text("pending")
    #expect(try await bureau.balance(account) == 40 && !pending.isEmpty)
    let grant: JSON = ["pending": .string(pending)]
    #expect(try await bureau.code(.approvalGrant, grant, as: "hua") == "")
    #expect(try await bureau.balance(heir) == 40)
    await bureau.counter.stop()
  }

  @Test func `goodwill of one case and of the store ends at its caps too`() async throws {
    var bureau = try await Bureau { $0.replacing("PerStore: 10000", with: "PerStore: 600") }
    try await bureau.signIn("mei", "2580")
    let second: [(String, JSON)] = [("approver", "mua"), ("approverPin", "5802")]
    try await bureau.add("mua", "manager", "5802", as: "hua")
    func give(_ points: Int64, to account: String) async throws -> String {
      let body = JSON.object(
        [
          ("points", .integer(points)), ("reason", "goodwill"), ("account", .string(account)),
        ] + second)
      return try await bureau.code(.pointsAdjust, body, as: "mei")
    }
    let first = try await bureau.account()
    #expect(try await give(301, to: first) == "goodwill.cap", "a case")
    #expect(try await give(300, to: first) == "")
    #expect(try await give(250, to: try await bureau.account("李四")) == "")
    let third = try await bureau.account("陳五")
    #expect(try await give(51, to: third) == "goodwill.cap", "the store")
    #expect(try await give(50, to: third) == "")
    await bureau.counter.stop()
  }

  /// Whose account it is declared as, who acts, and with whom as second person.
  @Test(
    arguments: [
      ("accounts", "mei", nil), ("household", "mei", nil), ("household", "hua", "mei"),
    ] as [(String, String, String?)])
  func `nobody gives anything to an account of their own or household, alone or as second person`(
    declared: String, actor: String, second: String?
  ) async throws {
    var bureau = try await Bureau()
    try await bureau.signIn("mei", "2580")
    let account = try await bureau.account()
    // declared as the account that this one is merged into: through a merge it is theirs too
    let target = try await bureau.account("王大明")
    let whose = JSON.object([("name", "mei"), (declared, [.string(target)])])
    #expect(try await bureau.code(.operatorAccounts, whose, as: "hua") == "")
    let merge: JSON = [
      "account": .string(account), "into": .string(target), "approver": "kai",
      "approverPin": "7913",
    ]
    try await bureau.add("kai", "headOffice", "7913", as: "hua")
    #expect(try await bureau.code(.accountMerge, merge, as: "hua") == "")
    let more: [(String, JSON)] =
      second.map { [("approver", .string($0)), ("approverPin", "2580")] } ?? []
    for who in [account, target] {
      let adjust = JSON.object(
        [("points", 5), ("reason", "mistake"), ("account", .string(who))] + more)
      #expect(try await bureau.code(.pointsAdjust, adjust, as: actor) == "account.own")
      let sale = JSON.object(
        [
          ("ticket", .string("t-\(who.prefix(4))")), ("terminal", "1"), ("amount", 1_000),
          ("account", .string(who)),
        ] + more)
      #expect(try await bureau.code(.ticketPost, sale, as: actor) == "account.own")
    }
    #expect(try await bureau.balance(target) == 0)
    await bureau.counter.stop()
  }
}

extension Character {
  fileprivate var isLetterOrDigit: Bool { isASCII && (isLetter || isNumber) }
}
