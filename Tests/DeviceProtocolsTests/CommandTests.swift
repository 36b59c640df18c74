import DeviceCatalog
import DeviceProtocols
import Testing

private func hex(_ bytes: [UInt8]) -> String {
  bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16, uppercase: true) }
    .joined(separator: " ")
}

struct CommandTests {
  @Test(arguments: [
    (StarCommand.status, "02 59 03 5A"), (.reset, "02 5F 03 5C"),
    (.readAuto(track: 2), "02 22 03 21"), (.clearText, "02 40 03 43"),
    (.read(track: 2, format: .reverseJIS), "02 24 32 2C 34 03 0D"),
    (.print(eject: true, erase: true, print: true), "02 46 31 2C 31 2C 31 03 74"),
    (.print(eject: true, erase: true, print: false), "02 46 31 2C 31 2C 30 03 75"),
    (.discharge(completely: true), "02 50 31 03 62"),
    (.discharge(completely: false), "02 50 30 03 63"),
    (
      .setWriteData(track: 2, format: .reverseJIS, Array("TOkiWATest".utf8)),
      "02 36 54 4F 6B 69 57 41 54 65 73 74 03 0C"
    ),
    (.write(trackMask: 2), "02 31 32 03 00"), (.clearImages, "02 49 03 4A"),
    (.idleAtRear, "02 51 03 52"), (.cancelInsertion, "02 54 03 57"),
  ])
  func `commands are the documented blocks`(command: StarCommand, block: String) {
    #expect(hex(command.bytes) == block)
  }

  @Test(
    arguments: [
      (StarCommand.readAuto(track: 1), 0x21, ""), (.readAuto(track: 3), 0x23, ""),
      (.readAutoNow(track: 2), 0x26, ""), (.readNow(track: 2, format: .jis), 0x28, "2,0"),
      (.read(track: 1, format: .iso1), 0x24, "1,1"), (.read(track: 3, format: .iso3), 0x24, "3,3"),
      (.readBuffer(track: 1), 0x29, ""), (.readBuffer(track: 3), 0x2b, ""),
      (.readBufferOther, 0x2c, ""),
      (.setWriteData(track: 1, format: .reverseJIS, [0x41]), 0x35, "A"),
      (.setWriteData(track: 3, format: .jis, [0x41]), 0x3a, "A"),
      (.setWriteData(track: 1, format: .iso1, [0x41]), 0x3b, "A"),
      (.setWriteData(track: 3, format: .iso3, [0x31]), 0x3d, "1"),
      (.writeNow(trackMask: 7), 0x32, "7"),
      (.storedImage(orientation: 1, x: 10, y: 20, number: 1999), 0x42, "1,10,20,1999"),
      (.imageColumn(x: 479, y: 0, [0xa3]), 0x43, "479,,A3"),
      (.imageColumn(x: 0, y: 39, [0x01]), 0x43, "0,39,01"),
      (.imageBlock(x: 12, y: 3, height: 2, [0x0f, 0xf0]), 0x4d, "12,3,2,0FF0"),
      (.print(eject: false, erase: true, print: true), 0x46, "0,1,1"),
      (.idleAtFront, 0x53, ""), (.clean, 0x52, ""), (.cancelRemoval, 0x55, ""),
      (.version, 0x58, ""), (.transportCounter, 0x95, ""), (.printCounter, 0x96, ""),
      (.signal(light: .red, lamp: .blink, buzzer: .blinkThrice), 0x5a, "R24"),
      (.signal(light: .green, lamp: .keep, buzzer: .off), 0x5a, "G 0"),
      (.text(Array("3,0,23,A".utf8)), 0x41, "3,0,23,A"),
    ] as [(StarCommand, Int, String)])
  func `every command has its code and parameters`(
    command: StarCommand, code: Int, parameters: String
  ) {
    #expect(command.code == UInt8(code))
    #expect(command.parameters == Array(parameters.utf8))
    #expect(command.bytes.count == parameters.utf8.count + 4)
  }

  @Test func `registered glyphs are numbered by a hexadecimal digit`() {
    let full = StarCommand.fullWidthGlyph(number: 15, [UInt8](repeating: 0xa5, count: 72))
    #expect(full.code == 0x44 && full.parameters.starts(with: "0,F,A5".utf8))
    #expect(full.parameters.count == 4 + 144)
    let half = StarCommand.halfWidthGlyph(number: 0, [UInt8](repeating: 0, count: 36))
    #expect(half.code == 0x45 && half.parameters.count == 4 + 72)
  }

