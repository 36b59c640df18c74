import CardFace
import CardStation
import CardTracks
import Configuration
import CounterAPI
import DeviceCatalog
import DeviceLinks
import DeviceProtocols
import EventLog
import Foundation
import HTTPMessages
import Ledger
import Platform
import Raster
import Testing

@testable import CounterService

/// What became of tickets at a station whose line damages one byte in a thousand: about one bit in
/// 8,000.
private struct Tally: CustomStringConvertible {
  var tickets = 0
  var updated = 0
  /// Posted, and the cashier was told that the card was not written.
  var told = 0
  /// The card had to be put in again before it was known.
  var again = 0
  var wrongFaces = 0

  var description: String {
    "\(tickets) tickets: \(updated) cards written, \(told) told as not written, \(again) put in "
      + "again; wrong faces \(wrongFaces)"
  }
}

/// `POINTCARD_NOISE_JOBS=1000` serves so many tickets a family.
@Suite(.timeLimit(.minutes(20)))
struct NoisyLineTests {
  private static let jobs =
    ProcessInfo.processInfo.environment["POINTCARD_NOISE_JOBS"].flatMap { Int($0) } ?? 25

  @Test(arguments: ["star-tcp300/tcp300ii", "sanwa-crp/crp-1231lr-10nab"])
  func `on a noisy line each ticket is posted once, and no card is lost or wrongly written`(
    model: String
  ) async throws {
    let resources = try CounterResources.load()
    let wanted = try #require(resources.catalogue.model(model))
    let family = try #require(DeviceFamilies.family(of: wanted))
    let fonts = resources.fonts
    let host = try VirtualDeviceHost(
      family.virtualDevice(
        VirtualSetup(model: wanted, percent: 0) { fonts.glyph($0, cellWidth: $1) }))
    let counter = try await CounterFixture(
      devices: OtherDevices { _ in
        var quick = wanted
        quick.times.removalCheck = .milliseconds(40)
        quick.times.recoveryCheck = .milliseconds(20)
        quick.times.presenceCheck = .milliseconds(150)
        // a print whose answer is lost is waited for as long as heating may take: a minute
        quick.times.heat = .seconds(5)
        return (
          StationDevice(model: quick) { () throws(LinkError) in try host.open() }, nil
        )
      })
    let track = try #require(wanted.record).number
    var hand = Hand(counter: counter, host: host, track: track)
    try await hand.issue()
    try host.act(.noise(1))
    for number in 1...Self.jobs { try await hand.serve(number) }
    try host.act(.noise(0))
    let tally = hand.tally
    if Self.jobs != 25 { print("\(model): \(tally)") }
    #expect(tally.updated + tally.told == tally.tickets, "\(tally)")
    #expect(tally.updated * 2 > tally.tickets, "\(tally)")
    #expect(tally.wrongFaces * 100 <= tally.tickets, "\(tally)")
    // on a good line the last card is brought up to date
    try await hand.serve(Self.jobs + 1)
    #expect(try await counter.ok(.faceStale).list("faces").count == 0)
    let tickets = try await counter.assembly.ledger.read { try $0.size().tickets }
    #expect(tickets == Int64(Self.jobs + 1))
    #expect(try await counter.failingChecks() == [])
    await counter.stop()
    host.stop()
  }
}

/// A card is inside, and nothing goes on.
private struct Stuck: Error, CustomStringConvertible {
  let description: String

  init(_ counter: CounterFixture, _ host: VirtualDeviceHost) async {
    let view = await counter.call(.stationShow)
    let lines = counter.lines.lines.suffix(60).map { LogForm.readable.text(of: $0) }
    description =
      String(decoding: view.body, as: UTF8.self) + " card \(host.card != nil)\n"
      + lines.joined(separator: "\n")
  }
}

/// The hand of a customer, and the till.
private struct Hand {
  let counter: CounterFixture
  let host: VirtualDeviceHost
  var card = VirtualCard()
  var number = ""
  var tally = Tally()
  var balance: Int64 = 0

  let track: Int

  init(counter: CounterFixture, host: VirtualDeviceHost, track: Int) {
    self.counter = counter
    self.host = host
    self.track = track
  }

  mutating func issue() async throws {
    let member = try await counter.member()
    number = try await counter.ok(
      .cardIssue, ["member": .string(member.text("member")), "station": "c1"]
    ).text("number")
    try host.insert(VirtualCard())
    _ = try await counter.says("card.issued")
    try await take()
  }

  private mutating func take() async throws {
    let host = host
    let taken: VirtualCard? = try await withCheckedThrowingContinuation { continuation in
      do {
        _ = try DedicatedThread(name: "hand") {
          continuation.resume(returning: host.takeCard(within: .seconds(60)))
        }
      } catch {
        continuation.resume(throwing: error)
      }
    }
    guard let taken else { throw await Stuck(counter, host) }
    card = taken
  }

  /// Puts the card in until it is known, posts a ticket and takes the card.
  mutating func serve(_ ticket: Int) async throws {
    var isReady = false
    while !isReady {
      try host.insert(card)
      let deadline = Deadline.after(.seconds(60))
      while !isReady, !host.offersCard {
        guard !deadline.hasPassed else { throw await Stuck(counter, host) }
        let query = [("until", "ready"), ("since", "0"), ("wait", "0")]
        isReady = try Answer(await counter.call(.stationShow, query: query).body).flag("ready")
        try await Task.sleep(for: .milliseconds(1))
      }
      guard !isReady else { break }
      tally.again += 1
      try await take()
    }
    tally.tickets += 1
    let answer = try await counter.ok(
      .ticketPost, counter.sale("\(ticket)", by: ("station", "c1")))
    balance += answer.integer("earned")
    #expect(answer.integer("earned") > 0 && answer.integer("balance") == balance)
    try await take()
    let failed = try await counter.ok(.faceStale).integer("failed")
    tally.told += failed == 0 ? 0 : 1
    tally.updated += failed == 0 ? 1 : 0
    guard failed == 0 else { return }
    let shown = try await counter.expectedFace(number)
    if card.face != shown { tally.wrongFaces += 1 }
    // what stands on the stripe verifies, whatever the line did
    let text = try #require(try card.text(track: track))
    let keys = counter.assembly.routes.counter.faces.keys.stripe
    guard case .ours = StripeRecordA.decode(text, keys: keys) else {
      Issue.record("a wrong stripe was taken for right")
      return
    }
  }
}
