import LoyaltyRules
import Testing

/// Every setting of the section `earn`, with its extremes.
struct EarnSettingTests {
  @Test(
    arguments: [
      ("list", true, 10), ("list", false, 7), ("net", true, 9), ("net", false, 6),
      ("paid", false, 6),
    ] as [(String, Bool, Int64)])
  func `C2, C12: the basis is list, net or paid, and what points pay earns or not`(
    basis: String, pointsPart: Bool, points: Int64
  ) throws {
    let rule = "perAmount: 100, basis: '\(basis)', pointsPartEarns: \(pointsPart)"
    let programme = try programme(settings(earn: rule))
    #expect(programme.judge(try sale(900, list: 1_000), pays: 300).points == points)
  }

  @Test(
    arguments: [
      ("included", 1_050, 21), ("excluded", 1_050, 20), ("excluded", 1_049, 19),
      ("excluded", 0, 0),
    ] as [(String, Int64, Int64)])
  func `C11: tax is in what earns or not`(tax: String, amount: Int64, points: Int64) throws {
    let programme = try programme(settings(earn: "perAmount: 50, tax: '\(tax)'"))
    #expect(programme.judge(try sale(amount)).points == points)
  }

  @Test func `tax comes off the sum once, however many lines there are`() throws {
    let programme = try programme(settings(earn: "perAmount: 1, tax: 'excluded'"))
    let lines = (0..<100).map { SaleLine(article: "\($0)", amount: 1) }
    #expect(programme.judge(try sale(100, lines: lines)).points == 95)
  }

  @Test(
    arguments: [
      ("perAmount: 1, points: 1", 1_000_000_000, 1_000_000_000),
      ("perAmount: 1, points: 10000", 1_000_000_000, 1_000_000_000),
      ("perAmount: 1000000, points: 1", 999_999, 0),
      ("perAmount: 1000000, points: 10000", 1_000_000, 10_000),
      ("perVisit: 1", 0, 1), ("perVisit: 10000", 5, 10_000),
      ("perVisit: 3, visitMinimum: 0", 0, 3), ("perVisit: 3, visitMinimum: 500", 499, 0),
      ("perVisit: 3, visitMinimum: 500", 500, 3),
      ("perVisit: 3, visitMinimum: 1000000000", 1_000_000_000, 3),
    ] as [(String, Int64, Int64)])
  func `what earns is each whole step of money, or a visit`(
    earn: String, amount: Int64, points: Int64
  ) throws {
    #expect(try programme(settings(earn: earn)).judge(try sale(amount)).points == points)
  }

  @Test func `a second visit of a day earns nothing`() throws {
    let programme = try programme(settings(earn: "perVisit: 2"))
    let again = AccrualContext(hasVisitedToday: true)
    #expect(programme.judge(try sale(100), context: again).points == 0)
  }

  @Test(
    arguments: [
      ("floor", 250, 5), ("floor", 300, 5), ("floor", 499, 5), ("floor", 500, 10),
      ("halfUp", 300, 5), ("ceiling", 300, 5),
    ] as [(String, Int64, Int64)])
  func `C7: 5 points for each whole 2.50, in whichever rounding`(
    rounding: String, cents: Int64, points: Int64
  ) throws {
    let rule = "perAmount: 250, points: 5, rounding: '\(rounding)'"
    #expect(try programme(settings(earn: rule)).judge(try sale(cents)).points == points)
  }

  @Test(
    arguments: [
      ("floor", "1/2", 100, 0), ("floor", "1/2", 300, 1), ("halfUp", "1/2", 100, 1),
      ("halfUp", "1/3", 100, 0), ("halfUp", "2/3", 100, 1), ("ceiling", "1/1000", 100, 1),
      ("ceiling", "1/2", 200, 1), ("ceiling", "1000/1", 100, 1_000), ("ceiling", "1/2", 0, 0),
      // 3030 × 0.03 and 3000 × 0.03 as ratios: no float adds a point
      ("ceiling", "3/100", 300_000, 90), ("floor", "3/100", 303_000, 90),
      ("ceiling", "3/100", 303_000, 91),
    ] as [(String, String, Int64, Int64)])
  func `C4, C8: one rounding over a ratio, floor, half up or ceiling`(
    rounding: String, multiplier: String, amount: Int64, points: Int64
  ) throws {
    let text = settings(
      earn: "perAmount: 100, rounding: '\(rounding)'",
      tiers: "levels: [{ code: '01', name: 'A', from: 0, multiplier: '\(multiplier)' }]")
    #expect(try programme(text).judge(try sale(amount)).points == points)
  }

