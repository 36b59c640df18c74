import Digest
import Testing

/// PNG files of random dots, made by the specification; packed in stored blocks.
struct PNGMaking {
  struct Kind: Sendable, CustomTestStringConvertible {
    var depth: Int
    var colour: Int
    var samples: Int { [0: 1, 2: 3, 3: 1, 4: 2, 6: 4][colour] ?? 0 }
    var testDescription: String { "colour type \(colour) of \(depth) bits" }
  }

  static let kinds =
    [1, 2, 4, 8, 16].map { Kind(depth: $0, colour: 0) }
    + [1, 2, 4, 8].map { Kind(depth: $0, colour: 3) }
    + [8, 16].flatMap { depth in [2, 4, 6].map { Kind(depth: depth, colour: $0) } }

  let width: Int
  let height: Int
  private(set) var file: [UInt8] = []
  /// What a reader finds: brightness before white.
  private(set) var greys: [UInt8] = []
  private let kind: Kind
  private var dots: [[Int]] = []
  private var palette: [[Int]] = []
  private var transparency: [Int] = []

  init(_ kind: Kind, isInterlaced: Bool, _ numbers: inout some RandomNumberGenerator) {
    self.kind = kind
    width = Int.random(in: 1...19, using: &numbers)
    height = Int.random(in: 1...19, using: &numbers)
    let most = 1 << kind.depth - 1
    if kind.colour == 3 {
      let count = Int.random(in: 1...most + 1, using: &numbers)
      palette = (0..<count).map { _ in (0..<3).map { _ in Int.random(in: 0...255, using: &numbers) }
      }
    }
    let values = 0...(kind.colour == 3 ? palette.count - 1 : most)
    for _ in 0..<width * height {
      dots.append((0..<kind.samples).map { _ in Int.random(in: values, using: &numbers) })
    }
    if Bool.random(using: &numbers) {
      switch kind.colour {
      case 0, 2: transparency = dots[Int.random(in: 0..<dots.count, using: &numbers)]
      case 3:
        let count = Int.random(in: 1...palette.count, using: &numbers)
        transparency = (0..<count).map { _ in Int.random(in: 0...255, using: &numbers) }
      default: break
      }
    }
    greys = dots.map(grey)
    file = made(isInterlaced: isInterlaced, &numbers)
  }

  private func grey(_ dot: [Int]) -> UInt8 {
    var most = 1 << kind.depth - 1
    var colour = dot
    var opacity = most
    switch kind.colour {
    case 0, 2: if dot == transparency { return 255 }
    case 3:
      most = 255
      colour = palette[dot[0]]
      opacity = dot[0] < transparency.count ? transparency[dot[0]] : 255
    default: opacity = colour.removeLast()
    }
    var value = colour[0]
    if colour.count == 3 {
      value = (colour[0] * 299 + colour[1] * 587 + colour[2] * 114 + 500) / 1000
    }
    // to the nearest 255th, from the white side
    let ink = (most - value) * opacity * 255
    return UInt8(255 - (ink + most * most / 2) / (most * most))
  }

