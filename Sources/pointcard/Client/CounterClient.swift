import Configuration
import CounterAPI
import Digest
import HTTPClient
import HTTPMessages
import Platform

/// Talks to the daemon for one command.
struct CounterClient: Sendable {
  /// Waits before a command whose answer was lost is sent again with its key.
  static let pauses: [Duration] = [
    .milliseconds(200), .milliseconds(500), .seconds(1), .seconds(2), .seconds(4),
  ]

  private let connection: HTTPConnection
  private let place: String
  let language: Language
  private let operatorName: String?
  /// The command's key, under which it is done once.
  let key: String
  private let identity: CallerIdentity

  /// - Throws: `CommandFailure` when the configuration that names the socket is wrong.
  init(_ invocation: Invocation) throws {
    place = try SocketPlace.find(option: invocation["socket"])
    connection = HTTPConnection(endpoint: .unix(path: place))
    language = invocation.language
    operatorName = invocation["as"]
    identity = try CallerIdentity(invocation)
    let isWrite = if case .write = invocation.command.reach { true } else { false }
    key = (isWrite ? invocation["key"] : nil) ?? Base32.encode(RandomBytes.system(10))
  }

  /// Asks for something.
  ///
  /// A command whose answer was lost is sent again, with the same key, so that it is done once; so
  /// is what changes nothing.
  ///
  /// - Parameter within: how long the daemon may take for it.
  /// - Returns: the body of a good answer.
  /// - Throws: `CommandFailure`, `Refused`.
  func ask(
    _ route: Route, body: RequestBody? = nil, station: String? = nil,
    query: [(String, String)] = [], within: Duration = .seconds(30)
  ) async throws -> [UInt8] {
    try await reply(route, body: body, station: station, query: query, within: within).body
  }

  /// The same, and whether it had to be sent more than once.
  func reply(
    _ route: Route, body: RequestBody? = nil, station: String? = nil,
    query: [(String, String)] = [], within: Duration = .seconds(30)
  ) async throws -> (body: [UInt8], wasRepeated: Bool) {
    let path = try route.path.map { part in
      part == "*" ? try segment(station ?? "") : part
    }
    var request = HTTPRequest(route.method, HTTPTarget(path: path, query: query))
    request.headers.add("Accept-Language", language.rawValue)
    if let operatorName { request.headers.add("Operator", operatorName) }
    if let token = identity.token { request.headers.add("Authorization", "Bearer \(token)") }
    if route.isWrite || route == .stationService {
      request.headers.add("Idempotency-Key", key)
    }
    if var body {
      if let pin = identity.approverPIN { body.add("approverPin", .string(pin)) }
      if let pin = identity.memberPIN { body.add("memberPin", .string(pin)) }
      request.headers.add("Content-Type", "application/json")
      request.body = body.bytes(body.hasAmounts ? try await decimals() : Decimals())
    }
    let isRepeatable = route.isWrite || route.method == .get
    var (response, wasRepeated) = try await send(
      request, isRepeatable: isRepeatable, within: within)
    if response.status == 401, let operatorName, wantsPIN(response),
      let token = try await identity.signIn(operatorName, send: signIn)
    {
      request.headers["authorization"] = "Bearer \(token)"
      (response, wasRepeated) = try await send(
        request, isRepeatable: isRepeatable, within: within)
    }
    guard response.status == 200 else { throw refusal(response) }
    return (response.body, wasRepeated)
  }

  /// How many decimals amounts and points have, which people type and the daemon counts in smallest
  /// parts.
  private func decimals() async throws -> Decimals {
    let request = HTTPRequest(.get, HTTPTarget(path: Route.programme.path, query: []))
    let (response, _) = try await send(request, isRepeatable: true, within: .seconds(30))
    guard response.status == 200 else { throw refusal(response) }
    let programme = try Answer(response.body)
    return Decimals(
      money: Int(programme["currency"]["decimals"].integer ?? 0),
      points: Int(programme["pointDecimals"].integer ?? 0))
  }

  private func wantsPIN(_ response: HTTPResponse) -> Bool {
    String(decoding: response.body, as: UTF8.self).contains("\"pin.needed\"")
  }

