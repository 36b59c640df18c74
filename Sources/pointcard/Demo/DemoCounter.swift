import Configuration
import CounterAPI
import DeviceLinks
import DeviceProtocols
import HTTPClient
import LoyaltyRules
import Platform

/// A member as the demo plays them: with the card in hand.
struct DemoCustomer {
  let household: String
  let name: String
  var member = ""
  var number = ""
  var card: VirtualCard?
  var balance: Int64 = 0
  var tickets = 0
}

/// The customer, the cashier and the till at the counter.
final class DemoCounter {
  let shop: DemoShop
  /// Told of everything that is worth showing.
  let show: DemoShow
  /// Restarts the daemon after it was killed; nil when nobody kills it.
  var revive: (() throws -> Void)?
  /// How often the daemon was restarted.
  private(set) var restarts = 0
  private var version: Int64 = 0
  private var session: Int64 = 0

  init(shop: DemoShop, show: DemoShow) {
    self.shop = shop
    self.show = show
  }

  /// Runs `body` until the daemon has answered it; restarts a daemon that was killed meanwhile.
  func insist<Result>(_ body: () throws -> Result) throws -> Result {
    while true {
      do {
        return try body()
      } catch let error as HTTPClientError {
        guard try reviveIfDead() else { throw error }
      }
    }
  }

  /// Restarts a daemon that has died; false when it lives.
  @discardableResult
  func reviveIfDead() throws -> Bool {
    guard let revive else { return false }
    // an answer may be cut off an instant before the process is known to be dead
    let deadline = Deadline.after(.seconds(2))
    while shop.isRunning {
      guard !deadline.hasPassed else { return false }
      _ = shop.waitForEnd(within: .milliseconds(20))
    }
    restarts += 1
    version = 0
    session = 0
    try revive()
    return true
  }

  // MARK: The card and the device

  /// What became of a card that was put in.
  enum Arrival {
    /// Read and known; the till may go on.
    case ready(notices: [String])
    /// It came out again, for this reason.
    case out(code: String)
    /// The daemon died; the card is wherever it was.
    case died
  }

  /// Puts a customer's card in and waits until the station says what it is.
  func insert(_ customer: inout DemoCustomer) throws -> Arrival {
    if let card = customer.card {
      // what still lies there from before belongs to nobody else: there is one customer at a time
      try shop.host.insert(card)
      customer.card = nil
    }
    while true {
      let view: JSONView
      do {
        view = try station(until: "ready", wait: 2)
      } catch is HTTPClientError {
        guard try reviveIfDead() else { throw DemoFailure("the daemon does not answer") }
        return .died
      }
      if view["ready"].flag { return .ready(notices: view["notices"].list.map { $0["code"].text }) }
      if shop.host.offersCard, view["settled"].flag {
        customer.card = shop.host.takeNow()
        return .out(code: view["code"].text)
      }
    }
  }

  /// The station's view, newer than the last one seen.
  private func station(until: String, wait: Int) throws -> JSONView {
    let reply = try shop.api.send(
      .stationShow,
      query: [("since", String(version)), ("until", until), ("wait", String(wait))])
    version = reply.json["version"].integer ?? 0
    session = reply.json["session"].integer ?? 0
    return reply.json
  }

  /// Takes the card when it comes out.
  ///
  /// - Returns: false when the daemon died before that.
  func take(_ customer: inout DemoCustomer) throws -> Bool {
    let deadline = Deadline.after(.seconds(60))
    let before = restarts
    while !deadline.hasPassed {
      if let card = shop.host.takeCard(within: .milliseconds(revive == nil ? 1_000 : 50)) {
        customer.card = card
        return restarts == before
      }
      if !shop.isRunning { try reviveIfDead() }
    }
    throw DemoFailure("the card of \(customer.number) did not come out within a minute")
  }

  // MARK: Enrolment

  /// A new member with a card, written on a blank.
  ///
  /// - Parameter rewrites: cycles that the plastic has already gone through.
  func enrol(_ customer: inout DemoCustomer, phone: String, rewrites: Int64) throws {
    let (name, household) = (customer.name, customer.household)
    let member = try insist {
      try shop.api.ok(
        .memberAdd, ["name": .string(name), "phone": .string(phone)], key: "member-\(household)")
    }
    customer.member = member["member"].text
    let id = customer.member
    let issued = try insist {
      try shop.api.ok(
        .cardIssue, ["member": .string(id), "rewrites": .integer(rewrites)],
        key: "card-\(household)")
    }
    customer.number = issued["number"].text
    try write(&customer, blank: VirtualCard(wear: Int(rewrites)))
  }

