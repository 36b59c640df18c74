import CounterAPI
import Ledger
import Registers

/// Who is at the other end of a connection, as far as the system knows.
package enum CallerPeer: Sendable, Equatable {
  /// The unix user of a socket's peer; the owner is the user the daemon runs as, or root.
  case user(String, isOwner: Bool)
  /// Anybody on this machine, or the site's reverse proxy.
  case loopback

  var name: String {
    switch self {
    case .user(let name, _): name
    case .loopback: "loopback"
    }
  }
}

/// Who makes a call, proven.
struct Principal: Sendable, Equatable {
  /// Stands as actor in entries.
  var name: String
  var roles: Set<Role>
  /// The operator; nil: a till alone, or the daemon's owner.
  var person: Operator?
  /// The till through whose token the call came; nil: through none.
  var till: Till?

  /// Whether only what a cashier may is allowed.
  var isClerk: Bool { roles.isSubset(of: [.cashier, .till]) }

  /// Whether neither limits nor scopes count: the shop is being set up.
  var isSettingUp: Bool { roles.contains(.setUp) }
}

/// Operators, tills and sign-ins as they are in force: kept in memory, because every request asks,
/// and read anew after every change.
struct Directory: Sendable {
  var operators: [String: Operator] = [:]
  var tills: [String: Till] = [:]
  var signIns: [[UInt8]: SignIn] = [:]
  var regions: [String: [String]] = [:]
  /// The working operator that each unix user is.
  private var users: [String: String] = [:]
  /// The till of each token's hash.
  private var tokens: [String: String] = [:]

  init() {}

  init(_ registers: Registers) throws {
    for person in try registers.operators() {
      operators[person.name] = person
      if let user = person.user, person.endedAt == nil { users[user] = person.name }
    }
    for till in try registers.tills() {
      tills[till.name] = till
      if let hash = till.tokenHash { tokens[hash] = till.name }
    }
    for signIn in try registers.signIns() { signIns[signIn.hash] = signIn }
    for region in try registers.regions() { regions[region.name] = region.stores }
  }

  /// Whether nobody was ever entered who works here.
  var isSetUp: Bool { operators.isEmpty }

  /// The operator of a name who still works here.
  func working(_ name: String) -> Operator? {
    operators[name].flatMap { $0.endedAt == nil ? $0 : nil }
  }

  /// The operator that a unix user is.
  func bound(to user: String) -> Operator? {
    users[user].flatMap { working($0) }
  }

  func till(token hash: [UInt8]) -> Till? {
    tokens[hexadecimal(hash)].flatMap { tills[$0] }
  }

  /// The stores an operator works for; nil: all.
  func stores(of person: Operator) -> Set<String>? {
    if person.roles.contains(where: \.isCompanyWide) { return nil }
    return Set(person.stores + person.regions.flatMap { regions[$0] ?? [] })
  }

  /// Whether an operator works for a store.
  func reaches(_ person: Operator, _ store: String) -> Bool {
    stores(of: person).map { $0.contains(store) } ?? true
  }
}
