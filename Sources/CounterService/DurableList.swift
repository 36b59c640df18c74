import Configuration
import Platform

/// What must not come back: a file beside the database that a restored backup does not roll back.
/// There are three: `erasures` of members by id, `ended-operators` and `ended-tills` by name.
///
/// One JSON object a line. A line is durable before what it says is done, so what was cut short is
/// finished at the next start.
struct DurableList: Sendable {
  let path: String

  struct Line: Sendable, Equatable {
    /// The member's random id, or the name.
    var id: String
    /// Milliseconds since 1970.
    var at: Int64
    var actor: String
  }

  /// Adds a line, durably.
  func add(_ line: Line) throws {
    let isTorn = Files.exists(path) ? try Files.read(path, limit: 1 << 30).last != 0x0a : false
    let json: JSON = [
      "actor": .string(line.actor), "at": .integer(line.at), "id": .string(line.id),
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
    let parts = try Files.read(path, limit: 1 << 30).split(separator: 0x0a)
    for (number, part) in parts.enumerated() {
      do throws(ConfigurationError) {
        var object = try Node.parse(Array(part), source: path, dialect: .json).object()
        lines.append(
          Line(
            id: try object.required("id").text(), at: try object.required("at").integer(),
            actor: try object.required("actor").text()))
      } catch {
        // what was torn was never done: the line comes first. Its end is missing.
        guard part.last == UInt8(ascii: "}") else { continue }
        throw ConfigurationError(
          source: path, line: number + 1, path: "", problem: "cannot be read",
          remedy: "restore the file from its copy")
      }
    }
    return lines
  }
}
