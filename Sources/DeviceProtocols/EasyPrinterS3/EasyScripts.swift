/// Tells where the card is.
struct EasyLook: EasyScript {
  mutating func next(_ news: EasyNews) throws(DeviceFailure) -> EasyMove<DeviceSituation> {
    guard case .state(let state) = try news.known(during: "1Ah") else { return .state(after: []) }
    if let failure = state.failure(during: "1Ah") { throw failure }
    return .finish(state.situation)
  }
}

extension EasyNews {
  /// The news, where the state was found out.
  ///
  /// - Throws: `.noAnswer`, `.garbled`.
  func known(during: String) throws(DeviceFailure) -> EasyNews {
    switch self {
    case .silent: throw DeviceFailure(.noAnswer, during: during)
    case .unsettled: throw DeviceFailure(.garbled, during: during)
    default: return self
    }
  }
}

/// Ends a feed under way and finds out where the card is.
///
/// With `clears` the unit's buffer is emptied too. The one known way is to print without a card in
/// position; so a card inside is put out first. With `mends` a unit in trouble is started anew.
struct EasySettle: EasyScript {
  private enum Stage: Sendable { case first, ejecting, clearing, rebooting }

  private let patience: EasyPatience
  private let clears: Bool
  private let mends: Bool
  private var stage = Stage.first
  private var looks = 0
  private var missing = 0

  init(_ patience: EasyPatience, clears: Bool, mends: Bool = false) {
    self.patience = patience
    self.clears = clears
    self.mends = mends
  }

  mutating func next(_ news: EasyNews) throws(DeviceFailure) -> EasyMove<DeviceSituation> {
    switch news {
    case .began: return .state(after: [EasyCommand.abortFeed])
    case .rested, .reply: return .state(after: [])
    case .silent: return try reboot(because: DeviceFailure(.noAnswer, during: "1Ah"))
    case .unsettled: return try reboot(because: DeviceFailure(.garbled, during: "1Ah"))
    case .state(let state): return try took(state)
    }
  }

  private mutating func took(_ state: EasyState) throws(DeviceFailure) -> EasyMove<DeviceSituation>
  {
    if let failure = state.failure(during: "1Ah") { return try reboot(because: failure) }
    guard clears, stage != .clearing, stage != .rebooting else { return .finish(state.situation) }
    guard state.isInside else {
      if stage == .ejecting, !state.isAtFront, missing < patience.startPolls {
        // on its way between two sensors, or taken at once
        missing += 1
        return .rest
      }
      stage = .clearing
      return .state(after: [EasyCommand.print])
    }
    if stage == .first, !state.isPrinting {
      stage = .ejecting
      return .state(after: [EasyCommand.eject])
    }
    looks += 1
    let limit = state.isPrinting ? patience.heatPolls : patience.motionPolls
    guard looks <= limit else {
      return try reboot(because: DeviceFailure(.jam, status: UInt32(state.flags), during: "1B 33"))
    }
    return .rest
  }

  private mutating func reboot(
    because failure: DeviceFailure
  ) throws(DeviceFailure) -> EasyMove<DeviceSituation> {
    guard mends, stage != .rebooting else { throw failure }
    stage = .rebooting
    return .reopen(after: EasyCommand.reboot)
  }
}

/// Puts the card inside out.
struct EasyEject: EasyScript {
  private let patience: EasyPatience
  private var isEjecting = false
  private var looks = 0
  private var missing = 0

  init(_ patience: EasyPatience) { self.patience = patience }

  mutating func next(_ news: EasyNews) throws(DeviceFailure) -> EasyMove<DeviceSituation> {
    guard case .state(let state) = try news.known(during: "1B 33") else {
      return .state(after: [])
    }
    guard state.isInside else {
      if let failure = state.failure(during: "1B 33") { throw failure }
      if isEjecting, !state.isAtFront, missing < patience.startPolls {
        // on its way between two sensors, or taken at once
        missing += 1
        return .rest
      }
      return .finish(state.situation)
    }
    guard isEjecting else {
      isEjecting = true
      return .state(after: [EasyCommand.eject])
    }
    looks += 1
    guard looks <= patience.motionPolls else {
      throw state.failure(during: "1B 33")
        ?? DeviceFailure(.jam, status: UInt32(state.flags), during: "1B 33")
    }
    return .rest
  }
}

/// Starts the unit anew and reports nothing but that it answers.
struct EasyReboot: EasyScript {
  mutating func next(_ news: EasyNews) throws(DeviceFailure) -> EasyMove<DeviceReport> {
    switch try news.known(during: "1B 24 52") {
    case .began: return .reopen(after: EasyCommand.reboot)
    case .state(let state):
      if let failure = state.failure(during: "1B 24 52") { throw failure }
      return .finish(DeviceReport())
    default: return .state(after: [])
    }
  }
}

/// Asks who the unit is.
struct EasyIdentify: EasyScript {
  private let patience: EasyPatience
  private var facts: [DeviceReport.Fact] = []
  private var tries = 0

  init(_ patience: EasyPatience) { self.patience = patience }

  mutating func next(_ news: EasyNews) throws(DeviceFailure) -> EasyMove<DeviceReport> {
    if case .reply(let reply) = news {
      if let found = facts.isEmpty ? Self.firmware(reply) : Self.serialNumber(reply) {
        facts += found
        tries = 0
      } else if tries >= patience.tries {
        throw DeviceFailure(
          reply.isEmpty ? .noAnswer : .garbled, during: facts.isEmpty ? "1B 61" : "1B 25 6F 53")
      }
    }
    tries += 1
    if facts.isEmpty { return .ask(EasyCommand.firmware, .lineFeed) }
    if facts.count == 2 { return .ask(EasyCommand.serialNumber, .silence) }
    return .finish(DeviceReport(facts))
  }

  /// `EP000226`: two characters of the product, two digits each of major, minor and revision.
  private static func firmware(_ reply: [UInt8]) -> [DeviceReport.Fact]? {
    guard reply.count == 9, reply[8] == 0x0a,
      reply[..<2].allSatisfy({ (0x21...0x7e).contains($0) }),
      reply[2..<8].allSatisfy({ (0x30...0x39).contains($0) })
    else { return nil }
    let text = String(decoding: reply[..<8], as: UTF8.self)
    return [.init("product", String(text.prefix(2))), .init("firmware", text)]
  }

  private static func serialNumber(_ reply: [UInt8]) -> [DeviceReport.Fact]? {
    let end = (reply.lastIndex { $0 > 0x20 } ?? -1) + 1
    let text = reply[..<end]
    guard !text.isEmpty, text.allSatisfy({ (0x20...0x7e).contains($0) }) else { return nil }
    return [.init("serialNumber", String(decoding: text, as: UTF8.self))]
  }
}

/// Shows a text, or the unit's own.
struct EasyDisplay: EasyScript {
  let bytes: [UInt8]
  var isConfidential: Bool { true }

  mutating func next(_ news: EasyNews) throws(DeviceFailure) -> EasyMove<Void> {
    guard case .state = try news.known(during: "1B 24 44") else { return .state(after: [bytes]) }
    return .finish(())
  }
}
