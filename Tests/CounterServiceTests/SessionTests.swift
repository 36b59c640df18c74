import CardStation
import Configuration
import CounterAPI
import DeviceLinks
import DeviceProtocols
import HTTPMessages
import Ledger
import Platform
import Testing

@testable import CounterService

/// The session of a card in a device.
struct SessionTests {
  private func server(_ counter: CounterFixture) throws -> StationServer {
    try #require(counter.assembly.routes.stations["c1"])
  }

  private func view(_ server: StationServer) async -> StationView {
    await server.view(after: nil, until: .change, wait: .zero)
  }

  @Test func `a card that is taken out while its ticket is refused is gone`() async throws {
    let counter = try await CounterFixture()
    let (card, _) = try await counter.card()
    try counter.host.insert(card)
    let session = Int(try await counter.says("card.ready").integer("session"))
    let server = try server(counter)
    // a ticket has claimed the card and is being committed; then it is refused
    _ = try await server.claim(session: Int64(session))
    await server.handle(.cardRemoved(session: session))
    #expect(await view(server).card != nil, "the ticket is still about this card")
    await server.release()
    let after = await view(server)
    #expect(!after.isReady && after.card == nil && after.code == "station.ready")
    let late = await counter.call(.ticketPost, counter.sale("1", by: ("station", "c1")))
    #expect(try Answer(late.body).code == "station.noCard")
    await counter.stop()
  }

  @Test func `a card that comes while another's ticket is committed waits until that is done`()
    async throws
  {
    let counter = try await CounterFixture()
    let (first, firstNumber) = try await counter.card()
    let (second, secondNumber) = try await counter.card(name: "李大華", phone: "0987654321")
    try counter.host.insert(first)
    let session = Int(try await counter.says("card.ready").integer("session"))
    let server = try server(counter)
    let swiped = try await server.claim(session: Int64(session))
    #expect(swiped.number == firstNumber)
    let scope = server.ticketScope
    let begun = try await counter.assembly.ledger.submit { writer in
      try counter.assembly.routes.counter.beginWrite(
        swiped.card, issue: swiped.issue, swiped: swiped, scope: scope, station: "c1",
        actor: "test", writer: writer)
    }
    let prepared = try #require(begun)
    let text = try #require(try second.text())
    await server.handle(.cardRemoved(session: session))
    await server.handle(.cardRead(session: session + 1, .record(text), foundInside: false))
    let waiting = await view(server)
    #expect(waiting.session == Int64(session) && waiting.card?.number == firstNumber)
    // the device holds the first card in truth and writes it for its own session
    await server.finish(prepared, actor: "test")
    let next = try await counter.station {
      $0.integer("session") == Int64(session + 1) && $0.flag("ready")
    }
    #expect(next.object("card")?.text("number") == secondNumber)
    #expect(try await counter.taken().face == (try await counter.expectedFace(firstNumber)))
    await counter.stop()
  }

  @Test func `a session takes one more ticket when asked for it, and one face for both`()
    async throws
  {
    let counter = try await CounterFixture()
    var (card, number) = try await counter.card()
    let wear = card.wear
    try counter.host.insert(card)
    let session = try await counter.says("card.ready").integer("session")
    func sale(_ ticket: String, _ more: (String, JSON)...) -> JSON {
      .object(
        [
          ("ticket", .string(ticket)), ("terminal", "1"), ("amount", 1_000), ("station", "c1"),
          ("session", .integer(session)),
        ] + more)
    }
    let first = try await counter.ok(.ticketPost, sale("1", ("another", true)))
    #expect(first.integer("balance") == 10 && first.text("face") == "later")
    let ready = try await counter.says("card.ready")
    #expect(ready.integer("session") == session && ready.flag("ready"))
    #expect(ready.object("card")?.integer("balance") == 10)
    let second = try await counter.ok(.ticketPost, sale("2"))
    #expect(second.integer("balance") == 20)
    card = try await counter.taken()
    #expect(card.face == (try await counter.expectedFace(number)) && card.wear == wear + 1)
    let third = await counter.call(.ticketPost, sale("3"))
    #expect(try Answer(third.body).code == "session.ended")
    let keyed = await counter.call(
      .ticketPost,
      ["ticket": "4", "terminal": "1", "amount": 1, "phone": "0912345678", "another": true])
    #expect(try Answer(keyed.body).code == "field.invalid")
    #expect(try await counter.failingChecks() == [])
    await counter.stop()
  }
}
