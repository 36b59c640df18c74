import Digest
import SQLiteStore

/// That an operator has proven who they are, for a while. Only the token's hash is kept.
package struct SignIn: Sendable, Equatable {
  package var hash: [UInt8]
  package var name: String
  /// The till whose token opened it; nil: it is bound to none.
  package var till: String?
  /// Milliseconds since 1970.
  package var endsAt: Int64

  package init(hash: [UInt8], name: String, till: String?, endsAt: Int64) {
    self.hash = hash
    self.name = name
    self.till = till
    self.endsAt = endsAt
  }
}

/// A token's text: 160 random bits as 32 characters of base 32.
package enum Token {
  package static func text(_ random: [UInt8]) -> String { Base32.encode(random) }

  /// What is kept of it. It is as random as a key, so a plain hash tells nothing.
  package static func hash(_ text: String) -> [UInt8] { SHA256.hash(Array(text.utf8)) }
}

/// Wrong secrets that were tried for somebody.
package struct Attempts: Sendable, Equatable {
  package var failures: Int64 = 0
  /// Milliseconds since 1970; before it nothing is tried.
  package var lockedUntil: Int64 = 0

  package init(failures: Int64 = 0, lockedUntil: Int64 = 0) {
    self.failures = failures
    self.lockedUntil = lockedUntil
  }
}

extension Registers {
  // MARK: Sign-ins

  package func put(_ signIn: SignIn, at milliseconds: Int64) throws(StoreError) {
    try store.run("DELETE FROM sign_in WHERE ends_at <= ?", .integer(milliseconds))
    try store.run(
      "INSERT INTO sign_in VALUES (?, ?, ?, ?, ?)", .blob(signIn.hash), .text(signIn.name),
      Value(signIn.till), .integer(milliseconds), .integer(signIn.endsAt))
  }

  package func signIns() throws(StoreError) -> [SignIn] {
    try store.rows("SELECT hash, operator, till, ends_at FROM sign_in ORDER BY hash") { row in
      SignIn(
        hash: row.blob(0), name: row.text(1), till: row.optionalText(2), endsAt: row.integer(3))
    }
  }

  package func endSignIn(_ hash: [UInt8]) throws(StoreError) {
    try store.run("DELETE FROM sign_in WHERE hash = ?", .blob(hash))
  }

  /// Ends every sign-in of an operator.
  package func endSignIns(of name: String) throws(StoreError) {
    try store.run("DELETE FROM sign_in WHERE operator = ?", .text(name))
  }

  /// Ends every sign-in that was opened through a till.
  package func endSignIns(at till: String) throws(StoreError) {
    try store.run("DELETE FROM sign_in WHERE till = ?", .text(till))
  }

  // MARK: Attempts

  package func attempts(_ subject: String) throws(StoreError) -> Attempts {
    try store.first(
      "SELECT failures, locked_until FROM attempt WHERE subject = ?", .text(subject)
    ) { Attempts(failures: $0.integer(0), lockedUntil: $0.integer(1)) } ?? Attempts()
  }

  package func put(_ attempts: Attempts, for subject: String) throws(StoreError) {
    try store.run(
      """
      INSERT INTO attempt VALUES (?, ?, ?) ON CONFLICT (subject) DO UPDATE SET
        failures = excluded.failures, locked_until = excluded.locked_until
      """, .text(subject), .integer(attempts.failures), .integer(attempts.lockedUntil))
  }

  package func forgetAttempts(_ subject: String) throws(StoreError) {
    try store.run("DELETE FROM attempt WHERE subject = ?", .text(subject))
  }
}
