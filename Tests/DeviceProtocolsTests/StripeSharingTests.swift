import CardTracks
import DeviceCatalog
import DeviceProtocols
import Testing

/// A device, as it comes or with a setting of a station's configuration.
private struct Head: Hashable, CustomStringConvertible {
  var model: String
  var settings: [String: Int] = [:]

  init(_ model: String, _ settings: [String: Int] = [:]) {
    self.model = model
    self.settings = settings
  }

  var description: String {
    ([model] + settings.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" })
      .joined(separator: ", ")
  }
}

/// What stands on a stripe of each kind, and who is known to write and to read it: from the
/// documents, not from the catalogue.
///
/// * The one-track Star has a JIS-II head; a shop's own cards read in reverse 7-bit, track 2.
/// * A three-track Star's track 1 is 6 bits and parity, the first ISO format, as a new unit has it.
/// * The Sanwa units write 7 bits and parity on track 1, in the direction of travel (inferred).
/// * Magicard, Evolis and the MSR encoders have the first ISO format on track 1; how a Magicard is
///   told to read one is not known.
/// * An MSR encoder reads and writes the bits of a JIS-II stripe where a station's settings say so.
private enum Stripes {
  static let isoTrack1 = [
    Head("star-tcp300/tcp310"), Head("star-tcp300/tcp310ii"), Head("evolis/primacy-2"),
    Head("evolis/zenius-2"), Head("msr/msr205"), Head("msr/msr206"), Head("msr/msr605"),
    Head("msr/msr606"),
  ]
  static let isoTrack1WriteOnly = [
    Head("magicard/enduro"), Head("magicard/rio-pro"), Head("magicard/pronto"),
  ]
  static let jisTrack2Reverse = [
    Head("star-tcp300/tcp300"), Head("star-tcp300/tcp300ii"),
    Head("msr/msr605", ["jis2Track": 2]), Head("msr/msr206", ["jis2Track": 2, "hiCo": 0]),
  ]
  static let jisTrack1 = [
    Head("sanwa-crp/abs-a31"), Head("sanwa-crp/crp-1231lr-10nab"), Head("sanwa-crp/crp-1231br-10"),
    Head("sanwa-crp/cr-s31r-10hs3"), Head("msr/msr605", ["jis2Track": 1, "jis2Reverse": 0]),
  ]
  /// On the track of the Sanwa units, against their direction: nobody but another one like it.
  static let jisTrack1Reverse = [Head("msr/msr605", ["jis2Track": 1])]

  static let kinds = [
    (readers: isoTrack1, writers: isoTrack1 + isoTrack1WriteOnly),
    (readers: jisTrack2Reverse, writers: jisTrack2Reverse),
    (readers: jisTrack1, writers: jisTrack1),
    (readers: jisTrack1Reverse, writers: jisTrack1Reverse),
  ]
  static let readers = kinds.flatMap(\.readers)
  static let writers = kinds.flatMap(\.writers)

  /// Whether a reader is known to read what a writer writes.
  static func shares(_ writer: Head, _ reader: Head) -> Bool {
    kinds.contains { $0.writers.contains(writer) && $0.readers.contains(reader) }
  }
}

/// Each model once with its usual line.
private struct Unit {
  let head: Head
  let model: DeviceModel
  let family: DeviceFamily
  let driver: any DeviceDriver
  let link: LinkKind

  init(_ head: Head) throws {
    self.head = head
    model = try DeviceProtocolsTests.model(head.model, setting: head.settings)
    family = try #require(DeviceFamilies.family(of: model))
    link = family.links[0]
    driver = family.driver(model, link)
  }

  private var device: any VirtualDevice {
    family.virtualDevice(VirtualSetup(model: model, link: link, font: testFont))
  }

  /// The card after the driver has written a record on its stripe.
  func write(_ text: String, on card: VirtualCard) throws -> VirtualCard {
    try write(text, on: card, with: device)
  }

  private func write<Device: VirtualDevice>(
    _ text: String, on card: VirtualCard, with device: Device
  ) throws -> VirtualCard {
    let swiped = driver.path == .swiped
    var pump = Pump(Attended(device, cards: swiped ? [card] : []), on: link)
    _ = try pump.run(driver.begin())
    switch driver.path {
    case .swiped: break
    case .passed: try pump.act(.load(card))
    case .held:
      try pump.act(.insert(card))
      _ = try pump.run(driver.awaitCard(within: .seconds(30)))
    }
    try pump.run(try driver.encode(text))
    if driver.path == .held { _ = try pump.run(driver.discharge()) }
    let card = pump.takeCard()
    return try #require(card)
  }