  @Test func `what may be personal is marked`() {
    #expect(StarCommand.text([0x41]).isConfidential)
    #expect(StarCommand.read(track: 2, format: .jis).isConfidential)
    #expect(StarCommand.setWriteData(track: 2, format: .jis, [0x41]).isConfidential)
    #expect(!StarCommand.status.isConfidential)
  }
}

struct StatusTests {
  @Test(
    arguments: [
      (0x20, nil, nil), (0x22, "C", "EPCRW_NOCARD"), (0x23, "C", "EPCRW_READ"),
      (0x31, "B", "EPCRW_PARITY"), (0x32, "B", "EPCRW_START"), (0x33, "B", "EPCRW_LRC"),
      (0x34, "B", "EPCRW_ENCODE"), (0x37, "B", "EPCRW_WRITE"), (0x38, "B", "EPCRW_JAM"),
      (0x40, "B", "EPCRW_COVER"), (0x41, "C", "E_ILLEGAL"), (0x42, "A", "EPCRW_MOTOR"),
      (0x43, "A", "EPCRW_PRINTER"), (0x44, "A", "E_FAILURE"), (0x45, "A", "E_FAILURE"),
      (0x4c, "C", "E_ILLEGAL"), (0x51, "C", "E_ILLEGAL"),
    ] as [(UInt8, String?, String?)])
  func `each status has its rank and its UnifiedPOS name`(
    code: UInt8, rank: String?, name: String?
  ) throws {
    let status = try #require(StarStatus(rawValue: code))
    #expect(status.rank?.rawValue == rank)
    #expect(status.pointCardError?.rawValue == name)
    if status.rank == .a { #expect(status.stripeFault == nil) }
  }

  @Test func `the table holds every status and no other`() {
    #expect(StarStatus.allCases.count == 17)
    #expect(StarStatus(rawValue: 0x21) == nil)
  }

  @Test(arguments: [
    ("000000", "none"), ("100000", "atInlet"), ("200000", "waitingForRemoval"),
    ("010000", "inside"), ("000100", "inside"), ("111100", "inside"),
    ("2010000", "waitingForRemoval"),
  ])
  func `sensor digits tell where the card is`(digits: String, position: String) throws {
    let sensors = try #require(StarSensors(Array(digits.utf8)))
    #expect(sensors.situation.position.rawValue == position)
    #expect(!sensors.situation.isCoverOpen)
  }

  @Test func `the cover and the dispenser have their digits`() throws {
    #expect(try #require(StarSensors(Array("000010".utf8))).isCoverOpen)
    #expect(try #require(StarSensors(Array("0000000".utf8))).dispenserHasCard == true)
    #expect(try #require(StarSensors(Array("0000001".utf8))).dispenserHasCard == false)
    #expect(try #require(StarSensors(Array("000000".utf8))).dispenserHasCard == nil)
  }

  @Test(arguments: ["", "00000", "00000000", "300000", "020000", "000002", "000001", "0000002"])
  func `other digits mean nothing`(digits: String) {
    #expect(StarSensors(Array(digits.utf8)) == nil)
  }

  @Test func `extended codes are those of the contract`() {
    #expect(PointCardError.read.extendedCode == 201)
    #expect(PointCardError.verify.extendedCode == 215)
    #expect(PointCardError.failure.extendedCode == nil)
    #expect(CardState.inDevice.rawValue == 3 && CardState.remaining.name == "REMAINING")
    for kind in DeviceFailure.Kind.allCases {
      #expect(DeviceFailure(kind).code == "device.\(kind.rawValue)")
      #expect(!DeviceFailure(kind).pointCardError.rawValue.isEmpty)
    }
  }
}

struct FamilyTests {
  @Test func `every family of the data files has a driver, and the other way round`() throws {
    let models = try catalogue.get().models
    #expect(Set(models.map(\.family)) == Set(DeviceFamilies.all.map(\.name)))
    for model in models { #expect(DeviceFamilies.driver(for: model) != nil) }
    var stranger = try #require(models.first)
    stranger.family = "unknown"
    #expect(DeviceFamilies.driver(for: stranger) == nil)
  }
}
