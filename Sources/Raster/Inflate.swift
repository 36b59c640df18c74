/// What undoes `Deflate`, and any other packing of RFC 1950 and RFC 1951 without a dictionary.
struct Inflate {
  /// The bytes of a zlib stream; what follows its check sum is not looked at.
  ///
  /// - Parameter limit: of bytes that may come out.
  static func zlib(_ bytes: [UInt8], limit: Int) throws(InflateError) -> [UInt8] {
    guard bytes.count >= 2 else { throw .cutOff }
    let (method, flags) = (Int(bytes[0]), Int(bytes[1]))
    guard method & 0xf == 8, method >> 4 <= 7, (method << 8 | flags) % 31 == 0, flags & 0x20 == 0
    else { throw .header }
    var inflate = Inflate(input: bytes, at: 2, limit: limit)
    try inflate.blocks()
    try inflate.alignToByte()
    var sum: UInt32 = 0
    for _ in 0..<4 { sum = sum << 8 | UInt32(try inflate.bits(8)) }
    guard sum == Deflate.adler(inflate.output) else { throw .checksum }
    return inflate.output
  }

  private let input: [UInt8]
  private var at: Int
  private let limit: Int
  private var output: [UInt8] = []
  /// Bits taken from the input and not yet used, the next one lowest.
  private var buffer: UInt = 0
  private var filled = 0

  private init(input: [UInt8], at: Int, limit: Int) {
    self.input = input
    self.at = at
    self.limit = limit
  }

  // MARK: Bits

  private mutating func fill() {
    while filled <= 48, at < input.count {
      buffer |= UInt(input[at]) << UInt(filled)
      filled += 8
      at += 1
    }
  }

  /// At most 16 bits as a number, the first one lowest.
  private mutating func bits(_ count: Int) throws(InflateError) -> Int {
    if filled < count { fill() }
    guard filled >= count else { throw .cutOff }
    let value = Int(buffer & (1 << UInt(count) - 1))
    buffer >>= UInt(count)
    filled -= count
    return value
  }

  private mutating func alignToByte() throws(InflateError) { _ = try bits(filled % 8) }

  private mutating func symbol(_ codes: PrefixCodes) throws(InflateError) -> Int {
    if filled < codes.longest { fill() }
    let entry = codes.entries[Int(buffer & (1 << UInt(codes.longest) - 1))]
    guard entry.length > 0 else { throw .code }
    guard filled >= entry.length else { throw .cutOff }
    buffer >>= UInt(entry.length)
    filled -= Int(entry.length)
    return Int(entry.symbol)
  }

  // MARK: Blocks

  private mutating func blocks() throws(InflateError) {
    var isLast = false
    while !isLast {
      isLast = try bits(1) == 1
      switch try bits(2) {
      case 0: try storedBlock()
      case 1: try codedBlock(literals: Inflate.fixedLiterals, distances: Inflate.fixedDistances)
      case 2:
        let (literals, distances) = try codes()
        try codedBlock(literals: literals, distances: distances)
      default: throw .block
      }
    }
  }

  private mutating func storedBlock() throws(InflateError) {
    try alignToByte()
    let count = try bits(16)
    guard try bits(16) == count ^ 0xffff else { throw .block }
    at -= filled / 8
    buffer = 0
    filled = 0
    guard at + count <= input.count else { throw .cutOff }
    guard output.count + count <= limit else { throw .tooLong }
    output += input[at..<at + count]
    at += count
  }

  private static let fixedLiterals = PrefixCodes(
    complete: (0..<288).map { $0 < 144 ? 8 : $0 < 256 ? 9 : $0 < 280 ? 7 : 8 })
  private static let fixedDistances = PrefixCodes(complete: [Int](repeating: 5, count: 32))

  /// The order in which a block lists the lengths of the codes for its lengths of codes.
  private static let lengthOrder = [
    16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15,
  ]