  /// What the driver reads of a card's stripe.
  func read(_ card: VirtualCard) throws -> StripeReading {
    try read(card, with: device)
  }

  private func read<Device: VirtualDevice>(
    _ card: VirtualCard, with device: Device
  ) throws -> StripeReading {
    // the EasyPrinter takes no card that lay there before
    let isHandedIn = driver.path == .swiped || model.family == EasyPrinterS3.family
    var pump = Pump(Attended(device, cards: isHandedIn ? [card] : []), on: link)
    _ = try pump.run(driver.begin())
    if !isHandedIn { try pump.act(.insert(card)) }
    guard case .read(let reading) = try pump.run(driver.awaitCard(within: .seconds(30))) else {
      throw NotRead()
    }
    return reading
  }

  struct NotRead: Error {}
}

struct StripeSharingTests {
  /// As a record of ours looks, the shortest, the longest that the shorter of the encodings holds,
  /// and whatever else all of them hold.
  private static let texts: [String] = {
    var random = Seeded(state: 6302)
    let letters = Array("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $-./".utf8)
    let some = [1, 7, 30, 60, 69].map { count in
      String(
        decoding: (0..<count).map { _ in letters.randomElement(using: &random)! }, as: UTF8.self)
    }
    return ["A1000000000171234567890", "TKW0012345"] + some
  }()

  @Test(arguments: Stripes.writers)
  private func `who shares a stripe's kind reads what was written, nobody reads anything else`(
    writer: Head
  ) throws {
    let unit = try Unit(writer)
    #expect(unit.driver.support(for: .write) == .works)
    for text in Self.texts {
      let card = try unit.write(text, on: VirtualCard())
      #expect(card.stripes.count == 1)
      for head in Stripes.readers {
        let reading = try Unit(head).read(card)
        if Stripes.shares(writer, head) {
          #expect(reading == .record(text), "\(writer) → \(head)")
        } else {
          let isHonest = if case .unreadable = reading { true } else { reading == .blank }
          #expect(isHonest, "\(writer) → \(head): \(reading)")
        }
      }
    }
  }

  @Test func `a stripe that is written over is the last writer's for all who share its kind`()
    throws
  {
    for (readers, writers) in Stripes.kinds {
      var card = VirtualCard()
      for (place, writer) in writers.enumerated() {
        let text = "RECORD \(place)"
        card = try Unit(writer).write(text, on: card)
        for reader in readers { #expect(try Unit(reader).read(card) == .record(text)) }
      }
    }
  }

  @Test func `records on different tracks stand beside each other`() throws {
    var card = try Unit(Head("star-tcp300/tcp300ii")).write("OF STAR", on: VirtualCard())
    card = try Unit(Head("magicard/enduro")).write("OF MAGICARD", on: card)
    #expect(try Unit(Head("star-tcp300/tcp300ii")).read(card) == .record("OF STAR"))
    #expect(try Unit(Head("msr/msr605")).read(card) == .record("OF MAGICARD"))
    #expect(try Unit(Head("evolis/primacy-2")).read(card) == .record("OF MAGICARD"))
    #expect(try Unit(Head("msr/msr605", ["jis2Track": 2])).read(card) == .record("OF STAR"))
  }

  @Test func `Magicard's driver reads no stripe, the EasyPrinter has no head for one`() throws {
    for head in Stripes.isoTrack1WriteOnly {
      let magicard = try Unit(head)
      #expect(magicard.driver.support(for: .read) == .notKnown)
      var pump = Pump(
        MagicardVirtualDevice(model: magicard.model), on: .usb)
      #expect(throws: DeviceFailure.self) { _ = try pump.run(magicard.driver.read()) }
    }
    let easy = try Unit(Head("easyprinter-s3/s3"))
    #expect(throws: DeviceFailure.self) { try easy.driver.encode("A") }
    for writer in Stripes.writers {
      let card = try Unit(writer).write("A1", on: VirtualCard())
      #expect(try easy.read(card) == .unknowable, "\(writer)")
    }
  }

  @Test func `every model with a stripe head has its place in the table`() throws {
    let named = Set(Stripes.writers.map(\.model))
    for model in try catalogue.get().models {
      let driver = try #require(DeviceFamilies.driver(for: model))
      let writes = model.record != nil && driver.support(for: .write) == .works
      // the dialect of 2004 passes its cards through
      guard writes, driver.path != .passed || model.family == "magicard" else { continue }
      #expect(named.contains(model.id), "\(model.id)")
    }
  }
}
