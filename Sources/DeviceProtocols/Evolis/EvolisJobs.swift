import DeviceCatalog
import Raster

/// The stages that conversations with current printers are put together from.
struct EvolisJobs: Sendable {
  let manner: EvolisManner
  let settings: EvolisSettings
  /// The track that carries our record; nil without a magnetic head.
  let record: TrackSetting?
  /// Whether a card stays inside after printing.
  let keepsInside: Bool

  // MARK: Around everything

  /// The state in which work on a card begins; otherwise nothing is sent.
  ///
  /// - Parameter needsCard: whether a card must be inside.
  func start(needsCard: Bool) -> EvolisStage {
    let manner = manner
    return .watch(
      within: manner.heat, late: DeviceFailure(.attention, during: "status", detail: "busy")
    ) { memory throws(DeviceFailure) in
      let status = memory.status
      if let failure = manner.holder(of: status) { throw failure }
      if let failure = status.error.standing.failure(during: "status") { throw failure }
      // what the feeder lacks does not matter to a card that is inside
      let besides: [EvolisWarning] = needsCard ? [.feederEmpty, .headCooling] : [.headCooling]
      if let failure = status.warning.failure(besides: besides, during: "status") { throw failure }
      // it cools by itself
      guard !status.warning[.headCooling], !status.isWorking else { return false }
      if needsCard, status.position != .inside { throw DeviceFailure(.noCard, during: "status") }
      return true
    }
  }

  var reserve: [EvolisStage] {
    [
      .tell(.reserve(manner.session, seconds: manner.sessionSeconds)),
      .tell(.askErrorHandling, .any), .tell(.handleErrors),
    ]
  }

  /// A wait whose time was over and that is still on keeps work without a card from beginning.
  var endOfWait: [EvolisStage] {
    let manner = manner
    return [
      .watch(within: .zero) { _ in true },
      .tell(
        .clearErrors, .any,
        unless: { !$0.status.warning[.waitingForCard] || manner.holder(of: $0.status) != nil }),
    ]
  }

  var release: [EvolisStage] {
    [.tell(.leaveErrors, .any), .tell(.release(seconds: manner.sessionSeconds), .any)]
  }

  /// What errors a reading or writing before has left goes first: they would hide new ones.
  private var clearOld: EvolisStage {
    .tell(.clearErrors, .any, unless: { $0.status.error.isEmpty })
  }

  /// Ends whatever was begun, whoever began it, unless another session has the printer.
  ///
  /// - Parameter clears: whether errors are cleared too.
  func ending(clears: Bool) -> [EvolisStage] {
    let manner = manner
    let isHeld: EvolisStage.Condition = { manner.holder(of: $0.status) != nil }
    var stages: [EvolisStage] = [
      .watch(within: .zero, wakes: true) { _ in true },
      // an answer to something cut off before may have come first
      .watch(within: .zero, wakes: true) { _ in true },
      .tell(
        .reserve(manner.session, seconds: manner.sessionSeconds), .any, unless: isHeld),
    ]
    if clears { stages.append(.tell(.clearErrors, .any, unless: isHeld)) }
    stages.append(.tell(.claim(false), .any, unless: isHeld))
    // a printer that works is left to end it; one that failed stands still with its flags
    stages.append(
      .watch(within: manner.heat, unless: isHeld) {
        !$0.status.isWorking || !$0.status.error.isEmpty
      })
    stages += [
      .tell(.ejectsAfterwards(true), .any, unless: isHeld),
      .tell(.leaveErrors, .any, unless: isHeld),
      .tell(.release(seconds: manner.sessionSeconds), .any, unless: isHeld),
      .watch(within: .zero) { _ in true },
    ]
    return stages
  }

  // MARK: Cards

