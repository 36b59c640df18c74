import Configuration
import Digest
import LoyaltyRules
import SQLiteStore

/// A run of entries of one journal, as it travels between nodes.
///
/// NDJSON: a line that says what follows, then the entries' canonical texts, one a line. The first
/// line holds the node, epoch, first and last seq, the hash before the first entry and the hash of
/// the last, and an HMAC-SHA-256 over itself by the node's key; the hashes vouch for the entries.
package struct JournalSegment: Sendable {
  /// The set of entry types that a program knows. A later program that adds types has a higher
  /// number; what it wrote is kept, and the account concerned says that it needs this number.
  package static let edition: Int64 = 1

  package var node: String
  package var epoch: Int64
  package var first: Int64
  package var last: Int64
  /// The hash before the first entry.
  package var previous: [UInt8]
  /// The edition of the program that wrote it.
  package var edition: Int64
  private var mac: [UInt8]
  package var entries: [TravelledEntry]

  /// At most so many entries in one segment, and bytes of one line.
  package enum Limits {
    package static let entries = 20_000
    package static let line = 256 << 10
  }

  private static func header(
    node: String, epoch: Int64, first: Int64, last: Int64, previous: [UInt8], hash: [UInt8],
    edition: Int64
  ) -> [(String, JSON)] {
    [
      ("edition", .integer(edition)), ("epoch", .integer(epoch)), ("first", .integer(first)),
      ("format", 1), ("hash", .string(hexadecimal(hash))), ("kind", "journal"),
      ("last", .integer(last)), ("node", .string(node)),
      ("previous", .string(hexadecimal(previous))),
    ]
  }

  private static func code(_ header: [(String, JSON)], key: [UInt8]) -> [UInt8] {
    HMACSHA256.code(
      key: key, message: Array("pointcard journal".utf8) + JSON.object(header).canonical)
  }

  /// The bytes of a segment: canonical texts under a signed header.
  package static func write(
    node: String, epoch: Int64, first: Int64, previous: [UInt8], hash: [UInt8],
    texts: [[UInt8]], edition: Int64 = JournalSegment.edition, key: [UInt8]
  ) -> [UInt8] {
    let header = header(
      node: node, epoch: epoch, first: first, last: first + Int64(texts.count) - 1,
      previous: previous, hash: hash, edition: edition)
    let mac = hexadecimal(code(header, key: key))
    var bytes = JSON.object(header + [("mac", .string(mac))]).canonical
    bytes.append(0x0a)
    for text in texts {
      bytes += text
      bytes.append(0x0a)
    }
    return bytes
  }

  /// Reads a segment and verifies its chain; who signed it is for `isSigned` to say.
  ///
  /// - Throws: `SegmentFault` at the first entry that is wrong, or with seq 0 for the first line.
  package init(_ bytes: [UInt8]) throws(SegmentFault) {
    let lines = bytes.split(separator: 0x0a)
    guard let head = lines.first else { throw SegmentFault(seq: 0, problem: "it is empty") }
    let hash: [UInt8]
    do throws(ConfigurationError) {
      let root = try Node.parse(Array(head), source: "segment", dialect: .json)
      var object = try root.object()
      _ = try object.required("format").integer(in: 1...1)
      guard try object.required("kind").text() == "journal" else {
        throw root.error("is no journal")
      }
      node = try object.required("node").text()
      epoch = try object.required("epoch").integer(in: 1...Int64.max)
      first = try object.required("first").integer(in: 1...Int64.max / 2)
      last = try object.required("last").integer(in: 1...Int64.max / 2)
      edition = try object.required("edition").integer(in: 1...Int64.max)
      previous = try JournalSegment.digest(try object.required("previous"))
      hash = try JournalSegment.digest(try object.required("hash"))
      mac = try JournalSegment.digest(try object.required("mac"))
      try object.finish()
    } catch {
      throw SegmentFault(seq: 0, problem: "\(error.path) \(error.problem)")
    }
    guard lines.count <= JournalSegment.Limits.entries + 1 else {
      throw SegmentFault(
        seq: 0, problem: "has more than \(JournalSegment.Limits.entries) entries")
    }
    guard last >= first, last - first + 1 == Int64(lines.count - 1) else {
      throw SegmentFault(seq: 0, problem: "holds \(lines.count - 1) entries, its head says more")
    }
    entries = []
    var running = previous
    for (offset, line) in lines.dropFirst().enumerated() {
      let seq = first + Int64(offset)
      guard line.count <= JournalSegment.Limits.line else {
        throw SegmentFault(seq: seq, problem: "is longer than a line may be")
      }
      let entry = try TravelledEntry(
        reading: Array(line), node: node, epoch: epoch, seq: seq, previous: running)
      running = entry.hash
      entries.append(entry)
    }
    guard running == hash else {
      throw SegmentFault(seq: last, problem: "its hash is not the one in the head")
    }
  }

  private static func digest(_ node: Node) throws(ConfigurationError) -> [UInt8] {
    guard let bytes = hexadecimalBytes(try node.text()), bytes.count == 32 else {
      throw node.error("is no hash")
    }
    return bytes
  }

  /// Whether the holder of `key` signed it.
  package func isSigned(by key: [UInt8]) -> Bool {
    let header = JournalSegment.header(
      node: node, epoch: epoch, first: first, last: last, previous: previous,
      hash: entries.last?.hash ?? previous, edition: edition)
    return equalInConstantTime(JournalSegment.code(header, key: key), mac)
  }
}

