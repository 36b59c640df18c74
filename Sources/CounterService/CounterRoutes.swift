import Configuration
import CounterAPI
import EventLog
import HTTPMessages
import Ledger
import LoyaltyRules
import Registers

/// Answers every request of the API.
package struct CounterRoutes: Sendable {
  let counter: Counter
  let stations: [String: StationServer]
  let reader: LedgerReader
  let access: Access

  package init(
    counter: Counter, stations: [String: StationServer], reader: LedgerReader, access: Access
  ) {
    self.counter = counter
    self.stations = stations
    self.reader = reader
    self.access = access
  }

  /// - Parameter peer: who is at the other end of the connection.
  package func answer(_ request: HTTPRequest, peer: CallerPeer) async -> HTTPResponse {
    let language = Language(acceptLanguage: request.headers["accept-language"])
    switch Route.find(request.method, request.target.path) {
    case .notFound:
      return failure(APIError(status: 404, code: "route.notFound"), language)
    case .wrongMethod(let methods):
      var response = failure(APIError(status: 405, code: "route.method"), language)
      response.headers.add("Allow", methods.map(\.name).joined(separator: ", "))
      return response
    case .route(let route, let station):
      var call: Call?
      do {
        let principal = try principal(request, route, peer)
        var known = try Call(request, route: route, station: station, principal: principal)
        call = known
        try admit(known)
        known.approver = try await approver(of: known)
        known.unlocked = try await unlocked(by: known).union(dayOfBirth(in: known))
        call = known
        return try await serve(known)
      } catch {
        let error = apiError(error, route)
        await auditRefusal(error, route, peer, call)
        return failure(error, language)
      }
    }
  }

  /// The caller; for what everybody may ask, somebody unknown will do.
  private func principal(
    _ request: HTTPRequest, _ route: Route, _ peer: CallerPeer
  ) throws(APIError) -> Principal {
    do throws(APIError) {
      return try access.principal(
        request.headers, peer, now: counter.now.milliseconds)
    } catch {
      guard route.isOpen, error.status == 401 else { throw error }
      return Principal(name: peer.name, roles: [])
    }
  }

  /// What an error means for the client; what it does not need to know stands in the log.
  private func apiError(_ error: any Error, _ route: Route) -> APIError {
    switch error {
    case let error as APIError: return error
    case let error as ConfigurationError: return APIError(error)
    case let refusal as Refusal: return APIError(refusal, calendar: counter.calendar)
    case LedgerFailure.refused(let refusal): return APIError(refusal, calendar: counter.calendar)
    case LedgerFailure.rejected(let inner): return apiError(inner, route)
    case LedgerFailure.storageUnavailable(let reason):
      counter.log.error("the ledger does not answer", ["error": reason])
      return APIError(status: 503, code: "storage.unavailable")
    default:
      counter.log.error("a request failed", ["route": route.rawValue, "error": "\(error)"])
      return APIError(status: 500, code: "internal.failure")
    }
  }

  private func failure(_ error: APIError, _ language: Language) -> HTTPResponse {
    var response = CounterRoutes.response(
      error.status, error.json(language, decimals: counter.decimals))
    if error.status == 401 { response.headers.add("WWW-Authenticate", "Bearer") }
    return response
  }

  static func response(_ status: Int, _ json: JSON) -> HTTPResponse {
    HTTPResponse(
      status: status, headers: ["Content-Type": "application/json; charset=utf-8"],
      body: json.text)
  }

  func serve(_ call: Call) async throws -> HTTPResponse {
    // what was approved and done under its key is answered again as it was
    if call.approver == nil, let size = try await beyondAlone(call),
      try await !counter.ledger.read({ try $0.isAnswered(call.key) })
    {
      return counted(try await postpone(call, size: size))
    }
    let json: JSON
    switch call.route {
    case .faceRender: return try await faceRender(call)
    case .health: json = try await health(call)
    case .programme: json = try await programme()
    case .memberAdd: json = try await memberAdd(call)
    case .memberShow: json = try await memberShow(call)
    case .memberFind: json = try await memberFind(call)
    case .cardIssue: json = try await cardIssue(call)
    case .cardShow: json = try await cardShow(call)
    case .cardSuspend, .cardResume: json = try await cardSuspension(call)
    case .cardReplace: json = try await cardReplace(call)
    case .cardRepair: json = try await cardRepair(call)
    case .ticketPost: json = try await ticketPost(call)
    case .ticketReturn: json = try await ticketReturn(call)
    case .ticketOpen: json = try await openReturns(call)
    case .pointsRedeem: json = try await pointsRedeem(call)
    case .ticketVoid, .ticketCorrect, .ticketExchange, .ticketClaim, .ticketPreview,
      .pointsHold, .pointsRelease, .pointsTransfer, .pointsConvert, .pointsExtend, .pointsExplain,
      .accountMerge, .accountUnmerge, .tierSet, .tierExplain, .programmeActivate:
      json = try await engine(call)
    case .pointsAdjust, .pointsOpening: json = try await pointsAdjust(call)
    case .pointsOpenings, .programmeConvert, .programmeExtend: json = try await batches(call)
    case .statement: json = try await statement(call)
    case .stationList, .stationShow, .stationEject, .stationIdentify, .stationClaim,
      .stationRelease, .stationDevice, .stationService, .cardIdentifier:
      json = try await stationWork(call)
    case .faceStale: json = try await faceStale()
    case .ledgerCheck: json = try await ledgerCheck(call)
    case .backup: json = try await backup(call)
    case .nightly: json = try await nightly(call)
    case .clockConfirm: json = try await clockConfirm(call)
    case .ticketList: json = try await ticketList(call)
    case .signIn, .signOut, .operatorAdd, .operatorList, .operatorShow, .operatorPin,
      .operatorAccounts, .operatorEnd, .regionPut, .regionList, .tillAdd, .tillList, .tillEnd,
      .auditList:
      json = try await people(call)
    case .memberJoin: json = try await memberJoin(call)
    case .memberLeave: json = try await memberLeave(call)
    case .memberEdit, .memberPhone, .memberDeceased, .memberLock, .memberExport, .memberErase,
      .consentSet, .consentList, .noticeAdd, .noticeList, .noticeShow:
      json = try await persons(call)
    case .approvalList: json = try await approvalList(call)
    case .cardBlock, .cardUnblock, .cardRetire, .cardExchange, .cardRegister, .cardAlarms,
      .stockBook, .stockList, .rangeGive, .journalList, .journalExport, .journalMerge,
      .findingList, .findingMend:
      json = try await cards(call)
    case .pointsExpiring, .noticeDue, .noticeSent: json = try await notices(call)
    case .memberEstate: json = try await memberEstate(call)
    case .rewardList, .rewardDue, .rewardGive, .rewardVoid: json = try await rewards(call)
    case .approvalGrant, .approvalAnswer: return try await approve(call)
    }
    return counted(json)
  }

  /// A good answer, with how many decimals its amounts and points have.
  private func counted(_ json: JSON) -> HTTPResponse {
    guard case .object(let pairs) = json else { preconditionFailure("an answer is an object") }
    let decimals = counter.decimals
    return CounterRoutes.response(
      200,
      .object(
        pairs + [
          ("decimals", .integer(Int64(decimals.money))),
          ("pointDecimals", .integer(Int64(decimals.points))),
        ]))
  }

  // MARK: What many routes share

  func station(_ name: String?) throws(APIError) -> StationServer {
    guard let name, let station = stations[name] else {
      throw APIError(
        status: 404, code: "station.notFound", facts: [("station", .string(name ?? ""))],
        detail: "stations are \(stations.keys.sorted().joined(separator: ", "))")
    }
    return station
  }

  /// The account that somebody who is not at a station has.
  func account(
    of subject: Subject, _ known: KeyedCard? = nil, view: LedgerView
  ) throws -> String {
    let registers = Registers(view.store)
    switch subject {
    case .station: preconditionFailure("a card in a device is claimed, not looked up")
    case .account(let id):
      guard try view.hasAccount(id) else { throw APIError(status: 404, code: "account.notFound") }
      return id
    case .member(let id):
      guard let member = try registers.member(id) else {
        throw APIError(status: 404, code: "member.notFound")
      }
      return member.account
    case .phone(let text):
      let members = try registers.find(text, limit: 3)
      let accounts = Set(members.map(\.account))
      guard let account = accounts.first else {
        throw APIError(status: 404, code: "member.notFound")
      }
      guard accounts.count == 1 else {
        throw APIError(
          status: 409, code: "member.ambiguous", facts: [("count", .integer(Int64(accounts.count)))]
        )
      }
      return account
    case .card(let number):
      guard let card = try known ?? view.keyedCard(try card(number, view: view)) else {
        throw APIError(status: 404, code: "card.notFound")
      }
      if card.isBlocked { throw Refusal(.cardBlocked) }
      guard let issue = card.issue, issue.state != .suspended else {
        throw APIError(status: 409, code: "card.suspended")
      }
      return card.account
    }
  }

  /// The id of the card with a number that somebody typed.
  func card(_ number: String, view: LedgerView) throws -> String {
    if let card = try Registers(view.store).card(typed: number) { return card }
    let typed = Registers.cardNumber(typed: number)
    guard try view.rules().version(at: counter.now).programme.cards.isValid(typed) else {
      throw APIError(status: 422, code: "card.number")
    }
    throw APIError(status: 404, code: "card.notFound")
  }

  /// A stored answer with the sentence for the cashier.
  func reply(_ answer: CommandAnswer, code: String, _ call: Call) throws -> JSON {
    let node = try Node.parse(Array(answer.text.utf8), source: "answer", dialect: .json)
    guard case .object(var pairs) = try node.json() else {
      preconditionFailure("a stored answer is an object")
    }
    pairs.append(("replayed", .bool(answer.isReplay)))
    if answer.isErased {
      pairs.append(("message", .string(Sentence.text("member.erased", [], call.language))))
      return .object(pairs)
    }
    let text = Sentence.text(code, pairs, call.language, decimals: counter.decimals)
    pairs.append(("message", .string(text)))
    return .object(pairs)
  }
}

extension Counter {
  /// The programme's days and months.
  var calendar: BusinessCalendar { faces.calendar }
}
