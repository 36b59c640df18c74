import Configuration
import CounterAPI
import HTTPMessages
import Platform
import Testing

@testable import CounterService

/// A counter with operators of every kind and a till, and a clock of the test's.
final class PlainDesk: Sendable {
  /// 2026-11-20T12:00 in Taipei.
  static let noon: Int64 = 1_795_147_200_000
  let counter: CounterFixture
  let time: Guarded<Int64>
  private let tokens = Guarded<[String: String]>([:])

  private static let people = [
    ("hua", "headOffice", "3691"), ("ming", "headOffice", "4826"), ("mei", "manager", "2580"),
    ("lin", "cashier", "1470"),
  ]

  init(programme edit: (String) -> String = { $0 }) async throws {
    let time = Guarded(PlainDesk.noon)
    self.time = time
    counter = try await CounterFixture(
      clocks: Clocks(
        wallMilliseconds: { time.withLock { $0 } },
        monotonicNanoseconds: { UInt64(time.withLock { $0 }) * 1_000_000 }), programme: edit)
    for (name, role, pin) in PlainDesk.people {
      let body: JSON = ["name": .string(name), "roles": [.string(role)], "pin": .string(pin)]
      _ = try await ok(.operatorAdd, body, as: name == "hua" ? nil : "hua")
      try await signIn(name, pin)
    }
    let till = try await ok(.tillAdd, ["name": "1"], as: "hua").text("token")
    tokens.withLock { $0["till"] = till }
  }

  private func signIn(_ name: String, _ pin: String) async throws {
    let answer = try await ok(
      .signIn, ["operator": .string(name), "pin": .string(pin), "minutes": 480], as: nil)
    let token = answer.text("token")
    tokens.withLock { $0[name] = token }
  }

  /// Moves the clock; who signed in signs in again.
  func pass(days: Int64) async throws {
    time.withLock { $0 += days * 86_400_000 }
    for (name, _, pin) in PlainDesk.people { try await signIn(name, pin) }
  }

  /// - Parameter who: `till`, an operator, or nil for the daemon's own user.
  func ask(
    _ route: Route, _ body: JSON = [:], as who: String?, key: String = ""
  ) async -> HTTPResponse {
    var headers: HTTPHeaders = ["Accept-Language": "en"]
    headers.add("Idempotency-Key", key.isEmpty ? randomID() : key)
    if let who, let token = tokens.withLock({ $0[who] }) {
      headers.add("Authorization", "Bearer \(token)")
    }
    return await counter.assembly.routes.answer(
      HTTPRequest(
        route.method, HTTPTarget(path: route.path), headers: headers, body: body.text),
      peer: .user("test", isOwner: true))
  }

  private func randomID() -> String { hexadecimalText(RandomBytes.system(8)) }

  private func hexadecimalText(_ bytes: [UInt8]) -> String {
    bytes.map { String($0, radix: 16) }.joined()
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

  /// The code of the error, empty for an answer.
  func code(
    _ route: Route, _ body: JSON = [:], as who: String?, key: String = ""
  ) async throws -> String {
    try Answer(await ask(route, body, as: who, key: key).body).code
  }

  func member(_ name: String, phone: String) async throws -> String {
    let body: JSON = ["name": .string(name), "phone": .string(phone)]
    return try await ok(.memberAdd, body, as: "hua").text("account")
  }

  func balance(_ account: String) async throws -> Int64 {
    let answer = try await ok(.statement, ["account": .string(account)], as: "hua")
    return try #require(answer.object("points")).integer("balance")
  }

  func stop() async { await counter.stop() }
}
