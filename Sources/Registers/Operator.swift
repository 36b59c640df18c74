import Configuration
import SQLiteStore

/// What an operator may be; one person may be several.
package enum OperatorRole: String, CaseIterable, Sendable {
  case cashier, manager, regionManager, headOffice, auditor, dataProtection

  /// Whether its holder works for the whole company and needs no store.
  package var isCompanyWide: Bool {
    switch self {
    case .cashier, .manager, .regionManager: false
    case .headOffice, .auditor, .dataProtection: true
    }
  }
}

/// A person who works here. The name stands as actor in entries and is never given again.
package struct Operator: Sendable, Equatable {
  /// 1 to 32 letters, digits and `._-`.
  package var name: String
  package var roles: [OperatorRole]
  package var stores: [String]
  /// Groups of stores.
  package var regions: [String]
  /// The unix user who acts as this operator without signing in; nil: nobody.
  package var user: String?
  /// As crypt(3) keeps it; nil: cannot sign in.
  package var pin: String?
  /// Their own accounts.
  package var accounts: [String]
  /// Accounts of their household.
  package var household: [String]
  /// The end of employment, milliseconds since 1970; nil: works here.
  package var endedAt: Int64?

  package init(
    name: String, roles: [OperatorRole], stores: [String] = [], regions: [String] = [],
    user: String? = nil, pin: String? = nil, accounts: [String] = [], household: [String] = [],
    endedAt: Int64? = nil
  ) {
    self.name = name
    self.roles = roles
    self.stores = stores
    self.regions = regions
    self.user = user
    self.pin = pin
    self.accounts = accounts
    self.household = household
    self.endedAt = endedAt
  }

  /// Accounts that they never award, claim, correct or adjust (I20).
  package var barred: Set<String> { Set(accounts + household) }

  var content: JSON {
    [
      "roles": .strings(roles.map(\.rawValue)), "stores": .strings(stores),
      "regions": .strings(regions), "user": .optional(user), "pin": .optional(pin),
      "accounts": .strings(accounts), "household": .strings(household),
      "endedAt": endedAt.map(JSON.integer) ?? .null,
    ]
  }

  init(_ row: RegisterRow) throws(StoreError) {
    let tree = try row.tree()
    do throws(ConfigurationError) {
      var object = try tree.object()
      var roles: [OperatorRole] = []
      for node in try object.required("roles").list() {
        roles.append(try node.choice(of: OperatorRole.self))
      }
      self.init(
        name: row.id, roles: roles, stores: try object.required("stores").texts(),
        regions: try object.required("regions").texts(), user: try object.optional("user")?.text(),
        pin: try object.optional("pin")?.text(),
        accounts: try object.required("accounts").texts(),
        household: try object.required("household").texts(),
        endedAt: try object.optional("endedAt")?.integer())
    } catch {
      throw row.unreadable
    }
  }
}

/// A till with a token of its own; its name is the `terminal` of its tickets.
package struct Till: Sendable, Equatable {
  package var name: String
  /// The station beside it; nil: none.
  package var station: String?
  /// SHA-256 of its token in hexadecimal; nil: it was taken out of service.
  package var tokenHash: String?

  package init(name: String, station: String?, tokenHash: String?) {
    self.name = name
    self.station = station
    self.tokenHash = tokenHash
  }

  var content: JSON { ["station": .optional(station), "token": .optional(tokenHash)] }

  init(_ row: RegisterRow) throws(StoreError) {
    let tree = try row.tree()
    do throws(ConfigurationError) {
      var object = try tree.object()
      self.init(
        name: row.id, station: try object.optional("station")?.text(),
        tokenHash: try object.optional("token")?.text())
    } catch {
      throw row.unreadable
    }
  }
}

/// A group of stores.
package struct Region: Sendable, Equatable {
  package var name: String
  package var stores: [String]

  package init(name: String, stores: [String]) {
    self.name = name
    self.stores = stores
  }

  init(_ row: RegisterRow) throws(StoreError) {
    let tree = try row.tree()
    do throws(ConfigurationError) {
      var object = try tree.object()
      self.init(name: row.id, stores: try object.required("stores").texts())
    } catch {
      throw row.unreadable
    }
  }
}

extension Registers {
  package func put(_ person: Operator, node: String, at milliseconds: Int64) throws(StoreError) {
    try write(.operator, person.name, person.content, node: node, at: milliseconds)
  }

  package func `operator`(_ name: String) throws(StoreError) -> Operator? {
    guard let row = try current(.operator, name), row.content != nil else { return nil }
    return try Operator(row)
  }

  /// All operators by name, those who have left too.
  package func operators() throws(StoreError) -> [Operator] {
    var all: [Operator] = []
    for row in try current(.operator) { all.append(try Operator(row)) }
    return all
  }

  package func put(_ till: Till, node: String, at milliseconds: Int64) throws(StoreError) {
    try write(.till, till.name, till.content, node: node, at: milliseconds)
  }

  package func tills() throws(StoreError) -> [Till] {
    var all: [Till] = []
    for row in try current(.till) { all.append(try Till(row)) }
    return all
  }

  /// The till in service that a node's daemon has beside a station; names of stations are each
  /// node's own.
  package func till(at station: String, node: String) throws(StoreError) -> Till? {
    for row in try current(.till) where row.node == node {
      let till = try Till(row)
      if till.station == station, till.tokenHash != nil { return till }
    }
    return nil
  }

  package func put(_ region: Region, node: String, at milliseconds: Int64) throws(StoreError) {
    try write(
      .region, region.name, ["stores": .strings(region.stores)], node: node, at: milliseconds)
  }

  package func regions() throws(StoreError) -> [Region] {
    var all: [Region] = []
    for row in try current(.region) { all.append(try Region(row)) }
    return all
  }
}

extension JSON {
  static func strings(_ texts: [String]) -> JSON { .array(texts.map(JSON.string)) }

  static func optional(_ text: String?) -> JSON { text.map(JSON.string) ?? .null }
}

extension Node {
  func texts() throws(ConfigurationError) -> [String] {
    var texts: [String] = []
    for node in try list() { texts.append(try node.text()) }
    return texts
  }
}