  /// Takes a card in: `Si`, unless one is inside or the printer waits for one already.
  ///
  /// A wait whose time is over stays on at the printer: a card that goes in later is found inside.
  /// One that is called off is ended there too.
  func insertion(within limit: Duration?) -> [EvolisStage] {
    let manner = manner
    let hasEnded: EvolisStage.Condition = { $0.isLate || $0.isCalledOff }
    let isInside: EvolisStage.Condition = { $0.status.position == .inside }
    let isTold: EvolisStage.Condition = { $0.answers[.insert] != nil }
    let quiet: [EvolisWarning] = [.waitingForCard, .feederEmpty, .cardOnEject, .headCooling]
    @Sendable func check(_ status: EvolisStatus) throws(DeviceFailure) {
      if let failure = manner.holder(of: status) { throw failure }
      if let failure = status.error.standing.failure(during: "Si") { throw failure }
      if let failure = status.warning.failure(besides: quiet, during: "Si") { throw failure }
    }
    let free = EvolisStage.watch(within: limit, isIdle: true) { memory throws(DeviceFailure) in
      let status = memory.status
      try check(status)
      if status.position == .inside || status.warning[.waitingForCard] { return true }
      return status.warning.isEmpty && status.position == .none && !status.isWorking
    }
    let arrived = EvolisStage.watch(within: limit, isIdle: true, unless: hasEnded) {
      memory throws(DeviceFailure) in
      try check(memory.status)
      let isIn = memory.status.position == .inside && !memory.status.isWorking
      return isIn || memory.status.error[.noCardInserted]
        || limit.map { memory.waited >= $0 } ?? false
    }
    let isGivenUp: EvolisStage.Condition = { $0.isCalledOff || $0.status.error[.noCardInserted] }
    let isAwaited: EvolisStage.Condition = {
      $0.status.warning[.waitingForCard] && manner.holder(of: $0.status) == nil
    }
    return [free] + reserve.map { $0.skipped(if: hasEnded) } + [
      clearOld.skipped(if: hasEnded),
      .tell(
        .insert, .late,
        unless: { hasEnded($0) || isInside($0) || $0.status.warning[.waitingForCard] }),
      // without an answer it may not have been heard
      .watch(within: .zero, unless: { hasEnded($0) || isInside($0) || isTold($0) }) { _ in true },
      .tell(
        .insert, .late,
        unless: {
          hasEnded($0) || isInside($0) || isTold($0) || $0.status.warning[.waitingForCard]
            || $0.status.isWorking
        }),
      arrived,
      .tell(
        .clearErrors, .any,
        unless: { !isGivenUp($0) || isInside($0) || !($0.isReserved || isAwaited($0)) }),
      // it may have gone in just now
      .watch(within: .zero, unless: { !isGivenUp($0) }) { _ in true },
    ]
  }

  var ejection: [EvolisStage] {
    let manner = manner
    let isOut: EvolisStage.Condition = { $0.status.position != .inside }
    let look = EvolisStage.watch(within: .zero) { memory throws(DeviceFailure) in
      if let failure = manner.holder(of: memory.status) { throw failure }
      if memory.status.isCoverOpen { throw DeviceFailure(.cover, during: "Sce") }
      return true
    }
    return [look] + reserve.map { $0.skipped(if: isOut) } + [
      .tell(.eject, .late, unless: isOut),
      .watch(within: manner.motion, late: DeviceFailure(.jam, during: "Sce")) {
        memory throws(DeviceFailure) in
        if let failure = memory.status.error.standing.failure(during: "Sce") { throw failure }
        guard memory.status.position == .inside else { return true }
        // a card that keeps this one in is told by an error that does not stand
        if let failure = memory.newErrors.failure(during: "Sce") { throw failure }
        return false
      },
    ] + release.map { $0.skipped(if: { !$0.isReserved }) }
  }

  // MARK: Magnetic

  /// - Throws: `.unsupported` when the model has no head, or a track of a format whose digit is
  ///   not known.
  func reading() throws(DeviceFailure) -> [EvolisStage] {
    let (track, digit) = try trackFormat("read")
    return [
      clearOld, .tell(.startFront), headCheck("Smr"), .tell(.trackFormat(track, digit)),
      .tell(.readStripe, .stripe),
      .tell(.askTrack(track), .track, unless: { $0.fault != nil }),
      .tell(.clearErrors, .any, unless: { $0.status.error.isEmpty }),
    ]
  }

  func writing(_ text: String) throws(DeviceFailure) -> [EvolisStage] {
    let (track, digit) = try trackFormat("encode")
    try settings.check(text, on: record)
    var stages: [EvolisStage] = [
      clearOld, .tell(.startFront), headCheck("Smw"),
      .tell(.coercivity(settings.coercivity)), .tell(.trackFormat(track, digit)),
    ]
    if !settings.density.isEmpty { stages.append(.tell(.density(settings.density))) }
    return stages + [.tell(.trackData(track, text)), .tell(.writeStripe)]
  }

  /// That the printer has a head for our tracks, as it says itself.
  private func headCheck(_ during: String) -> EvolisStage {
    .watch(within: .zero, unless: { [hasStatus = manner.hasStatus] _ in !hasStatus }) {
      memory throws(DeviceFailure) in
      let configuration = memory.status.configuration
      guard configuration[.magnetic] else {
        throw DeviceFailure(.unsupported, during: during, detail: "it has no magnetic head")
      }
      guard !configuration[.jisHead] else {
        throw DeviceFailure(
          .unsupported, during: during, detail: "how a JIS head is told its format is not known")
      }
      return true
    }
  }

