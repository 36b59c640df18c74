/// What SQLite reported, as facts.
package struct StoreError: Error, Equatable, Sendable, CustomStringConvertible {
  /// SQLite's extended result code, or 0 when the error is ours.
  package var code: Int32
  /// SQLite's message, or our sentence.
  package var message: String
  /// The statement or the file it was about. Values are never part of it.
  package var subject: String

  package init(code: Int32, message: String, subject: String) {
    self.code = code
    self.message = message
    self.subject = subject
  }

  /// The primary result code: the lower byte.
  package var primaryCode: Int32 { code & 0xff }
  /// Whether a unique index, a foreign key or a check refused the row.
  package var isConstraint: Bool { primaryCode == 19 }
  /// Whether another connection holds the lock.
  package var isBusy: Bool { primaryCode == 5 || primaryCode == 6 }
  /// Whether the file is not a database, or is damaged.
  package var isDamage: Bool { primaryCode == 11 || primaryCode == 26 }

  package var description: String { "\(message) (SQLite \(code)): \(subject)" }
}
