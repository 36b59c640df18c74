import CardStation
import CardTracks
import Configuration
import CounterAPI
import DeviceCatalog
import DeviceLinks
import DeviceProtocols
import EventLog
import HTTPMessages
import Platform
import Testing

@testable import CounterService

@Suite(.timeLimit(.minutes(2)))
struct EncoderAloneTests {
  @Test func `with an encoder alone a swipe opens the session and the ticket writes nothing`()
    async throws
  {
    let desk = try await PathDesk(MadeUpDevice(.swiped))
    _ = try await desk.card(isBlankSwiped: true)
    let written = try desk.text()
    for ticket in ["1", "2"] {
      try await desk.swipe()
      _ = try await desk.counter.says("card.ready")
      let answer = try await desk.counter.ok(
        .ticketPost, desk.counter.sale(ticket, by: ("station", "c1")))
      #expect(answer.text("face") == "later")
      _ = try await desk.counter.says("session.closed")
    }
    #expect(try desk.text() == written)
    let stale = try await desk.counter.ok(.faceStale)
    #expect(stale.integer("failed") == 0 && stale.integer("movedOn") == 1)
    #expect(try await desk.counter.failingChecks() == [])
    await desk.stop()
  }

  @Test func `where the shop wants it the ticket is written in two swipes more`() async throws {
    let desk = try await PathDesk(
      MadeUpDevice(.swiped), keys: "stripe: { rewriteOnSwipe: true }")
    _ = try await desk.card(isBlankSwiped: true)
    let before = try desk.text()
    try await desk.swipe()
    _ = try await desk.counter.says("card.ready")
    let answer = try await desk.counter.ok(
      .ticketPost, desk.counter.sale("1", by: ("station", "c1")))
    #expect(answer.text("face") == "updating" && answer.integer("balance") == 10)
    try await desk.serve(until: ["face.updated"])
    #expect(try desk.text() != before)
    try await desk.swipe()
    let ready = try await desk.counter.says("card.ready")
    #expect(ready.object("card")?.integer("balance") == 10)
    #expect(try await desk.counter.failingChecks() == [])
    await desk.stop()
  }

  @Test func `another card at the last swipe is told, the points are right, the write is listed`()
    async throws
  {
    let desk = try await PathDesk(
      MadeUpDevice(.swiped), keys: "stripe: { rewriteOnSwipe: true }")
    let first = try await desk.card(isBlankSwiped: true)
    let mine = desk.hand.withLock { $0 }
    let member = try await desk.counter.member("林大華", phone: "0922333444")
    _ = try await desk.counter.ok(
      .cardIssue, ["member": .string(member.text("member")), "station": "c1"])
    desk.hand.withLock { $0 = VirtualCard() }
    try await desk.swipe()
    try await desk.serve(until: ["card.issued"])
    let other = desk.hand.withLock { $0 }
    desk.hand.withLock { $0 = mine }

    try await desk.swipe()
    _ = try await desk.counter.says("card.ready")
    let answer = try await desk.counter.ok(
      .ticketPost, desk.counter.sale("1", by: ("station", "c1")))
    #expect(answer.integer("balance") == 10)
    _ = try await desk.counter.says("station.swipeToWrite")
    try await desk.swipe()
    _ = try await desk.counter.says("station.swipeToCheck")
    try await desk.swipe(other)
    let mixed = try await desk.counter.says("card.mixedUp")
    #expect(!mixed.text("message").isEmpty)
    let faces = try await desk.counter.ok(.faceStale).list("faces")
    let listed = faces.filter { $0.text("reason") == "card.mixedUp" }
    #expect(listed.map { $0.text("number") } == [first])
    #expect(try await desk.counter.failingChecks() == [])
    // the card that was written proves at its next swipe that it was
    try await desk.swipe()
    _ = try await desk.counter.says("card.ready")
    _ = try await desk.counter.ok(.ticketPost, desk.counter.sale("2", by: ("station", "c1")))
    try await desk.serve(until: ["face.updated"])
    let after = try await desk.counter.ok(.faceStale)
    #expect(after.integer("failed") == 0)
    #expect(try await desk.counter.failingChecks() == [])
    await desk.stop()
  }
}

