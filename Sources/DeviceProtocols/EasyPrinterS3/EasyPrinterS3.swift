import DeviceCatalog
import Raster

/// The driver of the EasyPrinter S3.
package struct EasyPrinterS3: DeviceDriver {
  /// The family's name, which is its data folder's.
  package static let family = "easyprinter-s3"

  package static let descriptor = DeviceFamily(
    name: family, links: [.tcp, .serial],
    driver: { model, _ in EasyPrinterS3(model: model) },
    virtualDevice: { EasyVirtualDevice(model: $0.model, link: $0.link, percent: $0.percent) })

  private let geometry: PrintGeometry
  private let printing: EasyPrinting
  private let feed: EasyFeed
  private let hasReader: Bool
  private let patience: EasyPatience

  /// - Precondition: a model of this family.
  package init(model: DeviceModel) {
    precondition(model.family == Self.family, "this driver speaks to its own family")
    guard let geometry = model.geometry else {
      preconditionFailure("every model of this family prints")
    }
    self.geometry = geometry
    printing = EasyPrinting(
      geometry: geometry, rotates: model.setting("rotate") == 1,
      endsInside: model.setting("eraseEndsInside") == 1)
    feed =
      model.setting("hopper") == 1
      ? .hopper(microsteps: UInt16(model.setting("hopperMicrosteps"))) : .front
    hasReader = model.setting("uidReader") == 1
    patience = EasyPatience(model)
  }

  package func support(for ability: Ability) -> Support {
    switch ability {
    case .insert, .erase, .print, .partialErase, .eject, .status, .hotplug: .works
    // what is read is the number of a chip
    case .read: hasReader ? .works : .cannot
    case .write, .verify: .cannot
    case .clean: .notKnown
    }
  }

  package func wireReader() -> any WireReader { EasyWireReader() }

  private func talk<Script: EasyScript>(_ script: Script) -> EasyTalk<Script> {
    EasyTalk(script, patience)
  }

  package func begin() -> any Exchange<DeviceSituation> { talk(EasySettle(patience, clears: true)) }

  package func situation() -> any Exchange<DeviceSituation> { talk(EasyLook()) }

  package func awaitCard(within limit: Duration?) -> any Exchange<CardArrival> {
    talk(EasyAwaitCard(patience, feed: feed, hasReader: hasReader, within: limit))
  }

  package func read() -> any Exchange<StripeReading> {
    talk(EasyRead(patience, hasReader: hasReader))
  }

  package func rewrite(_ face: FaceJob) throws(DeviceFailure) -> any Exchange<Void> {
    guard face.stripe == nil else {
      throw DeviceFailure(.unsupported, during: "encode", detail: "it has no stripe head")
    }
    return talk(EasyPrint(try printing.document(of: face), patience))
  }

  package func lineTime(
    of elements: [PrintElement], bitsPerSecond: Int
  ) throws(DeviceFailure) -> Duration {
    try printing.document(of: FaceJob(elements)).lineTime(bitsPerSecond: bitsPerSecond)
  }

  package func encode(_ text: String) throws(DeviceFailure) -> any Exchange<Void> {
    throw DeviceFailure(.unsupported, during: "encode", detail: "it has no stripe head")
  }

  package func discharge() -> any Exchange<DeviceSituation> { talk(EasyEject(patience)) }

  package func recover() -> any Exchange<DeviceSituation> {
    talk(EasySettle(patience, clears: true, mends: true))
  }

  package func service(
    _ service: DeviceService
  ) throws(DeviceFailure) -> any Exchange<DeviceReport> {
    switch service {
    case .identify: return talk(EasyIdentify(patience))
    case .reset: return talk(EasyReboot())
    case .counters, .clean, .testCard:
      throw DeviceFailure(
        .unsupported, during: service.rawValue, detail: "no command for it is known")
    }
  }

  /// Shows up to 4 lines of 20 characters of ASCII on the unit's display; nil: the unit's own text.
  ///
  /// - Throws: `.unprintable` for more, or for another character.
  package func display(_ lines: [String]?) throws(DeviceFailure) -> any Exchange<Void> {
    let bytes =
      if let lines { try EasyCommand.display(lines) } else { EasyCommand.displayDefault }
    return talk(EasyDisplay(bytes: bytes))
  }
}
