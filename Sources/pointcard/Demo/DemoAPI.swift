import Configuration
import CounterAPI
import HTTPClient
import HTTPMessages
import Platform

/// What the demo's till and manager say to the daemon.
final class DemoAPI {
  private let connection: HTTPConnection
  private let station: String
  private(set) var requests = 0

  /// - Parameter station: the one that routes of a station are about.
  init(socket: String, station: String = DemoShop.station) {
    connection = HTTPConnection(endpoint: .unix(path: socket))
    self.station = station
  }

  /// An answer of the daemon: refusals are answers too.
  struct Reply {
    var status: Int
    var body: [UInt8]
    var json: JSONView

    var isDone: Bool { status == 200 }
    var code: String { json["error"]["code"].text }
  }

  /// Sends one request.
  ///
  /// - Throws: `HTTPClientError` when the daemon is away or died before it answered.
  func send(
    _ route: Route, _ body: JSON = [:], key: String = "", query: [(String, String)] = []
  ) throws -> Reply {
    requests += 1
    let path = route.path.map { [station] in $0 == "*" ? station : $0 }
    var headers: HTTPHeaders = ["Accept-Language": "zh-Hant", "Operator": "demo"]
    if !key.isEmpty { headers.add("Idempotency-Key", key) }
    let response = try connection.send(
      HTTPRequest(
        route.method, HTTPTarget(path: path, query: query), headers: headers,
        body: route.method == .get ? [] : body.text), within: .seconds(90))
    let isJSON = response.headers["content-type"]?.hasPrefix("application/json") == true
    return Reply(
      status: response.status, body: response.body,
      json: isJSON
        ? JSONView(try Node.parse(response.body, source: "answer", dialect: .json))
        : JSONView(nil))
  }

  /// Sends a request that must be done.
  func ok(_ route: Route, _ body: JSON = [:], key: String = "") throws -> JSONView {
    let reply = try send(route, body, key: key)
    guard reply.isDone else {
      throw DemoFailure(
        "\(route.rawValue) was refused: \(reply.code) \(reply.json["error"]["detail"].text)")
    }
    return reply.json
  }

  func close() { connection.close() }
}

/// Reads an answer key by key; what is not there reads as nothing.
struct JSONView {
  private let node: Node?

  init(_ node: Node?) { self.node = node }

  subscript(key: String) -> JSONView {
    guard case .object(let members)? = node?.kind else { return JSONView(nil) }
    return JSONView(members.first { $0.key == key }?.value)
  }

  var text: String {
    if case .string(let text)? = node?.kind { return text }
    return ""
  }

  var integer: Int64? {
    if case .number(let text)? = node?.kind { return Int64(text) }
    return nil
  }

  var flag: Bool {
    if case .bool(let flag)? = node?.kind { return flag }
    return false
  }

  var list: [JSONView] {
    if case .array(let nodes)? = node?.kind { return nodes.map { JSONView($0) } }
    return []
  }
}

/// Something in the demo is not as it must be.
struct DemoFailure: Error, CustomStringConvertible {
  var description: String

  init(_ description: String) { self.description = description }
}
