import CardTracks
import DeviceCatalog
import Raster

/// The driver of Magicard's Enduro family, with rewritable cards.
///
/// A job takes a card, erases, prints and writes it, and puts it out; no command does one of these
/// with a card that stays inside, and none reads a stripe.
package struct Magicard: DeviceDriver {
  /// The family's name, which is its data folder's.
  package static let family = "magicard"

  package static let descriptor = DeviceFamily(
    name: family, links: [.usb],
    driver: { model, _ in Magicard(model: model) },
    virtualDevice: { MagicardVirtualDevice(model: $0.model, percent: $0.percent) })

  private let model: DeviceModel
  private let head: MagicardHead
  private let patience: MagicardPatience
  /// Whether it is known how this model is given a rewritable card's job.
  private let knowsJobs: Bool
  /// What it is known to answer.
  private let requests: Set<MagicardRequest>

  /// - Precondition: a model of this family, with what the family's files say of each.
  package init(model: DeviceModel) {
    precondition(model.family == Self.family, "this driver speaks to its own family")
    guard let geometry = model.geometry,
      let order = MagicardHead.Order(rawValue: model.word("wordOrder"))
    else { preconditionFailure("every model of this family prints in a known order of words") }
    self.model = model
    head = MagicardHead(length: geometry.width, breadth: geometry.height, order: order)
    patience = MagicardPatience(model, planeSize: head.planeSize)
    knowsJobs = model.word("rewrite") == "known"
    requests = Set(
      model.word("requests").split(separator: ",").map { name in
        guard let request = MagicardRequest(rawValue: String(name)) else {
          preconditionFailure("the data file names a request that does not exist: \(name)")
        }
        return request
      })
  }

  package var path: CardPath { .passed }

  package func support(for ability: Ability) -> Support {
    switch ability {
    case .erase, .print, .partialErase, .insert, .eject: knowsJobs ? .works : .notKnown
    case .write, .verify: !knowsJobs ? .notKnown : model.record == nil ? .cannot : .works
    case .read: .notKnown
    case .clean: requests.contains(.clean) ? .works : .notKnown
    case .status, .hotplug: .works
    }
  }

  package func wireReader() -> any WireReader { MagicardWireReader() }

  private func settle(mends: Bool) -> MagicardSettle<DeviceSituation> {
    MagicardSettle(patience, mends: mends) { $0 }
  }

  package func begin() -> any Exchange<DeviceSituation> { settle(mends: true) }

  package func situation() -> any Exchange<DeviceSituation> { settle(mends: false) }

  package func recover() -> any Exchange<DeviceSituation> { settle(mends: true) }

  /// A job has put its card out by itself: there is nothing to be done but look.
  package func discharge() -> any Exchange<DeviceSituation> { settle(mends: false) }

  package func awaitCard(within limit: Duration?) -> any Exchange<CardArrival> {
    MagicardRefusal<CardArrival>(
      patience: patience,
      failure: DeviceFailure(.unsupported, during: "awaitCard", detail: "only jobs take cards"))
  }

  package func read() -> any Exchange<StripeReading> {
    MagicardRefusal<StripeReading>(
      patience: patience,
      failure: DeviceFailure(
        .unsupported, during: "read", detail: "no command that reads a stripe is known"))
  }

  package func rewrite(_ face: FaceJob) throws(DeviceFailure) -> any Exchange<Void> {
    try checkJobs("rewrite")
    let erasure = try erasure(of: face.area)
    let dots = try dots(of: face)
    var header = self.header
    if let text = face.stripe { try add(stripe: text, to: &header, during: "rewrite") }
    header.erasure = erasure
    header.image = image
    let (head, plain) = (self.head, header)
    return work("rewrite", needsMagnetics: face.stripe != nil) { information in
      let position = information?.headPosition ?? MagicardInformation.usualHeadPosition
      return MagicardJob.bytes(
        plain.naming(information), plane: head.plane(dots, position: position))
    }
  }

  package func lineTime(
    of elements: [PrintElement], bitsPerSecond: Int
  ) throws(DeviceFailure) -> Duration {
    precondition(bitsPerSecond > 0, "a line has a speed")
    try checkJobs("rewrite")
    _ = try dots(of: FaceJob(elements))
    var header = self.header
    header.erasure = try erasure(of: nil)
    header.image = image
    let count = MagicardJob.leadIn.count + header.bytes.count + head.planeSize + 4
    return .nanoseconds(Int64(count) * 8 * 1_000_000_000 / Int64(bitsPerSecond))
  }

  package func encode(_ text: String) throws(DeviceFailure) -> any Exchange<Void> {
    try checkJobs("encode")
    var header = self.header
    try add(stripe: text, to: &header, during: "encode")
    let plain = header
    return work("encode", needsMagnetics: true) { information in
      MagicardJob.bytes(plain.naming(information), plane: nil)
    }
  }

  package func service(
    _ service: DeviceService
  ) throws(DeviceFailure) -> any Exchange<DeviceReport> {
    switch service {
    case .identify:
      try check(.information, service)
      return MagicardInquiry(patience) { $0.identity }
    case .counters:
      try check(.information, service)
      return MagicardInquiry(patience) { $0.counters }
    case .clean:
      try check(.clean, service)
      return MagicardCleaning(patience)
    case .testCard:
      try check(.testCard, service)
      return MagicardWork(
        "test card", patience, asksInformation: requests.contains(.information),
        outcome: DeviceReport([.init("testCard", "printed")])
      ) { _ in MagicardRequest.testCard.bytes() }
    case .reset:
      return MagicardSettle(patience, mends: true, resetsFirst: true) { _ in
        DeviceReport([.init("reset", "ready")])
      }
    }
  }

  private func work(
    _ name: String, needsMagnetics: Bool,
    bytes: @escaping @Sendable (MagicardInformation?) -> [UInt8]
  ) -> MagicardWork<Void> {
    MagicardWork(
      name, patience, asksInformation: requests.contains(.information),
      needsMagnetics: needsMagnetics, outcome: (), bytes: bytes)
  }

  private func checkJobs(_ during: String) throws(DeviceFailure) {
    guard knowsJobs else {
      throw DeviceFailure(
        .unsupported, during: during, detail: "this model's rewrite job is not known")
    }
  }

  private func check(
    _ request: MagicardRequest, _ service: DeviceService
  ) throws(DeviceFailure) {
    guard requests.contains(request) else {
      throw DeviceFailure(
        .unsupported, during: service.rawValue, detail: "\(request.name) is not known of this model"
      )
    }
  }
}

