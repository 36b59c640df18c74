import Configuration
import LoyaltyRules
import SQLiteStore

/// The facts that stand in an entry's detail, by name.
struct EntryFacts {
  private let pairs: [(String, JSON)]

  init(_ pairs: [(String, JSON)]) { self.pairs = pairs }

  /// Reads the canonical object that an entry holds.
  init(_ entry: Entry) throws(ConfigurationError) {
    try self.init(reading: entry.detail, name: entry.name)
  }

  init(reading detail: String, name: EntryName) throws(ConfigurationError) {
    guard detail != "{}" else {
      self.init([])
      return
    }
    let node = try Node.parse(Array(detail.utf8), source: "\(name)", dialect: .json)
    guard case .object(let pairs) = try node.json() else {
      throw node.error("is no object")
    }
    self.init(pairs)
  }

  private func value(_ key: String) -> JSON? { pairs.first { $0.0 == key }?.1 }

  func integer(_ key: String) -> Int64? {
    if case .integer(let value)? = value(key) { value } else { nil }
  }

  func text(_ key: String) -> String? {
    if case .string(let value)? = value(key) { value } else { nil }
  }

  func flag(_ key: String) -> Bool {
    if case .bool(let value)? = value(key) { value } else { false }
  }

  func optionalFlag(_ key: String) -> Bool? {
    if case .bool(let value)? = value(key) { value } else { nil }
  }

  /// The facts of an object in it.
  func object(_ key: String) -> EntryFacts? {
    if case .object(let pairs)? = value(key) { EntryFacts(pairs) } else { nil }
  }

  var tenders: [Tender] {
    guard case .array(let values)? = value("tenders") else { return [] }
    return values.compactMap { value in
      guard case .object(let pairs) = value else { return nil }
      let facts = EntryFacts(pairs)
      guard let kind = facts.text("kind"), let amount = facts.integer("amount") else { return nil }
      return Tender(kind: kind, amount: amount)
    }
  }

  func texts(_ key: String) -> [String] {
    guard case .array(let values)? = value(key) else { return [] }
    return values.compactMap { if case .string(let text) = $0 { text } else { nil } }
  }
}
