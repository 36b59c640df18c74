import Configuration
import CounterAPI
import HTTPMessages
import Ledger
import LoyaltyRules

/// One request, decoded as far as every route needs it.
struct Call: Sendable {
  var route: Route
  /// The station that the path names.
  var station: String?
  /// The body; an empty object when there was none.
  var body: Node
  /// What the path carries behind `?`.
  var target: HTTPTarget
  /// The idempotency key; empty for reads.
  var key: String
  /// Who asks: an operator's name.
  var actor: String
  var language: Language

  /// Decodes a request for a route.
  init(
    _ request: HTTPRequest, route: Route, station: String?, user: String
  ) throws(APIError) {
    self.route = route
    self.station = station
    target = request.target
    language = Language(acceptLanguage: request.headers["accept-language"])
    actor = request.headers["operator"] ?? user
    guard Call.isWord(actor, limit: 32) else {
      throw APIError(
        status: 400, code: "field.invalid", facts: [("field", "Operator")],
        detail: "the operator's name is 1 to 32 letters, digits and . _ -")
    }
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
    } catch {
      throw APIError(error)
    }
  }

  private static func isWord(_ text: String, limit: Int) -> Bool {
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
    if let node = object.optional("phone") { found.append(.phone(try node.text())) }
    if let node = object.optional("member") { found.append(.member(try node.text())) }
    if let node = object.optional("account") { found.append(.account(try node.text())) }
    guard found.count <= 1 else {
      throw object.node.error(
        "names a person in \(found.count) ways",
        remedy: "give one of station, card, phone, member, account")
    }
    return found.first
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
    case .accountNotFound, .cardNotFound, .findingNotFound, .ticketNotFound, .lineNotFound,
      .tierNotFound, .entryNotFound:
      404
    case .keyReused, .ticketAlreadyPosted, .cardState, .cardEnded, .cardSuspended, .faceNotWanted,
      .programmeConflict, .programmeWorse, .claimNotOpen, .holdNotOpen, .mergeConflict,
      .ticketEnded, .accountReadOnly, .journalForked, .journalGap:
      409
    case .clockBehind, .journalStopped, .programmeMissing: 503
    case .amountRange, .cardLimit, .claimTooLate, .journalDamaged, .journalUnsigned, .lotRange,
      .pointsInsufficient, .pointsRange, .redeemAmount, .redeemMinimum, .redeemMultiple,
      .redeemNeedsAccount, .redeemOfflineLimit, .returnAmount, .returnExceeds, .returnShortfall,
      .saleFuture, .saleInvalid, .tierRange:
      422
    }
  }
}
