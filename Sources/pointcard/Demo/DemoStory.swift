import Configuration
import CounterAPI
import DeviceLinks
import DeviceProtocols
import Ledger
import LoyaltyRules
import Platform
import Raster

/// The order of events in the demo.
final class DemoStory {
  private let arguments: DemoArguments
  private let shop: DemoShop
  private let show: DemoShow
  private let counter: DemoCounter
  private let kills: DemoKills
  private let tickets: [DemoTicket]
  private var customers: [String: DemoCustomer] = [:]
  /// Households in the order in which they first came.
  private var households: [String] = []
  private let start = Clocks.system.monotonicNanoseconds()
  private var ticketsTook: UInt64 = 0

  init(arguments: DemoArguments, shop: DemoShop, show: DemoShow) throws {
    self.arguments = arguments
    self.shop = shop
    self.show = show
    counter = DemoCounter(shop: shop, show: show)
    kills = try DemoKills(
      count: arguments.kills, seed: arguments.seed, shop: shop, show: show,
      file: shop.folder + "/acknowledged.tsv")
    let zone = "Asia/Taipei"
    guard let calendar = BusinessCalendar(zone: zone) else {
      throw DemoFailure("the system does not know the time zone \(zone)")
    }
    let today = calendar.day(of: Instant(milliseconds: Clocks.system.wallMilliseconds()))
    let folder = try ResourceFolder.find(target: "pointcard", name: "Resources")
    tickets = try DemoTickets.read(
      arguments.tickets ?? folder + "/demo-tickets.csv",
      lastDay: calendar.day(today, adding: -1), calendar: calendar)
    var names = DemoNames(seed: arguments.seed)
    for ticket in tickets where customers[ticket.household] == nil {
      customers[ticket.household] = DemoCustomer(household: ticket.household, name: names.next())
      households.append(ticket.household)
    }
  }

  /// Plays everything.
  ///
  /// - Returns: whether cards and ledger agree at the end.
  func play() throws -> Bool {
    show.say("\(DemoShop.name): \(households.count) members, \(tickets.count) real tickets")
    if arguments.kills > 0 { counter.revive = { [kills, counter] in try kills.revive(counter) } }
    try kills.startDaemon()
    try enrol()
    try serveTickets()
    try takeBack()
    try lastVisits()
    try kills.finish(counter)
    return try conclude()
  }

  private func enrol() throws {
    show.begin("issuing cards", total: households.count)
    var names = DemoNames(seed: arguments.seed)
    for (index, household) in households.enumerated() {
      guard var customer = customers[household] else { continue }
      _ = names.next()
      // the third card comes from a box of cards that were used before
      try counter.enrol(&customer, phone: names.phone(), rewrites: index == 2 ? 495 : 0)
      customers[household] = customer
      if index == 0, let card = customer.card {
        show.face(card.face, caption: "the first card, just issued: \(customer.number)")
      }
      show.progress(index + 1)
    }
  }

  private func serveTickets() throws {
    show.begin("serving tickets", total: tickets.count)
    let began = Clocks.system.monotonicNanoseconds()
    let jamAt = min(40, tickets.count / 2)
    for (index, ticket) in tickets.enumerated() {
      guard var customer = customers[ticket.household] else { continue }
      let redeem = redemption(ticket, customer)
      let answer = try counter.serve(
        ticket, &customer, redeem: redeem, jams: index == jamAt && arguments.kills == 0)
      try kills.acknowledge(ticket, answer)
      customers[ticket.household] = customer
      tell(index, ticket, customer, answer, redeem)
      show.progress(index + 1)
    }
    ticketsTook = Clocks.system.monotonicNanoseconds() - began
    shop.noteMemory()
  }

  /// Every eighth ticket of a member is paid with half of the points.
  private func redemption(_ ticket: DemoTicket, _ customer: DemoCustomer) -> Int64 {
    guard customer.tickets % 8 == 7 else { return 0 }
    return max(0, min(customer.balance / 2, ticket.amount))
  }

  private func tell(
    _ index: Int, _ ticket: DemoTicket, _ customer: DemoCustomer, _ answer: JSONView,
    _ redeem: Int64
  ) {
    let marks = [0, tickets.count / 3, tickets.count * 2 / 3]
    if marks.contains(index), let card = customer.card {
      show.face(
        card.face, caption: "\(ticket.soldAt)  NT$\(ticket.amount): \(answer["message"].text)")
    }
    if redeem > 0, index < tickets.count / 3, tickets.count < 1_000 {
      show.event("\(customer.number): \(answer["message"].text)")
    }
  }

