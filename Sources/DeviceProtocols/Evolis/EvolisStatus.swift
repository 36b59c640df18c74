/// One of the four words that a printer's status consists of.
package protocol EvolisFlag: RawRepresentable<UInt32>, CaseIterable, Hashable, Sendable {}

/// What a printer has and is.
package enum EvolisConfiguration: UInt32, EvolisFlag {
  case primacy = 0x8000_0000
  case zenius = 0x4000_0000
  case primacy2 = 0x0200_0000
  case extensionUsed = 0x0800_0000
  case ethernet = 0x0040_0000
  case flipOver = 0x0010_0000
  case contactless = 0x0008_0000
  case smart = 0x0004_0000
  case magnetic = 0x0002_0000
  case rewriteMode = 0x0001_0000
  case manualFeed = 0x0000_8000
  case feeder = 0x0000_2000
  case jisHead = 0x0000_0040
  case rejectSlot = 0x0000_0020
}

/// What a printer is doing and where its cards are.
package enum EvolisInformation: UInt32, EvolisFlag {
  case claimed = 0x8000_0000
  case cardAtHopper = 0x4000_0000
  case cardInFeeder = 0x2000_0000
  case cardInFlipOver = 0x1000_0000
  case cardInPrintPosition = 0x0200_0000
  case cardInEjectPosition = 0x0100_0000
  case asleep = 0x0020_0000
  case cleaningMandatory = 0x0004_0000
  case cleaningRecommended = 0x0002_0000
  case justRebooted = 0x0001_0000
  case cleaningRequired = 0x0000_0100
  case printing = 0x0000_0080
  case encoding = 0x0000_0040
  case cleaning = 0x0000_0020
  case busy = 0x0000_0001
}

/// What somebody has to do before a printer goes on.
package enum EvolisWarning: UInt32, EvolisFlag {
  case removeRibbon = 0x4000_0000
  case rejectFull = 0x0800_0000
  case cardOnEject = 0x0400_0000
  case waitingForCard = 0x0200_0000
  case feederEmpty = 0x0100_0000
  case headCooling = 0x0020_0000
  case hopperFull = 0x0010_0000
  case coverOpen = 0x0002_0000

  /// What it is in everybody's words.
  package var failureKind: DeviceFailure.Kind {
    switch self {
    case .removeRibbon, .cardOnEject, .headCooling: .attention
    case .rejectFull, .hopperFull: .stacker
    case .waitingForCard: .noCard
    case .feederEmpty: .feeder
    case .coverOpen: .cover
    }
  }
}

/// What went wrong.
package enum EvolisError: UInt32, EvolisFlag {
  case headTemperature = 0x2000_0000
  case feeder = 0x0800_0000
  case coverOpen = 0x0200_0000
  case mechanical = 0x0100_0000
  case blankTrack = 0x0008_0000
  case magneticData = 0x0004_0000
  case magneticRead = 0x0002_0000
  case magneticWrite = 0x0001_0000
  case cardNotRemoved = 0x0000_0200
  case noCardInserted = 0x0000_0100

  package var failureKind: DeviceFailure.Kind {
    switch self {
    case .headTemperature: .printer
    case .feeder: .feeder
    case .coverOpen: .cover
    case .mechanical: .jam
    case .blankTrack, .magneticData, .magneticRead: .read
    case .magneticWrite: .write
    case .cardNotRemoved: .attention
    case .noCardInserted: .noCard
    }
  }

  /// What a read came to by it; nil when it is not about reading a stripe.
  package var reading: StripeReading? {
    switch self {
    case .blankTrack: .blank
    case .magneticData: .unreadable(.illegalCharacter)
    case .magneticRead: .unreadable(.noStripe)
    default: nil
    }
  }

  /// Whether it is over with the operation that it was about.
  var isPassing: Bool {
    switch self {
    case .blankTrack, .magneticData, .magneticRead, .magneticWrite, .cardNotRemoved,
      .noCardInserted:
      true
    default: false
    }
  }
}

/// The errors that an answer may tell as text.
package enum EvolisTextError: String, Hashable, Sendable, CaseIterable {
  case magnetic = "ERROR MAGN"
  /// So spelt by the printers.
  case magneticCheck = "ERROR MAGN CHEKSUM"
  case magneticData = "ERROR MAGN DATA"
  case command = "ERROR CDE"
  case blankTrack = "ERROR BLANK TRACK"
  case parameters = "ERROR PARAMETRES"
  case feeder = "ERROR FEEDER"
  case card = "ERROR CARD"
  case timeOut = "ERROR TIME OUT"
  case mechanics = "ERROR MECA"
  case mechanical = "ERROR MECHANICAL"

  package var failureKind: DeviceFailure.Kind {
    switch self {
    case .magnetic, .magneticCheck, .magneticData, .blankTrack: .read
    case .command, .parameters: .rejected
    case .feeder: .feeder
    case .card: .noCard
    case .timeOut: .noAnswer
    case .mechanics, .mechanical: .jam
    }
  }

  package var reading: StripeReading? {
    switch self {
    case .blankTrack: .blank
    case .magneticCheck: .unreadable(.lrc)
    case .magneticData: .unreadable(.illegalCharacter)
    case .magnetic: .unreadable(.noStripe)
    default: nil
    }
  }
}

