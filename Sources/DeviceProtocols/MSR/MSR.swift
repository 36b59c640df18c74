import CardTracks
import DeviceCatalog
import Raster

/// The driver of the MSR205, 206, 605 and 606 encoders: a hand draws the card through, and every
/// look at the stripe and every write is one swipe.
package struct MSR: DeviceDriver {
  /// The family's name, which is its data folder's.
  package static let family = "msr"

  package static let descriptor = DeviceFamily(
    name: family, links: [.serial],
    driver: { model, _ in MSR(model: model) },
    virtualDevice: { MSRVirtualDevice(model: $0.model, percent: $0.percent) })

  private let record: MSRRecord
  private let patience: MSRPatience
  private let isHiCo: Bool
  private let zeros: [UInt8]

  /// - Precondition: a model of this family.
  package init(model: DeviceModel) {
    precondition(model.family == Self.family, "this driver speaks to its own family")
    guard let setting = model.record else {
      preconditionFailure("every model of this family has a stripe head")
    }
    patience = MSRPatience(model)
    isHiCo = model.setting("hiCo") == 1
    zeros = [UInt8(model.setting("zerosTrack13")), UInt8(model.setting("zerosTrack2"))]
    let jis = model.setting("jis2Track")
    let isReverse = model.setting("jis2Reverse") == 1
    record = MSRRecord(
      track: jis > 0 ? jis : setting.number,
      encoding: jis > 0 ? .jis2 : setting.encoding.trackEncoding,
      direction: (jis > 0 ? isReverse : setting.direction == .reverse) ? .reverse : .forward,
      isRaw: jis > 0 || setting.encoding == .jis2 || model.setting("raw") == 1,
      isMostSignificantFirst: model.setting("rawMostSignificantFirst") == 1)
  }

  package var path: CardPath { .swiped }

  package func support(for ability: Ability) -> Support {
    switch ability {
    case .read, .write, .verify, .status, .hotplug: .works
    // a hand moves the card, and there is no head for its face
    case .insert, .eject, .erase, .print, .partialErase: .cannot
    case .clean: .notKnown
    }
  }

  package func wireReader() -> any WireReader { MSRWireReader() }

  static func settle(
    _ patience: MSRPatience, showing light: MSRLight = .off, testsMemory: Bool = false
  ) -> any Exchange<DeviceSituation> {
    MSRTalk(
      testsMemory ? [.commTest, .ramTest] : [.commTest], patience,
      opening: [MSRCommand.reset] + patience.showing(light)
    ) { _ throws(DeviceFailure) in DeviceSituation(position: .none, isCoverOpen: false) }
  }

  package func begin() -> any Exchange<DeviceSituation> { Self.settle(patience) }

  package func situation() -> any Exchange<DeviceSituation> {
    MSRTalk([.commTest], patience) { _ throws(DeviceFailure) in
      DeviceSituation(position: .none, isCoverOpen: false)
    }
  }

  package func recover() -> any Exchange<DeviceSituation> {
    Self.settle(patience, testsMemory: true)
  }

  /// The card is in the hand all along.
  package func discharge() -> any Exchange<DeviceSituation> { situation() }

  package func awaitCard(within limit: Duration?) -> any Exchange<CardArrival> {
    reading(within: limit, withoutCard: CardArrival.none) { .read($0) }
  }

  /// Reads the stripe at the next swipe, waiting for it for a time.
  ///
  /// `.noCard` when nobody swipes.
  package func read() -> any Exchange<StripeReading> {
    reading(within: patience.swipe, withoutCard: nil) { $0 }
  }

  private func reading<Outcome: Sendable>(
    within limit: Duration?, withoutCard: Outcome?,
    _ outcome: @escaping @Sendable (StripeReading) -> Outcome
  ) -> any Exchange<Outcome> {
    let record = record
    let swipe = MSRSwipe<Outcome>(
      command: record.isRaw ? MSRCommand.rawRead : MSRCommand.isoRead,
      shape: record.isRaw ? .rawBlock : .isoBlock, prompt: .green, within: limit,
      withoutCard: withoutCard
    ) { reply throws(DeviceFailure) in
      let name = record.isRaw ? "1B 6D" : "1B 72"
      // which tracks failed stands in the block
      if reply.status != MSRStatus.stripe.rawValue,
        let failure = MSRStatus.failure(of: reply.status, during: name)
      {
        throw failure
      }
      let reading = record.reading(reply)
      if case .unreadable = reading { return (outcome(reading), .red) }
      return (outcome(reading), .off)
    }
    return MSRTalk(record.isRaw ? [.bits(record.bits)] : [], then: swipe, patience)
  }

  package func rewrite(_ face: FaceJob) throws(DeviceFailure) -> any Exchange<Void> {
    throw DeviceFailure(.unsupported, during: "print", detail: "it has no print head")
  }

  package func lineTime(
    of elements: [PrintElement], bitsPerSecond: Int
  ) throws(DeviceFailure) -> Duration {
    throw DeviceFailure(.unsupported, during: "print", detail: "it has no print head")
  }

  package func encode(_ text: String) throws(DeviceFailure) -> any Exchange<Void> {
    let data = Array(text.utf8)
    let command: [UInt8]
    do throws(TrackError) {
      let bytes = try record.rawBytes(data)
      command =
        record.isRaw
        ? MSRCommand.rawWrite([record.track: bytes]) : MSRCommand.isoWrite([record.track: data])
    } catch {
      let place = if case .illegalCharacter(let at) = error { at } else { data.count }
      throw DeviceFailure(.unprintable, during: "encode", detail: "character \(place)")
    }
    let density: MSRDensity = record.encoding == .iso2 ? .bits75 : .bits210
    var errands: [MSRErrand] = [
      .coercivity(isHigh: isHiCo),
      .setting(MSRCommand.setDensity(density, track: record.track)),
      .leadingZeros(zeros),
    ]
    if record.isRaw { errands.append(.bits(record.bits)) }
    return MSRTalk(errands, then: swiping(command), patience)
  }

  /// Erases tracks at the next swipe.
  ///
  /// - Precondition: `tracks` holds at least one of 1, 2 and 3.
  package func erase(tracks: Set<Int>) -> any Exchange<Void> {
    MSRTalk(
      [.coercivity(isHigh: isHiCo)], then: swiping(MSRCommand.erase(tracks: tracks)), patience)
  }

  /// Sees whether the sensors notice the next card.
  package func sensorTest() -> any Exchange<Void> {
    MSRTalk([], then: swiping(MSRCommand.sensorTest), patience)
  }

  /// Something that a status answers once a card has passed.
  private func swiping(_ command: [UInt8]) -> MSRSwipe<Void> {
    MSRSwipe(
      command: command, shape: .bytes(1), prompt: .yellow, within: patience.swipe, withoutCard: nil
    ) { reply throws(DeviceFailure) in
      let name = MSRCommand.name(of: command)
      if reply.status == MSRStatus.failed.rawValue {
        throw DeviceFailure(.write, status: UInt32(reply.status), during: name)
      }
      if let failure = MSRStatus.failure(of: reply.status, during: name) { throw failure }
      return ((), .off)
    }
  }

  package func service(
    _ service: DeviceService
  ) throws(DeviceFailure) -> any Exchange<DeviceReport> {
    switch service {
    case .identify: return identify()
    case .reset:
      return MSRTalk(
        [.commTest], patience, opening: [MSRCommand.reset] + patience.showing(.off)
      ) { _ throws(DeviceFailure) in DeviceReport() }
    case .counters, .clean, .testCard:
      throw DeviceFailure(
        .unsupported, during: service.rawValue, detail: "no command for it is known")
    }
  }

  private func identify() -> any Exchange<DeviceReport> {
    let garbled = MSRErrand.garbled
    return MSRTalk(
      [
        MSRErrand(MSRCommand.model, .bytes(2)) { answer throws(DeviceFailure) in
          guard answer[1] == UInt8(ascii: "S"), (0x20...0x7e).contains(answer[0]) else {
            throw garbled(MSRCommand.model)
          }
          return nil
        },
        MSRErrand(MSRCommand.firmware, .bytes(8)) { answer throws(DeviceFailure) in
          guard answer.starts(with: "REV".utf8), answer.allSatisfy({ (0x20...0x7e).contains($0) })
          else { throw garbled(MSRCommand.firmware) }
          return nil
        },
        MSRErrand(MSRCommand.coercivity, .bytes(1)) { answer throws(DeviceFailure) in
          guard MSRErrand.isHighCoercivity(answer[0]) != nil else {
            throw garbled(MSRCommand.coercivity)
          }
          return nil
        },
        MSRErrand(MSRCommand.leadingZeros, .bytes(2)) { _ throws(DeviceFailure) in nil },
      ], patience
    ) { answers throws(DeviceFailure) in
      let isHigh = MSRErrand.isHighCoercivity(answers[2][0]) == true
      return DeviceReport([
        .init("model", String(decoding: answers[0].prefix(1), as: UTF8.self)),
        .init("firmware", String(decoding: answers[1], as: UTF8.self)),
        .init("coercivity", isHigh ? "high" : "low"),
        .init("leadingZeros", "\(answers[3][0]), \(answers[3][1])"),
      ])
    }
  }
}
