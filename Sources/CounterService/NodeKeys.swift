import Configuration
import Ledger
import Platform

/// The keys that journals are signed with: this node's own and those of others that are known here.
package struct NodeKeys: Sendable {
  private let keys: [String: [UInt8]]

  package init(_ keys: [String: [UInt8]]) { self.keys = keys }

  func key(of node: String) -> [UInt8]? { keys[node] }

  /// Reads the key file, or makes it with a fresh key for this node and mode 0600. Another node's
  /// key is a further line, carried over by hand.
  ///
  /// - Throws: `ConfigurationError` when it is malformed or others may read it; `SystemError`.
  package static func open(_ path: String, node: String, random: RandomBytes) throws -> NodeKeys {
    if !Files.exists(path) {
      let text = """
        // Secret. Whoever has a node's key can write in its name.
        { format: 1, nodes: { \(node): "\(hexadecimal(random(32)))" } }

        """
      try Files.writeAtomically(Array(text.utf8), to: path, mode: 0o600)
    }
    guard try Files.mode(of: path) & 0o077 == 0 else {
      throw ConfigurationError(
        source: path, line: 1, path: "", problem: "others can read it", remedy: "chmod 600 it")
    }
    let root = try Node.parse(try Files.read(path, limit: 1 << 20), source: path)
    var file = try root.object()
    _ = try file.required("format").integer(in: 1...1)
    var nodes = try file.required("nodes").object()
    var keys: [String: [UInt8]] = [:]
    for member in nodes.all() {
      guard let key = hexadecimalBytes(try member.value.text()), key.count == 32 else {
        throw member.value.error("is no key", remedy: "64 hexadecimal digits are wanted")
      }
      keys[member.key] = key
    }
    try file.finish()
    guard keys[node] != nil else {
      throw root.error("holds no key of \(node)", remedy: "restore the file")
    }
    return NodeKeys(keys)
  }
}
