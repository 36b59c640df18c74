/// Collects a body.
struct BodyReader: Sendable {
  private enum Stage: Sendable {
    case length(left: Int)
    case untilEnd
    case chunkLine
    case chunk(left: Int)
    case chunkEnd(expected: UInt8)
    case trailer(FieldReader)
    case done
  }

  private(set) var body: [UInt8] = []
  private var stage: Stage
  private var lines = LineReader()

  init(_ framing: BodyFraming) {
    switch framing {
    case .length(let length):
      stage = .length(left: length)
      body.reserveCapacity(length)
    case .chunked: stage = .chunkLine
    case .untilEnd: stage = .untilEnd
    }
  }

  /// Whether the body is complete when the stream ends now.
  var endsWithStream: Bool {
    if case .untilEnd = stage { true } else { false }
  }

  /// Whether the body is complete now.
  mutating func read(
    _ queue: inout ByteQueue, _ limits: HTTPLimits
  ) throws(HTTPFailure) -> Bool {
    while true {
      switch stage {
      case .length(let left):
        let part = queue.take(upTo: left)
        body += part
        stage = .length(left: left - part.count)
        return part.count == left
      case .untilEnd:
        guard body.count + queue.count <= limits.body else { throw .bodyTooLong }
        body += queue.take(upTo: .max - queue.start)
        return false
      case .chunkLine:
        let line = try lines.next(&queue, limit: limits.chunkLine, tooLong: .badChunk)
        guard let line else { return false }
        let size = try Self.size(line)
        guard size <= limits.body - body.count else { throw .bodyTooLong }
        stage = size == 0 ? .trailer(FieldReader(used: 0)) : .chunk(left: size)
      case .chunk(let left):
        let part = queue.take(upTo: left)
        body += part
        guard part.count == left else {
          stage = .chunk(left: left - part.count)
          return false
        }
        stage = .chunkEnd(expected: 0x0d)
      case .chunkEnd(let expected):
        guard let byte = queue.take(upTo: 1).first else { return false }
        guard byte == expected else { throw .badChunk }
        stage = expected == 0x0d ? .chunkEnd(expected: 0x0a) : .chunkLine
      case .trailer(var fields):
        // trailer fields are checked and dropped
        stage = .done
        guard try fields.read(&queue, limits) else {
          stage = .trailer(fields)
          return false
        }
      case .done: return true
      }
    }
  }

  /// The size that begins a chunk; extensions behind a semicolon are ignored.
  private static func size(_ line: ArraySlice<UInt8>) throws(HTTPFailure) -> Int {
    let digits = line.prefix { hexValue($0) != nil }
    let rest = line[digits.endIndex...].drop { $0 == 0x20 || $0 == 0x09 }
    guard !digits.isEmpty, rest.isEmpty || rest.first == UInt8(ascii: ";"),
      line.allSatisfy({ ($0 >= 0x20 && $0 != 0x7f) || $0 == 0x09 })
    else { throw .badChunk }
    let significant = digits.drop { $0 == 0x30 }
    // more than 15 digits are longer than any limit
    guard significant.count <= 15 else { throw .bodyTooLong }
    return significant.reduce(0) { $0 << 4 | Int(hexValue($1)!) }
  }
}