@Suite(.timeLimit(.minutes(2)))
struct PassingPrinterTests {
  @Test func `a number begins the session, and the ticket's card goes through the printer`()
    async throws
  {
    let desk = try await PathDesk(MadeUpDevice(.passed))
    let number = try await desk.card(isBlankSwiped: false)
    #expect(try desk.text() != nil)
    let ready = try await desk.counter.ok(.stationIdentify, ["card": .string(number)])
    #expect(ready.text("code") == "card.ready" && ready.flag("ready"))
    let answer = try await desk.counter.ok(
      .ticketPost, desk.counter.sale("1", by: ("station", "c1")))
    #expect(answer.text("face") == "updating")
    try await desk.serve(until: ["face.updated"])
    #expect(desk.hand.withLock { $0.wear } == 2)
    #expect(try await desk.counter.ok(.faceStale).list("faces").count == 0)
    #expect(try await desk.counter.failingChecks() == [])
    await desk.stop()
  }

  @Test func `a card that nothing has read redeems no more than a keyed number`() async throws {
    let desk = try await PathDesk(MadeUpDevice(.passed))
    let number = try await desk.card(isBlankSwiped: false)
    _ = try await desk.counter.ok(
      .pointsOpening, ["points": 500, "card": .string(number)])
    _ = try await desk.counter.ok(.stationIdentify, ["card": .string(number)])
    let much = await desk.counter.call(
      .ticketPost, desk.counter.sale("1", redeem: 101, by: ("station", "c1")))
    #expect(try Answer(much.body).code == "redeem.needsCard")
    // the session goes on
    _ = try await desk.counter.says("card.ready")
    let unread = await desk.counter.call(
      .cardExchange, ["station": "c1", "reason": "worn"])
    #expect(try Answer(unread.body).code == "station.cannotWipe")
    let wipe = await desk.counter.call(.cardRetire, ["card": .string(number), "station": "c1"])
    #expect(["station.busy", "station.cannotWipe"].contains(try Answer(wipe.body).code))
    await desk.stop()
  }

  @Test func `with a reader beside it the card is swiped, printed and compared`() async throws {
    let desk = try await PathDesk(MadeUpDevice(.passed), reader: MadeUpDevice(.swiped))
    _ = try await desk.card(isBlankSwiped: false)
    let before = try desk.text()
    try await desk.swipe()
    _ = try await desk.counter.says("card.ready")
    _ = try await desk.counter.ok(.ticketPost, desk.counter.sale("1", by: ("station", "c1")))
    try await desk.serve(until: ["face.updated"])
    #expect(try desk.text() != before)
    #expect(desk.hand.withLock { $0.wear } == 2)
    let view = try Answer(await desk.counter.call(.stationShow).body)
    #expect(view.list("devices").map { $0.text("device") } == ["main", "reader"])
    #expect(try await desk.counter.failingChecks() == [])
    await desk.stop()
  }

  @Test func `without the printer the ticket is posted, and the view says what is missing`()
    async throws
  {
    let desk = try await PathDesk(
      MadeUpDevice(.passed), cannot: [.write], reader: MadeUpDevice(.swiped))
    _ = try await desk.card(isBlankSwiped: false)
    desk.main.unplug()
    let view = try await desk.counter.says("station.printerMissing")
    #expect(view.list("devices").map { $0.flag("works") } == [false, true])
    try await desk.swipe()
    _ = try await desk.counter.says("card.ready")
    let answer = try await desk.counter.ok(
      .ticketPost, desk.counter.sale("1", by: ("station", "c1")))
    #expect(answer.integer("balance") == 10)
    _ = try await desk.counter.says("station.printerMissing")
    #expect(try await desk.counter.ok(.faceStale).integer("failed") == 1)
    // a face alone leaves the stripe as it was: the card is current everywhere
    try desk.main.replug()
    _ = try await desk.counter.station { $0.list("devices").allSatisfy { $0.flag("works") } }
    try await desk.swipe()
    _ = try await desk.counter.says("card.ready")
    _ = try await desk.counter.ok(.ticketPost, desk.counter.sale("2", by: ("station", "c1")))
    try await desk.serve(until: ["face.updated"])
    try await desk.swipe()
    _ = try await desk.counter.says("card.ready")
    #expect(try await desk.counter.ok(.faceStale).list("faces").count == 0)
    #expect(try await desk.counter.failingChecks() == [])
    await desk.stop()
  }
}

