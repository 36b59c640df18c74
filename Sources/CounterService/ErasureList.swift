import Configuration
import Platform

/// Who was erased at this node, in a file beside the database: a restored backup still holds them,
/// and does not roll this list back.
///
/// One JSON object a line: the member's random id, when, and by whom. A line is durable before the
/// member is erased, so an erasure that was cut short is finished at the next start.
struct ErasureList: Sendable {
  let path: String

  struct Line: Sendable, Equatable {
    var member: String
    /// Milliseconds since 1970.
    var at: Int64
    var actor: String
  }

  /// Adds a line, durably.
  func add(_ line: Line) throws {
    let isTorn = Files.exists(path) ? try Files.read(path, limit: 1 << 30).last != 0x0a : false
    let json: JSON = [
      "actor": .string(line.actor), "at": .integer(line.at), "member": .string(line.member),
    ]
    let file = try Files.openForWriting(path, mode: 0o600)
    try file.write((isTorn ? [0x0a] : []) + json.canonical + [0x0a])
    try file.synchronize()
    try Files.synchronizeFolder(Files.folder(of: path))
  }

  /// All lines; one that a power cut tore is none.
  func lines() throws -> [Line] {
    guard Files.exists(path) else { return [] }
    var lines: [Line] = []
    let parts = try Files.read(path, limit: 1 << 30)
      .split(separator: 0x0a, omittingEmptySubsequences: false)
    for (number, part) in parts.enumerated() where !part.isEmpty {
      do throws(ConfigurationError) {
        var object = try Node.parse(Array(part), source: path, dialect: .json).object()
        lines.append(
          Line(
            member: try object.required("member").text(), at: try object.required("at").integer(),
            actor: try object.required("actor").text()))
      } catch {
        // what was torn was never done: the line comes before the erasure
        guard number < parts.count - 1 else { break }
        guard part.last != UInt8(ascii: "}") else {
          throw ConfigurationError(
            source: path, line: number + 1, path: "", problem: "cannot be read",
            remedy: "restore the file from its copy")
        }
      }
    }
    return lines
  }
}
