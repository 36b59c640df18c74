import DeviceCatalog
import DeviceProtocols
import Raster
import Testing

struct EasyCommandTests {
  @Test(
    arguments: [
      (EasyCommand.state, [0x1a]), (EasyCommand.print, [0x0c]),
      (EasyCommand.firmware, [0x1b, 0x61]), (EasyCommand.serialNumber, [0x1b, 0x25, 0x6f, 0x53]),
      (EasyCommand.reboot, [0x1b, 0x24, 0x52]), (EasyCommand.feedFront, [0x1b, 0x31]),
      (EasyCommand.feedHopper, [0x1b, 0x63]), (EasyCommand.abortFeed, [0x1b, 0x32]),
      (EasyCommand.eject, [0x1b, 0x33]), (EasyCommand.readUID, [0x1b, 0x24, 0x24, 0x55]),
      (EasyCommand.displayDefault, [0x1b, 0x24, 0x44, 0x30]),
      (EasyCommand.rotateCard, [0x1b, 0x55]),
      (EasyCommand.moveForward(microsteps: 62), [0x1b, 0x6a, 0x00, 0x3e]),
      (EasyCommand.moveBackward(microsteps: 0x1234), [0x1b, 0x6b, 0x12, 0x34]),
      (
        EasyCommand.limitPrintArea(start: 100, end: 1100),
        [0x1b, 0x25, 0x64] + Array("01001100".utf8)
      ),
      (EasyCommand.eraseArea(.document), [0x1b, 0x4c, 0x31] + Array("000100961100".utf8)),
    ] as [([UInt8], [UInt8])])
  func `commands are the documented bytes`(command: [UInt8], bytes: [UInt8]) {
    #expect(command == bytes)
  }

  @Test func `the display test's vector comes out the same`() throws {
    let lines = (1...4).map { "Display Test Line\($0)" }
    let text = lines.map { $0 + "  " }.joined()
    #expect(text.utf8.count == 80)
    #expect(try EasyCommand.display(lines) == [0x1b, 0x24, 0x44, 0x31] + Array(text.utf8))
    let short = try EasyCommand.display(["A"])
    #expect(short.count == 84 && short[4] == 0x41 && short[5...].allSatisfy { $0 == 0x20 })
  }

  @Test(arguments: [
    ["a", "b", "c", "d", "e"], ["123456789012345678901"], ["é"], ["a\nb"], ["", "\u{7f}"],
  ])
  func `what the display cannot show is refused`(lines: [String]) throws {
    let failure = try failure { try EasyCommand.display(lines) }
    #expect(failure?.kind == .unprintable && failure?.detail.hasPrefix("line ") == true)
  }

  @Test(
    arguments: [
      (0x00, .none), (0x01, .inside), (0x02, .waitingForRemoval), (0x04, .inside),
      (0x08, .inside), (0x10, .inside), (0x20, .none), (0x40, .none), (0x80, .none),
      (0x22, .waitingForRemoval), (0x0b, .inside), (0xff, .inside),
    ] as [(UInt8, CardPosition)])
  func `state bits tell where the card is`(flags: UInt8, position: CardPosition) {
    let state = EasyState(flags: flags)
    #expect(state.situation == DeviceSituation(position: position, isCoverOpen: false))
    #expect(state.isAtFront == (flags & 2 != 0) && state.isInPosition == (flags & 8 != 0))
    #expect(state.isPrinting == (flags & 16 != 0) && state.isPrinted == (flags & 32 != 0))
    #expect(state.isError == (flags & 128 != 0))
  }

  @Test func `an error bit becomes a failure from which the bits can be read`() throws {
    let driver = try easyDriver()
    var pump = try easyPump()
    try pump.act(.plan(VirtualFault(.status(1), .beforePrint)))
    pump.device.cards = [chipCard()]
    _ = try pump.run(driver.awaitCard(within: nil))
    let failure = try failure { try pump.run(driver.rewrite(FaceJob([]))) }
    #expect(failure?.kind == .attention && failure?.status == 0x89)
    #expect(failure?.pointCardError == .failure && failure?.needsHand == true)
  }

