import Configuration
import CounterAPI
import CounterService
import HTTPMessages
import Platform
import Testing

/// A counter with its people: a manager, two of head office, and a cashier at each of two tills.
/// The clock is the test's.
struct Desk {
  /// 2026-11-20T12:00 in Taipei.
  static let noon: Int64 = 1_795_147_200_000

  let counter: CounterFixture
  let time: Guarded<Int64>
  /// By name of an operator, or of a till alone.
  private(set) var tokens: [String: String] = [:]

  static let pins = [
    "hua": "3691", "mei": "2580", "kai": "7392", "lin": "1470", "ann": "9630", "dora": "8642",
  ]

  /// - Parameters:
  ///   - limits: keys of the configuration's `limits`.
  ///   - stationKeys: further keys of the station's entry; given, T1 is beside it, and T2 where it
  ///     is shared.
  ///   - edit: changes the standard programme's text.
  init(
    limits: String = "cashierRedeem: 50", start: Int64 = Desk.noon, stationKeys: String? = nil,
    programme edit: (String) -> String = { $0 }
  ) async throws {
    let time = Guarded(start)
    self.time = time
    counter = try await CounterFixture(
      clocks: Clocks(
        wallMilliseconds: { time.withLock { $0 } },
        monotonicNanoseconds: { UInt64(time.withLock { $0 }) * 1_000_000 }),
      more: "limits: { \(limits) },", stationKeys: stationKeys ?? "", programme: edit)
    try await add("hua", "headOffice", as: nil)
    try await signIn("hua")
    for (name, role) in [
      ("kai", "headOffice"), ("mei", "manager"), ("lin", "cashier"), ("ann", "cashier"),
      ("dora", "dataProtection"),
    ] {
      try await add(name, role, as: "hua")
    }
    for (till, clerk) in [("T1", "lin"), ("T2", "ann")] {
      let isBeside = stationKeys.map { till == "T1" || $0.contains("shared") } ?? false
      let beside: [(String, JSON)] = isBeside ? [("station", "c1")] : []
      let made = try await ok(.tillAdd, .object([("name", .string(till))] + beside), as: "hua")
      tokens[till] = made.text("token")
      try await signIn(clerk, at: till)
    }
    for name in ["kai", "mei", "dora"] { try await signIn(name) }
  }

  private func add(_ name: String, _ role: String, as who: String?) async throws {
    _ = try await ok(
      .operatorAdd,
      [
        "name": .string(name), "roles": [.string(role)],
        "pin": .string(Desk.pins[name] ?? ""),
      ], as: who)
  }

  mutating func signIn(_ name: String, at till: String? = nil) async throws {
    let answer = try await ok(
      .signIn, ["operator": .string(name), "pin": .string(Desk.pins[name] ?? "")], as: till)
    tokens[name] = answer.text("token")
  }

  /// - Parameter who: whose token is sent; nil: the daemon's own user without one.
  func ask(
    _ route: Route, _ body: JSON = [:], as who: String?, key: String = ""
  ) async -> HTTPResponse {
    await raw(route, body.text, as: who, key: key)
  }

  func raw(
    _ route: Route, _ body: [UInt8], as who: String?, key: String = ""
  ) async -> HTTPResponse {
    var headers: HTTPHeaders = ["Accept-Language": "en"]
    let fresh = RandomBytes.system(8).map { String($0) }.joined(separator: ".")
    headers.add("Idempotency-Key", key.isEmpty ? "k\(fresh)" : key)
    if let who { headers.add("Authorization", "Bearer \(tokens[who] ?? who)") }
    let path = route.path.map { $0 == "*" ? "c1" : $0 }
    return await counter.assembly.routes.answer(
      HTTPRequest(route.method, HTTPTarget(path: path), headers: headers, body: body),
      peer: .user("test", isOwner: true))
  }

  /// The code of what is refused; "" for what is done.
  func code(
    _ route: Route, _ body: JSON = [:], as who: String?, key: String = ""
  ) async throws -> String {
    try Answer(await ask(route, body, as: who, key: key).body).code
  }

  func ok(
    _ route: Route, _ body: JSON = [:], as who: String?, key: String = ""
  ) async throws -> Answer {
    let response = await ask(route, body, as: who, key: key)
    guard response.status == 200 else {
      throw CounterFixture.Refused(
        status: response.status, body: String(decoding: response.body, as: UTF8.self))
    }
    return try Answer(response.body)
  }

  func later(minutes: Int64) { time.withLock { $0 += minutes * 60_000 } }

  /// A member with a card number and points.
  func member(
    _ name: String = "王小明", phone: String = "0912345678", points: Int64 = 0,
    more: [(String, JSON)] = []
  ) async throws -> Person {
    let made = try await ok(
      .memberAdd, .object([("name", .string(name)), ("phone", .string(phone))] + more), as: "hua")
    let card = try await ok(.cardIssue, ["member": .string(made.text("member"))], as: "mei")
    if points > 0 {
      _ = try await ok(
        .pointsAdjust,
        [
          "points": .integer(points), "reason": "opening", "account": .string(made.text("account")),
          "approver": "kai", "approverPin": .string(Desk.pins["kai"] ?? ""),
        ], as: "hua")
    }
    return Person(
      member: made.text("member"), account: made.text("account"), card: card.text("number"),
      phone: phone)
  }

  struct Person {
    var member: String
    var account: String
    var card: String
    var phone: String
  }

  func sale(
    _ ticket: String, at till: String = "T1", amount: Int64 = 1_000, _ more: (String, JSON)...
  ) -> JSON {
    .object(
      [
        ("ticket", .string(ticket)), ("terminal", .string(till)), ("amount", .integer(amount)),
      ] + more)
  }

  func balance(_ account: String) async throws -> Int64 {
    try await ok(.statement, ["account": .string(account)], as: "hua").object("points")?
      .integer("balance") ?? .min
  }

  /// What was refused to or done by somebody, as `function code`.
  func audit(of actor: String) async throws -> [String] {
    try await ok(.auditList, ["actor": .string(actor), "limit": 1_000], as: "mei").list("rows")
      .map { $0.text("function") + " " + $0.text("code") }
  }

  func stop() async { await counter.stop() }
}
