/// The rows of `Package.swift`, read from its text.
struct PackageTable {
  struct Row {
    enum Kind { case program, room, suite }
    var kind: Kind
    var name: String
    var uses: [String]
    var testUses: [String]
  }

  let rows: [Row]

  /// - Throws: when the manifest no longer has the form that is read here.
  init(_ manifest: String) throws {
    let lists: [(name: String, kind: Row.Kind)] = [
      ("let programs = [", .program), ("let rooms = [", .room), ("let suites = [", .suite),
    ]
    var rows: [Row] = []
    for list in lists {
      guard let start = manifest.firstRange(of: list.name),
        let end = manifest[start.upperBound...].firstRange(of: "\n]")
      else { throw UnreadableManifest(missing: list.name) }
      let text = manifest[start.upperBound..<end.lowerBound]
      for part in text.split(separator: "Row(").dropFirst(text.hasPrefix("Row(") ? 0 : 1) {
        guard let name = PackageTable.strings(after: "name:", in: part).first else {
          throw UnreadableManifest(missing: "name")
        }
        rows.append(
          Row(
            kind: list.kind, name: name,
            uses: PackageTable.strings(in: "uses: [", part),
            testUses: PackageTable.strings(in: "testUses: [", part)))
      }
    }
    self.rows = rows
  }

  /// What the test target of a name may import of the package; nil when there is no such target.
  func testUses(_ target: String) -> [String]? {
    for row in rows {
      if row.kind == .suite, row.name == target { return row.uses }
      if row.kind == .room, row.name + "Tests" == target {
        return [row.name] + row.uses + row.testUses
      }
    }
    return nil
  }

  /// What a room or program may import of the package; nil when there is none of that name.
  func uses(_ target: String) -> [String]? {
    rows.first { $0.kind != .suite && $0.name == target }?.uses
  }

  private static func strings(in list: String, _ text: Substring) -> [String] {
    guard
      let start = text.ranges(of: list).first(where: { range in
        // `uses: [` must not be found at the end of `testUses: [`
        range.lowerBound == text.startIndex
          || !text[text.index(before: range.lowerBound)].isLetter
      }), let end = text[start.upperBound...].firstIndex(of: "]")
    else { return [] }
    return strings(after: "", in: text[start.upperBound..<end])
  }

  /// The string literals behind a word.
  private static func strings(after word: String, in text: Substring) -> [String] {
    var rest = text
    if !word.isEmpty {
      guard let range = text.firstRange(of: word) else { return [] }
      rest = text[range.upperBound...]
    }
    let parts = rest.split(separator: "\"", omittingEmptySubsequences: false)
    return parts.enumerated().filter { $0.offset % 2 == 1 }.map { String($0.element) }
  }
}

struct UnreadableManifest: Error {
  var missing: String
}