  @Test(
    arguments: [
      ("none", 60, 150, 1, 60), ("remainder", 60, 150, 2, 10), ("remainder", 0, 99, 0, 99),
      ("remainder", 99, 1, 1, 0), ("remainder", 99, 0, 0, 99),
    ] as [(String, Int64, Int64, Int64, Int64)])
  func `C18: what fills no step is lost, or carried to the next ticket`(
    carry: String, before: Int64, amount: Int64, points: Int64, after: Int64
  ) throws {
    let programme = try programme(settings(earn: "perAmount: 100, carry: '\(carry)'"))
    let accrual = programme.judge(try sale(amount), context: AccrualContext(carry: before))
    #expect(accrual.points == points)
    #expect(accrual.carry == after)
  }

  @Test(
    arguments: [(true, true, 5), (true, false, 0), (false, true, 5), (false, false, 5)]
      as [(Bool, Bool, Int64)])
  func `a ticket without an invoice earns or not`(
    invoicedOnly: Bool, isInvoiced: Bool, points: Int64
  ) throws {
    let programme = try programme(
      settings(earn: "perAmount: 100, invoicedOnly: \(invoicedOnly)"))
    var sale = try sale(500)
    sale.isInvoiced = isInvoiced
    #expect(programme.judge(sale).points == points)
  }

  @Test(
    arguments: [(true, true, 5), (true, false, 5), (false, true, 0), (false, false, 5)]
      as [(Bool, Bool, Int64)])
  func `a ticket with a buyer's tax id earns or not`(
    earns: Bool, hasBuyerID: Bool, points: Int64
  ) throws {
    let programme = try programme(
      settings(earn: "perAmount: 100, buyerIdTicketsEarn: \(earns)"))
    var sale = try sale(500)
    sale.hasBuyerID = hasBuyerID
    #expect(programme.judge(sale).points == points)
  }

  @Test(
    arguments: [
      (false, 0, 5), (false, 200, 3), (false, 500, 0), (true, 200, 5), (true, 500, 5),
    ] as [(Bool, Int64, Int64)])
  func `C15: what stored value pays earns or not`(
    earns: Bool, stored: Int64, points: Int64
  ) throws {
    let programme = try programme(settings(earn: "perAmount: 100, storedValueEarns: \(earns)"))
    let tenders = [
      Tender(kind: Tender.storedValue, amount: stored), Tender(kind: "cash", amount: 500 - stored),
    ]
    #expect(programme.judge(try sale(500, tenders: tenders)).points == points)
  }

  @Test(arguments: ArticleClass.allCases)
  func `C15: a line of an excluded class earns nothing, of the others it does`(
    articleClass: ArticleClass
  ) throws {
    let lines = [
      SaleLine(article: "1", articleClass: articleClass, amount: 300),
      SaleLine(article: "2", amount: 200),
    ]
    let ticket = try sale(500, lines: lines)
    for (excluded, points) in [("[]", Int64(5)), ("['\(articleClass.rawValue)']", 2)] {
      let programme = try programme(
        settings(
          earn: "perAmount: 100, excluded: \(excluded)", rest: "law: 'none',"))
      #expect(programme.judge(ticket).points == points, "excluded: \(excluded)")
    }
    #expect(try programme(settings()).judge(ticket).points == 2, "all are by default")
  }

  @Test func `C1: a line that a reward gave never earns`() throws {
    let lines = [
      SaleLine(article: "1", quantity: 5, amount: 500),
      SaleLine(kind: .reward, article: "gift", quantity: 1, list: 100, amount: 100),
    ]
    let earn = "perAmount: 100, excluded: \(byLaw), rules: [{ id: 'piece', perArticle: 1 }]"
    let accrual = try programme(settings(earn: earn)).judge(try sale(600, lines: lines))
    #expect(accrual.parts.map(\.points) == [5, 5])
    #expect(accrual.points == 10)
  }

