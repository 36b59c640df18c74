import Configuration
import Digest
import Ledger
import Platform

/// Six digits for six digits: how somebody approves whom no line reaches. The till shows a code,
/// head office answers it, and only the two know the key.
package enum ApprovalCode {
  /// How long a code may be answered.
  static let minutes: Int64 = 10
  /// Wrong answers after which the command is dropped.
  static let tries: Int64 = 3

  /// The answer to a code.
  ///
  /// - Parameters:
  ///   - points: what the command is about, so that a larger one is not approved unseen: in points,
  ///     without zeros behind a fraction, as `12.5`.
  ///   - approver: who approves; stands in the entry.
  package static func answer(
    key: [UInt8], node: String, code: String, points: String, approver: String
  ) -> String {
    let message = "pointcard approval\n\(node)\n\(code)\n\(points)\n\(approver)"
    let mac = HMACSHA256.code(key: key, message: Array(message.utf8))
    let number = mac.prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    return digits(number)
  }

  /// A fresh code.
  static func code(_ random: RandomBytes) -> String {
    digits(random(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) })
  }

  private static func digits(_ number: UInt64) -> String {
    let text = String(number % 1_000_000)
    return String(repeating: "0", count: 6 - text.count) + text
  }

  /// Reads the key, 64 hexadecimal digits in a file of mode 0600, or makes it when `random` is
  /// given.
  package static func key(_ path: String, random: RandomBytes? = nil) throws -> [UInt8] {
    if let random, !Files.exists(path) {
      try Files.writeAtomically(Array((hexadecimal(random(32)) + "\n").utf8), to: path, mode: 0o600)
    }
    guard try Files.mode(of: path) & 0o077 == 0 else {
      throw ConfigurationError(
        source: path, line: 1, path: "", problem: "others can read it", remedy: "chmod 600 it")
    }
    let text = try Files.read(path, limit: 256).filter { $0 != 0x0a }
    let bytes = stride(from: 0, to: text.count - 1, by: 2).compactMap { start in
      UInt8(String(decoding: text[start..<start + 2], as: UTF8.self), radix: 16)
    }
    guard text.count == 64, bytes.count == 32 else {
      throw ConfigurationError(
        source: path, line: 1, path: "", problem: "is no key",
        remedy: "64 hexadecimal digits are wanted; restore the file")
    }
    return bytes
  }
}
