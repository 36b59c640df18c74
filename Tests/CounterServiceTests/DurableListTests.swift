import Configuration
import Platform
import Testing

@testable import CounterService

/// The files of what must not come back.
struct DurableListTests {
  private func list() throws -> (TemporaryFolder, DurableList) {
    let folder = try TemporaryFolder()
    return (folder, DurableList(path: folder("erasures")))
  }

  private static func line(_ id: String) -> DurableList.Line {
    DurableList.Line(id: id, at: 7, actor: "hua")
  }

  @Test func `lines come back as they were added, and nobody else reads the file`() throws {
    let (folder, list) = try list()
    #expect(try list.lines() == [])
    for id in ["A", "B"] { try list.add(Self.line(id)) }
    #expect(try list.lines() == [Self.line("A"), Self.line("B")])
    #expect(try Files.mode(of: folder("erasures")) == 0o600)
  }

  @Test func `a line that a power cut tore is none, and the next one stands by itself`() throws {
    let (folder, list) = try list()
    try list.add(Self.line("A"))
    let whole = try Files.read(folder("erasures"), limit: 1_000)
    for length in whole.indices.dropLast() {
      try Files.writeAtomically(whole + whole[..<length], to: folder("erasures"))
      let isWhole = length == whole.count - 1
      #expect(try list.lines().count == (isWhole ? 2 : 1), "\(length)")
      try list.add(Self.line("B"))
      #expect(try list.lines().last == Self.line("B"), "\(length)")
    }
  }

  @Test func `a line that was altered stops the daemon with its place`() throws {
    let (folder, list) = try list()
    try Files.writeAtomically(Array("{\"id\":5}\n".utf8), to: folder("erasures"))
    let error = #expect(throws: ConfigurationError.self) { try list.lines() }
    #expect(error?.line == 1)
  }
}
