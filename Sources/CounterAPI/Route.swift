import HTTPMessages

/// What the daemon does for its clients: the one list behind dispatcher, client and manual.
///
/// Personal data never stands in a path: whoever is looked up stands in the body.
package enum Route: String, CaseIterable, Sendable {
  case health
  case programme
  case memberAdd
  case memberShow
  case memberFind
  case cardIssue
  case cardShow
  case cardSuspend
  case cardResume
  case cardReplace
  case cardRepair
  case ticketPost
  case ticketReturn
  case pointsRedeem
  case pointsAdjust
  case pointsOpening
  case statement
  case stationList
  case stationShow
  case stationEject
  case faceRender
  case faceStale
  case ledgerCheck
  case backup

  package var method: HTTPMethod {
    switch self {
    case .health, .programme, .stationList, .stationShow, .faceStale: .get
    default: .post
    }
  }

  /// The path; `*` stands for a station's name.
  package var path: [String] {
    switch self {
    case .health: ["v1", "health"]
    case .programme: ["v1", "programme"]
    case .memberAdd: ["v1", "members"]
    case .memberShow: ["v1", "members", "show"]
    case .memberFind: ["v1", "members", "find"]
    case .cardIssue: ["v1", "cards"]
    case .cardShow: ["v1", "cards", "show"]
    case .cardSuspend: ["v1", "cards", "suspend"]
    case .cardResume: ["v1", "cards", "resume"]
    case .cardReplace: ["v1", "cards", "replace"]
    case .cardRepair: ["v1", "cards", "repair"]
    case .ticketPost: ["v1", "tickets"]
    case .ticketReturn: ["v1", "tickets", "return"]
    case .pointsRedeem: ["v1", "points", "redeem"]
    case .pointsAdjust: ["v1", "points", "adjust"]
    case .pointsOpening: ["v1", "points", "opening"]
    case .statement: ["v1", "statement"]
    case .stationList: ["v1", "stations"]
    case .stationShow: ["v1", "stations", "*"]
    case .stationEject: ["v1", "stations", "*", "eject"]
    case .faceRender: ["v1", "faces", "render"]
    case .faceStale: ["v1", "faces", "stale"]
    case .ledgerCheck: ["v1", "ledger", "check"]
    case .backup: ["v1", "backups"]
    }
  }

  /// Whether it changes the ledger, and therefore wants an `Idempotency-Key`.
  package var isWrite: Bool {
    switch self {
    case .memberAdd, .cardIssue, .cardSuspend, .cardResume, .cardReplace, .cardRepair, .ticketPost,
      .ticketReturn, .pointsRedeem, .pointsAdjust, .pointsOpening:
      true
    default: false
    }
  }

  /// One line for the manual.
  package var summary: String {
    switch self {
    case .health: "whether the daemon serves, its node, journal head and stations"
    case .programme: "the rule version in force"
    case .memberAdd: "a new member with an account"
    case .memberShow: "a member with accounts and cards"
    case .memberFind: "members by phone number or beginning of the name"
    case .cardIssue: "a card for a member, written on the next blank at a station"
    case .cardShow: "a card, its issues and what its account has"
    case .cardSuspend: "suspend a card"
    case .cardResume: "end a suspension"
    case .cardReplace: "end a card's plastic and issue the next, written at a station"
    case .cardRepair: "write an unreadable or unfinished card anew at a station"
    case .ticketPost: "post a sale"
    case .ticketReturn: "post a return of a sale"
    case .pointsRedeem: "redeem points without a ticket"
    case .pointsAdjust: "give or take points by hand"
    case .pointsOpening: "take over a balance"
    case .statement: "what moved an account's points"
    case .stationList: "every station"
    case .stationShow: "one station; with since and wait, as soon as it changes"
    case .stationEject: "give the card back as it is"
    case .faceRender: "what a card's face should show, as PBM or PNG"
    case .faceStale: "faces that do not show what the ledger says, and why"
    case .ledgerCheck: "run the ledger's invariants"
    case .backup: "copy the database into a file"
    }
  }

  /// The route of a request and the station it names; nil when no path fits.
  ///
  /// - Returns: `wrongMethod` with the methods that the path takes, when only the method differs.
  package static func find(_ method: HTTPMethod, _ path: [String]) -> Match {
    let fitting = allCases.filter { route in
      route.path.count == path.count && zip(route.path, path).allSatisfy { $0 == "*" || $0 == $1 }
    }
    guard let route = fitting.first(where: { $0.method == method }) else {
      return fitting.isEmpty ? .notFound : .wrongMethod(fitting.map(\.method))
    }
    let place = route.path.firstIndex(of: "*")
    return .route(route, station: place.map { path[$0] })
  }

  package enum Match: Equatable, Sendable {
    case route(Route, station: String?)
    case wrongMethod([HTTPMethod])
    case notFound
  }
}
