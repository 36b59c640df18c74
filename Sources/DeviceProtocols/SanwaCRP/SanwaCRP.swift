import CardTracks
import DeviceCatalog
import Raster

/// The driver of Sanwa's CRP family.
package struct SanwaCRP: DeviceDriver {
  /// The family's name, which is its data folder's.
  package static let family = "sanwa-crp"

  package static let descriptor = DeviceFamily(
    name: family, links: [.serial], lineCheck: .exclusiveOr,
    driver: { model, _ in SanwaCRP(model: model) },
    virtualDevice: {
      SanwaVirtualDevice(model: $0.model, pace: SanwaPace(percent: $0.percent), font: $0.font)
    })

  private let geometry: PrintGeometry
  private let record: TrackSetting
  private let manner: SanwaManner
  private let printing: SanwaPrintManner

  /// - Precondition: a model of this family, its words among those that are known.
  package init(model: DeviceModel) {
    precondition(model.family == Self.family, "this driver speaks to its own family")
    guard let geometry = model.geometry, let record = model.record else {
      preconditionFailure("every model of this family prints and has a stripe head")
    }
    precondition(record.encoding == .jis2, "this family's stripes are JIS-II")
    self.geometry = geometry
    self.record = record
    manner = SanwaManner(
      patience: SanwaPatience(model), places: SanwaPlaces(of: model),
      hasShutter: model.word("shutter") == "yes",
      openingCode: model.setting("shutterOpeningCode"))
    printing = SanwaPrintManner(model)
  }

  package func support(for ability: Ability) -> Support {
    switch ability {
    case .insert, .read, .write, .verify, .erase, .print, .eject, .clean, .status, .hotplug: .works
    // no source names an area
    case .partialErase: .notKnown
    }
  }

  package func wireReader() -> any WireReader { SanwaWireReader() }

  package func begin() -> any Exchange<DeviceSituation> { SanwaSettle(manner) }

  package func situation() -> any Exchange<DeviceSituation> {
    let places = manner.places
    return SanwaSequence([.status], manner, accepts: { _ in true }) {
      replies throws(DeviceFailure) in
      try replies[0].situation(places)
    }
  }

  package func awaitCard(within limit: Duration?) -> any Exchange<CardArrival> {
    SanwaAwaitCard(.read(track: record.number), manner, within: limit)
  }

  package func read() -> any Exchange<StripeReading> {
    let places = manner.places
    return SanwaSequence(
      [.read(track: record.number)], manner,
      accepts: { $0.failure(places)?.kind == .read }
    ) { replies throws(DeviceFailure) in try replies[0].reading(places) }
  }

  package func rewrite(_ face: FaceJob) throws(DeviceFailure) -> any Exchange<Void> {
    guard face.area == nil else {
      throw DeviceFailure(.unsupported, during: "rewrite", detail: "no source names an area")
    }
    let commands = try SanwaPrinting.commands(
      face.elements, geometry: geometry, printing, isShort: face.isLineNoisy)
    return SanwaSequence([.status] + commands, manner, needsCard: true) { _ throws(DeviceFailure) in
    }
  }

  package func lineTime(
    of elements: [PrintElement], bitsPerSecond: Int
  ) throws(DeviceFailure) -> Duration {
    precondition(bitsPerSecond > 0, "a line has a speed")
    let commands = try SanwaPrinting.commands(elements, geometry: geometry, printing)
    let bytes = ([.status] + commands).reduce(0) {
      $0 + $1.bytes.count + SanwaPrinting.handshake
    }
    return .nanoseconds(Int64(bytes) * 10 * 1_000_000_000 / Int64(bitsPerSecond))
  }

  package func width(of character: Character) -> Int? {
    SanwaCharacterSet.width(of: character)
  }

  package func encode(_ text: String) throws(DeviceFailure) -> any Exchange<Void> {
    let data = Array(text.utf8)
    let encoding = TrackEncoding.jis2
    let misfit =
      data.count > encoding.capacity
      ? data.count : data.firstIndex { !encoding.holds($0) }
    if let misfit {
      throw DeviceFailure(.unprintable, during: "encode", detail: "character \(misfit)")
    }
    return SanwaSequence([.write(track: record.number, data)], manner) { _ throws(DeviceFailure) in
    }
  }

  package func discharge() -> any Exchange<DeviceSituation> { SanwaDischarge(manner) }

  package func recover() -> any Exchange<DeviceSituation> { SanwaSettle(manner, mends: true) }

  package func service(
    _ service: DeviceService
  ) throws(DeviceFailure) -> any Exchange<DeviceReport> {
    switch service {
    case .identify: return identify()
    case .clean:
      return SanwaSequence([.clean], manner, waitingForCard: nil) { _ throws(DeviceFailure) in
        DeviceReport()
      }
    case .reset:
      return SanwaSequence([.initialise(.standard)], manner) { _ throws(DeviceFailure) in
        DeviceReport()
      }
    case .counters, .testCard:
      throw DeviceFailure(
        .unsupported, during: service.rawValue, detail: "no source knows a command for it")
    }
  }

  /// What the unit says of itself. What the sources leave open (the form of a version, whether a
  /// model answers F5h at all) is told as it comes, or left out.
  private func identify() -> any Exchange<DeviceReport> {
    let places = manner.places
    return SanwaSequence(
      [.version, .battery, .checkDispenser], manner, accepts: { $0.command != 0xf0 }
    ) { replies throws(DeviceFailure) in
      var facts = [DeviceReport.Fact("firmware", Self.text(replies[0].data))]
      if SanwaState(rawValue: replies[1].state) == .finished {
        switch SanwaProblem(rawValue: replies[1].problem) {
        case SanwaProblem.none?: facts.append(DeviceReport.Fact("battery", "good"))
        case .battery: facts.append(DeviceReport.Fact("battery", "low"))
        default: break
        }
      }
      switch SanwaState(rawValue: replies[2].state) {
      case .finished: facts.append(DeviceReport.Fact("dispenser", "holds cards"))
      case .dispenserEmpty: facts.append(DeviceReport.Fact("dispenser", "empty"))
      case .noDispenser: facts.append(DeviceReport.Fact("dispenser", "none"))
      default: break
      }
      if let hasCards = places.stockerHasCards(replies[2].place) {
        facts.append(DeviceReport.Fact("stocker", hasCards ? "holds cards" : "empty"))
      }
      return DeviceReport(facts)
    }
  }

  /// Printable bytes as text, anything else in hexadecimal.
  private static func text(_ data: [UInt8]) -> String {
    let text = data.prefix { $0 != 0 }
    let isPlain = text.allSatisfy { (0x20..<0x7f).contains($0) }
    return isPlain ? String(decoding: text, as: UTF8.self) : VirtualCard.hex(data)
  }
}

extension SanwaPlaces {
  /// - Precondition: the model's word `places` is one that is known.
  init(of model: DeviceModel) {
    guard let places = SanwaPlaces(rawValue: model.word("places")) else {
      preconditionFailure("the word `places` is \(model.word("places")), which is not known")
    }
    self = places
  }
}