/// A word of flags; bits that are not known stay in it.
package struct EvolisFlags<Flag: EvolisFlag>: Hashable, Sendable {
  package var word: UInt32

  package init(_ word: UInt32) { self.word = word }

  package init(_ flags: [Flag]) { word = flags.reduce(0) { $0 | $1.rawValue } }

  package subscript(flag: Flag) -> Bool {
    get { word & flag.rawValue != 0 }
    set { word = newValue ? word | flag.rawValue : word & ~flag.rawValue }
  }

  package var isEmpty: Bool { word == 0 }

  /// The known flags that are set, the highest bit first.
  package var known: [Flag] {
    Flag.allCases.filter { self[$0] }.sorted { $0.rawValue > $1.rawValue }
  }

  /// The bits that are set and not known.
  package var unknown: UInt32 { known.reduce(word) { $0 & ~$1.rawValue } }

  /// Names of the known flags, unknown bits in hexadecimal; empty when none is set.
  package var text: String {
    var parts = known.map { "\($0)" }
    if unknown != 0 { parts.append("unknown " + EvolisStatus.hex(unknown)) }
    return parts.joined(separator: ", ")
  }
}

/// The status that stands in every answer of a current printer.
package struct EvolisStatus: Hashable, Sendable {
  package var configuration: EvolisFlags<EvolisConfiguration>
  package var information: EvolisFlags<EvolisInformation>
  package var warning: EvolisFlags<EvolisWarning>
  package var error: EvolisFlags<EvolisError>
  /// Who has reserved the printer; 0: nobody.
  package var session: UInt16
  /// Further words; what they mean is not known.
  package var extensions: [UInt32]

  package init(
    configuration: UInt32 = 0, information: UInt32 = 0, warning: UInt32 = 0, error: UInt32 = 0,
    session: UInt16 = 0, extensions: [UInt32] = []
  ) {
    self.configuration = EvolisFlags(configuration)
    self.information = EvolisFlags(information)
    self.warning = EvolisFlags(warning)
    self.error = EvolisFlags(error)
    self.session = session
    self.extensions = extensions
  }

  /// Where the card is. What lies in the feeder or the hopper counts as no card of ours.
  package var position: CardPosition {
    if information[.cardInPrintPosition] || information[.cardInFlipOver] { return .inside }
    let isOut = information[.cardInEjectPosition] || warning[.cardOnEject]
    return isOut ? .waitingForRemoval : .none
  }

  package var isCoverOpen: Bool { warning[.coverOpen] || error[.coverOpen] }

  package var situation: DeviceSituation {
    DeviceSituation(position: position, isCoverOpen: isCoverOpen)
  }

  /// Whether the mechanism works on something.
  var isWorking: Bool {
    information[.printing] || information[.encoding] || information[.cleaning]
      || information[.busy]
  }

  static func hex(_ word: UInt32) -> String {
    let text = String(word, radix: 16)
    return String(repeating: "0", count: 8 - text.count) + text
  }
}

// MARK: What it comes to

extension EvolisFlags<EvolisError> {
  /// What is wrong, the gravest first; nil when nothing is.
  package func failure(during: String) -> DeviceFailure? {
    guard !isEmpty else { return nil }
    let kind = known.first?.failureKind ?? .fault
    return DeviceFailure(kind, status: word, during: during, detail: text)
  }

  /// The bits that do not end with the operation that they were about.
  var standing: EvolisFlags<EvolisError> {
    EvolisFlags(known.filter(\.isPassing).reduce(word) { $0 & ~$1.rawValue })
  }
}

extension EvolisFlags<EvolisWarning> {
  /// What must be done, beside the warnings told; nil when nothing must.
  package func failure(besides: [EvolisWarning] = [], during: String) -> DeviceFailure? {
    let rest = EvolisFlags(besides.reduce(word) { $0 & ~$1.rawValue })
    guard !rest.isEmpty else { return nil }
    let kind = rest.known.first?.failureKind ?? .attention
    return DeviceFailure(kind, status: rest.word, during: during, detail: rest.text)
  }
}
