/// What a unit takes out of the stream of bytes: `1B`, a letter and what belongs to it.
enum MSROrder: Hashable, Sendable {
  /// The letter and its operands.
  case command(UInt8, [UInt8])
  /// A write and what is to stand on the tracks: texts, or raw bytes.
  case write(isRaw: Bool, [[UInt8]])
  /// A write whose block is no block.
  case malformed(UInt8)
}

/// Cuts the stream of bytes into orders, one byte at a time.
struct MSROrderReader: Hashable, Sendable {
  private var bytes: [UInt8] = []

  /// Bytes of one order at most: three raw tracks with what is around them.
  private static let limit = 800

  mutating func reset() { bytes = [] }

  mutating func take(_ byte: UInt8) -> MSROrder? {
    // what stands before 1B is no order
    if bytes.isEmpty, byte != 0x1b { return nil }
    bytes.append(byte)
    guard bytes.count > 1 else { return nil }
    switch bytes[1] {
    case 0x77: return text()
    case 0x6e: return raw()
    default:
      guard bytes.count == 2 + Self.operands(of: bytes[1]) else { return nil }
      defer { bytes = [] }
      return .command(bytes[1], Array(bytes[2...]))
    }
  }

  private static func operands(of letter: UInt8) -> Int {
    switch letter {
    case 0x7a: 2
    case 0x63, 0x62: 1
    case 0x6f: 3
    default: 0
    }
  }

  private mutating func malformed() -> MSROrder {
    defer { bytes = [] }
    return .malformed(bytes[1])
  }

  /// A block of texts ends at 1Ch; none of them holds it.
  private mutating func text() -> MSROrder? {
    guard bytes.count < Self.limit else { return malformed() }
    guard bytes.last == 0x1c else { return nil }
    var rest = bytes[2...]
    guard rest.starts(with: [0x1b, 0x73, 0x1b, 0x01]), rest.suffix(2) == [0x3f, 0x1c] else {
      return malformed()
    }
    rest = rest.dropFirst(4).dropLast(2)
    var tracks: [[UInt8]] = [[]]
    while let byte = rest.popFirst() {
      guard byte == 0x1b else {
        tracks[tracks.count - 1].append(byte)
        continue
      }
      guard tracks.count < 3, rest.popFirst() == UInt8(tracks.count + 1) else { return malformed() }
      tracks.append([])
    }
    guard tracks.count == 3 else { return malformed() }
    bytes = []
    return .write(isRaw: false, tracks)
  }

  private mutating func raw() -> MSROrder? {
    var wanted: [UInt8] = [0x1b, 0x73]
    var tracks: [[UInt8]] = []
    var at = 2
    for track: UInt8 in 1...3 {
      wanted += [0x1b, track]
      for byte in wanted {
        guard at < bytes.count else { return nil }
        guard bytes[at] == byte else { return malformed() }
        at += 1
      }
      wanted = []
      guard at < bytes.count else { return nil }
      let end = at + 1 + Int(bytes[at])
      guard end <= bytes.count else { return nil }
      tracks.append(Array(bytes[(at + 1)..<end]))
      at = end
    }
    for byte: UInt8 in [0x3f, 0x1c] {
      guard at < bytes.count else { return nil }
      guard bytes[at] == byte else { return malformed() }
      at += 1
    }
    bytes = []
    return .write(isRaw: true, tracks)
  }
}

/// Names what passes on the family's line; of stripes it tells lengths only.
struct MSRWireReader: WireReader {
  private var host = MSROrderReader()

  mutating func read(_ bytes: [UInt8], from side: WireSide) -> [String] {
    switch side {
    case .host: bytes.compactMap { host.take($0) }.map(Self.name)
    case .device: [Self.answer(bytes)]
    }
  }

  private static func answer(_ bytes: [UInt8]) -> String {
    guard bytes.count == 2, bytes[0] == 0x1b else { return "answer, \(bytes.count) bytes" }
    if let status = MSRStatus(rawValue: bytes[1]) {
      return "status \(String(bytes[1], radix: 16)) \(status)"
    }
    return bytes[1] == 0x79 ? "here" : "answer \(String(bytes[1], radix: 16))"
  }

  private static func name(_ order: MSROrder) -> String {
    switch order {
    case .malformed: return "a write that is malformed"
    case .write(let isRaw, let tracks):
      let lengths = tracks.map { String($0.count) }.joined(separator: ", ")
      return (isRaw ? "1B 6E raw write: " : "1B 77 write: ") + lengths + " bytes"
    case .command(let letter, let operands):
      let name = names[letter] ?? "unknown"
      let code = MSRCommand.name(of: [0x1b, letter])
      return ([code, name] + operands.map { String($0) }).joined(separator: " ")
    }
  }

  private static let names: [UInt8: String] = [
    0x61: "reset", 0x65: "are you there", 0x86: "sensor test", 0x87: "memory test",
    0x81: "lights off", 0x82: "all lights", 0x83: "green light", 0x84: "yellow light",
    0x85: "red light", 0x7a: "set leading zeros", 0x6c: "leading zeros", 0x63: "erase",
    0x62: "set density", 0x6f: "set bits", 0x78: "high coercivity", 0x79: "low coercivity",
    0x64: "coercivity", 0x74: "model", 0x76: "firmware", 0x72: "read", 0x6d: "raw read",
  ]
}
