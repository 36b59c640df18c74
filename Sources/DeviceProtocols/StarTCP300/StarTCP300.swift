import CardTracks
import DeviceCatalog
import Raster

/// The driver of Star's TCP300 family.
package struct StarTCP300: DeviceDriver {
  /// The family's name, which is its data folder's.
  package static let family = "star-tcp300"

  package static let descriptor = DeviceFamily(
    name: family, links: [.serial], probing: .harmless, lineCheck: .exclusiveOr,
    driver: { model, _ in StarTCP300(model: model) },
    virtualDevice: {
      StarVirtualDevice(model: $0.model, pace: StarPace(percent: $0.percent), font: $0.font)
    })

  private let model: DeviceModel
  private let geometry: PrintGeometry
  private let record: TrackSetting
  private let patience: StarPatience
  private let frameLimit: Int

  /// - Precondition: a model of this family.
  package init(model: DeviceModel) {
    precondition(model.family == Self.family, "this driver speaks to its own family")
    guard let geometry = model.geometry, let record = model.record else {
      preconditionFailure("every model of this family prints and has a stripe head")
    }
    self.model = model
    self.geometry = geometry
    self.record = record
    patience = StarPatience(model)
    frameLimit = model.setting("frameLimit")
  }

  package func support(for ability: Ability) -> Support {
    switch ability {
    case .insert, .read, .write, .verify, .erase, .print, .eject, .clean, .status, .hotplug: .works
    // no command that is known names an area; some commands are known by their number only
    case .partialErase: .notKnown
    }
  }

  package func wireReader() -> any WireReader { StarWireReader() }

  private var track: Int { record.number }

  private var format: StarFormat {
    switch (record.encoding, record.direction) {
    case (.jis2, .reverse): .reverseJIS
    case (.jis2, .forward): .jis
    case (.iso1, _): .iso1
    case (.iso2, _): .iso2
    case (.iso3, _): .iso3
    }
  }

  package func begin() -> any Exchange<DeviceSituation> { StarSettle(patience) }

  package func situation() -> any Exchange<DeviceSituation> {
    StarSequence([.status], patience) { replies throws(DeviceFailure) in
      try replies[0].situation()
    }
  }

  package func awaitCard(within limit: Duration?) -> any Exchange<CardArrival> {
    StarAwaitCard(.read(track: track, format: format), patience, within: limit)
  }

  package func read() -> any Exchange<StripeReading> {
    StarSequence(
      [.read(track: track, format: format)], patience, accepts: Self.isAboutTheStripe
    ) { replies throws(DeviceFailure) in try replies[0].reading() }
  }

  private static let isAboutTheStripe: @Sendable (StarReply) -> Bool = {
    StarStatus(rawValue: $0.status)?.stripeFault != nil
  }

  package func rewrite(_ face: FaceJob) throws(DeviceFailure) -> any Exchange<Void> {
    guard face.area == nil else {
      throw DeviceFailure(.unsupported, during: "rewrite", detail: "it erases whole faces")
    }
    let limit = face.isLineNoisy ? StarPrinting.shortestFrame : frameLimit
    let job = try StarPrinting.job(face.elements, geometry: geometry, frameLimit: limit)
    return StarSequence(job.commands, patience) { _ throws(DeviceFailure) in }
  }

  package func lineTime(
    of elements: [PrintElement], bitsPerSecond: Int
  ) throws(DeviceFailure) -> Duration {
    try StarPrinting.job(elements, geometry: geometry, frameLimit: frameLimit)
      .lineTime(bitsPerSecond: bitsPerSecond)
  }

  package func width(of character: Character) -> Int? {
    StarCharacterSet.width(of: character)
  }

  package func encode(_ text: String) throws(DeviceFailure) -> any Exchange<Void> {
    let data = Array(text.utf8)
    guard let place = firstMisfit(in: data) else {
      return StarSequence(
        [
          .setWriteData(track: track, format: format, data),
          .write(trackMask: 1 << (track - 1)),
        ], patience
      ) { _ throws(DeviceFailure) in }
    }
    throw DeviceFailure(.unprintable, during: "encode", detail: "character \(place)")
  }

  /// The place of the first character that the track cannot hold, or the length when it is too
  /// long; nil when all is well. In 7-bit data 02h and 03h stand for the line's own controls.
  private func firstMisfit(in data: [UInt8]) -> Int? {
    let encoding = record.encoding.trackEncoding
    if data.count > encoding.capacity { return data.count }
    return data.firstIndex {
      !encoding.holds($0) || $0 == StarControl.startOfText || $0 == StarControl.endOfText
    }
  }

  package func discharge() -> any Exchange<DeviceSituation> {
    StarSettle.discharging(patience)
  }

  package func recover() -> any Exchange<DeviceSituation> { StarSettle(patience, mends: true) }

  package func service(
    _ service: DeviceService
  ) throws(DeviceFailure) -> any Exchange<DeviceReport> {
    switch service {
    case .identify:
      return StarSequence([.version], patience) { replies throws(DeviceFailure) in
        DeviceReport([.init("firmware", replies[0].printable)])
      }
    case .counters:
      return StarSequence([.printCounter, .transportCounter], patience) {
        replies throws(DeviceFailure) in
        DeviceReport([
          .init("cardsPrinted", try replies[0].count()),
          .init("transports", try replies[1].count()),
        ])
      }
    case .clean:
      return StarCleaning(patience, wait: .seconds(Int64(model.setting("cleaningCardWait"))))
    case .reset:
      return StarSequence([.reset, .status], patience) { replies throws(DeviceFailure) in
        DeviceReport([.init("card", try replies[1].situation().position.rawValue)])
      }
    case .testCard:
      throw DeviceFailure(
        .unsupported, during: service.rawValue, detail: "no command for it is known")
    }
  }
}

extension TrackSetting.Encoding {
  /// The encoding of that name.
  package var trackEncoding: TrackEncoding {
    switch self {
    case .jis2: .jis2
    case .iso1: .iso1
    case .iso2: .iso2
    case .iso3: .iso3
    }
  }
}
