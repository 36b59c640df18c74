/// Bytes that have come and are not yet read.
struct ByteQueue: Sendable {
  private(set) var bytes: [UInt8] = []
  /// Index of the first byte that is not yet read.
  private(set) var start = 0

  var count: Int { bytes.count - start }

  mutating func append(_ more: some Collection<UInt8>) {
    if start == bytes.count {
      bytes.removeAll(keepingCapacity: true)
      start = 0
    } else if start > 65_536 {
      bytes.removeFirst(start)
      start = 0
    }
    bytes.append(contentsOf: more)
  }

  mutating func skip(_ count: Int) { start += count }

  /// The next `count` bytes or fewer.
  mutating func take(upTo count: Int) -> ArraySlice<UInt8> {
    let end = min(start + count, bytes.count)
    defer { start = end }
    return bytes[start..<end]
  }
}

/// Reads lines that end in carriage return and line feed, byte by byte or all at once with the
/// same result: what is wrong is found when a line is whole or longer than allowed.
struct LineReader: Sendable {
  /// How many bytes of the line under way hold no line feed.
  private var scanned = 0

  /// The next line without its end, or nil when it has not all come.
  mutating func next(
    _ queue: inout ByteQueue, limit: Int, tooLong: HTTPFailure
  ) throws(HTTPFailure) -> ArraySlice<UInt8>? {
    let rest = queue.bytes[(queue.start + scanned)...]
    guard let end = rest.firstIndex(of: 0x0a) else {
      scanned = queue.count
      guard scanned < limit else { throw tooLong }
      return nil
    }
    let length = end + 1 - queue.start
    guard length <= limit else { throw tooLong }
    scanned = 0
    let line = queue.take(upTo: length).dropLast()
    guard line.last == 0x0d else { throw .bareLineEnd }
    let text = line.dropLast()
    guard !text.contains(0x0d) else { throw .bareLineEnd }
    return text
  }
}

/// Reads a block of header fields up to the empty line.
struct FieldReader: Sendable {
  private(set) var headers = HTTPHeaders()
  private var lines = LineReader()
  private var used: Int

  /// - Parameter used: what of the limit for the head is used already, in bytes.
  init(used: Int) {
    self.used = used
  }

  /// Whether the block is complete now.
  mutating func read(
    _ queue: inout ByteQueue, _ limits: HTTPLimits
  ) throws(HTTPFailure) -> Bool {
    while true {
      let room = limits.head - used
      guard room > 0 else { throw .headTooLong }
      guard let line = try lines.next(&queue, limit: room, tooLong: .headTooLong) else {
        return false
      }
      used += line.count + 2
      if line.isEmpty { return true }
      guard headers.fields.count < limits.fields else { throw .tooManyFields }
      try add(line)
    }
  }

  private mutating func add(_ line: ArraySlice<UInt8>) throws(HTTPFailure) {
    guard let first = line.first, first != 0x20, first != 0x09 else { throw .foldedField }
    guard let colon = line.firstIndex(of: UInt8(ascii: ":")), colon > line.startIndex,
      line[..<colon].allSatisfy(isTokenByte)
    else { throw .badField }
    var value = line[(colon + 1)...]
    while value.first == 0x20 || value.first == 0x09 { value.removeFirst() }
    while value.last == 0x20 || value.last == 0x09 { value.removeLast() }
    guard value.allSatisfy({ ($0 >= 0x20 && $0 != 0x7f) || $0 == 0x09 }),
      let text = String(validating: value, as: UTF8.self)
    else { throw .badField }
    let name = line[..<colon].map { (0x41...0x5a).contains($0) ? $0 | 0x20 : $0 }
    headers.addChecked(String(decoding: name, as: UTF8.self), text)
  }
}

/// How the end of a body is found.
enum BodyFraming: Sendable, Equatable {
  case length(Int)
  case chunked
  /// Of answers only.
  case untilEnd

  /// What the header fields tell, nil when they tell nothing.
  static func told(by headers: HTTPHeaders, _ limits: HTTPLimits) throws(HTTPFailure)
    -> BodyFraming?
  {
    let lengths = headers.values(of: "content-length")
    let codings = headers.values(of: "transfer-encoding")
    guard lengths.isEmpty || codings.isEmpty else { throw .conflictingLengths }
    if !codings.isEmpty {
      guard codings.count == 1, codings[0].lowercased() == "chunked" else { throw .codingUnknown }
      return .chunked
    }
    guard !lengths.isEmpty else { return nil }
    var values = Set<Int>()
    for item in lengths.flatMap({ $0.split(separator: ",", omittingEmptySubsequences: false) }) {
      let digits = trimmed(item)
      guard !digits.isEmpty, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
        throw .badLength
      }
      // a number too big for a word is longer than any limit
      values.insert(Int(digits) ?? .max)
    }
    guard values.count == 1, let length = values.first else { throw .conflictingLengths }
    guard length <= limits.body else { throw .bodyTooLong }
    return .length(length)
  }
}