  private func made(
    isInterlaced: Bool, _ numbers: inout some RandomNumberGenerator
  ) -> [UInt8] {
    var lines: [UInt8] = []
    let whole = [(0, 0, 1, 1)]
    let seven = [
      (0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2),
      (0, 1, 1, 2),
    ]
    for (x, y, across, down) in isInterlaced ? seven : whole where x < width {
      var above: [UInt8] = []
      for row in stride(from: y, to: height, by: down) {
        let line = packed(stride(from: x, to: width, by: across).map { dots[row * width + $0] })
        if above.isEmpty { above = [UInt8](repeating: 0, count: line.count) }
        let filter = Int.random(in: 0...4, using: &numbers)
        lines.append(UInt8(filter))
        for at in line.indices { lines.append(line[at] &- guess(filter, line, above, at)) }
        above = line
      }
    }
    var chunks: [(String, [UInt8])] = [
      (
        "IHDR",
        PNGMaking.word(width) + PNGMaking.word(height)
          + [UInt8(kind.depth), UInt8(kind.colour), 0, 0, isInterlaced ? 1 : 0]
      ), ("gAMA", [0, 0, 0xb1, 0x8f]),
    ]
    if kind.colour == 3 { chunks.append(("PLTE", palette.joined().map { UInt8($0) })) }
    if !transparency.isEmpty {
      let bytes = transparency.flatMap { value in
        kind.colour == 3 ? [UInt8(value)] : [UInt8(value >> 8), UInt8(value & 255)]
      }
      chunks.append(("tRNS", bytes))
    }
    let packed = PNGMaking.zlib(lines)
    let cut = Int.random(in: 0...packed.count, using: &numbers)
    chunks += [("IDAT", Array(packed[..<cut])), ("IDAT", Array(packed[cut...])), ("IEND", [])]
    return PNGMaking.file(chunks)
  }

  private func packed(_ dots: [[Int]]) -> [UInt8] {
    var bytes: [UInt8] = []
    var (buffer, filled) = (0, 0)
    for sample in dots.joined() {
      buffer = buffer << kind.depth | sample
      filled += kind.depth
      while filled >= 8 {
        filled -= 8
        bytes.append(UInt8(buffer >> filled & 255))
      }
      buffer &= 0xff
    }
    if filled > 0 { bytes.append(UInt8(buffer << (8 - filled) & 255)) }
    return bytes
  }

  private func guess(_ filter: Int, _ line: [UInt8], _ above: [UInt8], _ at: Int) -> UInt8 {
    let step = max(1, kind.depth * kind.samples / 8)
    let left = at < step ? 0 : Int(line[at - step])
    let corner = at < step ? 0 : Int(above[at - step])
    let up = Int(above[at])
    switch filter {
    case 1: return UInt8(left)
    case 2: return UInt8(up)
    case 3: return UInt8((left + up) / 2)
    case 4:
      let wanted = left + up - corner
      let nearest = [left, up, corner].enumerated().min { a, b in
        (abs(a.element - wanted), a.offset) < (abs(b.element - wanted), b.offset)
      }
      return UInt8(nearest?.element ?? 0)
    default: return 0
    }
  }

  // MARK: Files

  static func word(_ value: Int) -> [UInt8] {
    [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> $0) }
  }

  static func file(_ chunks: [(String, [UInt8])]) -> [UInt8] {
    chunks.reduce([0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10]) { file, chunk in
      let body = Array(chunk.0.utf8) + chunk.1
      return file + word(chunk.1.count) + body + word(Int(CRC32.checksum(body)))
    }
  }

  /// In stored blocks of 500 bytes.
  static func zlib(_ bytes: [UInt8]) -> [UInt8] {
    var packed: [UInt8] = [0x78, 0x01]
    var at = 0
    repeat {
      let end = min(at + 500, bytes.count)
      let count = end - at
      packed += [end == bytes.count ? 1 : 0, UInt8(count & 255), UInt8(count >> 8)]
      packed += [~UInt8(count & 255), ~UInt8(count >> 8)] + bytes[at..<end]
      at = end
    } while at < bytes.count
    var (a, b) = (1, 0)
    for byte in bytes {
      a = (a + Int(byte)) % 65_521
      b = (b + a) % 65_521
    }
    return packed + word(b << 16 | a)
  }

  /// The file with every check sum right that can be found.
  static func withChecksums(_ file: [UInt8]) -> [UInt8] {
    var mended = file
    var at = 8
    while at + 12 <= file.count {
      let length = file[at..<at + 4].reduce(0) { $0 << 8 | Int($1) }
      guard at + 12 + length <= file.count else { return mended }
      let sum = word(Int(CRC32.checksum(Array(file[at + 4..<at + 8 + length]))))
      mended.replaceSubrange(at + 8 + length..<at + 12 + length, with: sum)
      at += 12 + length
    }
    return mended
  }
}
