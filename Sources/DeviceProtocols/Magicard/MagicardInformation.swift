/// The reply to REQ,INF: `$$`, then fields separated by commas or colons, the last followed by one.
///
/// A field that is missing, or is no number where one is wanted, is nil; all stay in `fields`.
package struct MagicardInformation: Hashable, Sendable {
  /// What a unit has.
  package struct Options: OptionSet, Hashable, Sendable {
    package let rawValue: Int
    package init(rawValue: Int) { self.rawValue = rawValue }
    package static let duplex = Options(rawValue: 1 << 0)
    package static let magnetic = Options(rawValue: 1 << 1)
    package static let pronto = Options(rawValue: 1 << 5)
  }

  package enum EjectMode: Hashable, Sendable {
    case standard, platen
    case unknown(String)
  }

  /// Places of the fields, counted from 0.
  package enum Field: Int, Hashable, Sendable, CaseIterable {
    case options, modelName, headType, serialNumber, headSerialNumber, boardSerialNumber
    case firmware, boardVersion, handFeed, cards, cardsOnHead, dyePanels, cleans
    case panelsSinceClean, cardsSinceClean, cardsBetweenCleans, headPosition, imageStart, imageEnd
    case majorError, minorError, ribbonTag, shotsOnFilm, shotsUsed, filmName
    case firstPanelLength, secondPanelLength, thirdPanelLength
    case flags, commandCode, dateOfBirth, manufacturer, programmer, ejectMode, reserved
  }

  /// Every field as it came, those behind the known ones too.
  package let fields: [String]

  /// - Parameter body: what stands behind `STA`.
  /// - Returns: nil when it does not begin with `$$`.
  package init?(_ body: [UInt8]) {
    guard body.starts(with: "$$".utf8) else { return nil }
    let separators: [UInt8] = [MagicardControl.comma, MagicardControl.colon]
    var fields = body.dropFirst(2).split(omittingEmptySubsequences: false) {
      separators.contains($0)
    }.map { String(decoding: $0, as: UTF8.self) }
    if fields.last == "" { fields.removeLast() }
    self.fields = fields
  }

  /// A field as it came; nil: it is missing.
  package subscript(field: Field) -> String? {
    field.rawValue < fields.count ? fields[field.rawValue] : nil
  }

  /// A field as a number, 0 or more; nil: it is missing or none.
  package func number(_ field: Field) -> Int? {
    guard let text = self[field]?.drop(while: { $0 == " " }), text.utf8.count <= 10,
      text.utf8.allSatisfy({ (0x30...0x39).contains($0) })
    else { return nil }
    return Int(text)
  }

  package var options: Options? { number(.options).map(Options.init) }

  /// Of boards whose version begins with 3 the number from its third character; else nil.
  package var density: Int? {
    guard let version = self[.boardVersion], version.hasPrefix("3") else { return nil }
    return Int(version.dropFirst(2))
  }

  /// Whether cards are fed by hand; nil: it is not said.
  package var isHandFed: Bool? {
    switch number(.handFeed) {
    case 0: false
    case 1: true
    default: nil
    }
  }

  /// Where the head stands; 50 when it is not said.
  package var headPosition: Int { number(.headPosition) ?? Self.usualHeadPosition }

  package static let usualHeadPosition = 50

  /// The error that it was in; nil: it is not said.
  package var error: MagicardCode? {
    guard let major = number(.majorError), let minor = number(.minorError), major < 1000,
      minor < 1000
    else { return nil }
    return MagicardCode(major: major, minor: minor)
  }

  /// Of the film's panels; nil: not said.
  package var panelLengths: [Int?] {
    [.firstPanelLength, .secondPanelLength, .thirdPanelLength].map { number($0) }
  }

  package var ejectMode: EjectMode? {
    switch self[.ejectMode] {
    case nil: nil
    case "0": .standard
    case "1": .platen
    case let other?: .unknown(other)
    }
  }

  /// What stands behind the known fields.
  package var extra: [String] { Array(fields.dropFirst(Field.allCases.count)) }
}

extension MagicardInformation {
  /// Who it is.
  package var identity: DeviceReport {
    var facts = Self.facts([
      ("model", self[.modelName]), ("serialNumber", self[.serialNumber]),
      ("firmware", self[.firmware]), ("headType", self[.headType]),
      ("headSerialNumber", self[.headSerialNumber]),
      ("boardSerialNumber", self[.boardSerialNumber]), ("boardVersion", self[.boardVersion]),
      ("headPosition", self[.headPosition]), ("manufacturer", self[.manufacturer]),
    ])
    if let options {
      facts.append(.init("magneticEncoder", options.contains(.magnetic) ? "yes" : "no"))
      facts.append(.init("duplex", options.contains(.duplex) ? "yes" : "no"))
    }
    if let isHandFed { facts.append(.init("handFeed", isHandFed ? "yes" : "no")) }
    return DeviceReport(facts)
  }

  /// How much it has worked.
  package var counters: DeviceReport {
    DeviceReport(
      Self.facts([
        ("cardsPrinted", self[.cards]), ("cardsOnHead", self[.cardsOnHead]),
        ("dyePanels", self[.dyePanels]), ("cleans", self[.cleans]),
        ("panelsSinceClean", self[.panelsSinceClean]),
        ("cardsSinceClean", self[.cardsSinceClean]),
        ("cardsBetweenCleans", self[.cardsBetweenCleans]),
      ]))
  }

  private static func facts(_ pairs: [(String, String?)]) -> [DeviceReport.Fact] {
    pairs.compactMap { name, value in
      guard let value, !value.isEmpty else { return nil }
      return DeviceReport.Fact(name, String(value.unicodeScalars.filter { $0.value >= 0x20 }))
    }
  }
}
