import Configuration
import Digest
import SQLiteStore

/// What members are told of the use of their data: one text in one language, which never changes.
package struct Notice: Sendable, Equatable {
  /// As `privacy`.
  package var name: String
  /// As `zh-Hant`.
  package var language: String
  /// From 1.
  package var number: Int64
  package var text: String
  /// Milliseconds since 1970.
  package var at: Int64

  package init(name: String, language: String, number: Int64, text: String, at: Int64) {
    self.name = name
    self.language = language
    self.number = number
    self.text = text
    self.at = at
  }

  /// As `privacy-zh-Hant.2`.
  package var id: String { "\(name)-\(language).\(number)" }

  /// SHA-256 of the text, in hexadecimal.
  package var hash: String {
    SHA256.hash(Array(text.utf8)).map { byte in
      (byte < 16 ? "0" : "") + String(byte, radix: 16)
    }.joined()
  }

  init(_ row: RegisterRow) throws(StoreError) {
    let tree = try row.tree()
    do throws(ConfigurationError) {
      var object = try tree.object()
      self.init(
        name: try object.required("name").text(), language: try object.required("language").text(),
        number: try object.required("number").integer(), text: try object.required("text").text(),
        at: row.changedAt)
    } catch {
      throw row.unreadable
    }
  }
}

extension Registers {
  /// Every notice that was ever in force, by id.
  package func notices() throws(StoreError) -> [Notice] {
    var all: [Notice] = []
    for row in try current(.notice) { all.append(try Notice(row)) }
    return all
  }

  /// Puts a notice in force; the text that is in force already stays what it is.
  ///
  /// - Returns: the notice, with its number.
  package func addNotice(
    _ name: String, language: String, text: String, node: String, at milliseconds: Int64
  ) throws(StoreError) -> Notice {
    let known = try notices().filter { $0.name == name && $0.language == language }
    let newest = known.max { $0.number < $1.number }
    if let newest, newest.text == text { return newest }
    let notice = Notice(
      name: name, language: language, number: (newest?.number ?? 0) + 1, text: text,
      at: milliseconds)
    try write(
      .notice, notice.id,
      [
        "name": .string(name), "language": .string(language), "number": .integer(notice.number),
        "text": .string(text), "hash": .string(notice.hash),
      ], node: node, at: milliseconds)
    return notice
  }
}