  /// The codes that stand at the beginning of a block with codes of its own.
  private mutating func codes() throws(InflateError) -> (PrefixCodes, PrefixCodes) {
    let literals = try bits(5) + 257
    let distances = try bits(5) + 1
    let listed = try bits(4) + 4
    guard literals <= 286, distances <= 30 else { throw .code }
    var lengths = [Int](repeating: 0, count: 19)
    for place in Inflate.lengthOrder.prefix(listed) { lengths[place] = try bits(3) }
    guard let outer = PrefixCodes(lengths), outer.isComplete else { throw .code }
    lengths = []
    while lengths.count < literals + distances {
      let symbol = try symbol(outer)
      switch symbol {
      case 16:
        guard let last = lengths.last else { throw .code }
        lengths += [Int](repeating: last, count: try bits(2) + 3)
      case 17: lengths += [Int](repeating: 0, count: try bits(3) + 3)
      case 18: lengths += [Int](repeating: 0, count: try bits(7) + 11)
      default: lengths.append(symbol)
      }
    }
    // a repetition must not run over the end, and without its code 256 a block has no end
    guard lengths.count == literals + distances, lengths[256] > 0,
      let first = PrefixCodes(Array(lengths[..<literals])),
      let second = PrefixCodes(Array(lengths[literals...]))
    else { throw .code }
    return (first, second)
  }

  private mutating func codedBlock(
    literals: PrefixCodes, distances: PrefixCodes
  ) throws(InflateError) {
    while true {
      let symbol = try symbol(literals)
      if symbol == 256 { return }
      if symbol < 256 {
        guard output.count < limit else { throw .tooLong }
        output.append(UInt8(symbol))
        continue
      }
      guard symbol <= 285 else { throw .code }
      let length = symbol == 285 ? 258 : try value(symbol - 257, inner: 4) + 3
      let step = try self.symbol(distances)
      guard step < 30 else { throw .code }
      let distance = try value(step, inner: 2) + 1
      guard distance <= output.count else { throw .distance }
      guard output.count + length <= limit else { throw .tooLong }
      for _ in 0..<length { output.append(output[output.count - distance]) }
    }
  }

  /// A number from its step and the bits after it; the steps come `inner` a power of two.
  private mutating func value(_ step: Int, inner: Int) throws(InflateError) -> Int {
    guard step >= inner * 2 else { return step }
    let extra = step / inner - 1
    return (inner + step % inner) << extra + (try bits(extra))
  }
}

/// Codes none of which begins with another, looked up by the bits that come next.
private struct PrefixCodes {
  /// For all values of so many next bits: the symbol whose code they begin with, and the code's
  /// length; 0 where there is none.
  private(set) var entries: [(symbol: UInt16, length: UInt8)]
  let longest: Int
  /// Whether every sequence of bits begins with a code.
  let isComplete: Bool

  /// Codes by the lengths of each symbol's code; nil when there are too many of a length, or too
  /// few: but none at all may be there, or a single one of one bit.
  init?(_ lengths: [Int]) {
    let longest = max(1, lengths.max() ?? 0)
    var free = 1 << longest
    for length in lengths where length > 0 { free -= 1 << (longest - length) }
    guard free >= 0, free == 0 || longest == 1 else { return nil }
    self.init(lengths, longest: longest, isComplete: free == 0)
  }

  init(complete lengths: [Int]) {
    self.init(lengths, longest: lengths.max() ?? 1, isComplete: true)
  }

  private init(_ lengths: [Int], longest: Int, isComplete: Bool) {
    self.longest = longest
    self.isComplete = isComplete
    entries = [(symbol: UInt16, length: UInt8)](repeating: (0, 0), count: 1 << longest)
    var code = 0
    for length in 1...longest {
      for (symbol, own) in lengths.enumerated() where own == length {
        // the stream has a code's highest bit first
        var reversed = 0
        for bit in 0..<length { reversed |= (code >> bit & 1) << (length - 1 - bit) }
        for place in stride(from: reversed, to: entries.count, by: 1 << length) {
          entries[place] = (UInt16(symbol), UInt8(length))
        }
        code += 1
      }
      code <<= 1
    }
  }
}
