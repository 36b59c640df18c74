import Configuration
import SQLiteStore

/// One version of one register row, as it is kept and as it travels.
package struct RegisterRow: Sendable, Equatable {
  package var kind: RegisterKind
  /// Of members and cards a random id; of operators, tills and regions the name.
  package var id: String
  /// From 1; among rows of one id the highest (version, changedAt, node) is in force.
  package var version: Int64
  /// The node that wrote it.
  package var node: String
  /// Milliseconds since 1970.
  package var changedAt: Int64
  /// A canonical JSON object; nil: erased, which no later version brings back.
  package var content: String?

  package init(
    kind: RegisterKind, id: String, version: Int64, node: String, changedAt: Int64, content: String?
  ) {
    self.kind = kind
    self.id = id
    self.version = version
    self.node = node
    self.changedAt = changedAt
    self.content = content
  }

  /// The content as a tree.
  ///
  /// - Throws: when the row is erased or was damaged.
  func tree() throws(StoreError) -> Node {
    do throws(ConfigurationError) {
      return try Node.parse(
        Array((content ?? "").utf8), source: "\(kind.rawValue) \(id)", dialect: .json)
    } catch {
      throw unreadable
    }
  }

  /// A text of the content.
  func text(_ key: String) throws(StoreError) -> String {
    let tree = try tree()
    do throws(ConfigurationError) {
      var object = try tree.object()
      return try object.required(key).text()
    } catch {
      throw unreadable
    }
  }

  /// What is said of content that cannot be understood; names no field, for it may be personal.
  var unreadable: StoreError {
    StoreError(
      code: 11, message: "a register row cannot be read", subject: "\(kind.rawValue) \(id)")
  }
}

package enum RegisterKind: String, CaseIterable, Sendable {
  case member, card, consent, notice
  case `operator`, till, region
  /// What a card is told by beside its stripe; the id is the card's and the kind.
  case identifier
}

extension Registers {
  private static let rowColumns = "kind, id, version, node, changed_at, content"

  private static func row(_ row: Row) throws(StoreError) -> RegisterRow {
    guard let kind = RegisterKind(rawValue: row.text(0)) else {
      throw StoreError(
        code: 11, message: "a register of an unknown kind", subject: "register_row")
    }
    return RegisterRow(
      kind: kind, id: row.text(1), version: row.integer(2), node: row.text(3),
      changedAt: row.integer(4), content: row.optionalText(5))
  }

  /// The row in force; an erased one stays in force for ever. Nil when there never was one.
  package func current(_ kind: RegisterKind, _ id: String) throws(StoreError) -> RegisterRow? {
    try store.first(
      """
      SELECT \(Registers.rowColumns) FROM register_row WHERE kind = ? AND id = ?
      ORDER BY erased DESC, version DESC, changed_at DESC, node DESC LIMIT 1
      """, .text(kind.rawValue), .text(id), read: Registers.row)
  }

  /// Every row in force of a kind that is not erased, by id.
  package func current(_ kind: RegisterKind) throws(StoreError) -> [RegisterRow] {
    var rows: [RegisterRow] = []
    let all = try store.rows(
      """
      SELECT \(Registers.rowColumns) FROM register_row WHERE kind = ?
      ORDER BY id, erased DESC, version DESC, changed_at DESC, node DESC
      """, .text(kind.rawValue), read: Registers.row)
    var last: String?
    for row in all where row.id != last {
      last = row.id
      if row.content != nil { rows.append(row) }
    }
    return rows
  }

  /// Every version of a row, the oldest first.
  package func versions(_ kind: RegisterKind, _ id: String) throws(StoreError) -> [RegisterRow] {
    try store.rows(
      """
      SELECT \(Registers.rowColumns) FROM register_row WHERE kind = ? AND id = ?
      ORDER BY version, changed_at, node
      """, .text(kind.rawValue), .text(id), read: Registers.row)
  }

  /// Every version of every row of a kind, by id, the oldest first.
  func versions(of kind: RegisterKind) throws(StoreError) -> [RegisterRow] {
    try store.rows(
      """
      SELECT \(Registers.rowColumns) FROM register_row WHERE kind = ?
      ORDER BY id, version, changed_at, node
      """, .text(kind.rawValue), read: Registers.row)
  }

  /// Writes the next version of a row.
  func write(
    _ kind: RegisterKind, _ id: String, _ content: JSON, node: String, at milliseconds: Int64
  ) throws(StoreError) {
    try store.overwriting { () throws(StoreError) in
      let version =
        try store.integer(
          "SELECT max(version) FROM register_row WHERE kind = ? AND id = ?", .text(kind.rawValue),
          .text(id)) ?? 0
      try store.run(
        "INSERT INTO register_row VALUES (?, ?, ?, ?, ?, ?, 0)", .text(kind.rawValue), .text(id),
        .integer(version + 1), .text(node), .integer(milliseconds),
        .text(String(decoding: content.canonical, as: UTF8.self)))
    }
  }

  /// Takes in a row that another node wrote; the look-up indexes follow.
  ///
  /// - Returns: whether it was new here.
  @discardableResult
  package func merge(_ row: RegisterRow) throws(StoreError) -> Bool {
    return try store.overwriting { () throws(StoreError) -> Bool in
      try store.run(
        "INSERT OR IGNORE INTO register_row VALUES (?, ?, ?, ?, ?, ?, ?)", .text(row.kind.rawValue),
        .text(row.id), .integer(row.version), .text(row.node), .integer(row.changedAt),
        Value(row.content), .integer(row.content == nil ? 1 : 0))
      let isNew = store.changes == 1
      guard let force = try current(row.kind, row.id) else { return isNew }
      if force.content == nil { try empty(row.kind, row.id) }
      switch row.kind {
      case .member: try index(force)
      case .card: try indexNumber(force)
      case .identifier: try indexIdentifier(force)
      default: break
      }
      return isNew
    }
  }

  /// Takes the content out of every version and leaves a row that says so.
  func erase(
    _ kind: RegisterKind, _ id: String, node: String, at milliseconds: Int64
  ) throws(StoreError) {
    try store.overwriting { () throws(StoreError) in
      guard let force = try current(kind, id) else { return }
      if force.content != nil {
        try store.run(
          "INSERT INTO register_row VALUES (?, ?, ?, ?, ?, NULL, 1)", .text(kind.rawValue),
          .text(id),
          .integer(force.version + 1), .text(node), .integer(milliseconds))
      }
      try empty(kind, id)
    }
  }

  private func empty(_ kind: RegisterKind, _ id: String) throws(StoreError) {
    try store.run(
      """
      UPDATE register_row SET content = NULL, erased = 1
      WHERE kind = ? AND id = ? AND content IS NOT NULL
      """, .text(kind.rawValue), .text(id))
  }
}
