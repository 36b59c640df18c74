/// The statuses a unit answers with.
package enum StarStatus: UInt8, Hashable, Sendable, CaseIterable {
  case normal = 0x20
  case noTargetCard = 0x22
  case noStripe = 0x23
  case parity = 0x31
  case sentinel = 0x32
  case lrc = 0x33
  case illegalCharacter = 0x34
  case writeVerify = 0x37
  case jam = 0x38
  case coverOpen = 0x40
  case invalidCommand = 0x41
  case camMotor = 0x42
  case eraseHeadTemperature = 0x43
  /// The memory's error: one host program has 44h for it, the other 45h, so both mean it here.
  case memory = 0x44
  case memoryToo = 0x45
  case badImageFile = 0x4c
  case bufferOverflow = 0x51

  /// Who has to do something.
  package enum Rank: String, Hashable, Sendable, CaseIterable {
    /// Service.
    case a = "A"
    /// Whoever handles cards.
    case b = "B"
    /// Whoever sent the command.
    case c = "C"
  }

  /// Nil when nothing is wrong.
  package var rank: Rank? {
    switch self {
    case .normal: nil
    case .camMotor, .eraseHeadTemperature, .memory, .memoryToo: .a
    case .parity, .sentinel, .lrc, .illegalCharacter, .writeVerify, .jam, .coverOpen: .b
    case .noTargetCard, .noStripe, .invalidCommand, .badImageFile, .bufferOverflow: .c
    }
  }

  /// The UnifiedPOS name; nil when nothing is wrong.
  package var pointCardError: PointCardError? {
    switch self {
    case .normal: nil
    case .noTargetCard: .noCard
    case .noStripe: .read
    case .parity: .parity
    case .sentinel: .start
    case .lrc: .lrc
    case .illegalCharacter: .encode
    case .writeVerify: .write
    case .jam: .jam
    case .coverOpen: .cover
    case .invalidCommand, .badImageFile, .bufferOverflow: .illegal
    case .camMotor: .motor
    case .eraseHeadTemperature: .printer
    case .memory, .memoryToo: .failure
    }
  }

  /// What is wrong with the stripe, where that is what the status says.
  package var stripeFault: StripeFault? {
    switch self {
    case .noStripe: .noStripe
    case .parity: .parity
    case .sentinel: .sentinel
    case .lrc: .lrc
    case .illegalCharacter: .illegalCharacter
    default: nil
    }
  }

  var failureKind: DeviceFailure.Kind? {
    switch self {
    case .normal: nil
    case .noTargetCard: .noCard
    case .noStripe, .parity, .sentinel, .lrc, .illegalCharacter: .read
    case .writeVerify: .write
    case .jam: .jam
    case .coverOpen: .cover
    case .invalidCommand, .badImageFile, .bufferOverflow: .rejected
    case .camMotor: .motor
    case .eraseHeadTemperature: .printer
    case .memory, .memoryToo: .fault
    }
  }
}

extension StarReply {
  /// What went wrong, nil when nothing did. A status that is not known counts as a fault of the
  /// unit and is kept.
  package var failure: DeviceFailure? {
    let during = StarCommand(command).name
    guard let known = StarStatus(rawValue: status) else {
      return DeviceFailure(.fault, status: UInt32(status), during: during)
    }
    return known.failureKind.map { DeviceFailure($0, status: UInt32(status), during: during) }
  }

  /// What a read came to.
  ///
  /// - Throws: when the status is not about the stripe.
  func reading() throws(DeviceFailure) -> StripeReading {
    if status == StarStatus.normal.rawValue { return StripeReading(text: data) }
    if let fault = StarStatus(rawValue: status)?.stripeFault { return .unreadable(fault) }
    throw failure
      ?? DeviceFailure(.fault, status: UInt32(status), during: StarCommand(command).name)
  }
}

/// What 59h says: six ASCII digits, seven on mechanism units.
package struct StarSensors: Hashable, Sendable {
  package enum Inlet: Hashable, Sendable { case empty, target, waitingForRemoval }

  package var inlet: Inlet
  /// The three sensors along the path.
  package var path: [Bool]
  package var isCoverOpen: Bool
  /// Mechanism units only.
  package var dispenserHasCard: Bool?

  /// Nil for anything that is not six or seven of the digits allowed.
  package init?(_ data: [UInt8]) {
    guard data.count == 6 || data.count == 7, data[5] == 0x30,
      data[1...4].allSatisfy({ $0 == 0x30 || $0 == 0x31 })
    else { return nil }
    switch data[0] {
    case 0x30: inlet = .empty
    case 0x31: inlet = .target
    case 0x32: inlet = .waitingForRemoval
    default: return nil
    }
    path = data[1...3].map { $0 == 0x31 }
    isCoverOpen = data[4] == 0x31
    if data.count == 7 {
      guard data[6] == 0x30 || data[6] == 0x31 else { return nil }
      dispenserHasCard = data[6] == 0x30
    }
  }

  /// A card that waits for the hand may still touch a sensor of the path, so it comes first.
  package var situation: DeviceSituation {
    let position: CardPosition =
      switch inlet {
      case .waitingForRemoval: .waitingForRemoval
      case .target where !path.contains(true): .atInlet
      case .empty where !path.contains(true): .none
      default: .inside
      }
    return DeviceSituation(position: position, isCoverOpen: isCoverOpen)
  }
}
