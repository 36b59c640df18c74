/// Reads answers from a stream of bytes, in pieces of any size; interim ones (1xx) are skipped.
package struct ResponseReader: Sendable {
  private enum State: Sendable {
    case startLine
    case fields(status: Int, minorVersion: UInt8, FieldReader)
    case body(HTTPResponse, BodyReader)
    case failed(HTTPFailure)
  }

  private let limits: HTTPLimits
  private var queue = ByteQueue()
  private var lines = LineReader()
  private var state = State.startLine
  /// The methods of the requests whose answers have not come, the oldest first.
  private var methods: [HTTPMethod] = []

  package init(limits: HTTPLimits = .responses) {
    self.limits = limits
  }

  /// Tells that a request was sent: an answer to HEAD has no body.
  package mutating func expect(answerTo method: HTTPMethod) {
    methods.append(method)
  }

  /// Whether nothing of a next answer has come.
  package var isIdle: Bool {
    if case .startLine = state { queue.count == 0 } else { false }
  }

  /// Takes in what has come.
  package mutating func feed(_ bytes: some Collection<UInt8>) {
    queue.append(bytes)
  }

  /// The next whole answer, nil when more bytes are needed.
  ///
  /// - Throws: what is wrong; the stream cannot be read on, and each further call throws it again.
  ///   An answer that nobody asked for is a malformed one.
  package mutating func next() throws(HTTPFailure) -> HTTPResponse? {
    do throws(HTTPFailure) {
      return try advance()
    } catch {
      state = .failed(error)
      throw error
    }
  }

  /// The stream has ended: the answer whose body goes to the end, or nil when none was under way.
  ///
  /// - Throws: `.endedEarly` inside an answer.
  package mutating func end() throws(HTTPFailure) -> HTTPResponse? {
    if isIdle { return nil }
    guard case .body(var response, let reader) = state, reader.endsWithStream else {
      throw .endedEarly
    }
    response.body = reader.body
    state = .startLine
    return response
  }

  private mutating func advance() throws(HTTPFailure) -> HTTPResponse? {
    while true {
      switch state {
      case .failed(let failure): throw failure
      case .startLine:
        let line = try lines.next(&queue, limit: limits.startLine, tooLong: .headTooLong)
        guard let line else { return nil }
        guard !methods.isEmpty else { throw .badStartLine }
        let (status, minorVersion) = try Self.startLine(line)
        state = .fields(
          status: status, minorVersion: minorVersion, FieldReader(used: line.count + 2))
      case .fields(let status, let minorVersion, var fields):
        state = .startLine
        guard try fields.read(&queue, limits) else {
          state = .fields(status: status, minorVersion: minorVersion, fields)
          return nil
        }
        guard status >= 200 else { continue }
        try begin(status, minorVersion, fields.headers)
      case .body(var response, var reader):
        state = .startLine
        guard try reader.read(&queue, limits) else {
          state = .body(response, reader)
          return nil
        }
        response.body = reader.body
        return response
      }
    }
  }

  private mutating func begin(
    _ status: Int, _ minorVersion: UInt8, _ headers: HTTPHeaders
  ) throws(HTTPFailure) {
    var response = HTTPResponse(status: status, headers: headers)
    let told: BodyFraming?
    if methods.removeFirst() == .head || status == 204 || status == 304 {
      told = .length(0)
    } else {
      told = try BodyFraming.told(by: headers, limits)
    }
    let framing = told ?? .untilEnd
    response.keepsAlive =
      framing != .untilEnd
      && (minorVersion == 0
        ? headers.list("connection", contains: "keep-alive")
        : !headers.list("connection", contains: "close"))
    state = .body(response, BodyReader(framing))
  }

  private static func startLine(
    _ line: ArraySlice<UInt8>
  ) throws(HTTPFailure) -> (status: Int, minorVersion: UInt8) {
    let words = line.split(separator: 0x20, maxSplits: 2, omittingEmptySubsequences: false)
    guard words.count >= 2, words[1].count == 3,
      words[1].allSatisfy({ (0x30...0x39).contains($0) })
    else { throw .badStartLine }
    let status = words[1].reduce(0) { $0 * 10 + Int($1 - 0x30) }
    guard (100...599).contains(status) else { throw .badStartLine }
    return (status, try httpVersion(words[0]))
  }
}
