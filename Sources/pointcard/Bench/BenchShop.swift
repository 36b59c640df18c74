import Configuration
import CounterService
import EventLog
import Ledger
import LoyaltyRules
import Platform
import Registers
import SQLiteStore

/// A member of the bench's shop: what a till keys, and what the ledger knows.
struct BenchMember: Sendable {
  var account: String
  var number: String
}

/// One sale that a caller posts.
struct BenchSale: Sendable {
  var number: Int
  var member: BenchMember
  /// In the currency's smallest unit.
  var amount: Int64

  var key: String { "bench-\(number)" }

  func command(at instant: Instant) -> SaleCommand {
    SaleCommand(
      ticket: TicketIdentity(
        terminal: "till-\(number % 4 + 1)", businessDate: BenchShop.day, number: "\(number)"),
      sale: Sale(soldAt: instant, store: BenchShop.store, amount: amount),
      account: member.account, actor: BenchShop.actor)
  }

  /// As the daemon hashes it.
  var canonical: JSON {
    [
      "command": "ticket.post", "ticket": .integer(Int64(number)), "amount": .integer(amount),
      "account": .string(member.account), "redeem": 0,
    ]
  }
}

/// The databases of the bench: one that is made once, and copies of it that are written to.
struct BenchShop: Sendable {
  static let node = "BENCH"
  static let store = "bench"
  static let actor = "bench"
  /// The business day of every sale.
  static let day = Day(year: 2026, month: 11, day: 21)
  static var now: Instant { Instant(milliseconds: Clocks.system.wallMilliseconds()) }
  /// SQLite's page cache, as the ledger sets it.
  static let cacheKiB = Ledger.cacheKiB

  let folder: String
  let programme: String
  let seed: UInt64

  init(folder: String, seed: UInt64) throws {
    self.folder = folder
    self.seed = seed
    programme = try CounterResources.programme(.tw)
    try Files.makeFolders(folder)
  }

  func path(_ name: String) -> String { folder + "/" + name }

  func open(_ path: String) throws -> Ledger {
    try Ledger(
      path: path, node: BenchShop.node, store: BenchShop.store, schemas: [registerSchema],
      clocks: .system, random: .system, log: Log(level: .warning))
  }

  /// Makes a database with `count` members, each with an account and a card in use.
  func make(_ path: String, members count: Int) async throws -> [BenchMember] {
    try remove(path)
    let ledger = try open(path)
    let programme = programme
    _ = try await ledger.submit { writer in
      try writer.activateRules(source: programme, actor: BenchShop.actor)
    }
    let rule = try Programme(try Node.parse(Array(programme.utf8), source: "programme")).cards
    var members: [BenchMember] = []
    members.reserveCapacity(count)
    for start in stride(from: 1, through: count, by: 500) {
      members += try await ledger.submit { writer in
        try (start..<min(start + 500, count + 1)).map { serial in
          guard let number = rule.number(serial: Int64(serial)) else {
            throw Refusal(.cardLimit)
          }
          return try BenchShop.join(number, serial, writer)
        }
      }
    }
    await ledger.close()
    return members
  }

  private static func join(
    _ number: String, _ serial: Int, _ writer: LedgerWriter
  ) throws -> BenchMember {
    let registers = Registers(writer.store)
    let now = try writer.now().milliseconds
    let account = try writer.openAccount(actor: actor)
    let phone = "09" + String(10_000_000 + serial).suffix(8)
    let member = Member(
      id: writer.newID(), account: account, name: "會員\(serial)", phone: phone)
    try registers.put(member, node: node, at: now)
    _ = try registers.salt(of: member.id) { RandomBytes.system(16) }
    try writer.join(member: member.id, account: account, actor: actor)
    let issue = try writer.issueCard(nil, account: account, holder: member.id, actor: actor)
    try registers.put(number: number, card: issue.card, node: node, at: now)
    try writer.activate(issue.card, issue: issue.issue, actor: actor)
    return BenchMember(account: account, number: number)
  }

  /// The members of a database that was made before.
  func members(of path: String) throws -> [BenchMember] {
    let store = try Connection(path: path, mode: .readOnly)
    return try store.rows(
      "SELECT c.account, n.number FROM card_number n JOIN card c ON c.card = n.card ORDER BY 2"
    ) { BenchMember(account: $0.text(0), number: $0.text(1)) }
  }

  /// Invented sales, the same for the same seed.
  func sales(_ numbers: Range<Int>, to members: [BenchMember]) -> [BenchSale] {
    numbers.map { number in
      var generator = SplitMix64(seed: seed &+ UInt64(number) &* 0x9e37_79b9)
      let member = members[Int(generator.next() % UInt64(members.count))]
      return BenchSale(
        number: number, member: member, amount: Int64(generator.next() % 4_900) + 100)
    }
  }

  /// Copies a database that nobody has open.
  func copy(_ source: String, to target: String) throws {
    try remove(target)
    try Connection(path: source, mode: .readOnly).backUp(to: target)
  }

  func remove(_ path: String) throws {
    for suffix in ["", "-wal", "-shm", ".lock"] { try Files.removeTree(path + suffix) }
  }
}
