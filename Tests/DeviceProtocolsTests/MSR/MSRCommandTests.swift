import CardTracks
import DeviceCatalog
import DeviceProtocols
import Testing

private func bytes(_ hex: String) -> [UInt8] {
  hex.split(separator: " ").map { UInt8($0, radix: 16)! }
}

struct MSRCommandTests {
  @Test(arguments: [
    (MSRCommand.reset, "1B 61"), (MSRCommand.commTest, "1B 65"), (MSRCommand.sensorTest, "1B 86"),
    (MSRCommand.ramTest, "1B 87"), (MSRCommand.light(.off), "1B 81"),
    (MSRCommand.light(.all), "1B 82"), (MSRCommand.light(.green), "1B 83"),
    (MSRCommand.light(.yellow), "1B 84"), (MSRCommand.light(.red), "1B 85"),
    (MSRCommand.setLeadingZeros(track13: 0x3d, track2: 0x16), "1B 7A 3D 16"),
    (MSRCommand.leadingZeros, "1B 6C"), (MSRCommand.erase(tracks: [1]), "1B 63 01"),
    (MSRCommand.erase(tracks: [2]), "1B 63 02"), (MSRCommand.erase(tracks: [3]), "1B 63 04"),
    (MSRCommand.erase(tracks: [1, 2, 3]), "1B 63 07"),
    (MSRCommand.setDensity(.bits75, track: 1), "1B 62 A0"),
    (MSRCommand.setDensity(.bits210, track: 1), "1B 62 A1"),
    (MSRCommand.setDensity(.bits75, track: 2), "1B 62 4B"),
    (MSRCommand.setDensity(.bits210, track: 2), "1B 62 D2"),
    (MSRCommand.setDensity(.bits75, track: 3), "1B 62 C0"),
    (MSRCommand.setDensity(.bits210, track: 3), "1B 62 C1"),
    (MSRCommand.setBits([7, 5, 8]), "1B 6F 07 05 08"), (MSRCommand.hiCo, "1B 78"),
    (MSRCommand.loCo, "1B 79"), (MSRCommand.coercivity, "1B 64"), (MSRCommand.model, "1B 74"),
    (MSRCommand.firmware, "1B 76"), (MSRCommand.isoRead, "1B 72"), (MSRCommand.rawRead, "1B 6D"),
    (
      MSRCommand.isoWrite([1: [0x30, 0x31], 2: [0x32, 0x33], 3: [0x34, 0x35]]),
      "1B 77 1B 73 1B 01 30 31 1B 02 32 33 1B 03 34 35 3F 1C"
    ),
    (MSRCommand.isoWrite([2: [0x39]]), "1B 77 1B 73 1B 01 1B 02 39 1B 03 3F 1C"),
    (
      MSRCommand.rawWrite([1: [0x1b, 0x3f], 3: [0x1c]]),
      "1B 6E 1B 73 1B 01 02 1B 3F 1B 02 00 1B 03 01 1C 3F 1C"
    ),
  ])
  func `commands are the documented bytes`(command: [UInt8], hex: String) {
    #expect(command == bytes(hex))
  }

  @Test(
    arguments: [
      (0x30, nil, "", ""), (0x31, "EPCRW_WRITE", "device.write", ""),
      (0x32, "E_ILLEGAL", "device.rejected", ""), (0x34, "E_ILLEGAL", "device.rejected", ""),
      (0x39, "EPCRW_WRITE", "device.write", "bad swipe"),
      (0x41, "E_FAILURE", "device.fault", ""),
    ] as [(UInt8, String?, String, String)])
  func `each status has its name and its failure`(
    code: UInt8, name: String?, failure: String, detail: String
  ) throws {
    let status = try #require(MSRStatus(rawValue: code))
    #expect(status.pointCardError?.rawValue == name)
    let found = status.failure(during: "1B 77")
    #expect((found?.code ?? "") == failure && (found?.detail ?? "") == detail)
    #expect(found == nil || found?.status == UInt32(code) && found?.during == "1B 77")
  }

  @Test func `the table holds every status and no other`() {
    #expect(MSRStatus.allCases.count == 6 && MSRStatus(rawValue: 0x33) == nil)
  }

  @Test(arguments: ["msr205", "msr206", "msr605", "msr606"])
  func `a model that does not print has no geometry and is swiped`(name: String) throws {
    let model = try msrModel([:], name)
    #expect(model.geometry == nil && model.text == nil && model.usb.isEmpty)
    #expect(model.record?.number == 1 && model.record?.encoding == .iso1)
    let driver = MSR(model: model)
    #expect(driver.path == .swiped)
    #expect(driver.support(for: .read) == .works && driver.support(for: .verify) == .works)
    for ability in [Ability.insert, .eject, .print, .erase, .partialErase] {
      #expect(driver.support(for: ability) == .cannot)
    }
    #expect(driver.support(for: .clean) == .notKnown)
    #expect(try failure { try driver.rewrite(FaceJob([])) }?.kind == .unsupported)
    #expect(try failure { try driver.lineTime(of: [], bitsPerSecond: 9600) }?.kind == .unsupported)
    for service in [DeviceService.counters, .clean, .testCard] {
      #expect(try failure { try driver.service(service) }?.kind == .unsupported)
    }
  }
}

struct MSRWireTests {
  @Test func `a wire log names what passes and tells no personal data`() throws {
    var reader = try msrDriver().wireReader()
    #expect(reader.read([0x1b], from: .host) == [])
    #expect(reader.read([0x72], from: .host) == ["1B 72 read"])
    #expect(
      reader.read(MSRCommand.isoWrite([1: [0x41, 0x42]]), from: .host) == [
        "1B 77 write: 2, 0, 0 bytes"
      ])
    #expect(
      reader.read(MSRCommand.rawWrite([2: [1, 2, 3]]), from: .host) == [
        "1B 6E raw write: 0, 3, 0 bytes"
      ])
    #expect(reader.read(MSRCommand.setBits([7, 5, 8]), from: .host) == ["1B 6F set bits 7 5 8"])
    #expect(reader.read([0x1b, 0x30], from: .device) == ["status 30 done"])
    #expect(reader.read([0x1b, 0x39], from: .device) == ["status 39 badSwipe"])
    #expect(reader.read([0x1b, 0x79], from: .device) == ["here"])
    let block = bytes("1B 73 1B 01 25 41 3F 1B 02 1B 2B 1B 03 1B 2B 3F 1C 1B 30")
    #expect(reader.read(block, from: .device) == ["answer, 19 bytes"])
  }

  @Test func `what may be personal is marked`() throws {
    let driver = try msrDriver()
    #expect(driver.awaitCard(within: nil).isConfidential && driver.read().isConfidential)
    #expect(try driver.encode("A").isConfidential)
    #expect(!driver.begin().isConfidential && !driver.situation().isConfidential)
  }
}
