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
/// ```
package struct Recording: Sendable {
  package enum Line: Hashable, Sendable {
    case host([UInt8])
    case device([UInt8])
    case silence
    case cancel
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
      default:
        let parts = row.split(separator: ":", maxSplits: 1)
        guard lines.isEmpty, parts.count == 2 else {
          throw RecordingError(line: number, problem: "begins with none of > < ~ ! #")
        }
        facts.append((String(parts[0]), String(parts[1].drop { $0 == " " })))
      }
    }
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
      }
    }
    return rows.joined(separator: "\n") + "\n"
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
