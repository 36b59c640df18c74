/// The tables of one component, as the steps that led to them.
///
/// A step that was ever released is never changed: a further one is added. Each runs once a
/// database, in its own transaction, and is recorded there.
package struct Schema: Sendable {
  package var component: String
  /// SQL text; the first leads from an empty database to version 1.
  package var steps: [String]

  package init(component: String, steps: [String]) {
    self.component = component
    self.steps = steps
  }

  /// Brings `connection` up to date.
  ///
  /// - Throws: also when the database was written by a later program, which is left untouched.
  package func migrate(_ connection: Connection) throws(StoreError) {
    try connection.execute(
      """
      CREATE TABLE IF NOT EXISTS schema_version (
        component TEXT PRIMARY KEY, version INTEGER NOT NULL) STRICT
      """)
    let found =
      try connection.integer(
        "SELECT version FROM schema_version WHERE component = ?", .text(component)) ?? 0
    guard found <= steps.count else {
      throw StoreError(
        code: 0,
        message: "its \(component) tables have version \(found), this program knows \(steps.count)",
        subject: connection.path)
    }
    for version in Int(found)..<steps.count {
      try connection.transaction { () throws(StoreError) in
        try connection.execute(steps[version])
        try connection.run(
          """
          INSERT INTO schema_version VALUES (?, ?)
          ON CONFLICT (component) DO UPDATE SET version = excluded.version
          """, .text(component), Value(version + 1))
      }
    }
  }
}