// MARK: What a job says

extension Magicard {
  private func isSet(_ name: String) -> Bool { model.setting(name) == 1 }

  /// The header of a job without stripe and picture.
  private var header: MagicardHeader {
    var header = MagicardHeader(
      version: model.word("version"), language: model.word("language"), time: model.word("time"),
      quality: model.word("quality"), coercivity: isSet("highCoercivity") ? "COEH" : "COEL",
      head: model.word("head"))
    header.isHandFed = isSet("handFeed")
    return header
  }

  private var image: MagicardImage {
    MagicardImage(
      duplex: model.word("duplex"), format: "K", width: head.length, height: head.breadth,
      overcoat: isSet("overcoat") ? model.word("overcoat") : nil, colour: model.word("colour"),
      sizes: [.init("K", head.planeSize)])
  }

  /// The rectangle to be erased, in the head's own direction: columns as the face's, rows from the
  /// lower edge.
  private func erasure(of area: DotArea?) throws(DeviceFailure) -> MagicardErasure {
    var area = area ?? DotArea(x: 0, y: 0, width: head.length, height: head.breadth)
    guard area.x >= 0, area.y >= 0, area.width > 0, area.height > 0,
      area.x <= head.length, area.y <= head.breadth, area.width <= head.length - area.x,
      area.height <= head.breadth - area.y
    else { throw unprintable("an area beyond the printable one, or an empty one") }
    if isSet("turnFace") != isSet("turnErase") {
      area.x = head.length - area.x - area.width
      area.y = head.breadth - area.y - area.height
    }
    let bottom = head.breadth - area.y - area.height
    var erasure = MagicardErasure(
      left: area.x, bottom: bottom, right: area.x + area.width, top: bottom + area.height)
    erasure.startPower = model.setting("eraseStartPower")
    erasure.endPower = model.setting("eraseEndPower")
    erasure.writePower = model.setting("writePower")
    return erasure
  }

