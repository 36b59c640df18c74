/// A conversation with a device as a text file, `*.exchange`.
///
/// ```
/// # remarks
/// fact: some text            facts about it, before the first line of the conversation
/// > 02 59 03 5A              what the host sends
/// < 06                       what the device sends
/// < 02 59 20 "000000" 03 7A  texts may stand in quotes
/// ~                          the host's wait comes to its end
/// !                          the host calls the wait off
/// )                          the host writes no more on this connection
/// (                          the host begins a new connection
/// .                          the device ends the connection
/// ? A1 01 0000 0000 0001 = 18  a control request, its length and its answer; `= stall`: refused
/// ? 21 02 0000 0000 0000 : 01  a control request that carries data
/// ```
package struct Recording: Sendable {
  package enum Line: Hashable, Sendable {
    case host([UInt8])
    case device([UInt8])
    case silence
    case cancel
    case endOfWriting
    case reconnect
    case endOfStream
    case control(ControlRequest, [UInt8]?)
  }

  /// Keys and values, in the order of the file.
  package var facts: [(key: String, value: String)]
  package var lines: [Line]

  package init(facts: [(key: String, value: String)], lines: [Line]) {
    self.facts = facts
    self.lines = lines
  }

  /// The value of the first fact of that key.
  package subscript(key: String) -> String? { facts.first { $0.key == key }?.value }

  /// Longest file that is read, in bytes.
  package static let sizeLimit = 4 << 20

  /// Reads a file's text.
  package init(_ text: String) throws(RecordingError) {
    facts = []
    lines = []
    guard text.utf8.count <= Self.sizeLimit else {
      throw RecordingError(line: 1, problem: "is longer than \(Self.sizeLimit) bytes")
    }
    let rows = text.split(separator: "\n", omittingEmptySubsequences: false)
    for (index, row) in rows.enumerated() {
      let row = row.drop { $0 == " " }
      guard let mark = row.first, mark != "#" else { continue }
      let number = index + 1
      switch mark {
      case ">": lines.append(.host(try Self.bytes(row.dropFirst(), line: number)))
      case "<": lines.append(.device(try Self.bytes(row.dropFirst(), line: number)))
      case "~": lines.append(.silence)
      case "!": lines.append(.cancel)
      case ")": lines.append(.endOfWriting)
      case "(": lines.append(.reconnect)
      case ".": lines.append(.endOfStream)
      case "?": lines.append(try Self.control(row.dropFirst(), line: number))
      default:
        let parts = row.split(separator: ":", maxSplits: 1)
        guard lines.isEmpty, parts.count == 2 else {
          throw RecordingError(line: number, problem: "begins with none of > < ~ ! ( ) . ? #")
        }
        facts.append((String(parts[0]), String(parts[1].drop { $0 == " " })))
      }
    }
  }

  private static func control(_ row: Substring, line: Int) throws(RecordingError) -> Line {
    let sides = row.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    let parts = sides[0].split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    let setup = try bytes(parts[0], line: line)
    guard setup.count == 8 else {
      throw RecordingError(line: line, problem: "a control request begins with 8 bytes")
    }
    func word(_ at: Int) -> UInt16 { UInt16(setup[at]) << 8 | UInt16(setup[at + 1]) }
    let request = ControlRequest(
      kind: setup[0], request: setup[1], value: word(2), index: word(4),
      data: parts.count == 2 ? try bytes(parts[1], line: line) : [], length: Int(word(6)))
    guard sides.count == 2 else { return .control(request, []) }
    guard sides[1].drop(while: { $0 == " " }) != "stall" else { return .control(request, nil) }
    return .control(request, try bytes(sides[1], line: line))
  }

  private static func bytes(_ row: Substring, line: Int) throws(RecordingError) -> [UInt8] {
    var bytes: [UInt8] = []
    var rest = Array(row.utf8)[...]
    while let byte = rest.popFirst() {
      switch byte {
      case 0x20: continue
      case UInt8(ascii: "#"): return bytes
      case UInt8(ascii: "\""):
        guard let end = rest.firstIndex(of: UInt8(ascii: "\"")) else {
          throw RecordingError(line: line, problem: "a quote does not end")
        }
        bytes += rest[..<end]
        rest = rest[(end + 1)...]
      default:
        guard let high = VirtualCard.hexValue(byte), let next = rest.popFirst(),
          let low = VirtualCard.hexValue(next)
        else { throw RecordingError(line: line, problem: "two hexadecimal digits are wanted") }
        bytes.append(high << 4 | low)
      }
    }
    guard !bytes.isEmpty else { throw RecordingError(line: line, problem: "holds no bytes") }
    return bytes
  }

  /// The file's text.
  package var text: String {
    var rows = facts.map { "\($0.key): \($0.value)" }
    for line in lines {
      switch line {
      case .host(let bytes): rows.append("> " + Self.hex(bytes))
      case .device(let bytes): rows.append("< " + Self.hex(bytes))
      case .silence: rows.append("~")
      case .cancel: rows.append("!")
      case .endOfWriting: rows.append(")")
      case .reconnect: rows.append("(")
      case .endOfStream: rows.append(".")
      case .control(let request, let answer): rows.append("? " + Self.text(request, answer))
      }
    }
    return rows.joined(separator: "\n") + "\n"
  }

  private static func text(_ request: ControlRequest, _ answer: [UInt8]?) -> String {
    let words = [request.value, request.index, UInt16(request.length)].map { word in
      VirtualCard.hex([UInt8(word >> 8), UInt8(word & 0xff)]).uppercased()
    }
    var text = ([hex([request.kind, request.request])] + words).joined(separator: " ")
    if !request.data.isEmpty { text += " : " + hex(request.data) }
    guard let answer else { return text + " = stall" }
    return answer.isEmpty ? text : text + " = " + hex(answer)
  }

  private static func hex(_ bytes: [UInt8]) -> String {
    bytes.map { StarCommand.hex([$0]) }.joined(separator: " ")
  }
}

/// What is wrong with a recording's text.
package struct RecordingError: Error, Hashable, Sendable {
  /// Counted from 1.
  package var line: Int
  package var problem: String
}
