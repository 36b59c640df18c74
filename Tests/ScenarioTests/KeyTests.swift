import Configuration
import HTTPClient
import HTTPMessages
import Platform
import Testing

/// What happens once however often it is sent.
@Suite(.offPool)
struct KeyTests {
  @Test func `the same key is one entry, and another key for the same ticket is refused`() throws {
    let shop = try Shop()
    try shop.open()
    let added = try shop.run("member", "add", "José Núñez", "--phone", "0966555444", "--json")
    let member = try #require(added.value("member"))
    let ticket = [
      "ticket", "post", "--ticket", "5", "--terminal", "T1", "--amount", "500", "--date",
      "2026-01-02", "--sold-at", "2026-01-02T10:00:00+08:00", "--member", member,
    ]
    let first = try shop.run(ticket + ["--key", "k1", "--json"])
    let second = try shop.run(ticket + ["--key", "k1", "--json"])
    #expect(first.code == 0 && second.code == 0)
    #expect(first.value("entry") != nil && first.value("entry") == second.value("entry"))
    #expect(
      second.output == first.output.replacing("\"replayed\":false", with: "\"replayed\":true"))

    let other = try shop.run(ticket + ["--key", "k2"])
    #expect(other.code == 4)
    #expect(other.error.contains("already posted at 2026-01-02") == false)
    #expect(other.error.contains("(ticket.alreadyPosted)"), "\(other)")

    let reused = try shop.run(
      "ticket", "post", "--ticket", "5", "--terminal", "T1", "--amount", "501", "--member", member,
      "--key", "k1")
    #expect(reused.code == 4 && reused.error.contains("(key.reused)"), "\(reused)")

    // white space and the order of fields are no part of a command
    let spaced = """
      {  "member" : "\(member)",
         "soldAt": "2026-01-02T10:00:00+08:00", "date":"2026-01-02", "amount": 500.00,
         "terminal"\t:"T1", "ticket":"5" }
      """
    let connection = HTTPConnection(endpoint: .unix(path: shop.folder("s")))
    let response = try connection.send(
      HTTPRequest(
        .post, HTTPTarget(path: ["v1", "tickets"]),
        headers: ["Idempotency-Key": "k1", "Accept-Language": "en"], body: Array(spaced.utf8)))
    #expect(response.status == 200)
    let body = String(decoding: response.body, as: UTF8.self)
    #expect(
      body.contains("\"replayed\":true")
        && body.contains("\"entry\":\"\(first.value("entry") ?? "")\""))

    let statement = try shop.run("statement", "--member", member, "--json")
    #expect(statement.output.count(of: "\"AWARD\"") == 1, "\(statement)")
    try shop.close()
  }

  @Test func `a command whose answer is lost is sent again with its own key`() throws {
    let folder = try TemporaryFolder()
    let socket = folder("s")
    let listener = try Listener.listen(on: .unix(path: socket), mode: 0o600)
    let keys = Monitor<[String]>([])
    let body = "{\"member\":\"M\",\"account\":\"A\",\"message\":\"Added.\"}"
    _ = try DedicatedThread(name: "stub") {
      do {
        // the first two are read and never answered
        for turn in 1...3 {
          _ = try listener.descriptor.wait(for: .reading, until: .after(.seconds(60)))
          guard let conversation = try listener.accept() else { continue }
          var reader = RequestReader()
          var request: HTTPRequest?
          while request == nil, case .bytes(let bytes) = try conversation.read(upTo: 65_536) {
            reader.feed(bytes)
            request = try reader.next()
          }
          let key = request?.headers["idempotency-key"] ?? "none"
          keys.withLock { $0.append(key) }
          if turn == 3 {
            try conversation.write(HTTPResponse(status: 200, body: Array(body.utf8)).serialized())
          }
          conversation.close()
        }
      } catch {
        keys.withLock { $0.append("\(error)") }
      }
    }
    let run = try Programs.pointcard(
      ["member", "add", "王小明", "--key", "mine", "--socket", socket])
    #expect(run.code == 0, "\(run)")
    #expect(run.output.hasPrefix("Added.\n"))
    #expect(run.error.contains("sending the same command once more (key mine)"))
    #expect(keys.withLock { $0 } == ["mine", "mine", "mine"])
    listener.close()
  }

  @Test func `without an answer the cashier is told the key`() throws {
    let folder = try TemporaryFolder()
    let socket = folder("s")
    let listener = try Listener.listen(on: .unix(path: socket), mode: 0o600)
    _ = try DedicatedThread(name: "stub") {
      do {
        _ = try listener.descriptor.wait(for: .reading, until: .after(.seconds(60)))
        let conversation = try listener.accept()
        _ = try conversation?.read(upTo: 65_536)
        // nobody is there any more
        listener.close()
        conversation?.close()
      } catch {
        listener.close()
      }
    }
    let run = try Programs.pointcard(
      ["member", "add", "王小明", "--key", "mine", "--socket", socket])
    #expect(run.code == 3, "\(run)")
    #expect(run.error.contains("Repeat it with --key mine"), "\(run)")
  }
}
