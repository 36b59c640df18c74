/// The dialect of 2004, where it differs: answers are texts without a status, nobody reserves the
/// printer, and nothing is erased. It prints ordinary cards, once, and writes their stripes.
struct EvolisDialect2004: Sendable {
  let jobs: EvolisJobs

  /// Nothing tells where a card is: only whether the printer is there.
  var signOfLife: [EvolisStage] { [EvolisStage.answering(.askLastAnswer)] }

  /// The printer answers when it has a card, or that it has none.
  var insertion: [EvolisStage] { [.tell(.insert, .late)] }

  var ejection: [EvolisStage] { [.tell(.eject)] }

  /// The gentlest way that is known: a card inside is put out.
  var recovery: [EvolisStage] { signOfLife + [.tell(.eject, .any)] + signOfLife }

  /// Stripe and face in one job, after which the card is put out.
  ///
  /// - Throws: `.unsupported` for anything that needs erasing.
  func printing(_ face: FaceJob) throws(DeviceFailure) -> [EvolisStage] {
    guard face.area == nil, !face.elements.isEmpty else {
      throw DeviceFailure(
        .unsupported, during: "rewrite", detail: "it prints ordinary cards and erases none")
    }
    let wire = EvolisBitmap.pack(try EvolisBitmap.face(face.elements, area: nil))
    var stages: [EvolisStage] = [
      .tell(.ribbon), .tell(.feeder),
      .tell(EvolisCommand("Pc", ["k", "=", "\(jobs.settings.printTemperature)"])),
      .tell(.transfer), .tell(.monochrome), .tell(.jobNumber(EvolisJobs.number(of: wire))),
    ]
    if let text = face.stripe { stages += try jobs.writing(text) }
    return stages + [
      .tell(.startFront), .tell(.startPicture),
      .tell(.compressedPicture(EvolisBitmap.compress(wire))), .tell(.startOnce),
    ]
  }

  /// - Throws: `.unsupported` with what is not known.
  func service(_ service: DeviceService) throws(DeviceFailure) -> [EvolisStage] {
    switch service {
    case .counters: return [.tell(.askCounters)]
    case .clean: return [.tell(.clean)]
    case .identify, .testCard, .reset:
      throw DeviceFailure(
        .unsupported, during: service.rawValue, detail: "the command for it is not known")
    }
  }
}

extension EvolisStage {
  /// An answer of any kind, errors included; only that there is none is a failure.
  static func answering(_ command: EvolisCommand) -> EvolisStage {
    EvolisStage(work: .tell(command, .heard), wakes: true)
  }
}