/// Why bytes are no segment.
package struct SegmentFault: Error, Sendable, Equatable {
  /// The entry; 0 for the first line.
  package var seq: Int64
  package var problem: String
}

extension LedgerView {
  /// A run of a journal that this ledger holds, signed; nil when it holds nothing from `first` on.
  ///
  /// - Parameters:
  ///   - limit: entries at most.
  ///   - key: the node's, or that of the node that relays it.
  package func segment(
    of node: String, epoch: Int64, from first: Int64, limit: Int, key: [UInt8]
  ) throws -> [UInt8]? {
    let most = min(max(limit, 1), JournalSegment.Limits.entries)
    let end = first + Int64(most)
    let known = try store.rows(
      """
      SELECT \(Journal.columns) FROM entry
      WHERE node = ? AND epoch = ? AND seq >= ? AND seq < ? ORDER BY seq
      """, .text(node), .integer(epoch), .integer(first), .integer(end), read: Journal.stored)
    var unknown: [Int64: (text: [UInt8], hash: [UInt8], edition: Int64)] = [:]
    try store.each(
      """
      SELECT seq, text, hash, edition FROM unknown_entry
      WHERE node = ? AND epoch = ? AND seq >= ? AND seq < ?
      """, [.text(node), .integer(epoch), .integer(first), .integer(end)]
    ) { row in
      unknown[row.integer(0)] = (row.blob(1), row.blob(2), row.integer(3))
      return true
    }
    let start = try hash(before: EntryName(node: node, epoch: epoch, seq: first))
    guard let start else { return nil }
    var texts: [[UInt8]] = []
    var hash = start
    var edition = JournalSegment.edition
    var rows = known.makeIterator()
    var next = rows.next()
    for seq in first..<end {
      if let row = next, row.entry.name.seq == seq {
        texts.append(row.entry.canonical(previous: hash))
        hash = row.hash
        next = rows.next()
      } else if let kept = unknown[seq] {
        texts.append(kept.text)
        hash = kept.hash
        edition = max(edition, kept.edition)
      } else {
        break
      }
    }
    guard !texts.isEmpty else { return nil }
    return JournalSegment.write(
      node: node, epoch: epoch, first: first, previous: start, hash: hash, texts: texts,
      edition: edition, key: key)
  }

  /// The hash of an entry that this ledger holds, whether it can read it or not.
  func hash(of name: EntryName) throws -> [UInt8]? {
    try store.first(
      """
      SELECT hash FROM entry WHERE node = ?1 AND epoch = ?2 AND seq = ?3
      UNION ALL SELECT hash FROM unknown_entry WHERE node = ?1 AND epoch = ?2 AND seq = ?3
      """, .text(name.node), .integer(name.epoch), .integer(name.seq)
    ) { $0.blob(0) }
  }

  /// The hash that an entry is chained to; nil when this ledger does not hold what lies before it.
  func hash(before name: EntryName) throws -> [UInt8]? {
    guard name.seq == 1 else {
      return try hash(of: EntryName(node: name.node, epoch: name.epoch, seq: name.seq - 1))
    }
    guard let first = try Journal.find(name, in: store)?.entry else { return JournalHead.genesis }
    return try first.startsFrom()
  }
}

extension Entry {
  /// The hash that the first entry of an epoch follows: the one it continues, or the beginning.
  func startsFrom() throws -> [UInt8] {
    let facts = try EntryFacts(self)
    return facts.text("hash").flatMap { hexadecimalBytes($0) } ?? JournalHead.genesis
  }
}

extension LedgerView {
  /// How far this ledger holds each journal, in the order of their names.
  package func versionVector() throws -> [EntryName] {
    try store.rows("SELECT node, epoch, seq FROM journal ORDER BY node, epoch") { row in
      EntryName(node: row.text(0), epoch: row.integer(1), seq: row.integer(2))
    }
  }
}