  /// Signs somebody in for this command.
  private func signIn(_ name: String, _ pin: String) async throws -> String? {
    var body = RequestBody()
    body.add("operator", .string(name))
    body.add("pin", .string(pin))
    body.add("minutes", .integer(120))
    var request = HTTPRequest(.post, HTTPTarget(path: Route.signIn.path, query: []))
    request.headers.add("Accept-Language", language.rawValue)
    if let token = identity.token { request.headers.add("Authorization", "Bearer \(token)") }
    request.body = body.bytes(Decimals())
    let (response, _) = try await send(request, isRepeatable: false, within: .seconds(30))
    guard response.status == 200 else { throw refusal(response) }
    return try Answer(response.body)["token"].text
  }

  /// A station's name as it may stand in a path.
  private func segment(_ name: String) throws(CommandFailure) -> String {
    guard !name.isEmpty, name != ".", name != ".." else {
      let sentence = Sentence.text("station.notFound", [], language)
      throw CommandFailure(
        exit: ExitCode.refused, sentence: Words(sentence, sentence), code: "station.notFound")
    }
    return name
  }

  private func send(
    _ request: HTTPRequest, isRepeatable: Bool, within: Duration
  ) async throws -> (HTTPResponse, wasRepeated: Bool) {
    var pauses = CounterClient.pauses[...]
    var wasSent = false
    while true {
      let failure: HTTPClientError
      do throws(HTTPClientError) {
        return (try connection.send(request, within: within), wasSent)
      } catch {
        failure = error
      }
      switch failure {
      case .unreachable where !wasSent: throw unreachable(failure, wasSent: false)
      case .malformed: throw unreachable(failure, wasSent: true)
      case .unreachable, .interrupted, .timedOut: wasSent = true
      }
      guard isRepeatable, let pause = pauses.popFirst() else {
        throw unreachable(failure, wasSent: true)
      }
      if request.headers["idempotency-key"] != nil {
        Console.remark(
          Words(
            "The connection broke; sending the same command once more (key \(key)).",
            "連線中斷，以同一交易代碼重送（代碼 \(key)）。")(language))
      }
      try await Task.sleep(for: pause)
    }
  }

  private func unreachable(_ failure: HTTPClientError, wasSent: Bool) -> CommandFailure {
    if case .malformed = failure {
      return CommandFailure(
        exit: ExitCode.internalFailure,
        sentence: Words(
          "What answers at \(place) is not pointcardd.", "在 \(place) 回應的不是 pointcardd。"),
        code: "daemon.malformed", detail: failure.description)
    }
    guard wasSent else {
      return CommandFailure(
        exit: ExitCode.unreachable,
        sentence: Words(
          "pointcardd does not answer and nothing was changed: check that it runs.",
          "pointcardd 沒有回應，沒有任何更動，請確認它正在執行。"),
        code: "daemon.unreachable", detail: failure.description)
    }
    return CommandFailure(
      exit: ExitCode.unreachable,
      sentence: Words(
        "The answer was lost; whether the command was done is not known. Repeat it with --key "
          + "\(key): it is done only once.",
        "沒有收到回應，不知道是否完成；請加上 --key \(key) 再送一次，不會重複計算。"),
      code: "daemon.silent", detail: failure.description)
  }

  /// What a refusal says.
  private func refusal(_ response: HTTPResponse) -> any Error {
    do throws(ConfigurationError) {
      let error = try Answer(response.body)["error"]
      guard let code = error["code"].text, let message = error["message"].text else {
        return malformed(response)
      }
      let isOurs = ["internal.failure", "storage.unavailable"].contains(code)
      return Refused(
        failure: CommandFailure(
          exit: isOurs ? ExitCode.internalFailure : ExitCode.refused,
          sentence: Words(message, message), code: code, detail: error["detail"].text ?? ""),
        body: response.body)
    } catch {
      return malformed(response)
    }
  }

  private func malformed(_ response: HTTPResponse) -> CommandFailure {
    CommandFailure(
      exit: ExitCode.internalFailure,
      sentence: Words("pointcardd answered nonsense.", "pointcardd 的回應看不懂。"),
      code: "daemon.malformed", detail: "status \(response.status)")
  }
}

/// The daemon refused a command.
struct Refused: Error {
  var failure: CommandFailure
  /// What it answered, for `--json`.
  var body: [UInt8]
}
