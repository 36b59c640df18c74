import Configuration
import CounterAPI
import HTTPMessages
import Ledger
import LoyaltyRules
import Registers

/// One request, decoded as far as every route needs it.
struct Call: Sendable {
  var route: Route
  /// The station that the path names.
  var station: String?
  /// The body without what every command takes; an empty object when there was none.
  var body: Node
  /// What the path carries behind `?`.
  var target: HTTPTarget
  /// The idempotency key; empty for reads.
  var key: String
  /// Who asks, proven.
  var principal: Principal
  var language: Language
  /// What the body says of a second person.
  var approval = Approval()
  /// The second person, proven; nil: there is none.
  var approver: Operator?
  /// The PIN by which a member lets points be redeemed.
  var memberPin: String?
  /// What was proven of members: the locks that the PIN opened, as the register keeps them, and
  /// days of birth that were told rightly.
  var unlocked: Set<String> = []
  /// Whether the card of the station's session is known by a number that somebody keyed.
  var isKeyedAtStation = false
  /// Whether the card at the station proves no more than its number: a layout without a counter.
  var isWithoutCounter = false
  /// A reason code for the audit.
  var why: String?
  /// Free text for whoever looks later; it never enters an entry.
  var remark: String?

  /// Stands as actor in entries.
  var actor: String { principal.name }

  /// Who claims a station that tills share: the till, or who works without one.
  var claimant: String { principal.till?.name ?? principal.name }

  /// What a body says of a second person.
  struct Approval: Sendable {
    var name: String?
    var pin: String?
    /// Whether the command is kept until somebody approves it.
    var isLater = false
  }

  /// Decodes a request for a route.
  init(
    _ request: HTTPRequest, route: Route, station: String?, principal: Principal
  ) throws(APIError) {
    self.route = route
    self.station = station
    target = request.target
    language = Language(acceptLanguage: request.headers["accept-language"])
    self.principal = principal
    key = request.headers["idempotency-key"] ?? ""
    if route.isWrite {
      guard !key.isEmpty else { throw APIError(status: 400, code: "key.missing") }
      guard Call.isWord(key, limit: 64) else {
        throw APIError(
          status: 400, code: "field.invalid", facts: [("field", "Idempotency-Key")],
          detail: "a key is 1 to 64 letters, digits and . _ : -")
      }
    }
    do {
      body = try Node.parse(
        request.body.isEmpty ? Array("{}".utf8) : request.body, source: "body", dialect: .json)
      try takeShared()
    } catch {
      throw APIError(error)
    }
  }

  /// Takes out of the body what every command may carry.
  private mutating func takeShared() throws(ConfigurationError) {
    guard case .object(let members) = body.kind else { return }
    var rest: [Node.Member] = []
    for member in members {
      switch member.key {
      case "approver": approval.name = try Call.word(member.value)
      case "approverPin": approval.pin = try member.value.text()
      case "memberPin": memberPin = try member.value.text()
      case "later": approval.isLater = try member.value.flag()
      case "why": why = try CounterRoutes.reasonCode(member.value)
      case "remark": remark = try Call.remark(member.value)
      default: rest.append(member)
      }
    }
    body.kind = .object(rest)
  }

  static func word(_ node: Node) throws(ConfigurationError) -> String {
    let text = try node.text()
    guard isWord(text, limit: 32), PhoneNumber.normalised(text) == nil else {
      throw node.error(
        "is no name", remedy: "1 to 32 letters, digits and . _ : -, and no telephone number")
    }
    return text
  }

  private static func remark(_ node: Node) throws(ConfigurationError) -> String {
    let text = try node.text()
    guard (1...500).contains(text.count) else {
      throw node.error("has \(text.count) characters", remedy: "1 to 500 are allowed")
    }
    return text
  }

  private func value(_ key: String) -> Node.Kind? {
    guard case .object(let members) = body.kind else { return nil }
    return members.first { $0.key == key }?.value.kind
  }

  /// A text of the body, when it is one; the function itself refuses what is not.
  func text(_ key: String) -> String? {
    guard case .string(let text)? = value(key) else { return nil }
    return text
  }

  /// A whole number of the body, when it is one.
  func integer(_ key: String) -> Int64? {
    guard case .number(let text)? = value(key) else { return nil }
    return Node.wholeNumber(text)
  }

  /// Whether a key of the body says yes.
  func flag(_ key: String) -> Bool {
    if case .bool(true)? = value(key) { true } else { false }
  }

  /// A code of the till's or the shop's choice, which stands in entries for ever: no name fits, and
  /// no telephone number.
  static func code(_ node: Node) throws(ConfigurationError) -> String {
    let text = try node.text()
    guard isCode(text), !text.contains(":"), PhoneNumber.normalised(text) == nil else {
      throw node.error(
        "is no code", remedy: "1 to 40 of A-Z a-z 0-9 . _ -, and no telephone number")
    }
    return text
  }

