import DeviceCatalog
import DeviceProtocols
import Testing

@testable import CardStation

private let star = DeviceTraits(path: .held, prints: true, reads: true, encodes: true)
private let magicard = DeviceTraits(
  path: .passed, prints: true, reads: false, encodes: true, order: .oneJob)
private let plain = DeviceTraits(
  path: .passed, prints: true, reads: false, encodes: false, order: .oneJob)
private let encoder = DeviceTraits(path: .swiped, prints: false, reads: true, encodes: true)
private let swipeReader = DeviceTraits(path: .swiped, prints: false, reads: true, encodes: false)
private let chip = DeviceTraits(path: .held, prints: true, reads: true, encodes: false)
private let motor = DeviceTraits(path: .held, prints: false, reads: true, encodes: true)

struct PlanTests {
  private static let rows:
    [(main: DeviceTraits, reader: DeviceTraits?, CardPlace, face: Bool, stripe: Bool, [JobStep]?)] =
      [
        (star, nil, .inside(.main), true, true, [.print(.main), .encode(.main), .readBack(.main)]),
        (star, nil, .inside(.main), true, false, [.print(.main)]),
        (star, nil, .inside(.main), false, true, [.encode(.main), .readBack(.main)]),
        (star, nil, .inside(.main), false, false, nil),
        // a number was keyed: the card has to go in first
        (
          star, nil, .hand, true, true,
          [.insert(.main), .print(.main), .encode(.main), .readBack(.main)]
        ),
        (magicard, nil, .hand, true, true, [.pass(.main, withStripe: true)]),
        (magicard, nil, .hand, true, false, [.pass(.main, withStripe: false)]),
        (plain, nil, .hand, true, true, nil),
        (
          magicard, encoder, .hand, true, true,
          [.pass(.main, withStripe: true), .swipeToCheck(.reader)]
        ),
        (
          plain, encoder, .hand, true, true,
          [.pass(.main, withStripe: false), .swipeToWrite(.reader), .swipeToCheck(.reader)]
        ),
        (plain, swipeReader, .hand, true, true, nil),
        (plain, swipeReader, .hand, true, false, [.pass(.main, withStripe: false)]),
        (encoder, nil, .hand, true, true, [.swipeToWrite(.main), .swipeToCheck(.main)]),
        (encoder, nil, .hand, true, false, nil),
        (
          chip, encoder, .inside(.main), true, true,
          [.print(.main), .giveOut(.main), .swipeToWrite(.reader), .swipeToCheck(.reader)]
        ),
        (chip, encoder, .hand, true, false, [.insert(.main), .print(.main)]),
        // what is inside already is written before it is taken out
        (
          plain, motor, .inside(.reader), true, true,
          [
            .encode(.reader), .readBack(.reader), .giveOut(.reader),
            .pass(.main, withStripe: false),
          ]
        ),
        (
          magicard, motor, .inside(.reader), true, true,
          [
            .giveOut(.reader), .pass(.main, withStripe: true), .insert(.reader), .readBack(.reader),
          ]
        ),
      ]

  @Test(arguments: PlanTests.rows.indices)
  func `each pair of devices rewrites a card in its own steps`(row: Int) {
    let (main, reader, place, face, stripe, steps) = Self.rows[row]
    let abilities = StationAbilities(main: main, reader: reader)
    #expect(abilities.plan(face: face && abilities.prints, stripe: stripe, from: place) == steps)
  }

  @Test(arguments: [RewriteOrder.encodeThenPrint, .oneJob])
  func `a device that holds cards keeps its own order`(order: RewriteOrder) {
    var traits = star
    traits.order = order
    let steps = StationAbilities(main: traits).plan(face: true, stripe: true, from: .inside(.main))
    let wanted: [JobStep] =
      order == .oneJob ? [.both(.main)] : [.encode(.main), .print(.main)]
    #expect(steps == wanted + [.readBack(.main)])
    #expect(!StationAbilities(main: traits).provesFace)
  }

  @Test func `what a pair of devices can do together is told`() {
    func told(_ main: DeviceTraits, _ reader: DeviceTraits? = nil) -> [Bool] {
      let all = StationAbilities(main: main, reader: reader)
      return [all.prints, all.encodes, all.looks, all.holds, all.writesByHand, all.provesFace]
    }
    #expect(told(star) == [true, true, true, true, false, true])
    #expect(told(magicard) == [true, true, false, false, false, false])
    #expect(told(plain) == [true, false, false, false, false, false])
    #expect(told(encoder) == [false, true, true, false, true, false])
    #expect(told(magicard, encoder) == [true, true, true, false, false, false])
    #expect(told(plain, encoder) == [true, true, true, false, true, true])
    #expect(told(chip, encoder) == [true, true, true, true, true, true])
  }
}

struct StationJobTests {
  private static let own: @Sendable (StripeReading) -> Bool? = { reading in
    guard case .record(let text) = reading else { return nil }
    return text.hasPrefix("A")
  }

  private func job(_ steps: JobStep...) -> StationJob {
    StationJob(steps, stripe: "A2", isOwn: Self.own)
  }

  @Test func `a bad swipe is asked for again, and not for ever`() {
    var job = job(.swipeToWrite(.main), .swipeToCheck(.main))
    #expect(job.prompt == .swipeToWrite && job.phase == .encoding)
    #expect(job.took(.failed(DeviceFailure(.write))) == .again)
    #expect(job.prompt == .swipeAgainToWrite)
    #expect(job.took(.done) == .goOn)
    #expect(job.prompt == .swipeToCheck)
    for _ in 1..<StationJob.tries { #expect(job.took(.read(.unreadable(.lrc))) == .again) }
    #expect(job.prompt == .swipeAgainToCheck)
    #expect(
      job.took(.read(.unreadable(.lrc)))
        == .ended(.failed(at: .readingBack, DeviceFailure(.mismatch, during: "read back"))))
  }

