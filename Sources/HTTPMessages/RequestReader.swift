/// Reads requests from a stream of bytes, in pieces of any size.
///
/// Strict by RFC 9112; where the RFC lets a server choose, the narrower way is taken, because two
/// readers that understand one message differently are a hole.
package struct RequestReader: Sendable {
  /// How far the next request has come.
  package enum Stage: Sendable, Equatable {
    /// Nothing of it is there.
    case idle
    case head
    case body
  }

  private struct StartLine: Sendable {
    var method: HTTPMethod
    var target: HTTPTarget
    var authority: String?
    var minorVersion: UInt8
  }

  private enum State: Sendable {
    case startLine(emptyLines: Int)
    case fields(StartLine, FieldReader)
    case body(HTTPRequest, BodyReader)
    case failed(HTTPFailure)
  }

  private let limits: HTTPLimits
  private var queue = ByteQueue()
  private var lines = LineReader()
  private var state = State.startLine(emptyLines: 0)
  private var expectsContinue = false

  package init(limits: HTTPLimits = .requests) {
    self.limits = limits
  }

  package var stage: Stage {
    switch state {
    case .startLine: queue.count == 0 ? .idle : .head
    case .fields: .head
    case .body: .body
    case .failed: .idle
    }
  }

  /// Bytes that have come and belong to no request that was given out.
  package var pending: Int { queue.count }

  /// Takes in what has come.
  package mutating func feed(_ bytes: some Collection<UInt8>) {
    queue.append(bytes)
  }

  /// Whether the client waits for `100 Continue` before it sends the body; true once a request.
  package mutating func takeContinue() -> Bool {
    defer { expectsContinue = false }
    return expectsContinue
  }

  /// The next whole request, nil when more bytes are needed.
  ///
  /// - Throws: what is wrong; the stream cannot be read on, and each further call throws it again.
  package mutating func next() throws(HTTPFailure) -> HTTPRequest? {
    do throws(HTTPFailure) {
      return try advance()
    } catch {
      state = .failed(error)
      throw error
    }
  }

  private mutating func advance() throws(HTTPFailure) -> HTTPRequest? {
    while true {
      switch state {
      case .failed(let failure): throw failure
      case .startLine(let emptyLines):
        let line = try lines.next(&queue, limit: limits.startLine, tooLong: .targetTooLong)
        guard let line else { return nil }
        guard !line.isEmpty else {
          // some clients send an empty line behind a body
          guard emptyLines < 1 else { throw .badStartLine }
          state = .startLine(emptyLines: emptyLines + 1)
          continue
        }
        state = .fields(try Self.startLine(line), FieldReader(used: line.count + 2))
      case .fields(let start, var fields):
        state = .startLine(emptyLines: 0)
        guard try fields.read(&queue, limits) else {
          state = .fields(start, fields)
          return nil
        }
        try begin(start, fields.headers)
      case .body(var request, var reader):
        state = .startLine(emptyLines: 0)
        guard try reader.read(&queue, limits) else {
          state = .body(request, reader)
          return nil
        }
        expectsContinue = false
        request.body = reader.body
        return request
      }
    }
  }

  private mutating func begin(_ start: StartLine, _ headers: HTTPHeaders) throws(HTTPFailure) {
    var request = HTTPRequest(start.method, start.target, headers: headers)
    let hosts = headers.values(of: "host")
    guard hosts.count <= 1 else { throw .repeatedHost }
    guard !hosts.isEmpty || start.minorVersion == 0 else { throw .missingHost }
    if let authority = start.authority { request.headers["host"] = authority }
    if start.minorVersion == 0, !headers.values(of: "transfer-encoding").isEmpty {
      throw .codingUnknown
    }
    let framing = try BodyFraming.told(by: headers, limits)
    guard framing != nil || !start.method.needsLength else { throw .lengthRequired }
    // a client of version 1.0 that wants to go on would have to be told so: it is let go instead
    request.keepsAlive =
      start.minorVersion > 0 && !headers.list("connection", contains: "close")
    if let expectation = headers["expect"], start.minorVersion > 0 {
      guard expectation.lowercased() == "100-continue" else { throw .expectationUnknown }
      expectsContinue = framing != nil && framing != .length(0) && queue.count == 0
    }
    state = .body(request, BodyReader(framing ?? .length(0)))
  }

  private static func startLine(_ line: ArraySlice<UInt8>) throws(HTTPFailure) -> StartLine {
    let words = line.split(separator: 0x20, omittingEmptySubsequences: false)
    guard words.count == 3, !words[0].isEmpty, words[0].count <= 32,
      words[0].allSatisfy(isTokenByte)
    else { throw .badStartLine }
    let minorVersion = try httpVersion(words[2])
    let method = HTTPMethod(String(decoding: words[0], as: UTF8.self))
    if words[1].elementsEqual("*".utf8), method == .options {
      return StartLine(
        method: method, target: HTTPTarget(path: []), authority: nil, minorVersion: minorVersion)
    }
    let scheme = "http://"
    guard words[1].prefix(7).map({ $0 | 0x20 }).elementsEqual(scheme.utf8.map { $0 | 0x20 })
    else {
      return StartLine(
        method: method, target: try HTTPTarget.parse(words[1]), authority: nil,
        minorVersion: minorVersion)
    }
    let rest = words[1].dropFirst(7)
    let authority = rest.prefix { $0 != 0x2f && $0 != 0x3f }
    let path = rest[authority.endIndex...]
    let text = path.first == 0x2f ? Array(path) : [0x2f] + path
    guard !authority.isEmpty, authority.allSatisfy({ (0x21...0x7e).contains($0) }) else {
      throw .badTarget
    }
    return StartLine(
      method: method, target: try HTTPTarget.parse(text),
      authority: String(decoding: authority, as: UTF8.self), minorVersion: minorVersion)
  }
}

/// The digit behind `HTTP/1.`.
///
/// - Throws: `.versionUnknown` for another first digit, `.badStartLine` for what is no version.
func httpVersion(_ word: ArraySlice<UInt8>) throws(HTTPFailure) -> UInt8 {
  let bytes = Array(word)
  guard bytes.count == 8, bytes.prefix(5).elementsEqual("HTTP/".utf8),
    bytes[6] == UInt8(ascii: "."), (0x30...0x39).contains(bytes[5]),
    (0x30...0x39).contains(bytes[7])
  else { throw .badStartLine }
  guard bytes[5] == 0x31 else { throw .versionUnknown }
  return bytes[7] - 0x30
}
