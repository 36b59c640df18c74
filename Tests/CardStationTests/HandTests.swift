import DeviceCatalog
import DeviceLinks
import DeviceProtocols
import EventLog
import Platform
import Testing

@testable import CardStation

/// A job of which a hand is asked something.
@Suite(.timeLimit(.minutes(1)))
struct HandTests {
  private func passing(
    _ device: MadeUpDevice, limit: Duration, log: Log = .off
  ) async throws -> (VirtualDeviceHost, Station, RewriteJob) {
    let host = try VirtualDeviceHost(device)
    let station = Station(
      name: "c1", main: .madeUp(.passed, try quickModel(), at: host), log: log)
    try await station.run()
    while await station.openSession() == nil {}
    var job = RewriteJob(session: 1, elements: [], stripe: nil)
    job.handLimit = limit
    return (host, station, job)
  }

  @Test func `an empty feeder is not waited for without end`() async throws {
    let (host, station, job) = try await passing(
      MadeUpDevice(.passed, hasFeeder: true), limit: .milliseconds(100))
    #expect(
      await station.rewrite(job) == .failed(at: .printing, DeviceFailure(.noCard, during: "hand")))
    await station.stop()
    host.stop()
  }

  @Test(arguments: [true, false])
  func `whoever waits for a feeder to be filled can give up, and so can a stop`(
    stops: Bool
  ) async throws {
    let (host, station, job) = try await passing(
      MadeUpDevice(.passed, hasFeeder: true), limit: .seconds(600))
    var events = station.events.makeAsyncIterator()
    async let outcome = station.rewrite(job)
    var asked = 0
    while asked < 3, let event = await events.next(isolation: #isolation) {
      if case .cardWanted = event { asked += 1 }
    }
    if stops { await station.stop() } else { #expect(await station.eject(session: 1)) }
    #expect(await outcome == .failed(at: .printing, DeviceFailure(.noCard, during: "hand")))
    if !stops { await station.stop() }
    host.stop()
  }

  @Test func `the log tells once of a feeder that stays empty`() async throws {
    let lines = LogMemory()
    let (host, station, job) = try await passing(
      MadeUpDevice(.passed, hasFeeder: true), limit: .seconds(600),
      log: Log(level: .info, sink: lines.sink))
    var events = station.events.makeAsyncIterator()
    async let outcome = station.rewrite(job)
    var asked = 0
    while asked < 4, let event = await events.next(isolation: #isolation) {
      if case .cardWanted = event { asked += 1 }
    }
    #expect(await station.eject(session: 1))
    #expect(await outcome == .failed(at: .printing, DeviceFailure(.noCard, during: "hand")))
    #expect(lines.lines.count { $0.message == "the device failed" } == 1)
    await station.stop()
    host.stop()
  }

  @Test func `whoever gives up while a face is printed is not asked for a swipe after it`()
    async throws
  {
    let model = try quickModel()
    var plain = model
    plain.recordTrack = nil
    let driver = try #require(DeviceFamilies.driver(for: model))
    let printer = try VirtualDeviceHost(
      StarVirtualDevice(model: model, pace: StarPace(percent: 2), font: testFont))
    let encoder = try VirtualDeviceHost(MadeUpDevice(.swiped))
    let station = Station(
      name: "c1",
      main: StationDevice(model: plain, driver: driver) { () throws(LinkError) in try printer.open()
      },
      reader: .madeUp(.swiped, try quickModel(), at: encoder))
    try await station.run()
    var events = station.events.makeAsyncIterator()
    try printer.insert(card("OLD"))
    while let event = await events.next(isolation: #isolation) {
      if case .cardRead = event { break }
    }
    var job = RewriteJob(session: 1, elements: [], stripe: "NEW") { phase in
      guard phase == .printing else { return }
      Task { await station.eject(session: 1) }
    }
    job.handLimit = .seconds(600)
    #expect(
      await station.rewrite(job) == .failed(at: .encoding, DeviceFailure(.noCard, during: "hand")))
    await station.stop()
    printer.stop()
    encoder.stop()
  }
}