  private func trackFormat(_ during: String) throws(DeviceFailure) -> (track: Int, digit: Int) {
    guard let record else {
      throw DeviceFailure(.unsupported, during: during, detail: "it has no magnetic head")
    }
    switch record.encoding {
    case .iso1: return (record.number, 1)
    case .iso2: return (record.number, 2)
    case .iso3: return (record.number, 3)
    case .jis2:
      throw DeviceFailure(
        .unsupported, during: during, detail: "how a JIS head is told its format is not known")
    }
  }

  /// What a read came to.
  func outcome(_ memory: EvolisMemory) throws(DeviceFailure) -> StripeReading {
    if let fault = memory.fault { return fault }
    guard let track = record?.number, let text = memory.answers[.askTrack(track)] else {
      throw DeviceFailure(.garbled, during: "Rmb")
    }
    // the answer to something else, come late
    guard text != Array("OK".utf8) else { throw DeviceFailure(.garbled, during: "Rmb") }
    return StripeReading(text: text)
  }

  // MARK: Face

  /// Erases and prints: everything from the claim until the printer rests again.
  ///
  /// - Parameter stripe: what is written on the stripe in the same job; nil: nothing.
  func rewriting(
    _ elements: [PrintElement], area: DotArea?, stripe: String?
  ) throws(DeviceFailure) -> [EvolisStage] {
    let face = try EvolisBitmap.face(elements, area: area)
    let erasure = try EvolisBitmap.erasure(area)
    let print = elements.isEmpty ? nil : EvolisBitmap.pack(face)
    // an empty face is one to be erased, whatever is set
    let erase = settings.erases || print == nil ? EvolisBitmap.pack(erasure) : nil
    var stages = try preparation(number: Self.number(of: (print ?? []) + (erase ?? [])))
    if let stripe { stages += try writing(stripe) }
    stages += [.tell(.startFront), .tell(.monochrome), .tell(.startPicture)]
    stages += [
      .tell(.printTemperature(settings.printTemperature)),
      .tell(.printSpeed(settings.printSpeed)),
      .tell(.eraseTemperature(settings.eraseTemperature)),
      .tell(.eraseSpeed(settings.eraseSpeed)),
    ]
    if let print { stages.append(.tell(.printPicture(print))) }
    if let erase { stages.append(.tell(.erasePicture(erase))) }
    if keepsInside { stages.append(.tell(.ejectsAfterwards(false))) }
    stages.append(.tell(.start, .late))
    stages += completion
    if keepsInside { stages.append(.tell(.ejectsAfterwards(true), .any)) }
    return stages
  }

  private func preparation(number: UInt32) throws(DeviceFailure) -> [EvolisStage] {
    var stages: [EvolisStage] = [
      clearOld, .tell(.synchronize), .tell(.manageSettings), .tell(.jobNumber(number)),
      .tell(.claim(true)), .tell(.printMode), .tell(.rewriteType(try settings.rewriteType())),
      .tell(.resolution), .tell(.skip),
    ]
    // a printer without a head knows nothing of coercivity
    if record != nil { stages.append(.tell(.coercivity(settings.coercivity))) }
    if !settings.inputTray.isEmpty { stages.append(.tell(.inputTray(settings.inputTray))) }
    if !settings.outputTray.isEmpty { stages.append(.tell(.outputTray(settings.outputTray))) }
    if !settings.rejectTray.isEmpty { stages.append(.tell(.rejectTray(settings.rejectTray))) }
    return stages
  }

  /// From `Se` until the printer rests: claimed, given free, at rest.
  private var completion: [EvolisStage] {
    let manner = manner
    @Sendable func check(_ status: EvolisStatus) throws(DeviceFailure) {
      if let failure = manner.holder(of: status) { throw failure }
      if let failure = status.error.failure(during: "Se") { throw failure }
    }
    let late = DeviceFailure(.noAnswer, during: "Se")
    return [
      .watch(within: manner.heat, late: late) { memory throws(DeviceFailure) in
        try check(memory.status)
        return memory.status.information[.claimed]
      },
      .tell(.claim(false), .late),
      .watch(within: manner.heat, late: late) { memory throws(DeviceFailure) in
        try check(memory.status)
        return !memory.status.information[.claimed] && !memory.status.isWorking
      },
    ]
  }

  /// A number for a job: the same picture has the same (FNV-1a).
  static func number(of bytes: [UInt8]) -> UInt32 {
    var number: UInt32 = 0x811c_9dc5
    for byte in bytes { number = (number ^ UInt32(byte)) &* 0x0100_0193 }
    return number
  }
}

extension EvolisStage {
  /// The stage, left out in one more case.
  func skipped(if condition: @escaping Condition) -> EvolisStage {
    let before = isSkipped
    var stage = self
    stage.isSkipped = { before($0) || condition($0) }
    return stage
  }
}
