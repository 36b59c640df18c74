import CardTracks
import Configuration
import Digest
import Ledger
import LoyaltyRules
import Platform

/// The secrets of a programme: what stripe records are signed with, and what strangers' stripes are
/// hashed with.
package struct CardKeys: Sendable {
  /// A key and the day from which on it signs.
  package struct Numbered: Sendable {
    package var key: StripeKey
    /// Nil: from the beginning.
    package var from: Day?
  }

  /// All keys, in the order in which they came to sign; each verifies for ever.
  package var numbered: [Numbered]
  /// For hashes of what is not ours, so that a number cannot be found from its hash.
  package var foreign: [UInt8]

  /// What verifies, whatever the day.
  package var stripe: [StripeKey] { numbered.map(\.key) }

  /// The key that a record of this day is signed with.
  package func signing(on day: Day) -> StripeKey {
    guard let key = numbered.last(where: { $0.from.map { $0 <= day } ?? true }) else {
      preconditionFailure("the first key of a file signs from the beginning")
    }
    return key.key
  }

  /// What stands for a stranger's stripe in an entry.
  package func foreignHash(_ text: String) -> String {
    Base32.encode(
      Array(HMACSHA256.code(key: foreign, message: Array(text.utf8)).prefix(10)))
  }

  /// Reads a key file, or makes it with fresh keys and mode 0600.
  ///
  /// - Throws: `ConfigurationError` when it is malformed or others may read it; `SystemError`.
  package static func open(_ path: String, random: RandomBytes) throws -> CardKeys {
    if !Files.exists(path) {
      let text = """
        // Secret. Whoever has these keys can make cards. Keep a copy in a safe.
        { format: 1,
          stripe: [{ number: 0, key: "\(hexadecimal(random(32)))" }],
          foreign: "\(hexadecimal(random(32)))" }

        """
      try Files.writeAtomically(Array(text.utf8), to: path, mode: 0o600)
    }
    guard try Files.mode(of: path) & 0o077 == 0 else {
      throw ConfigurationError(
        source: path, line: 1, path: "", problem: "others can read it", remedy: "chmod 600 it")
    }
    let node = try Node.parse(try Files.read(path, limit: 65_536), source: path)
    var file = try node.object()
    _ = try file.required("format").integer(in: 1...1)
    var keys: [Numbered] = []
    for entry in try file.required("stripe").list(limit: 32) {
      keys.append(try numbered(entry, after: keys))
    }
    guard !keys.isEmpty else { throw node.error("holds no stripe key", remedy: "restore the file") }
    let foreign = try secret(try file.required("foreign"))
    try file.finish()
    return CardKeys(numbered: keys, foreign: foreign)
  }

  private static func numbered(
    _ entry: Node, after keys: [Numbered]
  ) throws(ConfigurationError) -> Numbered {
    var object = try entry.object()
    let numberNode = try object.required("number")
    let number = Int(try numberNode.integer(in: 0...31))
    guard !keys.contains(where: { $0.key.number == number }) else {
      throw numberNode.error("\(number) stands twice", remedy: "give each key its own number")
    }
    let from = try object.optional("from").map { (node) throws(ConfigurationError) in
      try Programme.day(node)
    }
    guard keys.isEmpty == (from == nil) else {
      throw entry.error(
        keys.isEmpty ? "the first key has a day" : "the key \(number) has no day",
        remedy: "the first signs from the beginning, each further one from its day on: from")
    }
    if let from, let last = keys.last?.from, from <= last {
      throw entry.error(
        "\(from) is not after \(last)", remedy: "put the keys in order of their days")
    }
    let key = StripeKey(number: number, bytes: try secret(try object.required("key")))
    try object.finish()
    return Numbered(key: key, from: from)
  }

  private static func secret(_ node: Node) throws(ConfigurationError) -> [UInt8] {
    let text = Array(try node.text().utf8)
    var bytes: [UInt8] = []
    for start in stride(from: 0, to: text.count - 1, by: 2) {
      guard let byte = UInt8(String(decoding: text[start..<start + 2], as: UTF8.self), radix: 16)
      else { throw node.error("is not hexadecimal", remedy: "restore the file") }
      bytes.append(byte)
    }
    guard text.count == 64, bytes.count == 32 else {
      throw node.error("has \(text.count) characters", remedy: "64 hexadecimal digits are wanted")
    }
    return bytes
  }
}