  /// Has a card that the ledger knows written on plastic; as often as it takes.
  func write(_ customer: inout DemoCustomer, blank: VirtualCard) throws {
    customer.card = blank
    let number = customer.number
    while true {
      let state = try insist { try shop.api.ok(.cardShow, ["card": .string(number)]) }
      if state["issues"].list.last?["state"].text == "active", customer.card?.isBlank == false {
        return
      }
      _ = try insist {
        try shop.api.send(
          .cardRepair, ["card": .string(number), "station": .string(DemoShop.station)],
          key: "repair-\(number)-\(restarts)")
      }
      if let card = customer.card { try shop.host.insert(card) }
      _ = try take(&customer)
    }
  }

  /// A worn card gets new plastic with the same number.
  func replace(_ customer: inout DemoCustomer) throws {
    let number = customer.number
    let count = customer.tickets
    let answer = try insist {
      try shop.api.ok(
        .cardReplace, ["card": .string(number), "reason": "damaged"],
        key: "replace-\(number)-\(count)")
    }
    show.event("card \(number) is worn out: issue \(answer["issue"].integer ?? 0) is written")
    try write(&customer, blank: VirtualCard())
  }

  // MARK: Tickets

  /// Posts a ticket with the customer's card in the device, and gives the card back with its face
  /// up to date, through every death of the daemon.
  ///
  /// - Returns: the daemon's answer.
  func serve(
    _ ticket: DemoTicket, _ customer: inout DemoCustomer, redeem: Int64, jams: Bool = false
  ) throws -> JSONView {
    let body: JSON = [
      "ticket": .string(ticket.number), "terminal": .string(ticket.terminal),
      "date": .string(ticket.day.description), "soldAt": .string(ticket.soldAt),
      "amount": .integer(ticket.amount), "redeem": .integer(redeem),
      "station": .string(DemoShop.station),
    ]
    var answer: JSONView?
    for _ in 0..<1_000 {
      guard case .ready = try insert(&customer) else { continue }
      let started = restarts
      do {
        if answer == nil {
          if jams { try shop.host.act(.jam) }
          let reply = try shop.api.send(.ticketPost, body, key: "ticket-\(ticket.number)")
          guard reply.isDone else {
            throw DemoFailure("ticket \(ticket.number) was refused: \(reply.code)")
          }
          answer = reply.json
          if jams { try recoverFromJam(&customer) }
          if reply.json["replayed"].flag { _ = try shop.api.send(.stationEject) }
        } else {
          _ = try shop.api.send(.stationEject)
        }
      } catch is HTTPClientError {
        guard try reviveIfDead() else { throw DemoFailure("the daemon does not answer") }
        continue
      }
      if customer.card == nil { _ = try take(&customer) }
      let died = restarts != started
      if !died, !jams { break }
      if try !isStale(customer) { break }
    }
    guard let answer else { throw DemoFailure("ticket \(ticket.number) was never answered") }
    customer.balance = answer["balance"].integer ?? 0
    customer.tickets += 1
    if answer["notices"].list.contains(where: { $0.text == "card.worn" }) {
      try replace(&customer)
    }
    return answer
  }

  /// Opens the cover, takes the stuck card out, closes the cover.
  private func recoverFromJam(_ customer: inout DemoCustomer) throws {
    while true {
      let view = try station(until: "settled", wait: 5)
      if view["code"].text == "device.jam" {
        show.event(view["message"].text)
        break
      }
    }
    try shop.host.act(.openCover)
    customer.card = shop.host.takeNow()
    try shop.host.act(.closeCover)
    guard customer.card != nil else { throw DemoFailure("the jammed card could not be taken out") }
  }

  /// Puts a card in and has it given back, so that its face is brought up to date.
  func visit(_ customer: inout DemoCustomer) throws {
    for _ in 0..<1_000 {
      guard case .ready = try insert(&customer) else { continue }
      do {
        _ = try shop.api.send(.stationEject)
      } catch is HTTPClientError {
        guard try reviveIfDead() else { throw DemoFailure("the daemon does not answer") }
        continue
      }
      _ = try take(&customer)
      if try !isStale(customer) { return }
    }
    throw DemoFailure("the face of \(customer.number) stays stale")
  }

  func isStale(_ customer: DemoCustomer) throws -> Bool {
    let card = try insist { try shop.api.ok(.cardShow, ["card": .string(customer.number)]) }
    return !card["stale"].text.isEmpty
  }
}
