import Testing

@testable import DeviceProtocols

private func answer(_ bytes: [UInt8], hasStatus: Bool = true) -> [EvolisReceiver.Signal] {
  var receiver = EvolisReceiver(hasStatus: hasStatus)
  return bytes.compactMap { receiver.take($0) }
}

private func record(
  _ text: String, _ words: [UInt32] = [0, 0, 0, 0], session: UInt16 = 0, extensions: [UInt32] = []
) -> [UInt8] {
  var bytes = Array(text.utf8) + [0, 0x12, 0x34, 0x10]
  func add(_ word: UInt32) {
    bytes += [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: word >> UInt32($0)) }
  }
  words.forEach(add)
  bytes += [2, UInt8(session >> 8), UInt8(session & 0xff)]
  for word in extensions {
    bytes.append(4)
    add(word)
  }
  return bytes
}

struct EvolisWireTests {
  @Test func `commands are the bytes of the sources`() {
    #expect(
      EvolisCommand.trackData(2, "42").bytes == [
        0x1b, 0x44, 0x6d, 0x3b, 0x32, 0x3b, 0x34, 0x32, 0x0d,
      ])
    #expect(EvolisCommand.writeStripe.bytes == [0x1b, 0x53, 0x6d, 0x77, 0x0d])
    let picture = EvolisCommand.printPicture([UInt8](repeating: 0x0d, count: 82_296)).bytes
    #expect(picture.count == 82_305)
    #expect(picture.starts(with: [0x1b] + Array("Db;k;2;".utf8) + [0x0d]))
    #expect(
      EvolisCommand.erasePicture([0x0d, 0x1b]).bytes
        == [0x1b] + Array("Db;o;2;".utf8) + [0x0d, 0x1b, 0x0d])
    #expect(
      EvolisCommand.compressedPicture([0, 0xff]).bytes
        == [0x1b] + Array("Dbc;k;2;2;".utf8) + [0, 0xff, 0x0d])
  }

  @Test(arguments: [
    (EvolisCommand.insert, "Si"), (.insertFromBack, "Sib"), (.insertAndEject, "Sie"),
    (.eject, "Sce"), (.reject, "Ser"), (.toContactStation, "Sis"), (.toContactless, "Sic"),
    (.clean, "Scp"), (.reset, "Srs"), (.clearErrors, "Scs"), (.startBack, "Sv"),
    (.reserve(7, seconds: 60), "Psid;7;60"), (.release(seconds: 60), "Psid;0;60"),
    (.askDisplayName, "Rtp;d"), (.inputTray("F"), "Pcim;F"), (.outputTray("D"), "Pcem;D"),
    (.rejectTray("D"), "Pcrm;D"), (.density("210"), "Pmd;210"), (.trackFormat(3, 3), "Pmt;3;3"),
    (.ribbon, "Pr;k"), (.feeder, "Pmi;F;s"), (.transfer, "Pdt;DU"), (.startOnce, "Se;1"),
  ])
  func `a command is its letters and parameters`(command: EvolisCommand, text: String) {
    #expect(command.bytes == [0x1b] + Array(text.utf8) + [0x0d])
  }

  @Test func `the answer record of the sources is read`() {
    let bytes: [UInt8] = [
      0x4f, 0x4b, 0x00, 0x00, 0x00, 0x10,
      0x02, 0x12, 0x20, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
      0x00,
      0x02, 0x00, 0x00,
    ]
    let signals = answer(bytes)
    guard case .whole(let answer)? = signals.first else {
      Issue.record("it is whole: \(signals)")
      return
    }
    #expect(answer.text == Array("OK".utf8))
    #expect(answer.status?.configuration.word == 0x0212_2000)
    #expect(answer.status?.configuration.known == [.primacy2, .flipOver, .magnetic, .feeder])
    #expect(answer.status?.configuration.unknown == 0)
    #expect(answer.status?.information.isEmpty == true && answer.status?.session == 0)
  }

  @Test func `words, session and the chain of extensions are read, the u16 is not looked at`() {
    let bytes = record(
      "x", [0x0a00_0010, 0x8200_0080, 0x4000_0001, 0x2100_0000], session: 0xabcd,
      extensions: [0x8000_0001, 0x8000_0002, 3])
    let status = EvolisStatus(
      configuration: 0x0a00_0010, information: 0x8200_0080, warning: 0x4000_0001,
      error: 0x2100_0000, session: 0xabcd, extensions: [0x8000_0001, 0x8000_0002, 3])
    #expect(answer(bytes) == [.whole(EvolisAnswer(text: [0x78], status: status))])
    #expect(status.configuration.unknown == 0x10)
    #expect(status.configuration.text == "extensionUsed, primacy2, unknown 00000010")
    #expect(status.information.known == [.claimed, .cardInPrintPosition, .printing])
    #expect(status.warning.known == [.removeRibbon] && status.warning.unknown == 1)
    #expect(status.error.known == [.headTemperature, .mechanical])
    // two answers in one piece
    #expect(answer(bytes + bytes).count == 2)
  }

  @Test func `damaged records are refused, and never more than the limit is kept`() {
    let good = record("OK", [0x0800_0000, 0, 0, 0], extensions: [1])
    for length in 0..<good.count { #expect(answer(Array(good.prefix(length))) == []) }
    func changed(_ place: Int, _ value: UInt8) -> [UInt8] {
      var bytes = good
      bytes[place] = value
      return bytes
    }
    #expect(answer(changed(5, 17)) == [.damaged])
    #expect(answer(changed(22, 3)) == [.damaged])
    #expect(answer(changed(25, 5)) == [.damaged])
    #expect(answer([UInt8](repeating: 0x41, count: 5000)) == [.damaged])
    let endless = [UInt32](repeating: 0x8000_0000, count: 400)
    #expect(answer(record("", [0x0800_0000, 0, 0, 0], extensions: endless)) == [.damaged])
  }

  @Test func `the dialect of 2004 answers with a text alone`() {
    let signals = answer(Array("OK\0ERROR CDE\0".utf8), hasStatus: false)
    #expect(
      signals == [
        .whole(EvolisAnswer(text: Array("OK".utf8), status: nil)),
        .whole(EvolisAnswer(text: Array("ERROR CDE".utf8), status: nil)),
      ])
  }

  @Test(
    arguments: [
      (EvolisError.headTemperature, 0x2000_0000, DeviceFailure.Kind.printer),
      (.feeder, 0x0800_0000, .feeder), (.coverOpen, 0x0200_0000, .cover),
      (.mechanical, 0x0100_0000, .jam), (.blankTrack, 0x0008_0000, .read),
      (.magneticData, 0x0004_0000, .read), (.magneticRead, 0x0002_0000, .read),
      (.magneticWrite, 0x0001_0000, .write), (.cardNotRemoved, 0x200, .attention),
      (.noCardInserted, 0x100, .noCard),
    ] as [(EvolisError, UInt32, DeviceFailure.Kind)])
  func `every error bit is a failure of ours`(
    error: EvolisError, bit: UInt32, kind: DeviceFailure.Kind
  ) {
    #expect(error.rawValue == bit)
    let failure = EvolisFlags([error]).failure(during: "Se")
    #expect(failure?.kind == kind && failure?.status == bit)
    #expect(failure?.detail == "\(error)")
  }

  @Test(
    arguments: [
      (EvolisWarning.removeRibbon, 0x4000_0000, DeviceFailure.Kind.attention),
      (.rejectFull, 0x0800_0000, .stacker), (.cardOnEject, 0x0400_0000, .attention),
      (.waitingForCard, 0x0200_0000, .noCard), (.feederEmpty, 0x0100_0000, .feeder),
      (.headCooling, 0x0020_0000, .attention), (.hopperFull, 0x0010_0000, .stacker),
      (.coverOpen, 0x0002_0000, .cover),
    ] as [(EvolisWarning, UInt32, DeviceFailure.Kind)])
  func `every warning bit is a failure of ours`(
    warning: EvolisWarning, bit: UInt32, kind: DeviceFailure.Kind
  ) {
    #expect(warning.rawValue == bit)
    #expect(EvolisFlags([warning]).failure(during: "status")?.kind == kind)
    #expect(EvolisFlags([warning]).failure(besides: [warning], during: "status") == nil)
  }

  @Test func `the tables of bits are whole, and a bit nobody knows is a fault that is shown`() {
    #expect(EvolisError.allCases.count == 10 && EvolisWarning.allCases.count == 8)
    #expect(EvolisConfiguration.allCases.reduce(0) { $0 | $1.rawValue } == 0xca5f_a060)
    #expect(EvolisInformation.allCases.reduce(0) { $0 | $1.rawValue } == 0xf327_01e1)
    let unknown = EvolisFlags<EvolisError>(0x10).failure(during: "Se")
    #expect(unknown?.kind == .fault && unknown?.detail == "unknown 00000010")
    let warning = EvolisFlags<EvolisWarning>(0x10).failure(during: "Se")
    #expect(warning?.kind == .attention && warning?.detail == "unknown 00000010")
    #expect(EvolisFlags<EvolisError>(0).failure(during: "Se") == nil)
  }

  @Test(
    arguments: [
      ("ERROR MAGN", DeviceFailure.Kind.read, StripeReading.unreadable(.noStripe)),
      ("ERROR MAGN CHEKSUM", .read, .unreadable(.lrc)),
      ("ERROR MAGN DATA", .read, .unreadable(.illegalCharacter)),
      ("ERROR BLANK TRACK", .read, .blank), ("ERROR CDE", .rejected, nil),
      ("ERROR PARAMETRES", .rejected, nil), ("ERROR FEEDER", .feeder, nil),
      ("ERROR CARD", .noCard, nil), ("ERROR TIME OUT", .noAnswer, nil), ("ERROR MECA", .jam, nil),
      ("ERROR MECHANICAL", .jam, nil), ("ERROR NEW", .fault, nil),
    ] as [(String, DeviceFailure.Kind, StripeReading?)])
  func `every text error is a failure of ours`(
    text: String, kind: DeviceFailure.Kind, reading: StripeReading?
  ) {
    let answer = EvolisAnswer(text: Array(text.utf8), status: nil)
    #expect(answer.textFailure(during: "Smr")?.kind == kind)
    #expect(answer.textFailure(during: "Smr")?.detail == text)
    #expect(answer.textError?.reading == reading)
    #expect(EvolisTextError.allCases.count == 11)
  }

  @Test(arguments: ["OK", "", "0", "ERRORS", "P1ERROR"])
  func `other texts are none`(text: String) {
    #expect(EvolisAnswer(text: Array(text.utf8), status: nil).textFailure(during: "Se") == nil)
  }

  @Test func `the wire reader names commands and status words, and tells data by its length`() {
    var reader = EvolisWireReader(hasStatus: true)
    let said = reader.read(
      EvolisCommand.trackData(1, "P1SECRET").bytes + [0]
        + EvolisCommand.printPicture([UInt8](repeating: 0, count: 82_296)).bytes
        + Array("<HEADER>".utf8) + EvolisCommand.askTrack(1).bytes, from: .host)
    #expect(
      said == [
        "Dm track data, 9 characters", "Db;k;2 picture, 82296 bytes", "Rmb;1 track?",
      ])
    let heard = reader.read(
      record("P1SECRET", [0x0200_0000, 0x0200_0000, 0, 0x100], session: 7), from: .device)
    #expect(
      heard == [
        "answer of 8 characters; configuration: primacy2; state: cardInPrintPosition; "
          + "errors: noCardInserted; session: 7"
      ])
    #expect(
      reader.read([0x1b] + Array("Xyz;P1SECRET".utf8) + [0x0d], from: .host).first?
        .contains("SECRET") == false)
  }

  @Test func `whatever bytes come, answers and commands stay within their limits`() {
    for seed in ProcessSeed.value..<ProcessSeed.value + 40 {
      var random = Seeded(state: seed)
      var receiver = EvolisReceiver(hasStatus: true)
      var reader = EvolisCommandReader()
      let alphabet: [UInt8] = [0, 2, 4, 0x0d, 0x10, 0x1b, 0x3b, 0x44, 0x62, 0x63, 0x32, 0x80]
      for _ in 0..<6000 {
        let byte = alphabet.randomElement(using: &random) ?? 0
        switch receiver.take(byte) {
        case .whole(let answer)?:
          #expect(answer.text.count < 2048 && (answer.status?.extensions.count ?? 0) <= 32)
        case .damaged?: receiver.reset()
        case nil: break
        }
        if case .command(let command)? = reader.take(byte) {
          #expect(command.bytes.count <= 512 + 1016 * 82 + 3, "SEED=\(seed)")
        }
      }
    }
  }

  @Test func `who we are is passed in, and shown to the printer`() throws {
    var pump = Pump(
      EvolisVirtualDevice(VirtualSetup(model: try evolisModel(), link: .usb)), on: .usb)
    let driver = Evolis(model: try evolisModel(), on: .usb, session: 5)
    _ = try pump.run(driver.begin())
    let said = evolisCommands(in: Array(pump.written.joined()))
    #expect(said.contains("Psid;5;120") && said.contains("Psid;0;120"))
    #expect(!said.contains { $0.hasPrefix("Psid;20553") })
  }
}
