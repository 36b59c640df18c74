import DeviceCatalog
import Raster

/// The driver of Evolis' printers: the current ones in rewrite mode, and the dialect of 2004.
package struct Evolis: DeviceDriver {
  /// The family's name, which is its data folder's.
  package static let family = "evolis"

  package static let descriptor = DeviceFamily(
    name: family, links: [.usb, .tcp],
    driver: { model, link in Evolis(model: model, on: link) },
    virtualDevice: { EvolisVirtualDevice($0) })

  private let model: DeviceModel
  private let manner: EvolisManner
  private let jobs: EvolisJobs
  /// Nil for a current printer.
  private let old: EvolisDialect2004?

  /// - Parameters:
  ///   - session: who we are to the printer, 1–65,535; nil: as the model's setting has it.
  /// - Precondition: a model of this family.
  package init(model: DeviceModel, on link: LinkKind = .usb, session: Int? = nil) {
    precondition(model.family == Self.family, "this driver speaks to its own family")
    let session = session ?? model.setting("session")
    precondition((1...65_535).contains(session), "a session has a number from 1 to 65,535")
    self.model = model
    let isOld = model.word("dialect") == "2004"
    manner = EvolisManner(model, isTCP: link == .tcp, hasStatus: !isOld, session: session)
    jobs = EvolisJobs(
      manner: manner, settings: EvolisSettings(model), record: model.record,
      keepsInside: !isOld && model.record != nil)
    old = isOld ? EvolisDialect2004(jobs: jobs) : nil
  }

  package var path: CardPath { jobs.keepsInside ? .held : .passed }

  package func support(for ability: Ability) -> Support {
    switch ability {
    case .insert, .print, .eject, .clean: .works
    case .read, .write, .verify:
      switch model.record?.encoding {
      case nil: .cannot
      case .jis2: .notKnown
      default: .works
      }
    case .erase, .partialErase: old == nil ? .works : .cannot
    case .status: old == nil ? .works : .notKnown
    // the product number of no model is verified
    case .hotplug: model.usb.isEmpty ? .notKnown : .works
    }
  }

  package func wireReader() -> any WireReader { EvolisWireReader(hasStatus: manner.hasStatus) }

  private var cleaning: [EvolisStage] { old?.signOfLife ?? jobs.ending(clears: false) }

  private func script<Outcome: Sendable>(
    _ stages: [EvolisStage], callingOff: EvolisScript<Outcome>.CallingOff = .fails,
    isConfidential: Bool = false,
    finish: @escaping @Sendable (EvolisMemory) throws(DeviceFailure) -> Outcome
  ) -> EvolisScript<Outcome> {
    EvolisScript(
      manner, stages, callingOff: callingOff, isConfidential: isConfidential, cleaning: cleaning,
      finish: finish)
  }

  /// Where the card is, if nothing is wrong that a hand must mend.
  private var settled: @Sendable (EvolisMemory) throws(DeviceFailure) -> DeviceSituation {
    let manner = manner
    return { memory throws(DeviceFailure) in
      let status = memory.status
      if let failure = manner.holder(of: status) { throw failure }
      guard !status.isCoverOpen else { return status.situation }
      if let failure = status.error.standing.failure(during: "status") { throw failure }
      let besides: [EvolisWarning] = [.waitingForCard, .feederEmpty, .cardOnEject, .headCooling]
      if let failure = status.warning.failure(besides: besides, during: "status") { throw failure }
      return status.situation
    }
  }

  package func begin() -> any Exchange<DeviceSituation> {
    script(
      old?.signOfLife ?? jobs.ending(clears: true), callingOff: .isIgnored, finish: settled)
  }

  package func situation() -> any Exchange<DeviceSituation> {
    let look = EvolisStage.watch(within: .zero) { _ in true }
    return script(old?.signOfLife ?? [look], finish: settled)
  }

  package func awaitCard(within limit: Duration?) -> any Exchange<CardArrival> {
    let jobs = jobs
    let hasStatus = manner.hasStatus
    let reading: [EvolisStage]
    do {
      reading = try jobs.reading()
    } catch {
      // a card that cannot be read cannot be told from another either
      reading = []
    }
    let isUnread = reading.isEmpty
    let isOut: EvolisStage.Condition = {
      // one that is inside although nobody waits for it any more is found by the next look
      hasStatus ? $0.status.position != .inside || !$0.isReserved : $0.answers[.insert] == nil
    }
    let stages =
      (old?.insertion ?? jobs.insertion(within: limit))
      + reading.map { $0.skipped(if: isOut) }
      + (old == nil ? jobs.release.map { $0.skipped(if: { !$0.isReserved }) } : [])
    return script(stages, callingOff: .endsWaits, isConfidential: true) {
      memory throws(DeviceFailure) in
      if isUnread { return isOut(memory) ? .none : .read(.unknowable) }
      // on the way out the card is not asked for any more
      let wasRead = memory.fault != nil || memory.answers[.readStripe] != nil
      return wasRead ? .read(try jobs.outcome(memory)) : .none
    }
  }

  package func read() -> any Exchange<StripeReading> {
    let jobs = jobs
    let reading: [EvolisStage]
    do {
      reading = try jobs.reading()
    } catch {
      let look = EvolisStage.watch(within: .zero) { _ in true }
      return script(old?.signOfLife ?? [look]) { _ in .unknowable }
    }
    return script(around(reading, needsCard: true), isConfidential: true) {
      memory throws(DeviceFailure) in try jobs.outcome(memory)
    }
  }

  /// Work on a card, with the printer looked at before and reserved meanwhile.
  private func around(_ stages: [EvolisStage], needsCard: Bool) -> [EvolisStage] {
    guard old == nil else { return stages }
    return (needsCard ? [] : jobs.endOfWait) + [jobs.start(needsCard: needsCard)] + jobs.reserve
      + stages + jobs.release
  }

  private func rewriteScript(_ face: FaceJob) throws(DeviceFailure) -> EvolisScript<Void> {
    let stages =
      if let old {
        try old.printing(face)
      } else {
        try jobs.rewriting(face.elements, area: face.area, stripe: face.stripe)
      }
    return script(
      around(stages, needsCard: jobs.keepsInside),
      // a card that passes through may be under the head: it is worked on to the end
      callingOff: jobs.keepsInside ? .fails : .isIgnored, isConfidential: true
    ) { _ in }
  }

  package func rewrite(_ face: FaceJob) throws(DeviceFailure) -> any Exchange<Void> {
    try rewriteScript(face)
  }

  package func lineTime(
    of elements: [PrintElement], bitsPerSecond: Int
  ) throws(DeviceFailure) -> Duration {
    precondition(bitsPerSecond > 0, "a line has a speed")
    let bytes = try rewriteScript(FaceJob(elements)).bytesToDevice
    return .nanoseconds(Int64(bytes) * 10 * 1_000_000_000 / Int64(bitsPerSecond))
  }

  package func encode(_ text: String) throws(DeviceFailure) -> any Exchange<Void> {
    script(around(try jobs.writing(text), needsCard: true), isConfidential: true) { _ in }
  }

  package func discharge() -> any Exchange<DeviceSituation> {
    script(old?.ejection ?? jobs.ejection) { $0.status.situation }
  }

  package func recover() -> any Exchange<DeviceSituation> {
    guard old == nil else {
      return script(old?.recovery ?? [], callingOff: .isIgnored) { $0.status.situation }
    }
    return script(jobs.recovery, callingOff: .isIgnored, finish: settled)
  }

  package func service(
    _ service: DeviceService
  ) throws(DeviceFailure) -> any Exchange<DeviceReport> {
    let stages: [EvolisStage]
    if let old {
      stages = try old.service(service)
    } else {
      stages = try jobs.service(service)
    }
    return script(stages) { $0.report }
  }
}