  @Test(
    arguments: [
      (
        EasyTextElement("Äb", x: 960, y: 70),
        "1b4e 1b44 1b6230 1b7730 1b25783133 1b257930313330 c462"
      ),
      (
        EasyTextElement(
          "1", x: 0, y: 0, size: .large, isRotated: true, isDoubleWidth: true,
          isDoubleHeight: true),
        "1b4f 1b45 1b6231 1b7731 1b25783833 1b257931303930 31"
      ),
      (
        EasyTextElement("x", x: 600, y: 40, size: .small, isDoubleHeight: true),
        "1b4e 1b43 1b6230 1b7731 1b25783433 1b257930343930 78"
      ),
    ] as [(EasyTextElement, String)])
  func `text elements are built as documented`(element: EasyTextElement, hex: String) throws {
    let geometry = try #require(try easyModel().geometry)
    let bytes = try element.bytes(on: geometry)
    let digits = Array(hex.filter { $0 != " " })
    let wanted = stride(from: 0, to: digits.count, by: 2).map {
      UInt8(String(digits[$0...($0 + 1)]), radix: 16)!
    }
    #expect(bytes == wanted)
  }

  @Test(arguments: [
    EasyTextElement("a", x: 961, y: 0), EasyTextElement("a", x: -1, y: 0),
    EasyTextElement("a", x: 0, y: 71), EasyTextElement("a", x: 0, y: -1),
    EasyTextElement("漢", x: 0, y: 0), EasyTextElement("\u{1b}", x: 0, y: 0),
    EasyTextElement("\u{85}", x: 0, y: 0),
  ])
  func `texts that a document cannot hold are refused`(element: EasyTextElement) throws {
    let geometry = try #require(try easyModel().geometry)
    let failure = try failure { try element.bytes(on: geometry) }
    #expect(failure?.kind == .unprintable)
  }

  @Test func `a text is kept by the unit until the print, and not drawn`() throws {
    var device = EasyVirtualDevice(model: try easyModel())
    let geometry = try #require(try easyModel().geometry)
    let element = EasyTextElement("MÜLLER", x: 10, y: 60)
    _ = device.receive(try element.bytes(on: geometry) + [0x1b, 0x4e], at: .zero)
    #expect(device.bufferedTexts == [[0x4d, 0xdc, 0x4c, 0x4c, 0x45, 0x52]])
    _ = device.receive([0x0c], at: .zero)
    #expect(device.bufferedTexts.isEmpty, "no card is in position: it is thrown away")
  }

  @Test func `abilities are told`() throws {
    let driver = try easyDriver()
    #expect(driver.path == .held)
    #expect(driver.support(for: .read) == .works)
    #expect(try easyDriver(["uidReader": 0]).support(for: .read) == .cannot)
    #expect(driver.support(for: .write) == .cannot && driver.support(for: .verify) == .cannot)
    #expect(driver.support(for: .partialErase) == .works)
    #expect(driver.support(for: .clean) == .notKnown)
    for service in [DeviceService.counters, .clean, .testCard] {
      #expect(try failure { try driver.service(service) }?.kind == .unsupported)
    }
    #expect(try failure { try driver.encode("A") }?.kind == .unsupported)
    let job = FaceJob([], stripe: "A")
    #expect(try failure { try driver.rewrite(job) }?.kind == .unsupported)
  }
}

struct EasyWireTests {
  @Test func `a wire log names what passes and tells no personal data`() throws {
    var reader = try easyDriver().wireReader()
    #expect(reader.read([0x1a], from: .host) == ["1A state"])
    #expect(
      reader.read([0x29], from: .device) == ["state position sensor, card in position, printed"])
    #expect(reader.read([0x00], from: .device) == ["state nothing"])
    #expect(reader.read([0x1b, 0x24, 0x24], from: .host) == [])
    #expect(reader.read([0x55], from: .host) == ["1B 24 24 55 chip"])
    #expect(reader.read(Array("S 04A1B2C3\r".utf8), from: .device) == ["answer, 11 bytes"])
    let shown = reader.read(try EasyCommand.display(["MEIER"]) + [0x0c], from: .host)
    #expect(shown == ["1B 24 44 31 display, 84 bytes", "0C print"])
    let row: [UInt8] = [0x1b, 0x51, 2, 0, 1]
    #expect(reader.read(row + [0x4d, 0x4d, 0x1a], from: .host).count == 3)
    #expect(reader.read([0x1b, 0x7f], from: .host) == ["unknown command, 2 bytes"])
  }

  @Test func `what may be personal is marked`() throws {
    let driver = try easyDriver()
    #expect(try driver.rewrite(FaceJob([])).isConfidential && driver.read().isConfidential)
    #expect(driver.awaitCard(within: nil).isConfidential)
    #expect(try driver.display(["A"]).isConfidential)
    #expect(!driver.begin().isConfidential && !driver.situation().isConfidential)
  }
}
