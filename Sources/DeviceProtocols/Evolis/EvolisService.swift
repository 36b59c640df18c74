/// What is done away from customers.
extension EvolisJobs {
  /// Ends what was begun and clears errors; what is still wrong then is reset, which takes longer
  /// and may move the card.
  var recovery: [EvolisStage] {
    let manner = manner
    let isMended: EvolisStage.Condition = {
      manner.holder(of: $0.status) != nil || $0.status.isCoverOpen
        || $0.status.error.standing.isEmpty
    }
    return ending(clears: true) + [
      .tell(.reset, .any, unless: isMended),
      .watch(within: manner.motion, wakes: true, unless: isMended) {
        $0.status.error.standing.isEmpty && !$0.status.isWorking
      },
    ]
  }

  /// - Throws: `.unsupported` with what is not known.
  func service(_ service: DeviceService) throws(DeviceFailure) -> [EvolisStage] {
    let manner = manner
    let look = EvolisStage.watch(within: .zero) { _ in true }
    switch service {
    case .identify:
      return [
        look, .tell(.askModel, .any), .tell(.askDisplayName, .any), .tell(.askFirmware, .any),
        .tell(.askSerialNumber, .any), .tell(.askHeadKit, .any),
      ]
    case .clean:
      let late = DeviceFailure(.noAnswer, during: "Scp")
      return endOfWait + [start(needsCard: false)] + reserve + [
        .tell(.clean, .late),
        .watch(within: manner.heat, late: late) { memory throws(DeviceFailure) in
          if let failure = memory.status.error.failure(during: "Scp") { throw failure }
          return !memory.status.isWorking && memory.status.position != .inside
            && !memory.status.warning[.waitingForCard]
        },
      ] + release
    case .reset:
      return [
        .watch(within: .zero, wakes: true) { memory throws(DeviceFailure) in
          if let failure = manner.holder(of: memory.status) { throw failure }
          return true
        },
        .tell(.reset, .any),
        .watch(within: manner.motion, wakes: true) { !$0.status.isWorking },
      ]
    case .counters, .testCard:
      throw DeviceFailure(
        .unsupported, during: service.rawValue, detail: "the command for it is not known")
    }
  }
}

extension EvolisMemory {
  /// What the printer has said of itself; what it did not answer is left out.
  var report: DeviceReport {
    let asked: [(name: String, command: EvolisCommand)] = [
      ("model", .askModel), ("displayName", .askDisplayName), ("firmware", .askFirmware),
      ("serialNumber", .askSerialNumber), ("headKit", .askHeadKit), ("counters", .askCounters),
    ]
    var facts: [DeviceReport.Fact] = []
    for (name, command) in asked {
      guard let text = answers[command], !text.isEmpty, !text.starts(with: "ERROR".utf8),
        text.count <= 256, text.allSatisfy({ (0x20...0x7e).contains($0) })
      else { continue }
      facts.append(DeviceReport.Fact(name, String(decoding: text, as: UTF8.self)))
    }
    let words = [
      ("configuration", status.configuration.text), ("state", status.information.text),
      ("warnings", status.warning.text), ("errors", status.error.text),
    ]
    for (name, text) in words where !text.isEmpty {
      facts.append(DeviceReport.Fact(name, text))
    }
    return DeviceReport(facts)
  }
}
