import DeviceCatalog
import Testing

@testable import DeviceProtocols

struct SanwaStatusTests {
  @Test(
    arguments: [
      (0x30, nil, nil), (0x31, .read, .read), (0x32, .write, .write), (0x33, .jam, .jam),
      (0x34, .motor, .motor), (0x35, .printer, .printer), (0x38, .noCard, .noCard),
      (0x40, .attention, .failure), (0x41, .fault, .failure), (0x51, .read, .read),
      (0x52, .read, .read), (0x53, .read, .read), (0x54, .read, .read), (0x55, .read, .read),
      (0x56, .read, .read), (0x36, .fault, .failure), (0x39, .fault, .failure),
      (0x57, .fault, .failure), (0x00, .fault, .failure), (0xff, .fault, .failure),
    ] as [(UInt8, DeviceFailure.Kind?, PointCardError?)])
  func `every P has its failure, and the status is kept`(
    problem: UInt8, kind: DeviceFailure.Kind?, error: PointCardError?
  ) {
    let reply = SanwaReply(command: 0x7c, place: 0x31, problem: problem, state: 0x30)
    let failure = reply.failure(.digit)
    #expect(failure?.kind == kind && failure?.pointCardError == error)
    if let failure {
      #expect(failure.status == 0x31_0030 | UInt32(problem) << 8 && failure.during == "7Ch")
    }
  }

  @Test func `every P of the table has a meaning, no other has`() {
    let known = (0...255).compactMap { SanwaProblem(rawValue: UInt8($0))?.rawValue }
    #expect(
      known == [
        0x30, 0x31, 0x32, 0x33, 0x34, 0x35, 0x38, 0x40, 0x41, 0x51, 0x52, 0x53, 0x54, 0x55, 0x56,
      ])
    #expect(SanwaState.allCases.map(\.rawValue) == [0x30, 0x32, 0x33, 0x34, 0x35, 0x36, 0x37])
  }

  @Test(
    arguments: [
      (0x30, nil), (0x32, .rejected), (0x33, nil), (0x34, .noCard), (0x35, .feeder),
      (0x36, .unsupported), (0x37, .stacker), (0x31, .fault), (0x38, .fault), (0x00, .fault),
    ] as [(UInt8, DeviceFailure.Kind?)])
  func `every S has its failure`(state: UInt8, kind: DeviceFailure.Kind?) {
    let reply = SanwaReply(command: 0xb0, place: 0x31, problem: 0x30, state: state)
    #expect(reply.failure(.digit)?.kind == kind)
  }

  @Test func `what cannot run for want of a card has no card`() {
    let reply = SanwaReply(command: 0x7c, place: 0x30, problem: 0x30, state: 0x32)
    #expect(reply.failure(.digit)?.kind == .noCard)
  }

  @Test func `every R of the digit table has its place, no other has`() {
    let places: [UInt8: CardPosition] = [
      0x30: .none, 0x31: .inside, 0x32: .inside, 0x33: .inside, 0x34: .waitingForRemoval,
    ]
    for place in UInt8.min...UInt8.max {
      #expect(SanwaPlaces.digit.position(place) == places[place], "\(place)")
      #expect(SanwaPlaces.digit.shutter(place) == nil)
      #expect(SanwaPlaces.digit.stockerHasCards(place) == nil)
    }
  }

  @Test func `every R of the sensor bits has its place, shutter and stocker`() {
    let places: [UInt8: CardPosition] = [
      0b00000: .none, 0b00001: .waitingForRemoval, 0b11000: .inside, 0b00111: .inside,
      0b11100: .inside,
    ]
    let shutters: [SanwaShutterState] = [.error, .closed, .open, .both]
    for place in UInt8.min...UInt8.max {
      #expect(SanwaPlaces.sensors.position(place) == places[place & 31], "\(place)")
      #expect(SanwaPlaces.sensors.shutter(place) == shutters[Int(place >> 6)])
      #expect(SanwaPlaces.sensors.stockerHasCards(place) == (place & 0x20 != 0))
    }
  }

  @Test(arguments: [0x31, 0x32, 0x38, 0x51, 0x56] as [UInt8])
  func `a status that tells of a past job is no fault of the unit`(problem: UInt8) throws {
    let reply = SanwaReply(command: 0x20, place: 0x31, problem: problem, state: 0x30)
    #expect(try reply.situation(.digit).position == .inside)
  }

  @Test func `every status a unit can give ends a conversation`() throws {
    // every P and S to every command that matters: an outcome or a failure, never a hang
    for places in ["crp-1231lr-10nab", "crp-1231br-10"] {
      let driver = SanwaCRP(model: try sanwa(places))
      for problem in SanwaProblem.allCases.map(\.rawValue) + [0x00, 0x36, 0x57, 0xff] {
        for state: UInt8 in [0x30, 0x31, 0x32, 0x33, 0x34, 0x35, 0x36, 0x37, 0x38, 0xff] {
          let unit = StubbornUnit(status: [places == "crp-1231br-10" ? 0x98 : 0x31, problem, state])
          for run in StubbornUnit.runs(driver) {
            var pump = Pump(unit)
            do { try run(&pump) } catch is DeviceFailure {}
          }
        }
      }
    }
  }
}

/// Acknowledges everything and has always the same status.
private struct StubbornUnit: VirtualDevice {
  let status: [UInt8]
  private var last: UInt8 = 0x20
  private var receiver = SanwaReceiver()

  init(status: [UInt8]) { self.status = status }

  static func runs(_ driver: SanwaCRP) -> [(inout Pump<StubbornUnit>) throws -> Void] {
    [
      { _ = try $0.run(driver.begin()) }, { _ = try $0.run(driver.recover()) },
      { _ = try $0.run(driver.situation()) }, { _ = try $0.run(driver.read()) },
      { _ = try $0.run(driver.discharge()) }, { try $0.run(driver.encode("A")) },
      { try $0.run(driver.rewrite(FaceJob([]))) },
      { _ = try $0.run(driver.awaitCard(within: .seconds(1))) },
      { _ = try $0.run(driver.service(.identify)) },
    ]
  }

  mutating func receive(_ bytes: [UInt8], at now: Duration) -> VirtualReaction {
    var answer: [UInt8] = []
    for byte in bytes {
      switch receiver.take(byte) {
      case .block(let code, _, _):
        last = code
        answer.append(0x06)
      case .enquired: answer += SanwaFrame.block(last, [], status: status)
      default: break
      }
    }
    return VirtualReaction(bytes: answer)
  }

  mutating func wake(at now: Duration) -> VirtualReaction { VirtualReaction() }
  mutating func hand(
    _ act: VirtualAct, at now: Duration
  ) throws(VirtualActRefused) -> VirtualReaction { VirtualReaction() }
  mutating func take(at now: Duration) -> (card: VirtualCard?, VirtualReaction) {
    (nil, VirtualReaction())
  }
  var card: VirtualCard? { nil }
  var offersCard: Bool { false }
}
