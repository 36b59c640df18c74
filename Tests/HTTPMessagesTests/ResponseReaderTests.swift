import HTTPMessages
import Testing

struct ResponseReaderTests {
  @Test(arguments: [
    ("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nab", HTTPMethod.get, 200, "ab", true),
    ("HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n", .get, 200, "", true),
    ("HTTP/1.1 204 No Content\r\n\r\n", .get, 204, "", true),
    ("HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n", .get, 304, "", true),
    ("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n", .head, 200, "", true),
    ("HTTP/1.1 200 OK\r\n\r\nall of it", .get, 200, "all of it", false),
    ("HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\nx", .get, 200, "x", false),
    (
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n", .get,
      200, "abcde", true
    ),
    (
      "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 102 Wait\r\nA: b\r\n\r\nHTTP/1.1 201 Created\r\n"
        + "Content-Length: 1\r\nConnection: close\r\n\r\nx", .post, 201, "x", false
    ),
  ])
  func `an answer is read the same, however the stream is cut`(
    stream: String, method: HTTPMethod, status: Int, body: String, keepsAlive: Bool
  ) throws {
    let bytes = Array(stream.utf8)
    let whole = readResponses(bytes, to: [method])
    let response = try #require(whole.responses.first)
    #expect(whole.failure == nil && whole.responses.count == 1)
    #expect(response.status == status && text(response.body) == body)
    #expect(response.keepsAlive == keepsAlive)
    for cut in cuts(of: bytes) {
      #expect(readResponses(bytes, to: [method], cut: cut) == whole, "\(cut)")
    }
  }

  @Test(
    arguments: [
      ("HTTP/1.1 99 Low\r\n\r\n", HTTPFailure.badStartLine),
      ("HTTP/1.1 600 High\r\n\r\n", .badStartLine),
      ("HTTP/1.1 2x0 OK\r\n\r\n", .badStartLine), ("HTTP/1.1\r\n\r\n", .badStartLine),
      ("SSH-2.0-OpenSSH\r\n", .badStartLine), ("HTTP/2.0 200 OK\r\n\r\n", .versionUnknown),
      ("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab", .endedEarly),
      ("HTTP/1.1 200", .endedEarly),
      ("HTTP/1.1 200 OK\r\nContent-Length: 67108865\r\n\r\n", .bodyTooLong),
      ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nab", .endedEarly),
      ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabcd", .badChunk),
      ("HTTP/1.1 200 OK\r\nTransfer-Encoding: br\r\n\r\n", .codingUnknown),
      (
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
        .conflictingLengths
      ),
    ] as [(String, HTTPFailure)])
  func `what is no answer is refused`(stream: String, failure: HTTPFailure) {
    let bytes = Array(stream.utf8)
    for cut in cuts(of: bytes) {
      #expect(readResponses(bytes, cut: cut).failure == failure, "\(cut)")
    }
  }

  @Test func `an answer that nobody asked for is refused`() {
    let one = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
    let read = readResponses(Array((one + one).utf8))
    #expect(read.responses.count == 1 && read.failure == .badStartLine)
  }

  @Test func `a body to the end of the stream has its limit`() {
    let bytes = Array("HTTP/1.1 200 OK\r\n\r\nabcdef".utf8)
    #expect(readResponses(bytes, limits: HTTPLimits(body: 6)).failure == nil)
    #expect(readResponses(bytes, limits: HTTPLimits(body: 5)).failure == .bodyTooLong)
  }
}

