import DeviceCatalog
import Testing

@testable import DeviceProtocols

private func hex(_ text: String) -> [UInt8] {
  text.split(separator: " ").map { UInt8($0, radix: 16)! }
}

struct SanwaCommandTests {
  @Test(
    arguments: [
      (SanwaCommand.initialise(.ejecting), "02 08 10 00 00 00 31 31 03 1B"),
      (.initialise(.standard), "02 07 10 00 00 00 30 03 24"),
      (.status, "02 06 20 00 00 00 03 25"), (.eject, "02 06 80 00 00 00 03 85"),
      (.read(track: 1), "02 09 33 00 00 00 30 30 30 03 09"),
      (.read(track: 2), "02 09 33 00 00 00 30 30 31 03 08"),
      (.cancelWait, "02 06 40 00 00 00 03 45"), (.clean, "02 06 A0 00 00 00 03 A5"),
      (.dispense, "02 07 B0 00 00 00 31 03 85"), (.checkDispenser, "02 07 B0 00 00 00 32 03 86"),
      (.printRetries(9), "02 07 C1 00 00 00 39 03 FC"), (.shutter(1), "02 07 D0 00 00 00 31 03 E5"),
      (.version, "02 06 F0 00 00 00 03 F5"), (.battery, "02 06 F5 00 00 00 03 F0"),
      (.erase, "02 06 7D 00 00 00 03 78"),
      (.print(now: true, appending: false, line: 1, []), "02 09 7C 00 00 00 30 30 01 03 77"),
      (
        .print(now: false, appending: true, line: 20, [0x41]), "02 0A 7C 00 00 00 31 31 14 41 03 20"
      ),
    ] as [(SanwaCommand, String)])
  func `a command has the bytes of the specification`(command: SanwaCommand, bytes: String) {
    #expect(command.bytes == hex(bytes))
  }

  @Test func `a write carries 69 bytes and a glyph 72`() {
    let write = SanwaCommand.write(track: 1, Array("AB".utf8))
    #expect(write.parameters.count == 3 + 0x45 && write.bytes.count == 80)
    #expect(write.parameters.prefix(6) == [0x30, 0x30, 0x30, 0x41, 0x42, 0])
    #expect(write.parameters.dropFirst(5).allSatisfy { $0 == 0 })
    let glyph = SanwaCommand.glyph(slot: 0x30, [UInt8](repeating: 0xaa, count: 0x48))
    #expect(glyph.bytes.count == 81 && glyph.parameters.first == 0x30)
    #expect(write.isConfidential && glyph.isConfidential && !SanwaCommand.status.isConfidential)
  }

  @Test func `the longest text makes a block of 255 bytes`() {
    let text = [UInt8](repeating: 0x41, count: SanwaCommand.textLimit)
    #expect(SanwaCommand.print(now: true, appending: false, line: 1, text).bytes.count == 255)
  }
}

struct SanwaReceiverTests {
  /// What comes of bytes, fed in parts that end at `cuts`.
  private func signals(_ bytes: [UInt8]) -> [SanwaReceiver.Signal] {
    var receiver = SanwaReceiver()
    return bytes.compactMap { receiver.take($0) }
  }

  @Test func `any command, status and data come through, whatever their values`() {
    var random = Seeded(state: ProcessSeed.value)
    for _ in 0..<2000 {
      let command = UInt8.random(in: 0...255, using: &random)
      let status = (0..<3).map { _ in UInt8.random(in: 0...255, using: &random) }
      let count = Int.random(in: 0...SanwaFrame.dataLimit, using: &random)
      let data = (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
      let block = SanwaFrame.block(command, data, status: status)
      #expect(block.count <= 255)
      #expect(
        signals([0x06] + block + [0x15] + block) == [
          .acknowledged, .block(command, status, data), .refused, .block(command, status, data),
        ], "SEED=\(ProcessSeed.value)")
    }
  }

  @Test func `every bit that is flipped in a block is noticed`() {
    let block = SanwaFrame.block(0x33, Array("P1TEST".utf8), status: [0x31, 0x30, 0x30])
    for place in block.indices {
      for bit in 0..<8 {
        var damaged = block
        damaged[place] ^= 1 << UInt8(bit)
        let blocks = signals(damaged).filter { if case .block = $0 { true } else { false } }
        #expect(blocks.isEmpty, "byte \(place) bit \(bit)")
      }
    }
  }

  @Test(arguments: [
    "02 05 20 00 00 03 22", "02 00", "02 06 20 00 00 00 02 24", "02 06 20 00 00 00 03 24",
  ])
  func `a block with a wrong length, end or check is garbled`(bytes: String) {
    #expect(signals(hex(bytes)).first == .garbled)
  }

  @Test func `random bytes never make it fail`() {
    var random = Seeded(state: ProcessSeed.value &+ 1)
    var receiver = SanwaReceiver()
    var blocks = 0
    for _ in 0..<200_000 {
      if case .block(_, let status, let data)? = receiver.take(.random(in: 0...255, using: &random))
      {
        blocks += 1
        #expect(status.count == 3 && data.count <= 249)
      }
    }
    #expect(blocks < 200)
  }
}

struct SanwaWireReaderTests {
  @Test func `a wire log names blocks and tells texts by their length`() {
    var reader = SanwaCRP(model: try! catalogue.get().model("sanwa-crp/abs-a31")!).wireReader()
    #expect(
      reader.read(SanwaCommand.write(track: 1, Array("SECRET".utf8)).bytes, from: .host)
        == ["53h, 72 bytes"])
    #expect(reader.read([0x06], from: .device) == ["ACK"])
    #expect(reader.read([0x05], from: .host) == ["ENQ"])
    let answer = SanwaFrame.block(0x33, Array("SECRET".utf8), status: [0x31, 0x30, 0x34])
    #expect(
      reader.read(answer, from: .device)
        == ["33h answered: card 31, none, waitingForCard, 6 bytes"])
    #expect(reader.read([0x02, 0x01], from: .device) == ["damaged block"])
    let odd = SanwaFrame.block(0x20, [], status: [0x31, 0x99, 0x98])
    #expect(
      reader.read(odd, from: .device)
        == ["20h answered: card 31, unknown problem, unknown state, 0 bytes"])
  }
}