  /// Three members return half of their last purchase, without a card.
  private func takeBack() throws {
    for household in households.prefix(3) {
      guard let customer = customers[household],
        let ticket = tickets.last(where: { $0.household == household }), ticket.amount > 1
      else { continue }
      let answer = try counter.insist {
        try shop.api.ok(
          .ticketReturn,
          [
            "ticket": .string(ticket.number), "terminal": .string(ticket.terminal),
            "date": .string(ticket.day.description), "returnTicket": .string("R" + ticket.number),
            "amount": .integer(ticket.amount / 2),
          ], key: "return-\(ticket.number)")
      }
      show.event("\(customer.number) returns NT$\(ticket.amount / 2): \(answer["message"].text)")
    }
  }

  /// Whoever's face lies behind comes once more.
  private func lastVisits() throws {
    let stale = try counter.insist { try shop.api.ok(.faceStale) }
    let numbers = Set(stale["faces"].list.map { $0["number"].text })
    for household in households {
      guard var customer = customers[household], numbers.contains(customer.number) else { continue }
      try counter.visit(&customer)
      customers[household] = customer
    }
  }

  // MARK: The end

  private func conclude() throws -> Bool {
    show.begin("comparing cards with the ledger", total: households.count)
    let audit = DemoAudit(counter: counter)
    var differences: [String] = []
    for (index, household) in households.enumerated() {
      guard let customer = customers[household] else { continue }
      differences += try audit.differences(customer)
      if households.count <= 200, let card = customer.card {
        let path = "\(shop.folder)/faces/\(customer.number).png"
        try Files.writeAtomically(PNG.write(card.face, enlargement: 2, frame: true), to: path)
      }
      show.progress(index + 1)
    }
    differences += try plantedAlterations(audit)
    let stale = try counter.insist { try shop.api.ok(.faceStale) }["faces"].list.count
    let checks = try counter.insist { try shop.api.ok(.ledgerCheck) }
    for check in checks["checks"].list where !check["passed"].flag {
      differences.append("check \(check["check"].text): \(check["sentence"].text)")
      differences += check["offences"].list.map { "  \($0.text)" }
    }
    for difference in differences.prefix(50) { show.say(difference) }
    let agree = differences.isEmpty && stale == 0 && kills.agree
    try summarise(agree: agree, stale: stale, checks: checks["checks"].list.count)
    return agree
  }

  /// One dot and one stripe character altered behind the daemon's back must be found.
  private func plantedAlterations(_ audit: DemoAudit) throws -> [String] {
    guard let customer = customers[households[0]], let card = customer.card else { return [] }
    var dot = customer
    dot.card?.face[100, 100].toggle()
    var character = customer
    var text = Array(try card.text() ?? "")
    text[33] = text[33] == "9" ? "8" : "9"
    try character.card?.encode(String(text))
    var missed: [String] = []
    if try audit.differences(dot).count != 1 { missed.append("an altered dot was not found") }
    if try audit.differences(character).isEmpty {
      missed.append("an altered stripe character was not found")
    }
    return missed
  }

  private func summarise(agree: Bool, stale: Int, checks: Int) throws {
    let size = try LedgerFile.size(shop.database)
    let seconds = Double(ticketsTook) / 1e9
    let all = Double(Clocks.system.monotonicNanoseconds() - start) / 1e9
    func rounded(_ value: Double) -> String { "\((value * 10).rounded() / 10)" }
    show.say("")
    show.say("members \(households.count), tickets \(tickets.count), entries \(size.entries)")
    show.say(
      "tickets a second \(rounded(Double(tickets.count) / seconds)) "
        + "(\(rounded(seconds)) s of \(rounded(all)) s in all)")
    show.say(
      "entries a ticket \(rounded(Double(size.entries) / Double(max(1, tickets.count)))), "
        + "bytes a ticket \(size.bytes / Int64(max(1, tickets.count))), "
        + "daemon's peak memory \(shop.peakKiB / 1024) MiB")
    kills.summarise()
    show.say("stale faces \(stale); ledger check: \(checks) checks")
    show.say(
      agree
        ? "every card's face and stripe equals the ledger"
        : "cards and ledger differ: see above and \(shop.folder)/pointcardd.log")
    show.say("faces as pictures: \(shop.folder)/faces/")
  }
}
