/// A point in time: milliseconds since 1970-01-01T00:00:00Z.
package struct Instant: Hashable, Comparable, Sendable {
  package var milliseconds: Int64

  package init(milliseconds: Int64) { self.milliseconds = milliseconds }

  /// Later than every other instant: the end of what does not end.
  package static let never = Instant(milliseconds: .max)

  /// The end of points that live as long as the member is active: when that is, the account says.
  package static let whileActive = Instant(milliseconds: .max - 1)

  /// The end of the year 9999: no time that an entry, a till or a text tells is later.
  package static let last = Instant(milliseconds: 253_402_300_799_999)

  package static func < (a: Instant, b: Instant) -> Bool { a.milliseconds < b.milliseconds }

  /// This instant moved by `milliseconds`; `never` and `whileActive` stay where they are.
  package func adding(milliseconds: Int64) -> Instant {
    self >= .whileActive ? self : Instant(milliseconds: self.milliseconds + milliseconds)
  }
}

/// The name of an entry for ever: which node wrote it, in which epoch of its database, as which.
package struct EntryName: Hashable, Comparable, Sendable, CustomStringConvertible {
  /// The node's five characters.
  package var node: String
  /// Counted from 1; a restore opens the next.
  package var epoch: Int64
  /// Counted from 1 in each epoch.
  package var seq: Int64

  package init(node: String, epoch: Int64, seq: Int64) {
    self.node = node
    self.epoch = epoch
    self.seq = seq
  }

  /// By the number alone: it differs almost always, and names are looked up in every commit.
  package func hash(into hasher: inout Hasher) { hasher.combine(seq) }

  package static func < (a: EntryName, b: EntryName) -> Bool {
    (a.node, a.epoch, a.seq) < (b.node, b.epoch, b.seq)
  }

  /// As `TPE01.1.42`.
  package var description: String { "\(node).\(epoch).\(seq)" }

  /// The name that `description` wrote, or nil.
  package init?(_ text: String) {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 3, !parts[0].isEmpty, let epoch = Int64(parts[1]), epoch > 0,
      let seq = Int64(parts[2]), seq > 0
    else { return nil }
    self.init(node: String(parts[0]), epoch: epoch, seq: seq)
  }
}

/// The place of an entry in the fold: by time of effect, then by name, so that every node orders
/// one set of entries alike whatever order they arrived in.
package struct FoldKey: Hashable, Comparable, Sendable {
  package var effectiveAt: Instant
  package var name: EntryName

  package init(effectiveAt: Instant, name: EntryName) {
    self.effectiveAt = effectiveAt
    self.name = name
  }

  package static func < (a: FoldKey, b: FoldKey) -> Bool {
    a.effectiveAt == b.effectiveAt ? a.name < b.name : a.effectiveAt < b.effectiveAt
  }
}
