import Configuration
import CounterAPI
import Ledger
import LoyaltyRules

/// A sale as a request's body carries it, beside the ticket's identity and whose it is.
///
/// `amount`, `list?`, `lines?`, `tenders?`, `invoiced?`, `buyerId?`, `campaigns?`, and one of
/// `redeem?` (points) and `redeemAmount?` (money); `hold?`.
struct SaleFields: Sendable {
  var sale: Sale
  var redeem: Int64 = 0
  var redeemMoney: Int64?
  var hold: EntryName?
  /// Every field that was given, as it stands in a command that is hashed.
  var canonical: [(String, JSON)] = []

  /// Lines, tenders and campaigns of one ticket.
  private static let limits = (lines: 500, tenders: 10, campaigns: 20)

  init(_ object: inout ObjectReader, soldAt: Instant, store: String) throws {
    sale = Sale(soldAt: soldAt, store: store, amount: try SaleFields.money(&object, "amount") ?? 0)
    canonical = [("amount", .integer(sale.amount))]
    sale.list = try SaleFields.money(&object, "list", isRequired: false)
    note("list", sale.list.map(JSON.integer))
    try readLines(&object)
    try readTenders(&object)
    if let node = object.optional("invoiced") { sale.isInvoiced = try node.flag() }
    if let node = object.optional("buyerId") { sale.hasBuyerID = try node.flag() }
    note("invoiced", sale.isInvoiced ? nil : false)
    note("buyerId", sale.hasBuyerID ? true : nil)
    if let node = object.optional("campaigns") {
      for item in try node.list(limit: SaleFields.limits.campaigns) {
        sale.campaigns.insert(try Call.code(item))
      }
      note("campaigns", .array(sale.campaigns.sorted().map(JSON.string)))
    }
    redeem = try object.optional("redeem").map { try SaleFields.points($0, from: 0) } ?? 0
    redeemMoney = try SaleFields.money(&object, "redeemAmount", isRequired: false)
    if redeem > 0, redeemMoney != nil {
      throw object.node.error(
        "asks for a redemption in points and in money", remedy: "give redeem or redeemAmount")
    }
    canonical.append(("redeem", .integer(redeem)))
    note("redeemAmount", redeemMoney.map(JSON.integer))
    // the day of birth behind a telephone number was looked at before; it is personal, so it is
    // not hashed
    _ = object.optional("check")
    if let node = object.optional("hold") {
      let name = try entryName(node)
      hold = name
      note("hold", .string(name.description))
    }
  }

  /// A reservation is used up by a ticket that says whose it is.
  func checkHold(_ subject: Subject?, _ object: ObjectReader) throws(ConfigurationError) {
    guard hold != nil, subject == nil else { return }
    throw ConfigurationError(
      source: object.node.source, line: object.node.line, path: "hold",
      problem: "is given for a ticket that is nobody's",
      remedy: "give card, phone, member or account")
  }

  /// A command of these fields; whose it is and its limits are the caller's to add.
  func command(_ ticket: TicketIdentity, actor: String) -> SaleCommand {
    var command = SaleCommand(
      ticket: ticket, sale: sale, account: nil, redeem: redeem, actor: actor)
    command.redeemMoney = redeemMoney
    command.hold = hold
    return command
  }

  private mutating func note(_ key: String, _ value: JSON?) {
    if let value { canonical.append((key, value)) }
  }

  private mutating func readLines(_ object: inout ObjectReader) throws {
    guard let node = object.optional("lines") else { return }
    for item in try node.list(limit: SaleFields.limits.lines) {
      var line = try item.object()
      let amount = try SaleFields.money(&line, "amount") ?? 0
      var read = SaleLine(
        article: try SaleFields.word(try line.required("article")), amount: amount)
      read.kind = try line.optional("kind")?.choice(of: SaleLine.Kind.self) ?? .item
      read.category = try line.optional("category").map(SaleFields.word) ?? ""
      read.articleClass = try line.optional("class")?.choice(of: ArticleClass.self)
      read.quantity = try line.optional("quantity")?.integer(in: 0...1_000_000) ?? 1
      read.list = try SaleFields.money(&line, "list", isRequired: false) ?? amount
      try line.finish()
      sale.lines.append(read)
    }
    note("lines", try node.json())
  }

  private mutating func readTenders(_ object: inout ObjectReader) throws {
    guard let node = object.optional("tenders") else { return }
    for item in try node.list(limit: SaleFields.limits.tenders) {
      var tender = try item.object()
      sale.tenders.append(
        Tender(
          kind: try Call.code(try tender.required("kind")),
          amount: try SaleFields.money(&tender, "amount") ?? 0))
      try tender.finish()
    }
    note("tenders", try node.json())
  }

  /// Money in the currency's smallest unit: `100.00` is 100, `100.5` is refused.
  static func money(
    _ object: inout ObjectReader, _ key: String, isRequired: Bool = true
  ) throws -> Int64? {
    let found = isRequired ? try object.required(key) : object.optional(key)
    guard let node = found else { return nil }
    if case .number(let text) = node.kind, text.contains("."), Node.wholeNumber(text) == nil {
      throw APIError(
        status: 422, code: "amount.fraction", facts: [(key, .string(text))],
        detail: "\(node.path): amounts are whole numbers of the currency's smallest unit")
    }
    return try node.integer(in: 0...RuleLimits.amount)
  }

  /// Points in their smallest part, at most as many as an entry holds: `100.00` is 100, `100.5` is
  /// refused.
  static func points(_ node: Node, from low: Int64) throws -> Int64 {
    if case .number(let text) = node.kind, text.contains("."), Node.wholeNumber(text) == nil {
      throw APIError(
        status: 422, code: "points.fraction", facts: [("field", .string(node.path))],
        detail: "\(node.path): points are whole numbers of their smallest part, not \(text)")
    }
    return try node.integer(in: low...RuleLimits.points)
  }

  /// A till's own word: 1 to 40 characters, none of them a control character.
  private static func word(_ node: Node) throws(ConfigurationError) -> String {
    let text = try node.text()
    guard (1...40).contains(text.count), text.unicodeScalars.allSatisfy({ $0.value >= 0x20 }) else {
      throw node.error("does not fit", remedy: "1 to 40 characters")
    }
    return text
  }
}

/// Reads the name of an entry, as `TPE01.1.42`.
func entryName(_ node: Node) throws(ConfigurationError) -> EntryName {
  let text = try node.text()
  guard let name = EntryName(text) else {
    throw node.error(
      "\"\(text.prefix(40))\" is no entry's name", remedy: "write it as TPE01.1.42")
  }
  return name
}
