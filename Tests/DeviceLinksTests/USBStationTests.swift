import CardStation
import DeviceLinks
import DeviceProtocols
import Platform
import Testing

/// Bytes of a job, at each printer less than the half of it.
private let halfway = 40_000

private func failure(of outcome: RewriteOutcome) -> DeviceFailure? {
  guard case .failed(.printing, let failure) = outcome else { return nil }
  return failure
}

private func printsCards(_ printer: USBPrinter) async throws {
  let host = try printer.plugIn()
  var counter = try await USBCounter(printer)
  try await counter.isReady()
  for seed in 1...2 { try await counter.serve(try printer.card(), at: host, seed) }
  #expect(printer.cards(of: host).isEmpty)
  await counter.station.stop()
  #expect(try Testbed.journal() == ["plugged", "detach and claim", "release", "attach"])
  host.stop()
}

private func isFoundLater(_ printer: USBPrinter) async throws {
  var counter = try await USBCounter(printer)
  try await counter.isAbsent()
  let host = try printer.plugIn()
  try await counter.isReady()
  try await counter.serve(try printer.card(), at: host, 1)
  await counter.end(host)
}

/// The job breaks in the middle of the face's bytes: the card is where it was and as it was, and is
/// served when the printer works again.
private func breaks(
  _ printer: USBPrinter, by act: VirtualUSBAct, isImpatient: Bool = false,
  mend: (VirtualDeviceHost) throws -> Void
) async throws {
  let host = try printer.plugIn()
  var counter = try await USBCounter(printer, isImpatient: isImpatient)
  try await counter.isReady()
  let card = try printer.card()
  let session = try await counter.begin(card, at: host)
  host.act(.later(bytes: halfway, act))
  let outcome = await counter.rewrite(session, 1)
  #expect(failure(of: outcome)?.kind == .absent, "\(outcome)")
  try await counter.isAbsent()
  let isUntouched = printer.cards(of: host) == [card]
  #expect(isUntouched, "the card is in the printer, and as it was")
  try mend(host)
  try await counter.isReady()
  try await counter.serve(nil, at: host, 2)
  #expect(printer.cards(of: host).isEmpty)
  await counter.end(host)
}

/// The printer is lost while it prints, and goes on by itself: what came of the card is found when
/// it is heard again.
private func isLostWhilePrinting(
  _ printer: USBPrinter, isImpatient: Bool = false,
  by lose: @escaping @Sendable (VirtualDeviceHost) -> Void,
  mend: (VirtualDeviceHost) throws -> Void
) async throws {
  let hold = Guarded(HeldPrinting.Hold.awaited)
  let host = try printer.plugIn(percent: printer == .magicard ? 5 : 10, holding: hold)
  var counter = try await USBCounter(printer, isImpatient: isImpatient)
  try await counter.isReady()
  let session = try await counter.begin(try printer.card(), at: host)
  let hand = try DedicatedThread(name: "hand") {
    let deadline = Deadline.after(.seconds(30))
    let never = Monitor(false)
    while hold.withLock({ $0 == .awaited }), !deadline.hasPassed {
      _ = never.wait(until: .after(.milliseconds(2))) { $0 ? true : nil }
    }
    lose(host)
    hold.withLock { $0 = .over }
  }
  let outcome = await counter.rewrite(session, 1)
  #expect(failure(of: outcome)?.kind == .absent, "\(outcome)")
  hand.join()
  try await counter.isAbsent()
  #expect(await counter.station.snapshot().failure?.kind == .absent)
  #expect(try await offPool { host.wait(for: .printed, within: .seconds(20)) })
  try mend(host)
  try await counter.isReady()
  switch printer {
  case .magicard:
    let card = try await offPool { host.takeCard(within: .seconds(20)) }
    let isPrinted = card?.face == printer.face(1)
    #expect(isPrinted, "it has put the card out by itself")
    try await counter.serve(try printer.card(), at: host, 2)
  case .evolis:
    let isPrinted = host.card?.face == printer.face(1)
    #expect(try isPrinted && host.card?.text(track: 1) == "P1OLD", "it has kept the card")
    try await counter.serve(nil, at: host, 2)
  }
  #expect(printer.cards(of: host).isEmpty)
  await counter.end(host)
}

/// From the next transfer out on: an answer that is due still comes, for which a whole job's time
/// would be waited.
private func fallSilent(_ host: VirtualDeviceHost) { host.act(.later(bytes: 1, .silence)) }

private func goesOnAfterHalt(_ printer: USBPrinter) async throws {
  let host = try printer.plugIn()
  var counter = try await USBCounter(printer)
  try await counter.isReady()
  for (seed, isInput) in [(1, true), (2, false)] {
    let session = try await counter.begin(try printer.card(), at: host)
    host.act(.later(bytes: halfway, .stall(isInput: isInput, times: 1)))
    let outcome = await counter.rewrite(session, seed)
    try await counter.ends(outcome, session, at: host, seed)
    #expect(try Testbed.journal().count { $0 == "clear halt" } == seed)
  }
  #expect(try Testbed.journal().count { $0 == "plugged" } == 1)
  await counter.end(host)
}