  @Test func `another card at the last swipe is told, and so is the old record of this one`() {
    var mixed = job(.swipeToCheck(.main))
    #expect(mixed.took(.read(.record("B7"))) == .ended(.mixedUp(at: .readingBack)))
    var old = job(.swipeToCheck(.main))
    #expect(
      old.took(.read(.record("A1")))
        == .ended(.failed(at: .readingBack, DeviceFailure(.mismatch, during: "read back"))))
    var right = job(.swipeToCheck(.main))
    #expect(right.took(.read(.record("A2"))) == .goOn)
    #expect(right.step == nil && right.outcome == .verified(readBack: .record("A2")))
  }

  @Test func `another card put into the printer is not printed`() {
    var job = job(.insert(.main), .print(.main))
    #expect(job.prompt == .insertToPrint)
    #expect(job.took(.read(.record("B7"))) == .ended(.mixedUp(at: .printing)))
  }

  @Test func `a passing printer without a card is asked again later, a jam ends the job`() {
    var job = job(.pass(.main, withStripe: true))
    #expect(job.took(.failed(DeviceFailure(.feeder))) == .againLater)
    #expect(job.took(.failed(DeviceFailure(.noCard))) == .againLater)
    #expect(job.ended == [.printed, .encoded])
    let jam = DeviceFailure(.jam)
    #expect(job.took(.failed(jam)) == .ended(.failed(at: .printing, jam)))
  }

  @Test func `a device that is gone is no bad swipe`() {
    var job = job(.swipeToWrite(.main))
    let gone = DeviceFailure(.absent)
    #expect(job.took(.failed(gone)) == .ended(.failed(at: .encoding, gone)))
  }
}

struct CompositionTests {
  private typealias Reaction = StationComposition.Reaction
  private let pair = StationAbilities(main: chip, reader: encoder)

  private func read(_ number: Int, _ text: String = "A1") -> StationEvent {
    .cardRead(session: number, .record(text), foundInside: false)
  }

  @Test func `the next swipe ends the session before it`() {
    var floor = StationComposition(StationAbilities(main: encoder))
    #expect(floor.took(read(1), from: .main).events == [read(1)])
    #expect(floor.place == .hand)
    // the device ends its own session first
    #expect(
      floor.took(.cardRemoved(session: 1), from: .main).events == [.cardRemoved(session: 1)])
    #expect(floor.took(read(2), from: .main).events == [read(2)])
    #expect(floor.close(1) == .none)
    #expect(floor.close(2) == .over([.cardRemoved(session: 2)]))
    #expect(floor.close(2) == .none)
  }

  @Test func `a second card is given back while one is inside`() {
    var floor = StationComposition(pair)
    #expect(floor.took(read(1), from: .main).events == [read(1)])
    let second = floor.took(read(7), from: .reader)
    #expect(second.givesBack == 7 && second.events == [.cardInTheWay(session: 1)])
    #expect(floor.open() == nil)
    #expect(floor.close(nil) == .eject(.main, session: 1))
    #expect(
      floor.took(.cardEjected(session: 1), from: .main).events == [.cardEjected(session: 1)])
    #expect(
      floor.took(.cardRemoved(session: 1), from: .main).events == [.cardRemoved(session: 1)])
    // and taken when it is not
    #expect(floor.took(read(8), from: .reader).events == [read(2)])
  }

  @Test func `a card that a job waits for begins no session`() {
    var floor = StationComposition(pair)
    #expect(floor.took(read(1), from: .reader).events == [read(1)])
    floor.beginJob()
    let other = floor.took(read(2), from: .reader)
    #expect(other.givesBack == 2 && other.events == [], "a job goes on, and says what it wants")
    floor.expect(in: .main)
    let reaction = floor.took(read(5, "A"), from: .main)
    #expect(reaction.events.isEmpty && reaction.inserted == .record("A"))
    #expect(floor.place == .inside(.main) && floor.deviceSession(in: .main) == 5)
    floor.givesOut()
    #expect(floor.took(.cardEjected(session: 5), from: .main).events.isEmpty)
    #expect(floor.took(.cardRemoved(session: 5), from: .main).events.isEmpty)
    #expect(floor.place == .hand && floor.isOpen)
    floor.endJob()
    #expect(floor.close(1) == .over([.cardRemoved(session: 1)]))
  }

  @Test func `a card that was swiped elsewhere is in a hand, though its printer has not noticed`() {
    var floor = StationComposition(pair)
    _ = floor.took(read(1), from: .reader)
    floor.beginJob()
    floor.expect(in: .main)
    _ = floor.took(read(5), from: .main)
    floor.givesOut()
    floor.isInHand()
    floor.endJob()
    // the printer looks at its mouth only now
    #expect(floor.took(.cardRemoved(session: 5), from: .main).events == [.mouthCleared])
    #expect(floor.isOpen)
    #expect(floor.close(1) == .over([.cardRemoved(session: 1)]))
  }

  @Test func `a card that is taken out while a job works on it ends its session`() {
    var floor = StationComposition(pair)
    _ = floor.took(read(1), from: .main)
    floor.beginJob()
    #expect(
      floor.took(.cardRemoved(session: 1), from: .main).events == [.cardRemoved(session: 1)])
    #expect(!floor.isOpen)
  }

  @Test func `a number that is keyed begins a session of its own`() {
    var floor = StationComposition(StationAbilities(main: magicard))
    #expect(floor.open()?.session == 1)
    let next = floor.open()
    #expect(next?.session == 2 && next?.1 == [.cardRemoved(session: 1)])
    floor.beginJob()
    #expect(floor.open() == nil)
  }
}