@Suite(.timeLimit(.minutes(2)))
struct ChipTests {
  @Test func `a chip's number opens the session of its card, and stands in no line`() async throws {
    let desk = try await PathDesk(MadeUpDevice(.swiped, chip: true), cannot: [.write])
    let member = try await desk.counter.member()
    let made = try await desk.counter.ok(
      .cardIssue, ["member": .string(member.text("member"))])
    let number = made.text("number")
    desk.hand.withLock { $0.uid = "04A1B2C3D4E5F6" }
    try await desk.swipe()
    _ = try await desk.counter.says("card.unknown")
    let bind: JSON = ["card": .string(number), "kind": "uid", "value": "04a1b2c3d4e5f6"]
    // binding it again changes nothing
    for _ in 1...2 {
      let bound = await desk.counter.call(.cardIdentifier, bind)
      #expect(bound.status == 200)
    }
    for value in ["04A1B2C", "XYZ", ""] {
      let wrong = await desk.counter.call(
        .cardIdentifier, ["card": .string(number), "kind": "uid", "value": .string(value)])
      #expect(try Answer(wrong.body).code == "field.invalid")
    }
    try await desk.swipe()
    let ready = try await desk.counter.says("card.ready")
    #expect(ready.object("card")?.text("number") == number)
    let answer = try await desk.counter.ok(
      .ticketPost, desk.counter.sale("1", by: ("station", "c1")))
    #expect(answer.integer("balance") == 10)
    let taken = try await desk.counter.ok(
      .cardIssue, ["member": .string(member.text("member"))])
    let other = await desk.counter.call(
      .cardIdentifier,
      ["card": .string(taken.text("number")), "kind": "uid", "value": "04A1B2C3D4E5F6"])
    #expect(try Answer(other.body).code == "card.identifierTaken")
    #expect(try await desk.counter.failingChecks() == [])
    await desk.stop()
    let logged = desk.counter.lines.lines.map { "\($0)" }.joined().uppercased()
    #expect(!logged.contains("04A1B2C3D4E5F6"))
    #expect(!logged.isEmpty)
  }
}

@Suite(.timeLimit(.minutes(3)))
struct BrokenLineTests {
  /// What is said when a ticket's card is done with. A line that was found again soon says its own;
  /// a swipe that comes too late begins a session.
  private static let ends: Set = [
    "face.updated", "face.notVerified", "device.absent", "station.swipe", "station.identify",
    "card.ready", "session.closed",
  ]

  /// A ticket at a card whose devices' lines break at call `nth`.
  ///
  /// - Returns: whether a line broke.
  private func serve(_ nth: Int, passed: Bool) async throws -> Bool {
    let left = Guarded(-1)
    let desk = try await PathDesk(
      MadeUpDevice(passed ? .passed : .swiped),
      keys: "stripe: { rewriteOnSwipe: true }", sessionSeconds: 20, breaksAfter: left)
    let number = try await desk.card(isBlankSwiped: !passed)
    if passed {
      _ = try await desk.counter.ok(.stationIdentify, ["card": .string(number)])
    } else {
      try await desk.swipe()
    }
    _ = try await desk.counter.says("card.ready")
    let before = try desk.text()
    left.withLock { $0 = nth }
    let answer = try await desk.counter.ok(
      .ticketPost, desk.counter.sale("1", by: ("station", "c1")))
    #expect(answer.integer("balance") == 10, "call \(nth)")
    let ended = try await desk.serve(until: Self.ends)
    // a call that was not reached breaks nothing of what follows
    let isBroken = left.withLock { left in
      defer { left = -1 }
      return left <= 0
    }
    let failed = try await desk.counter.ok(.faceStale).integer("failed")
    #expect(ended.text("code") == "face.updated" ? failed == 0 : isBroken)
    if failed == 0 { #expect(try desk.text() != before) }
    #expect(try await desk.counter.failingChecks() == [])
    // the card is in the hand, or at the mouth
    if let rest = desk.main.takeNow() { desk.hand.withLock { $0 = rest } }
    #expect(desk.main.card == nil)
    // and the next ticket goes through as if nothing had been
    try await desk.works()
    _ = await desk.counter.call(.stationEject)
    if passed {
      _ = try await desk.counter.ok(.stationIdentify, ["card": .string(number)])
    } else {
      try await desk.swipe()
    }
    _ = try await desk.counter.says("card.ready")
    _ = try await desk.counter.ok(.ticketPost, desk.counter.sale("2", by: ("station", "c1")))
    try await desk.serve(until: Self.ends)
    #expect(try await desk.counter.failingChecks() == [])
    await desk.stop()
    return isBroken
  }

  @Test(arguments: [true, false])
  func `whichever call of the line fails, points and lists are right and the card is not lost`(
    passed: Bool
  ) async throws {
    var nth = 1
    while try await serve(nth, passed: passed), nth < 12 { nth += 1 }
    #expect(nth > 2, "the line was used")
  }
}
