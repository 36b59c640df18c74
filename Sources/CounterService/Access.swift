import Configuration
import CounterAPI
import HTTPMessages
import Ledger
import LoyaltyRules
import Platform
import Registers

/// Says who a caller is, and whether a secret is the right one.
package final class Access: Sendable {
  private let state = Guarded(Directory())
  private let pins: PinKeeper
  private let ledger: Ledger
  private let limits: CounterLimits
  private let clocks: Clocks
  private let random: RandomBytes

  /// - Throws: EAGAIN when the machine has no room for another thread.
  package init(
    ledger: Ledger, limits: CounterLimits, clocks: Clocks, random: RandomBytes
  ) async throws {
    self.ledger = ledger
    self.limits = limits
    self.clocks = clocks
    self.random = random
    pins = try PinKeeper()
    try await reload()
  }

  /// Who is in force now.
  var directory: Directory { state.withLock { $0 } }

  /// Reads everything anew; on the ledger's thread, so that the latest reading wins.
  func reload() async throws {
    let state = state
    try await ledger.read { view in
      let read = try Directory(Registers(view.store))
      state.withLock { $0 = read }
    }
  }

  // MARK: Who calls

  /// The caller of a request: by token; on the unix socket by the user who is bound to an operator;
  /// while there are no operators, the daemon's own user as whoever it says.
  ///
  /// - Throws: 401 with what is missing.
  func principal(_ headers: HTTPHeaders, _ peer: CallerPeer, now: Int64) throws(APIError)
    -> Principal
  {
    let directory = directory
    let claimed = headers["operator"]
    if let claimed, !Call.isWord(claimed, limit: 32) || !Call.isCode(claimed) {
      throw APIError(
        status: 400, code: "field.invalid", facts: [("field", "Operator")],
        detail: "the operator's name is 1 to 32 letters, digits and . _ -")
    }
    if let field = headers["authorization"] {
      let found = try bearer(field, directory, now: now)
      if let claimed, claimed != found.name {
        throw APIError(
          status: 401, code: "pin.needed", facts: [("name", .string(claimed))],
          detail: "the token is \(found.name)'s")
      }
      return found
    }
    guard case .user(let user, let isOwner) = peer else {
      throw APIError(status: 401, code: "caller.unknown", detail: "send a token")
    }
    if directory.isSetUp {
      guard isOwner else { throw APIError(status: 401, code: "caller.setUp") }
      return Principal(name: claimed ?? user, roles: [.setUp])
    }
    let bound = directory.bound(to: user)
    if let claimed, claimed != bound?.name {
      throw APIError(status: 401, code: "pin.needed", facts: [("name", .string(claimed))])
    }
    if let bound { return Principal(name: bound.name, roles: Access.roles(bound), person: bound) }
    guard isOwner else {
      throw APIError(
        status: 401, code: "caller.unknown", detail: "no operator is bound to the user \(user)")
    }
    return Principal(name: user, roles: [.owner])
  }

  static func roles(_ person: Operator) -> Set<Role> { Set(person.roles.map { Role($0) }) }

  private func bearer(
    _ field: String, _ directory: Directory, now: Int64
  ) throws(APIError) -> Principal {
    let parts = field.split(separator: " ")
    guard parts.count == 2, parts[0].lowercased() == "bearer", parts[1].utf8.count <= 128 else {
      throw APIError(status: 401, code: "caller.unknown", detail: "write it as Bearer TOKEN")
    }
    let hash = Token.hash(String(parts[1]))
    if let signIn = directory.signIns[hash] {
      guard signIn.endsAt > now, let person = directory.working(signIn.name) else {
        throw APIError(status: 401, code: "signIn.ended")
      }
      return Principal(
        name: person.name, roles: Access.roles(person), person: person,
        till: signIn.till.flatMap { directory.tills[$0] })
    }
    if let till = directory.till(token: hash) {
      return Principal(name: till.name, roles: [.till], till: till)
    }
    throw APIError(status: 401, code: "caller.unknown", detail: "the token is not known")
  }

  // MARK: Secrets

  /// The operator whose PIN this is.
  ///
  /// Each try is counted, durably, before it is judged: many at once get no more tries than one
  /// after the other.
  ///
  /// - Throws: `pin.wrong`; `pin.locked` after too many.
  func proven(_ name: String, pin: String) async throws -> Operator {
    let subject = "operator \(name)"
    try await count(subject)
    let person = directory.working(name)
    // an unknown name takes as long as a known one
    let matches = await pins.matches(pin, person?.pin ?? PinKeeper.nobodys)
    guard let person, matches else { throw APIError(status: 401, code: "pin.wrong") }
    try await ledger.submit { try Registers($0.store).forgetAttempts(subject) }
    return person
  }

  /// Counts a try for `subject`, which is locked after too many; each further lock, without a
  /// success between, lasts twice as long as the one before, up to a day.
  func count(_ subject: String) async throws {
    let now = clocks.wallMilliseconds()
    let limits = limits
    try await ledger.submit { writer in
      let registers = Registers(writer.store)
      var attempts = try registers.attempts(subject)
      guard attempts.lockedUntil <= now else {
        throw APIError(
          status: 401, code: "pin.locked",
          facts: [("minutes", .integer((attempts.lockedUntil - now + 59_999) / 60_000))])
      }
      attempts.failures += 1
      let (locks, rest) = attempts.failures.quotientAndRemainder(dividingBy: limits.pinAttempts)
      if rest == 0 {
        let minutes = limits.pinLockMinutes << min(locks - 1, 12)
        attempts.lockedUntil = now + min(minutes, max(limits.pinLockMinutes, 1_440)) * 60_000
      }
      try registers.put(attempts, for: subject)
    }
  }

  /// Lets go of the tries for `subject`, who has proven it.
  func forget(_ subject: String) async throws {
    try await ledger.submit { try Registers($0.store).forgetAttempts(subject) }
  }

  /// Whether a secret fits a hash; counted like any other try.
  func matches(_ secret: String, _ hash: String, subject: String) async throws -> Bool {
    try await count(subject)
    guard await pins.matches(secret, hash) else { return false }
    try await ledger.submit { try Registers($0.store).forgetAttempts(subject) }
    return true
  }

  func hash(_ pin: String) async -> String { await pins.make(pin, random: random) }

  /// A PIN that may be kept: 4 to 12 digits that are not all alike and no plain sequence.
  static func pin(_ node: Node) throws(ConfigurationError) -> String {
    let text = try node.text()
    let digits = text.utf8.map { Int($0) - 0x30 }
    let steps = Set(zip(digits, digits.dropFirst()).map { $1 - $0 })
    guard (4...12).contains(digits.count), digits.allSatisfy({ (0...9).contains($0) }),
      steps != [0], steps != [1], steps != [-1]
    else {
      throw node.error("is no PIN", remedy: "4 to 12 digits, not all alike, not 1234")
    }
    return text
  }
}

/// Compares and hashes secrets on a thread of its own: it takes some 25 ms each by design.
actor PinKeeper {
  /// The hash of no PIN.
  static let nobodys = "$y$j9T$0000000000000000000000$0000000000000000000000000000000000000000000"

  private nonisolated let executor: ThreadExecutor
  nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

  init() throws(SystemError) { executor = try ThreadExecutor(name: "pins") }

  func matches(_ pin: String, _ hash: String) -> Bool { PasswordHash.matches(pin, hash) }

  func make(_ pin: String, random: RandomBytes) -> String {
    PasswordHash.make(pin, random: random)
  }
}