  /// Letters and digits of ASCII and `. _ : -`, and not just as many digits as a telephone has.
  static func isCode(_ text: String) -> Bool {
    let digits = text.utf8.filter { (0x30...0x39).contains($0) }.count
    let letters = text.utf8.contains { $0 | 0x20 >= 0x61 && $0 | 0x20 <= 0x7a }
    return isWord(text, limit: 40) && (letters || !(8...15).contains(digits))
  }

  static func isWord(_ text: String, limit: Int) -> Bool {
    (1...limit).contains(text.utf8.count)
      && text.utf8.allSatisfy {
        Character(UnicodeScalar($0)).isLetter && $0 < 0x80 || (0x30...0x39).contains($0)
          || ".:_-".utf8.contains($0)
      }
  }
}

/// Who a command is about, as the caller names them.
enum Subject: Sendable, Equatable {
  /// The card in a station's device; a session that is named must still be the running one.
  case station(String, session: Int64?)
  case card(number: String)
  case phone(String)
  case member(String)
  case account(String)

  /// Reads the one key of `object` that names somebody; nil when none does.
  static func read(_ object: inout ObjectReader) throws(ConfigurationError) -> Subject? {
    var found: [Subject] = []
    let session = object.optional("session")
    if let node = object.optional("station") {
      found.append(
        .station(
          try node.text(),
          session: try session.map { (node) throws(ConfigurationError) in
            try node.integer(in: 1...Int64.max)
          }))
    } else if let session {
      throw session.error("is given without a station", remedy: "name the station too")
    }
    if let node = object.optional("card") { found.append(.card(number: try node.text())) }
    if let node = object.optional("phone") { found.append(.phone(try phoneNumber(node))) }
    if let node = object.optional("member") { found.append(.member(try node.text())) }
    if let node = object.optional("account") { found.append(.account(try node.text())) }
    guard found.count <= 1 else {
      throw object.node.error(
        "names a person in \(found.count) ways",
        remedy: "give one of station, card, phone, member, account")
    }
    return found.first
  }

  /// A whole telephone number; part of one, or of a name, says nothing of who is meant.
  static func phoneNumber(_ node: Node) throws(ConfigurationError) -> String {
    guard let number = PhoneNumber.normalised(try node.text()) else {
      throw node.error("is no telephone number", remedy: "8 to 15 digits, area code included")
    }
    return number
  }

  /// As it stands in a command's canonical form. What is keyed is hidden by `hide`.
  func canonical(_ hide: (String) -> String) -> JSON {
    switch self {
    case .station(let name, _): ["station": .string(name)]
    case .card(let number): ["card": .string(hide(number))]
    case .phone(let phone): ["phone": .string(hide(phone))]
    case .member(let id): ["member": .string(id)]
    case .account(let id): ["account": .string(id)]
    }
  }
}

extension APIError {
  /// What a refusal means for a client.
  init(_ refusal: Refusal, calendar: BusinessCalendar?) {
    var facts = refusal.facts
    if let calendar, let at = facts.first(where: { $0.0 == "recordedAt" }),
      case .integer(let milliseconds) = at.1
    {
      facts.append(("time", .string(calendar.minute(Instant(milliseconds: milliseconds)))))
    }
    self.init(status: APIError.status(refusal.code), code: refusal.code.rawValue, facts: facts)
  }

  private static func status(_ code: RefusalCode) -> Int {
    switch code {
    case .accountOwn: 403
    case .accountNotFound, .cardNotFound, .findingNotFound, .ticketNotFound, .lineNotFound,
      .tierNotFound, .entryNotFound, .rewardNotFound:
      404
    case .keyReused, .ticketAlreadyPosted, .cardState, .cardEnded, .cardSuspended, .faceNotWanted,
      .programmeConflict, .programmeDecimals, .programmeKnown, .programmePast, .programmeWorse,
      .claimNotOpen,
      .holdNotOpen,
      .cardAnonymous, .cardBlocked, .cardFull, .numberExhausted, .stockInsufficient,
      .mergeConflict, .rewardEnded, .rewardLimit, .rewardNotDue, .rewardStock, .rewardStore,
      .ticketEnded, .accountReadOnly, .journalForked, .journalGap:
      409
    case .clockBehind, .journalStopped, .programmeMissing: 503
    case .amountRange, .cardLimit, .cardWitness, .numberRange, .stockQuantity,
      .claimTooLate, .entryInvalid, .goodwillCap, .holdExceeded, .journalAhead, .journalDamaged,
      .journalUnsigned,
      .lotRange,
      .pointsInsufficient, .pointsRange, .redeemAmount, .redeemMinimum, .redeemMultiple,
      .redeemAnonymous, .redeemNeedsAccount, .redeemNeedsCard, .redeemOfflineLimit, .returnAmount,
      .returnExceeds, .returnOpenLimit, .returnReceipt, .returnShortfall,
      .saleFuture, .saleInvalid, .tierRange:
      422
    }
  }
}