struct SerialisationTests {
  @Test func `a request on the wire is as it was written down`() {
    var request = HTTPRequest(
      .post, HTTPTarget(path: ["v1", "a b"], query: [("q", "x&y=é")]),
      headers: ["Idempotency-Key": "k1", "Content-Length": "99"], body: Array("{}".utf8))
    request.keepsAlive = false
    #expect(
      text(request.serialized())
        == "POST /v1/a%20b?q=x%26y%3D%C3%A9 HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n"
        + "idempotency-key: k1\r\ncontent-length: 2\r\n\r\n{}")
    #expect(
      text(HTTPRequest(.get, HTTPTarget(path: [])).serialized())
        == "GET / HTTP/1.1\r\nhost: localhost\r\n\r\n")
  }

  @Test func `an answer on the wire is as it was written down`() {
    let response = HTTPResponse.text(404, "nothing\n")
    #expect(
      text(response.serialized(date: HTTPDate.text(milliseconds: 784_111_777_000)))
        == "HTTP/1.1 404 Not Found\r\ndate: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
        + "content-type: text/plain; charset=utf-8\r\ncontent-length: 8\r\n\r\nnothing\n")
    #expect(text(response.serialized(answering: .head)).hasSuffix("content-length: 8\r\n\r\n"))
    var empty = HTTPResponse(status: 204)
    empty.keepsAlive = false
    #expect(text(empty.serialized()) == "HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n")
  }

  @Test(arguments: [
    (Int64(0), "Thu, 01 Jan 1970 00:00:00 GMT"), (951_782_399_999, "Mon, 28 Feb 2000 23:59:59 GMT"),
    (951_868_799_000, "Tue, 29 Feb 2000 23:59:59 GMT"),
    (1_774_944_900_000, "Tue, 31 Mar 2026 08:15:00 GMT"),
    (4_107_542_400_000, "Mon, 01 Mar 2100 00:00:00 GMT"),
  ])
  func `a date is as RFC 9110 wants it`(milliseconds: Int64, date: String) {
    #expect(HTTPDate.text(milliseconds: milliseconds) == date)
  }

  @Test(arguments: [[""], ["a", ""], ["..", "a"], ["a", ".", "b"], ["", "a"]])
  func `a target whose segments are no names is refused by every reader`(path: [String]) {
    let bytes = HTTPRequest(.get, HTTPTarget(path: path)).serialized()
    #expect(readRequests(bytes).failure == .badTarget)
  }

  @Test func `a value cannot begin a field of its own`() {
    var headers = HTTPHeaders()
    headers.add("X-Name", "a\r\nEvil: b\u{0}")
    #expect(headers["x-name"] == "a  Evil: b ")
    let bytes = HTTPResponse(status: 200, headers: headers).serialized()
    #expect(readResponses(bytes).responses.first?.headers["evil"] == nil)
  }

  @Test func `fields are found by name in any case, replaced and removed`() {
    var headers: HTTPHeaders = ["Accept": "a", "ACCEPT": "b", "Other": "c"]
    #expect(headers["accept"] == "a" && headers.values(of: "accept") == ["a", "b"])
    headers["accept"] = "d"
    #expect(headers.values(of: "accept") == ["d"])
    headers["other"] = nil
    #expect(headers.fields.map(\.name) == ["accept"])
  }

  @Test(arguments: 1...100)
  func `every request and answer that is written is read back as it was`(seed: Int) throws {
    var generator = Seeded(state: UInt64(seed))
    func word(_ count: ClosedRange<Int>) -> String {
      let letters = Array("aZ09-._~ /%?&=+é點\u{1f600}\"'")
      let length = Int.random(in: count, using: &generator)
      return String((0..<length).map { _ in letters.randomElement(using: &generator)! })
    }
    func segment() -> String {
      let segment = word(1...9)
      return segment == "." || segment == ".." ? "dots" : segment
    }
    let path = (0..<Int.random(in: 0...4, using: &generator)).map { _ in segment() }
    let query = (0..<Int.random(in: 0...3, using: &generator)).map { _ in (word(1...4), word(0...9))
    }
    let body = (0..<Int.random(in: 0...300, using: &generator)).map { _ in
      UInt8.random(in: 0...255, using: &generator)
    }
    let request = HTTPRequest(.put, HTTPTarget(path: path, query: query), body: body)
    let read = readRequests(request.serialized(), cut: .random(seed: UInt64(seed)))
    #expect(read.failure == nil, "seed \(seed)")
    #expect(read.requests.first?.target == request.target, "seed \(seed)")
    #expect(read.requests.first?.body == body, "seed \(seed)")
    let response = HTTPResponse(status: 200, headers: ["X": "y"], body: body)
    let answer = readResponses(response.serialized(), cut: .random(seed: UInt64(seed)))
    #expect(answer.responses.first?.body == body, "seed \(seed)")
  }
}
