import DeviceProtocols
import Testing

@testable import CardStation

/// The decisions about one device, without a line.
struct StationStateTests {
  private let inside = DeviceSituation(position: .inside, isCoverOpen: false)
  private let none = DeviceSituation(position: .none, isCoverOpen: false)
  private let mouth = DeviceSituation(position: .waitingForRemoval, isCoverOpen: false)

  /// A device that has answered.
  private func state(
    _ path: CardPath, _ situation: DeviceSituation
  ) throws -> StationState {
    var state = StationState(name: "c1", model: try quickModel(), path: path)
    state.start()
    state.connected()
    state.saw(situation)
    return state
  }

  @Test func `a card that lies at the mouth where one is waited for is told, and its taking too`()
    throws
  {
    var state = try state(.held, none)
    _ = state.takeEvents()
    state.arrived(.none)
    state.saw(mouth)
    #expect(state.takeEvents() == [.mouthOccupied])
    state.arrived(.none)
    state.saw(mouth)
    #expect(state.takeEvents() == [], "told once")
    state.arrived(.none)
    state.saw(none)
    #expect(state.takeEvents() == [.mouthCleared])
  }

  @Test func `a card that stays inside though it was put out is no card that is held`() throws {
    var state = try state(.held, none)
    state.arrived(.read(.record("A")))
    let isEjected = state.eject(session: 1)
    #expect(isEjected && state.next() == .discharge)
    _ = state.takeEvents()
    state.discharged(inside)
    #expect(state.snapshot.phase == .recovering && state.snapshot.failure?.kind == .jam)
    #expect(!state.holds(session: 1))
    // mended, it is put out without being asked for again
    state.recovered(inside)
    #expect(state.next() == .discharge)
    state.discharged(mouth)
    let events = state.takeEvents()
    #expect(events.last == .cardEjected(session: 1))
  }

  @Test(arguments: [CardPath.held, .passed])
  func `a card that does not come out is not pushed at without a rest`(path: CardPath) throws {
    var state = try state(path, path == .held ? none : inside)
    if path == .held {
      state.arrived(.read(.record("A")))
      let isEjected = state.eject(session: 1)
      #expect(isEjected)
    }
    var mendings = 0
    var rests = 0
    while rests < 64 {
      switch state.next() {
      case .discharge: state.discharged(inside)
      case .recover:
        mendings += 1
        state.recovered(inside)
      case .situation: state.saw(inside)
      case .pause:
        rests += 1
        state.rested()
      default:
        Issue.record("\(state.next())")
        return
      }
    }
    #expect((3...5).contains(mendings), "\(mendings)")
  }

  @Test func `mending that comes to nothing is not begun again at each look`() throws {
    var state = try state(.held, none)
    state.failed(DeviceFailure(.motor), none)
    var mendings = 0
    var rests = 0
    while rests < 64 {
      switch state.next() {
      case .recover:
        mendings += 1
        state.failed(DeviceFailure(.motor), nil)
      case .situation: state.saw(none)
      case .pause:
        rests += 1
        state.rested()
      default:
        Issue.record("\(state.next())")
        return
      }
    }
    #expect((4...5).contains(mendings), "\(mendings)")
  }

  @Test func `a card that cannot be read for good is told as such and not held`() throws {
    var state = try state(.held, none)
    let rejected = DeviceFailure(.rejected, during: "read")
    state.failed(rejected, inside)
    var tries = 0
    while state.next() == .readFound, tries < 20 {
      tries += 1
      state.failed(rejected, inside)
    }
    let events = state.takeEvents()
    #expect(
      events.last
        == .cardRead(session: 1, .unreadable(.noStripe), foundInside: false))
    let isEjected = state.eject(session: 1)
    #expect(isEjected && state.next() == .discharge)
  }

  @Test(arguments: [true, false])
  func `a card that is inside after one was at the mouth is read, whatever was heard of it`(
    fails: Bool
  ) throws {
    var state = try state(.held, none)
    state.arrived(.read(.record("A")))
    let isEjected = state.eject(session: 1)
    state.discharged(mouth)
    guard isEjected, case .awaitCard = state.next() else {
      Issue.record("\(state.next())")
      return
    }
    _ = state.takeEvents()
    // the answer that told of the next card was damaged
    if fails {
      state.failed(DeviceFailure(.garbled), inside)
    } else {
      state.arrived(.none)
      state.saw(inside)
    }
    #expect(state.next() == .readFound && !state.holds(session: 1))
    state.found(.record("B"))
    let events = state.takeEvents()
    #expect(
      events == [
        .cardRemoved(session: 1), .cardRead(session: 2, .record("B"), foundInside: false),
      ])
  }

  @Test func `a card whose reading fails twice was put in by a customer all the same`() throws {
    var state = try state(.held, none)
    for _ in 1...2 { state.failed(DeviceFailure(.garbled), inside) }
    state.found(.record("A"))
    let events = state.takeEvents()
    #expect(
      events.last == .cardRead(session: 1, .record("A"), foundInside: false))
  }

  @Test func `of a device that passes cards it is told when one is gone from it`() throws {
    var state = try state(.passed, inside)
    #expect(state.next() == .discharge)
    _ = state.takeEvents()
    state.discharged(mouth)
    var events = state.takeEvents()
    #expect(events.isEmpty)
    state.rested()
    #expect(state.next() == .situation)
    state.saw(none)
    events = state.takeEvents()
    #expect(events == [.mouthCleared])
    state.rested()
    state.saw(none)
    events = state.takeEvents()
    #expect(events.isEmpty)
  }
}
