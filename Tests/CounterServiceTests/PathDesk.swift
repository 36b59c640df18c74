import CardStation
import CardTracks
import Configuration
import CounterAPI
import CounterService
import DeviceCatalog
import DeviceLinks
import DeviceProtocols
import HTTPMessages
import Platform
import Testing

/// A counter whose station passes or swipes cards, and the hand that does what it is asked for.
struct PathDesk {
  let counter: CounterFixture
  let main: VirtualDeviceHost
  let reader: VirtualDeviceHost?
  let hand = Guarded(VirtualCard())

  init(
    _ main: MadeUpDevice, cannot: Set<Ability> = [], reader: MadeUpDevice? = nil,
    keys: String = "", sessionSeconds: Int = 600, more: String = "",
    breaksAfter left: Guarded<Int> = Guarded(-1),
    programme edit: (String) -> String = { $0 }
  ) async throws {
    let host = try VirtualDeviceHost(main)
    let second = try reader.map { try VirtualDeviceHost($0) }
    self.main = host
    self.reader = second
    counter = try await CounterFixture(
      sessionSeconds: sessionSeconds, more: more, stationKeys: keys,
      devices: OtherDevices { model in
        var model = model
        model.times.presenceCheck = .milliseconds(150)
        model.times.removalCheck = .milliseconds(40)
        model.times.recoveryCheck = .milliseconds(20)
        return (
          .madeUp(main.path, model, at: host, cannot: cannot, breaksAfter: left),
          second.map { .madeUp(.swiped, model, at: $0, breaksAfter: left) }
        )
      }, programme: edit)
  }

  func stop() async {
    await counter.stop()
    main.stop()
    reader?.stop()
  }

  /// Draws the card in the hand through; where there is a reader, there.
  @discardableResult
  func swipe(_ other: VirtualCard? = nil) async throws -> VirtualCard {
    try #require(try await put(other, at: reader ?? main))
  }

  /// Puts the card in the hand into the printer.
  @discardableResult
  func pass() async throws -> VirtualCard { try #require(try await put(nil, at: main)) }

  /// - Returns: nil when nobody waits for a card.
  private func put(
    _ other: VirtualCard?, at host: VirtualDeviceHost, within limit: Duration = .seconds(10)
  ) async throws -> VirtualCard? {
    let card = other ?? hand.withLock { $0 }
    let back = try await withCheckedThrowingContinuation { continuation in
      do {
        _ = try DedicatedThread(name: "hand") {
          continuation.resume(returning: host.swipe(card, within: limit))
        }
      } catch {
        continuation.resume(throwing: error)
      }
    }
    if other == nil, let back { hand.withLock { $0 = back } }
    return back
  }

  /// Does what the station asks for until it says one of `codes`.
  @discardableResult
  func serve(until codes: Set<String>) async throws -> Answer {
    while true {
      let view = try await counter.station { view in
        codes.union([
          "station.insertToPrint", "station.swipeToWrite", "station.swipeToCheck",
          "station.swipeAgain",
        ]).contains(view.text("code"))
      }
      let code = view.text("code")
      if codes.contains(code) { return view }
      let version = view.integer("version")
      let host = code == "station.insertToPrint" ? main : reader ?? main
      // where nobody waits any more the station says something else
      guard try await put(nil, at: host, within: .seconds(1)) != nil else { continue }
      _ = try await counter.station { $0.integer("version") > version }
    }
  }

  /// A member with a card that was written at the station.
  func card(isBlankSwiped: Bool) async throws -> String {
    let member = try await counter.member()
    let issued = try await counter.ok(
      .cardIssue, ["member": .string(member.text("member")), "station": "c1"])
    hand.withLock { $0 = VirtualCard() }
    if isBlankSwiped { try await swipe() }
    try await serve(until: ["card.issued"])
    return issued.text("number")
  }

  /// Waits until every device works.
  func works() async throws {
    let deadline = Deadline.after(.seconds(20))
    while !deadline.hasPassed {
      let devices = try Answer(await counter.call(.stationDevice).body).list("devices")
      if devices.allSatisfy({ $0.flag("works") }) { return }
    }
    throw CounterFixture.Missing()
  }

  func text() throws -> String? { try hand.withLock { $0 }.text() }
}