  /// The dots to be printed; with an area, those in it.
  private func dots(of face: FaceJob) throws(DeviceFailure) -> Bitmap {
    var page = Bitmap(width: head.length, height: head.breadth)
    for element in face.elements {
      guard case .picture(let x, let y, let picture) = element else {
        throw unprintable("text: this device takes pictures only")
      }
      guard x >= 0, y >= 0, picture.width <= page.width, picture.height <= page.height,
        x <= page.width - picture.width, y <= page.height - picture.height
      else { throw unprintable("a picture beyond the printable area") }
      page.draw(picture, x: x, y: y)
    }
    if let area = face.area {
      var inside = Bitmap(width: page.width, height: page.height)
      inside.draw(
        page.cropped(x: area.x, y: area.y, width: area.width, height: area.height), x: area.x,
        y: area.y)
      page = inside
    }
    return isSet("turnFace") ? page.turnedOver() : page
  }

  private func unprintable(_ detail: String) -> DeviceFailure {
    DeviceFailure(.unprintable, during: "rewrite", detail: detail)
  }

  /// Puts the record's track into a header.
  ///
  /// - Throws: `.unsupported` without a stripe encoder; `.unprintable` for a text that the track
  ///   does not hold, or that would end a token of the header.
  private func add(
    stripe text: String, to header: inout MagicardHeader, during: String
  ) throws(DeviceFailure) {
    guard let record = model.record else {
      throw DeviceFailure(.unsupported, during: during, detail: "this model has no stripe encoder")
    }
    let encoding = record.encoding.trackEncoding
    let text = Array(text.utf8)
    let misfit =
      text.count > encoding.capacity
      ? text.count
      : text.firstIndex {
        !encoding.holds($0) || $0 < 0x20 || $0 == MagicardControl.comma
      }
    if let misfit {
      throw DeviceFailure(.unprintable, during: during, detail: "character \(misfit)")
    }
    var data = [encoding.startSentinel] + text + [encoding.endSentinel]
    if record.encoding == .jis2, !isSet("jis2Sentinels") { data = text }
    header.isJIS2 = record.encoding == .jis2
    header.verifies = isSet("verifyStripe")
    header.stripes = [
      MagicardStripe(
        track: record.number,
        bitsPerCharacter: Self.differing(record.bitsPerCharacter, Self.usualBits, record),
        density: Self.differing(record.density, Self.usualDensity, record), data: data)
    ]
  }

  /// Bits a character and bits an inch of the three tracks as they are without being told.
  private static let usualBits = [7, 5, 5]
  private static let usualDensity = [210, 75, 210]

  private static func differing(
    _ value: Int?, _ usual: [Int], _ track: TrackSetting
  ) -> Int? {
    guard let value, (1...usual.count).contains(track.number), value != usual[track.number - 1]
    else { return nil }
    return value
  }
}

extension TrackSetting {
  /// Bits a character, parity included; nil: the token that switches the encoding says it.
  fileprivate var bitsPerCharacter: Int? {
    switch encoding {
    case .iso1: 7
    case .iso2, .iso3: 5
    case .jis2: nil
    }
  }

  /// Bits an inch; nil: the token that switches the encoding says it.
  fileprivate var density: Int? {
    switch encoding {
    case .iso1, .iso3: 210
    case .iso2: 75
    case .jis2: nil
    }
  }
}

extension MagicardHeader {
  /// The header with the firmware of the unit it is for, if that is known and can stand in it.
  fileprivate func naming(_ information: MagicardInformation?) -> MagicardHeader {
    guard let firmware = information?[.firmware], firmware.utf8.count <= 32,
      firmware.utf8.allSatisfy({ (0x21...0x7e).contains($0) })
    else { return self }
    var header = self
    header.version += firmware
    return header
  }
}

extension Bitmap {
  /// The picture turned by half a turn.
  fileprivate func turnedOver() -> Bitmap { turnedRight().turnedRight() }
}