/// Cards printed over libusb's real code, by a station as a shop has it.
@Suite(
  .enabled(if: Testbed.isAvailable, Testbed.missing), .serialized, .timeLimit(.minutes(2)))
struct USBStationTests {
  @Test func `a Magicard prints cards over USB, face and stripe`() async throws {
    try await Testbed.run("a Magicard prints cards over USB") { try await printsCards(.magicard) }
  }

  @Test func `an Evolis prints cards over USB, and reads back what it has written`() async throws {
    try await Testbed.run("an Evolis prints cards over USB") { try await printsCards(.evolis) }
  }

  @Test func `a Magicard that is plugged in after the station has begun is used`() async throws {
    try await Testbed.run("a Magicard that is plugged in after") {
      try await isFoundLater(.magicard)
    }
  }

  @Test func `an Evolis that is plugged in after the station has begun is used`() async throws {
    try await Testbed.run("an Evolis that is plugged in after") { try await isFoundLater(.evolis) }
  }

  @Test func `a Magicard pulled out amid a face's bytes is missed, and the card is printed later`()
    async throws
  {
    try await Testbed.run("a Magicard pulled out amid a face") {
      try await breaks(.magicard, by: .pull) { try $0.replug() }
    }
  }

  @Test func `an Evolis pulled out amid a face's bytes is missed, and the card is printed later`()
    async throws
  {
    try await Testbed.run("an Evolis pulled out amid a face") {
      try await breaks(.evolis, by: .pull) { try $0.replug() }
    }
  }

  @Test func `a Magicard pulled out while it prints ends the card by itself, then does the next`()
    async throws
  {
    try await Testbed.run("a Magicard pulled out while it prints") {
      try await isLostWhilePrinting(.magicard, by: { $0.unplug() }) { try $0.replug() }
    }
  }

  @Test func `an Evolis pulled out while it prints has the card found inside and done again`()
    async throws
  {
    try await Testbed.run("an Evolis pulled out while it prints") {
      try await isLostWhilePrinting(.evolis, by: { $0.unplug() }) { try $0.replug() }
    }
  }

  @Test func `a Magicard that halts a pipe amid a job is set going, and the card is good`()
    async throws
  {
    try await Testbed.run("a Magicard that halts a pipe amid") {
      try await goesOnAfterHalt(.magicard)
    }
  }

  @Test func `an Evolis that halts a pipe amid a job is set going, and the card is good`()
    async throws
  {
    try await Testbed.run("an Evolis that halts a pipe amid") { try await goesOnAfterHalt(.evolis) }
  }

  @Test func `a Magicard that keeps halting is opened anew, and the card is printed then`()
    async throws
  {
    try await Testbed.run("a Magicard that keeps halting") {
      try await breaks(.magicard, by: .stall(isInput: false, times: 2)) { _ in }
    }
  }

  @Test func `an Evolis that keeps halting is opened anew, and the card is printed then`()
    async throws
  {
    try await Testbed.run("an Evolis that keeps halting") {
      try await breaks(.evolis, by: .stall(isInput: false, times: 2)) { _ in }
    }
  }

  @Test func `a Magicard that falls silent amid a job is waited for no longer than its time`()
    async throws
  {
    try await Testbed.run("a Magicard that falls silent amid") {
      try await breaks(.magicard, by: .silence, isImpatient: true) { $0.act(.speech) }
    }
  }

  @Test func `an Evolis that falls silent amid a job is waited for no longer than its time`()
    async throws
  {
    try await Testbed.run("an Evolis that falls silent amid") {
      try await breaks(.evolis, by: .silence, isImpatient: true) { $0.act(.speech) }
    }
  }

  @Test func `a Magicard that falls silent while it prints is given up, and its card found out`()
    async throws
  {
    try await Testbed.run("a Magicard that falls silent while") {
      try await isLostWhilePrinting(.magicard, isImpatient: true, by: fallSilent) {
        $0.act(.speech)
      }
    }
  }

  @Test func `an Evolis that falls silent while it prints is given up, and its card found inside`()
    async throws
  {
    try await Testbed.run("an Evolis that falls silent while") {
      try await isLostWhilePrinting(.evolis, isImpatient: true, by: fallSilent) {
        $0.act(.speech)
      }
    }
  }

  @Test func `a printer that waits for a job is missed as soon as it is pulled out`() async throws {
    try await Testbed.run("a printer that waits for a job is missed") {
      let host = try USBPrinter.magicard.plugIn()
      // only the notice of its departure can tell in time
      var counter = try await USBCounter(.magicard, presenceCheck: .seconds(3600))
      try await counter.isReady()
      host.unplug()
      try await counter.isAbsent()
      try host.replug()
      try await counter.isReady()
      try await counter.serve(try USBPrinter.magicard.card(), at: host, 1)
      await counter.end(host)
    }
  }
}