  @Test(
    arguments: [
      ("", 1_000, 0, 0, 10), ("capPerTicket: 1", 1_000, 0, 0, 1),
      ("capPerTicket: 1000000000", 1_000, 0, 0, 10), ("capPerDay: 1", 1_000, 0, 0, 1),
      ("capPerDay: 12", 1_000, 5, 5, 7), ("capPerDay: 5", 1_000, 9, 9, 0),
      ("capPerDay: 1000000000", 1_000, 5, 5, 10), ("capPerMonth: 1", 1_000, 0, 0, 1),
      ("capPerMonth: 12", 1_000, 0, 5, 7), ("capPerMonth: 5", 1_000, 0, 5, 0),
      ("capPerMonth: 1000000000", 1_000, 0, 5, 10),
      ("capPerTicket: 8, capPerDay: 7, capPerMonth: 6", 1_000, 0, 0, 6),
    ] as [(String, Int64, Int64, Int64, Int64)])
  func `points of a ticket, a day and a month are capped`(
    cap: String, amount: Int64, today: Int64, month: Int64, points: Int64
  ) throws {
    let programme = try programme(settings(earn: "perAmount: 100, \(cap)"))
    let context = AccrualContext(earnedToday: today, earnedThisMonth: month)
    let accrual = programme.judge(try sale(amount), context: context)
    #expect(accrual.points == points)
    #expect(accrual.rounded == 10)
  }

  @Test(
    arguments: [
      (0, fridayNoon), (1, "2026-11-21T00:00:00"), (366, "2027-11-21T00:00:00"),
    ] as [(Int, String)])
  func `points are usable at once, or from the start of the Nth day after`(
    days: Int, from: String
  ) throws {
    let programme = try programme(settings(earn: "perAmount: 100, pendingDays: \(days)"))
    let usable = programme.usableFrom(try taipei(fridayNoon), calendar: programme.calendar)
    #expect(usable == (try taipei(from)))
  }

  @Test(
    arguments: [
      ("00:00", "2026-11-20T00:00:00", "2026-11-20"),
      ("00:00", "2026-11-19T23:59:59", "2026-11-19"),
      ("23:59", "2026-11-20T23:58:59", "2026-11-19"),
      ("23:59", "2026-11-20T23:59:00", "2026-11-20"),
      ("05:30", "2026-11-20T05:29:59", "2026-11-19"),
      ("05:30", "2026-11-20T05:30:00", "2026-11-20"),
    ] as [(String, String, String)])
  func `a shop's day begins when the programme says`(
    begins: String, at: String, day: String
  ) throws {
    let programme = try programme(settings(rest: "businessDayStarts: '\(begins)',"))
    let found = programme.businessDay(of: try taipei(at), calendar: programme.calendar)
    #expect(found.description == day)
  }

  @Test(
    arguments: [
      (-1, 0, []), (1_000_000_001, 0, []), (100, 99, []), (100, 0, [-100, 200]), (300, 0, [100]),
    ] as [(Int64, Int64, [Int64])])
  func `C14: a sale whose sums make no sense is refused with what to send`(
    amount: Int64, list: Int64, lines: [Int64]
  ) throws {
    var wrong = try sale(amount, lines: lines.map { SaleLine(article: "1", amount: $0) })
    if list > 0 { wrong.list = list }
    let fault = try #require(wrong.fault)
    #expect(!fault.field.isEmpty && !fault.problem.isEmpty && !fault.remedy.isEmpty)
    #expect(try sale(100).fault == nil)
  }

  @Test func `B7: what points pay is shared out over the lines and adds up`() throws {
    let programme = try programme(settings(earn: "perAmount: 1, excluded: \(byLaw)"))
    for pays in [0, 1, 2, 50, 99, 100] as [Int64] {
      let lines = [33, 33, 34].map { SaleLine(article: "\($0)", amount: $0) }
      let basis = try sale(100, lines: lines).basis(programme, pointsPart: pays)
      #expect(basis.total == 100 - pays, "\(pays) paid by points")
      #expect(basis.counted.allSatisfy { $0 >= 0 })
    }
  }

  @Test func `C6: one point stays one point whatever the currency's decimals`() throws {
    for decimals in 0...3 {
      let currency = "code: 'TWD', decimals: \(decimals)"
      let programme = try programme(settings(currency: currency))
      #expect(programme.judge(try sale(100)).points == 1, "\(decimals) decimals")
    }
  }
}
