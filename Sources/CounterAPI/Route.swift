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
  case ticketOpen
  case ticketVoid
  case ticketCorrect
  case ticketExchange
  case ticketClaim
  case ticketPreview
  case pointsHold
  case pointsRelease
  case pointsTransfer
  case pointsConvert
  case pointsExtend
  case pointsExplain
  case accountMerge
  case accountUnmerge
  case tierSet
  case tierExplain
  case programmeActivate
  case programmeConvert
  case programmeExtend
  case pointsOpenings
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
  case nightly
  case clockConfirm
  case ticketList
  case signIn
  case signOut
  case operatorAdd
  case operatorList
  case operatorShow
  case operatorPin
  case operatorAccounts
  case operatorEnd
  case regionPut
  case regionList
  case tillAdd
  case tillList
  case tillEnd
  case approvalList
  case approvalGrant
  case approvalAnswer
  case auditList
  case memberEdit
  case memberPhone
  case memberDeceased
  case memberLock
  case memberExport
  case memberErase
  case memberJoin
  case memberLeave
  case consentSet
  case consentList
  case noticeAdd
  case noticeList
  case noticeShow
  case cardBlock
  case cardUnblock
  case cardRetire
  case cardExchange
  case cardRegister
  case cardAlarms
  case stockBook
  case stockList
  case rangeGive
  case journalList
  case journalExport
  case journalMerge
  case findingList
  case findingMend
  case pointsExpiring
  case noticeDue
  case noticeSent
  case memberEstate
  case rewardList
  case rewardDue
  case rewardGive
  case rewardVoid
  case stationIdentify
  case stationClaim
  case stationRelease
  case stationDevice
  case stationService
  case cardIdentifier

  package var method: HTTPMethod {
    switch self {
    case .health, .programme, .stationList, .stationShow, .faceStale, .operatorList, .regionList,
      .tillList, .approvalList, .noticeList,
      .stockList, .journalList, .stationDevice:
      .get
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
    case .ticketOpen: ["v1", "tickets", "open"]
    case .ticketVoid: ["v1", "tickets", "void"]
    case .ticketCorrect: ["v1", "tickets", "correct"]
    case .ticketExchange: ["v1", "tickets", "exchange"]
    case .ticketClaim: ["v1", "tickets", "claim"]
    case .ticketPreview: ["v1", "tickets", "preview"]
    case .pointsHold: ["v1", "points", "hold"]
    case .pointsRelease: ["v1", "points", "release"]
    case .pointsTransfer: ["v1", "points", "transfer"]
    case .pointsConvert: ["v1", "points", "convert"]
    case .pointsExtend: ["v1", "points", "extend"]
    case .pointsExplain: ["v1", "points", "explain"]
    case .accountMerge: ["v1", "accounts", "merge"]
    case .accountUnmerge: ["v1", "accounts", "unmerge"]
    case .tierSet: ["v1", "tiers", "set"]
    case .tierExplain: ["v1", "tiers", "explain"]
    case .programmeActivate: ["v1", "programme", "activate"]
    case .programmeConvert: ["v1", "programme", "convert"]
    case .programmeExtend: ["v1", "programme", "extend"]
    case .pointsOpenings: ["v1", "points", "openings"]
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
    case .nightly: ["v1", "nightly"]
    case .clockConfirm: ["v1", "clock", "confirm"]
    case .ticketList: ["v1", "tickets", "list"]
    case .signIn: ["v1", "sign-ins"]
    case .signOut: ["v1", "sign-ins", "end"]
    case .operatorAdd, .operatorList: ["v1", "operators"]
    case .operatorShow: ["v1", "operators", "show"]
    case .operatorPin: ["v1", "operators", "pin"]
    case .operatorAccounts: ["v1", "operators", "accounts"]
    case .operatorEnd: ["v1", "operators", "end"]
    case .regionPut, .regionList: ["v1", "regions"]
    case .tillAdd, .tillList: ["v1", "tills"]
    case .tillEnd: ["v1", "tills", "end"]
    case .approvalList: ["v1", "approvals"]
    case .approvalGrant: ["v1", "approvals", "grant"]
    case .approvalAnswer: ["v1", "approvals", "answer"]
    case .auditList: ["v1", "audit"]
    case .memberEdit: ["v1", "members", "edit"]
    case .memberPhone: ["v1", "members", "phone"]
    case .memberDeceased: ["v1", "members", "deceased"]
    case .memberLock: ["v1", "members", "lock"]
    case .memberExport: ["v1", "members", "export"]
    case .memberErase: ["v1", "members", "erase"]
    case .memberJoin: ["v1", "members", "join"]
    case .memberLeave: ["v1", "members", "leave"]
    case .consentSet: ["v1", "consents"]
    case .consentList: ["v1", "consents", "list"]
    case .noticeAdd, .noticeList: ["v1", "notices"]
    case .noticeShow: ["v1", "notices", "show"]
    case .cardBlock, .cardUnblock, .cardRetire, .cardExchange, .cardRegister, .cardAlarms,
      .stockBook, .stockList, .rangeGive, .journalList, .journalExport, .journalMerge,
      .findingList, .findingMend:
      ofCards.path
    case .pointsExpiring, .noticeDue, .noticeSent, .memberEstate, .rewardList, .rewardDue,
      .rewardGive, .rewardVoid:
      ofRewards.path
    case .stationIdentify, .stationClaim, .stationRelease, .stationDevice, .stationService,
      .cardIdentifier:
      ofStations.path
    }
  }

  /// Whether it changes the ledger, and therefore wants an `Idempotency-Key`.
  package var isWrite: Bool {
    switch self {
    case .memberAdd, .memberJoin, .memberLeave, .cardIssue, .cardSuspend, .cardResume, .cardReplace,
      .cardRepair, .ticketPost,
      .ticketReturn, .pointsRedeem, .pointsAdjust, .pointsOpening, .ticketVoid, .ticketCorrect,
      .ticketExchange, .ticketClaim, .pointsHold, .pointsRelease, .pointsTransfer, .pointsConvert,
      .pointsExtend, .accountMerge, .accountUnmerge, .tierSet, .programmeActivate,
      .programmeConvert, .programmeExtend, .pointsOpenings,
      .cardBlock, .cardUnblock, .cardRetire, .cardExchange, .cardRegister, .stockBook, .rangeGive,
      .findingMend, .memberEstate, .rewardGive, .rewardVoid:
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
    case .ticketOpen: "returns by receipt whose sale is not known here, or says something else"
    case .ticketVoid: "undo a sale whole"
    case .ticketCorrect: "put another ticket in the place of one"
    case .ticketExchange: "post a return and a sale in one"
    case .ticketClaim: "give an earlier ticket without a member to one"
    case .ticketPreview: "what a sale would do; nothing is posted"
    case .pointsHold: "reserve points for an open ticket"
    case .pointsRelease: "give up a reservation"
    case .pointsTransfer: "move points to another account"
    case .pointsConvert: "turn every point of an account into others at a rate"
    case .pointsExtend: "let points live longer"
    case .pointsExplain: "why an entry moved the points it moved"
    case .accountMerge: "make an account part of another"
    case .accountUnmerge: "end a merge"
    case .tierSet: "set a tier until a day"
    case .tierExplain: "why a tier, until when, and what reaches the next"
    case .programmeActivate: "put a rule version in force from a day on"
    case .programmeConvert: "turn every point of the next hundred accounts into others at a rate"
    case .programmeExtend: "let points of listed accounts, or of the next hundred, live longer"
    case .pointsOpenings: "take over balances, a lot a line"
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
    case .nightly: "check, note the day's totals and back up, unless that was done"
    case .clockConfirm: "the clock is right, though it lies behind the journal's last entry"
    case .ticketList: "the tickets of a till on a day"
    case .signIn: "prove who you are with a PIN; gives a token"
    case .signOut: "end a token"
    case .operatorAdd: "a new operator"
    case .operatorList: "every operator, those who have left too"
    case .operatorShow: "an operator with roles, stores and declared accounts"
    case .operatorPin: "give an operator another PIN"
    case .operatorAccounts: "declare an operator's own and household accounts"
    case .operatorEnd: "end an operator's employment"
    case .regionPut: "a group of stores"
    case .regionList: "every group of stores"
    case .tillAdd: "a new till, or a new token for one; shown once"
    case .tillList: "every till"
    case .tillEnd: "take a till's token away"
    case .approvalList: "commands that wait for a second person"
    case .approvalGrant: "approve a waiting command, signed in"
    case .approvalAnswer: "approve a waiting command by head office's code"
    case .auditList: "who did, saw or tried what"
    case .memberEdit: "change what is known of a member"
    case .memberPhone: "give a member another phone number"
    case .memberDeceased: "record that a member has died"
    case .memberLock: "lock a member's points against redeeming"
    case .memberExport: "everything that is kept about a member"
    case .memberErase: "forget a member"
    case .memberJoin: "a member joins somebody's account: a household"
    case .memberLeave: "a member leaves a shared account for one of their own"
    case .consentSet: "a member gives or withdraws consent"
    case .consentList: "what a member consented to, with proof"
    case .noticeAdd: "put a notice to members in force"
    case .noticeList: "every notice to members"
    case .noticeShow: "the text of a notice"
    case .cardBlock, .cardUnblock, .cardRetire, .cardExchange, .cardRegister, .cardAlarms,
      .stockBook, .stockList, .rangeGive, .journalList, .journalExport, .journalMerge,
      .findingList, .findingMend:
      ofCards.summary
    case .pointsExpiring, .noticeDue, .noticeSent, .memberEstate, .rewardList, .rewardDue,
      .rewardGive, .rewardVoid:
      ofRewards.summary
    case .stationIdentify, .stationClaim, .stationRelease, .stationDevice, .stationService,
      .cardIdentifier:
      ofStations.summary
    }
  }

  /// The route of a request and the station it names; nil when no path fits.
  ///
  /// - Returns: `wrongMethod` with the methods that the path takes, when only the method differs.
  package static func find(_ method: HTTPMethod, _ path: [String]) -> Match {
    let fitting = (byLength[path.count] ?? []).filter { row in
      zip(row.path, path).allSatisfy { $0 == "*" || $0 == $1 }
    }.map(\.route)
    guard let route = fitting.first(where: { $0.method == method }) else {
      return fitting.isEmpty ? .notFound : .wrongMethod(fitting.map(\.method))
    }
    let place = route.path.firstIndex(of: "*")
    return .route(route, station: place.map { path[$0] })
  }

  /// Every route with its path, by how many segments it has: made once, since each request asks.
  private static let byLength: [Int: [(route: Route, path: [String])]] = Dictionary(
    grouping: allCases.map { ($0, $0.path) }, by: { $0.1.count })

  package enum Match: Equatable, Sendable {
    case route(Route, station: String?)
    case wrongMethod([HTTPMethod])
    case notFound
  }
}
