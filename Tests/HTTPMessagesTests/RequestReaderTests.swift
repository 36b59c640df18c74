import HTTPMessages
import Testing

private let host = "Host: localhost\r\n"

struct RequestReaderTests {
  @Test(arguments: [
    ("GET / HTTP/1.1\r\n\(host)\r\n", HTTPMethod.get, [], ""),
    ("GET /v1/cards/12 HTTP/1.1\r\n\(host)\r\n", .get, ["v1", "cards", "12"], ""),
    ("\r\nGET /a HTTP/1.1\r\n\(host)\r\n", .get, ["a"], ""),
    ("GET /a/ HTTP/1.0\r\n\r\n", .get, ["a"], ""),
    ("GET /a HTTP/1.7\r\n\(host)\r\n", .get, ["a"], ""),
    ("POST /a HTTP/1.1\r\n\(host)Content-Length: 3\r\n\r\nxyz", .post, ["a"], "xyz"),
    ("POST /a HTTP/1.1\r\n\(host)Content-Length: 003\r\n\r\nxyz", .post, ["a"], "xyz"),
    ("POST /a HTTP/1.1\r\n\(host)Content-Length: 3, 3\r\n\r\nxyz", .post, ["a"], "xyz"),
    ("POST /a HTTP/1.1\r\n\(host)Content-Length: 0\r\n\r\n", .post, ["a"], ""),
    ("GET /a HTTP/1.1\r\n\(host)Content-Length: 3\r\n\r\nxyz", .get, ["a"], "xyz"),
    (
      "PUT /a HTTP/1.1\r\n\(host)Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0A;x=\"y\"\r\n"
        + "0123456789\r\n000\r\nTrailer: x\r\n\r\n", .put, ["a"], "abc0123456789"
    ),
    ("OPTIONS * HTTP/1.1\r\n\(host)\r\n", .options, [], ""),
    ("GET http://LOCALHOST:80/a HTTP/1.1\r\n\(host)\r\n", .get, ["a"], ""),
    ("BREW /pot HTTP/1.1\r\n\(host)\r\n", HTTPMethod("BREW"), ["pot"], ""),
  ])
  func `a request is read the same, however the stream is cut`(
    stream: String, method: HTTPMethod, path: [String], body: String
  ) throws {
    let bytes = Array(stream.utf8)
    let whole = readRequests(bytes)
    #expect(whole.failure == nil)
    let request = try #require(whole.requests.first)
    #expect(whole.requests.count == 1 && whole.stage == .idle)
    #expect(request.method == method && request.target.path == path)
    #expect(text(request.body) == body)
    for cut in cuts(of: bytes) { #expect(readRequests(bytes, cut: cut) == whole, "\(cut)") }
  }

  @Test(
    arguments: [
      ("GET /\r\n\r\n", HTTPFailure.badStartLine), ("GET  / HTTP/1.1\r\n\r\n", .badStartLine),
      (" GET / HTTP/1.1\r\n\r\n", .badStartLine), ("GET / HTTP/1.1 \r\n\r\n", .badStartLine),
      ("G(T / HTTP/1.1\r\n\r\n", .badStartLine), ("GET / http/1.1\r\n\r\n", .badStartLine),
      ("GET / HTTP/11\r\n\r\n", .badStartLine), ("\r\n\r\nGET / HTTP/1.1\r\n\r\n", .badStartLine),
      ("GET / HTTP/2.0\r\n\r\n", .versionUnknown), ("GET / HTTP/0.9\r\n\r\n", .versionUnknown),
      ("GET / HTTP/1.1\n\(host)\r\n", .bareLineEnd),
      ("GET / HTTP/1.1\r\n\(host)\n", .bareLineEnd),
      ("GET / HTTP/1.1\r\nHost: a\rb\r\n\r\n", .bareLineEnd),
      ("GET a HTTP/1.1\r\n\r\n", .badTarget), ("GET * HTTP/1.1\r\n\r\n", .badTarget),
      ("GET /%zz HTTP/1.1\r\n\r\n", .badTarget), ("GET /%4 HTTP/1.1\r\n\r\n", .badTarget),
      ("GET /% HTTP/1.1\r\n\r\n", .badTarget), ("GET /%00 HTTP/1.1\r\n\r\n", .badTarget),
      ("GET /%ff HTTP/1.1\r\n\r\n", .badTarget), ("GET /a#b HTTP/1.1\r\n\r\n", .badTarget),
      ("GET /a/../b HTTP/1.1\r\n\r\n", .badTarget), ("GET /%2e%2E/b HTTP/1.1\r\n\r\n", .badTarget),
      ("GET /./b HTTP/1.1\r\n\r\n", .badTarget), ("GET //b HTTP/1.1\r\n\r\n", .badTarget),
      ("GET /é HTTP/1.1\r\n\r\n", .badTarget), ("GET /?a=%g0 HTTP/1.1\r\n\r\n", .badTarget),
      ("GET http:///a HTTP/1.1\r\n\r\n", .badTarget), ("CONNECT a:1 HTTP/1.1\r\n\r\n", .badTarget),
      ("GET / HTTP/1.1\r\n\(host) folded\r\n\r\n", .foldedField),
      ("GET / HTTP/1.1\r\n\(host)\tfolded\r\n\r\n", .foldedField),
      ("GET / HTTP/1.1\r\n Host: a\r\n\r\n", .foldedField),
      ("GET / HTTP/1.1\r\nHost : a\r\n\r\n", .badField),
      ("GET / HTTP/1.1\r\n: a\r\n\r\n", .badField),
      ("GET / HTTP/1.1\r\nHost\r\n\r\n", .badField),
      ("GET / HTTP/1.1\r\nH@st: a\r\n\r\n", .badField),
      ("GET / HTTP/1.1\r\nA: b\u{1}\r\n\r\n", .badField),
      ("GET / HTTP/1.1\r\nA: b\u{7f}\r\n\r\n", .badField),
      ("GET / HTTP/1.1\r\n\r\n", .missingHost),
      ("GET / HTTP/1.1\r\n\(host)\(host)\r\n", .repeatedHost),
      ("POST / HTTP/1.1\r\n\(host)\r\n", .lengthRequired),
      ("PUT / HTTP/1.1\r\n\(host)\r\n", .lengthRequired),
      ("PATCH / HTTP/1.1\r\n\(host)\r\n", .lengthRequired),
      ("POST / HTTP/1.1\r\n\(host)Content-Length: -1\r\n\r\n", .badLength),
      ("POST / HTTP/1.1\r\n\(host)Content-Length: +1\r\n\r\n", .badLength),
      ("POST / HTTP/1.1\r\n\(host)Content-Length: 0x1\r\n\r\n", .badLength),
      ("POST / HTTP/1.1\r\n\(host)Content-Length:\r\n\r\n", .badLength),
      ("POST / HTTP/1.1\r\n\(host)Content-Length: 1,\r\n\r\n", .badLength),
      ("POST / HTTP/1.1\r\n\(host)Content-Length: 1048577\r\n\r\n", .bodyTooLong),
      ("POST / HTTP/1.1\r\n\(host)Content-Length: 99999999999999999999\r\n\r\n", .bodyTooLong),
      (
        "POST / HTTP/1.1\r\n\(host)Content-Length: 1\r\nContent-Length: 2\r\n\r\n",
        .conflictingLengths
      ),
      ("POST / HTTP/1.1\r\n\(host)Content-Length: 1, 2\r\n\r\n", .conflictingLengths),
      (
        "POST / HTTP/1.1\r\n\(host)Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
        .conflictingLengths
      ),
      ("POST / HTTP/1.1\r\n\(host)Transfer-Encoding: gzip\r\n\r\n", .codingUnknown),
      ("POST / HTTP/1.1\r\n\(host)Transfer-Encoding: gzip, chunked\r\n\r\n", .codingUnknown),
      ("POST / HTTP/1.1\r\n\(host)Transfer-Encoding: xchunked\r\n\r\n", .codingUnknown),
      (
        "POST / HTTP/1.1\r\n\(host)Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n",
        .codingUnknown
      ),
      ("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", .codingUnknown),
      ("POST / HTTP/1.1\r\n\(host)Expect: tea\r\nContent-Length: 1\r\n\r\n", .expectationUnknown),
      ("\u{16}\u{3}\u{1}\u{2}\u{0}\n", .bareLineEnd),
    ] as [(String, HTTPFailure)])
  func `what is malformed is refused, however the stream is cut`(
    stream: String, failure: HTTPFailure
  ) {
    let bytes = Array(stream.utf8)
    for cut in cuts(of: bytes) {
      let read = readRequests(bytes, cut: cut)
      #expect(read.failure == failure && read.requests.isEmpty, "\(cut)")
    }
  }

  @Test(
    arguments: [
      ("x\r\n", HTTPFailure.badChunk), ("\r\n", .badChunk), ("-1\r\n", .badChunk),
      ("1 2\r\n", .badChunk),
      ("0x1\r\na\r\n", .badChunk), ("1\r\nab", .badChunk), ("1\r\na\rb", .badChunk),
      ("1\na\r\n", .bareLineEnd), ("100001\r\n", .bodyTooLong),
      ("FFFFFFFFFFFFFFFF\r\n", .bodyTooLong), ("1\r\na\r\n100000\r\n", .bodyTooLong),
      ("0\r\nA : b\r\n\r\n", .badField), ("1;\u{1}\r\n", .badChunk),
    ] as [(String, HTTPFailure)])
  func `a malformed chunk is refused`(chunks: String, failure: HTTPFailure) {
    let head = "POST / HTTP/1.1\r\n\(host)Transfer-Encoding: chunked\r\n\r\n"
    let bytes = Array((head + chunks).utf8)
    for cut in cuts(of: bytes) {
      #expect(readRequests(bytes, cut: cut).failure == failure, "\(cut)")
    }
  }

  @Test func `limits stand exactly where they are set`() {
    func check(_ stream: String, _ failure: HTTPFailure?, line: Int = #line) {
      let bytes = Array(stream.utf8)
      for cut in cuts(of: bytes) {
        #expect(readRequests(bytes, cut: cut).failure == failure, "line \(line), \(cut)")
      }
    }
    func letters(_ count: Int) -> String { String(repeating: "a", count: count) }
    let startLine = "GET / HTTP/1.1\r\n".utf8.count
    check("GET /\(letters(8192 - startLine)) HTTP/1.1\r\n\(host)\r\n", nil)
    check("GET /\(letters(8193 - startLine)) HTTP/1.1\r\n\(host)\r\n", .targetTooLong)
    let used = startLine + host.utf8.count + "A: \r\n\r\n".utf8.count
    check("GET / HTTP/1.1\r\n\(host)A: \(letters(16_384 - used))\r\n\r\n", nil)
    check("GET / HTTP/1.1\r\n\(host)A: \(letters(16_385 - used))\r\n\r\n", .headTooLong)
    check("GET / HTTP/1.1\r\n\(host)A: \(letters(20_000))", .headTooLong)
    let fields = String(repeating: "a: b\r\n", count: 63)
    check("GET / HTTP/1.1\r\n\(host)\(fields)\r\n", nil)
    check("GET / HTTP/1.1\r\n\(host)\(fields)c: d\r\n\r\n", .tooManyFields)
    let method = letters(32)
    check("\(method) / HTTP/1.1\r\n\(host)\r\n", nil)
    check("\(method)a / HTTP/1.1\r\n\(host)\r\n", .badStartLine)
    let body = "POST / HTTP/1.1\r\n\(host)Content-Length: 1048576\r\n\r\n"
    #expect(readRequests(Array((body + letters(1_048_576)).utf8)).requests.count == 1)
    let chunked = "POST / HTTP/1.1\r\n\(host)Transfer-Encoding: chunked\r\n\r\n"
    check(chunked + "1;" + letters(256), .badChunk)
    check(chunked + "0\r\n" + fields + "a: b\r\nc: d\r\n\r\n", .tooManyFields)
  }

  @Test func `requests that follow each other are all read, in order, however they are cut`() {
    let stream =
      "GET /1 HTTP/1.1\r\n\(host)\r\nPOST /2 HTTP/1.1\r\n\(host)Content-Length: 4\r\n\r\nGET "
      + "\r\nPUT /3 HTTP/1.1\r\n\(host)Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n"
      + "GET /4 HTTP/1.1\r\n\(host)Connection: close\r\n\r\nGET /5"
    let bytes = Array(stream.utf8)
    let whole = readRequests(bytes)
    #expect(whole.requests.map(\.target.path) == [["1"], ["2"], ["3"], ["4"]])
    #expect(whole.requests.map { text($0.body) } == ["", "GET ", "ab", ""])
    #expect(whole.requests.map(\.keepsAlive) == [true, true, true, false])
    #expect(whole.stage == .head)
    for cut in cuts(of: bytes) { #expect(readRequests(bytes, cut: cut) == whole, "\(cut)") }
  }

  @Test(arguments: [
    ("HTTP/1.1", "", true), ("HTTP/1.1", "Connection: close\r\n", false),
    ("HTTP/1.1", "Connection: Foo, CLOSE\r\n", false), ("HTTP/1.0", "", false),
    ("HTTP/1.0", "Connection: Keep-Alive\r\n", false), ("HTTP/1.1", "Connection: closed\r\n", true),
  ])
  func `a client tells whether it goes on`(version: String, field: String, keepsAlive: Bool) {
    let read = readRequests(Array("GET / \(version)\r\n\(host)\(field)\r\n".utf8))
    #expect(read.requests.first?.keepsAlive == keepsAlive)
  }

  @Test func `the stage tells which deadline runs`() throws {
    var reader = RequestReader()
    #expect(reader.stage == .idle)
    for (piece, stage) in [
      ("P", RequestReader.Stage.head), ("OST / HTTP/1.1\r\n", .head), ("Host: a\r\n", .head),
      ("Content-Length: 2\r\n\r\n", .body), ("a", .body),
    ] {
      reader.feed(Array(piece.utf8))
      let request = try reader.next()
      #expect(request == nil && reader.stage == stage)
    }
    reader.feed([0x62])
    let request = try reader.next()
    #expect(request?.body == [0x61, 0x62])
    #expect(reader.stage == .idle && reader.pending == 0)
  }

  @Test func `a client that waits for 100 Continue is known, once, unless it has sent already`()
    throws
  {
    let head = "POST / HTTP/1.1\r\n\(host)Expect: 100-Continue\r\nContent-Length: 2\r\n\r\n"
    var reader = RequestReader()
    reader.feed(Array(head.utf8))
    var request = try reader.next()
    #expect(request == nil)
    let (first, second) = (reader.takeContinue(), reader.takeContinue())
    #expect(first && !second)
    var eager = RequestReader()
    eager.feed(Array((head + "a").utf8))
    request = try eager.next()
    let waits = eager.takeContinue()
    #expect(request == nil && !waits)
  }

  @Test func `after a failure nothing more is read`() {
    var reader = RequestReader()
    reader.feed(Array("nonsense\r\nGET / HTTP/1.1\r\n\(host)\r\n".utf8))
    for _ in 0..<3 {
      #expect(throws: HTTPFailure.badStartLine) { try reader.next() }
    }
  }

  @Test(arguments: 1...200)
  func `noise is refused or waited for, the same however it is cut`(seed: Int) {
    var generator = Seeded(state: UInt64(seed))
    let words = [
      "GET ", "POST ", "/", " HTTP/1.1", "\r\n", "\r", "\n", "Host: a", "Content-Length: ", "5",
      "Transfer-Encoding: chunked", "%41", "0", "\u{0}", "é", ":", " ", "a", "\r\n\r\n",
    ]
    var bytes = Array(Bool.random(using: &generator) ? "GET / HTTP/1.1\r\n\(host)".utf8 : "".utf8)
    for _ in 0..<Int.random(in: 1...30, using: &generator) {
      bytes += words.randomElement(using: &generator)!.utf8
    }
    let whole = readRequests(bytes)
    for cut in cuts(of: bytes) {
      #expect(readRequests(bytes, cut: cut) == whole, "seed \(seed), \(cut)")
    }
  }
}
