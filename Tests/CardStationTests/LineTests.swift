@testable import CardStation
import DeviceCatalog
import DeviceLinks
import DeviceProtocols
import Platform
import Testing

struct StationLineTests {
  @Test func `a family is spoken to on the lines that it is known on`() throws {
    let model = try quickModel()
    let line = try StationLine("serial:/dev/ttyUSB0", model: model)
    #expect(line.kind == .serial)
    #expect(line.address.description == "serial:/dev/ttyUSB0")
    let virtual = try StationLine("virtual:star-tcp300/tcp300ii", model: model)
    #expect(virtual.kind == .serial)
  }

  @Test(arguments: [
    ("usb:", "serial"), ("tcp:127.0.0.1:9100", "serial"), ("tcp:127.0.0.1", "the port is missing"),
    ("virtual:star-tcp300/tcp310", "star-tcp300/tcp300ii"), ("serial:x", "serial:/"),
  ])
  func `another line is refused and told which there are`(address: String, why: String) throws {
    let model = try quickModel()
    let error = #expect(throws: LinkAddressError.self) { try StationLine(address, model: model) }
    #expect(error?.problem.contains(why) == true, "\(error?.problem ?? "")")
  }
}

@Suite(.timeLimit(.minutes(1)))
struct StationWatchTests {
  @Test func `a station runs its virtual device itself`() async throws {
    let line = try StationLine("virtual:star-tcp300/tcp300ii", model: try quickModel())
    let station = Station(name: "till 1", main: try StationDevice(line: line))
    var events = station.events.makeAsyncIterator()
    try await station.run()
    #expect(await events.next(isolation: #isolation) == .deviceReady)
    await station.stop()
  }

  @Test func `a device that comes is tried at once, however long it was away`() throws {
    var state = StationState(name: "till 1", model: try quickModel())
    let absent = DeviceFailure(.absent)
    state.start()
    for _ in 0..<12 {
      #expect(state.next() == .connect)
      state.lost(absent)
      state.rested()
    }
    state.lost(absent)
    #expect(state.next() == .pause(.milliseconds(6400)))
    state.noticed(.departed)
    #expect(state.next() == .pause(.milliseconds(6400)))
    state.noticed(.arrived)
    #expect(state.next() == .connect)
    // its node may be ours only a moment later
    state.lost(absent)
    #expect(state.next() == .pause(.milliseconds(200)))
  }

  @Test func `a hint while the device works changes nothing but a doubt about a card held`() throws
  {
    var state = StationState(name: "till 1", model: try quickModel())
    state.start()
    state.connected()
    state.noticed(.arrived)
    #expect(state.next() == .begin)
    state.saw(DeviceSituation(position: .none, isCoverOpen: false))
    state.noticed(.departed)
    guard case .awaitCard = state.next() else {
      Issue.record("it waits on")
      return
    }
    state.arrived(.read(.record("A")))
    #expect(state.next() == .pause(nil))
    state.noticed(.departed)
    #expect(state.next() == .situation && state.snapshot.phase == .cardInside)
    state.saw(DeviceSituation(position: .inside, isCoverOpen: false))
    #expect(state.next() == .pause(nil) && state.holds(session: 1), "another one has gone")
  }

  @Test func `a card that goes in while the last one is waited to be taken is read, not held`()
    throws
  {
    var state = StationState(name: "till 1", model: try quickModel())
    let inside = DeviceSituation(position: .inside, isCoverOpen: false)
    state.start()
    state.connected()
    state.saw(DeviceSituation(position: .none, isCoverOpen: false))
    state.arrived(.read(.record("A")))
    let isEjected = state.eject(session: 1)
    #expect(isEjected)
    state.discharged(DeviceSituation(position: .waitingForRemoval, isCoverOpen: false))
    _ = state.takeEvents()
    // the answer that the next card was read got lost on the line
    state.arrived(.none)
    #expect(state.next() == .situation)
    state.saw(inside)
    #expect(state.next() == .readFound && !state.holds(session: 1))
    state.found(.record("B"))
    #expect(
      state.takeEvents() == [
        .cardRemoved(session: 1),
        .cardRead(session: 2, .record("B"), foundInside: false),
      ])
  }

  @Test func `a card's device that is pulled out is missed though nobody asks`() async throws {
    let folder = try TemporaryFolder()
    let path = folder("device")
    let model = try quickModel()
    let host = try VirtualDeviceHost(
      StarVirtualDevice(model: model, font: testFont), link: path)
    let address = LinkAddress(path: path)
    let station = Station(name: "till 1", model: model, watching: address) {
      () throws(LinkError) in try address.open()
    }
    var events = station.events.makeAsyncIterator()
    try await station.run()
    #expect(await events.next(isolation: #isolation) == .deviceReady)
    try host.insert(card("HELD"))
    guard case .cardRead? = await events.next(isolation: #isolation) else {
      Issue.record("a card was put in")
      return
    }
    host.unplug()
    guard case .deviceAbsent? = await events.next(isolation: #isolation) else {
      Issue.record("the device is gone")
      return
    }
    try host.replug()
    #expect(await events.next(isolation: #isolation) == .deviceReady)
    await station.stop()
    host.stop()
  }
}
