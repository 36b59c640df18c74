import Configuration
import CounterAPI
import HTTPMessages
import Platform
import Testing

@testable import CounterService

/// Whatever is sent to whichever function: an error with its code and field, never a crash.
struct NonsenseTests {
  /// The keys that each function reads, with a value of the right kind; those that are not listed
  /// read no body.
  private static let fields: [Route: JSON] = [
    .memberAdd: [
      "name": "王", "phone": "0912345678", "email": "a@b.c", "birthday": "1990-01-01",
      "guardian": "x", "notice": "n", "place": "p", "form": "f", "takeOver": false,
      "samePhone": false, "acceptUnprintable": false,
    ],
    .memberShow: ["member": "x"], .memberFind: ["text": "x"], .clockConfirm: [:],
    .memberEdit: ["member": "x", "name": "x", "acceptUnprintable": true],
    .memberPhone: ["member": "x", "phone": "0912345678"], .memberDeceased: ["member": "x"],
    .memberLock: ["member": "x", "lock": "pin", "pin": "2846"], .memberExport: ["member": "x"],
    .memberErase: ["member": "x"], .memberJoin: ["member": "x", "account": "y"],
    .memberLeave: ["member": "x"],
    .consentSet: [
      "member": "x", "purpose": "marketing", "channel": "sms", "given": true, "proof": "p",
      "notice": "n", "place": "p",
    ],
    .consentList: ["member": "x"],
    .noticeAdd: ["name": "n", "language": "en", "text": "t"], .noticeShow: ["notice": "n"],
    .cardIssue: [
      "member": "x", "anonymous": false, "rewrites": 1, "design": "d", "number": "8800000013",
      "activates": "use",
    ],
    .cardShow: ["card": "8800000013"], .cardSuspend: ["card": "8800000013", "reason": "r"],
    .cardResume: ["card": "8800000013"],
    .cardReplace: ["card": "8800000013", "reason": "lost", "station": "c1"],
    .cardRepair: ["card": "8800000013", "station": "c1"],
    .cardBlock: ["card": "8800000013", "reason": "r"],
    .cardUnblock: ["card": "8800000013", "reason": "r"],
    .cardRetire: ["card": "8800000013", "station": "c1"],
    .cardExchange: ["station": "c1", "reason": "worn", "session": 1],
    .cardIdentifier: ["card": "8800000013", "kind": "uid", "value": "04A1B2C3"],
    .stationIdentify: ["card": "8800000013"], .stationClaim: [:], .stationRelease: [:],
    .stationService: ["service": "identify", "device": "main"],
    .cardRegister: ["card": "8800000013", "member": "x"], .cardAlarms: ["days": 3],
    .stockBook: ["kind": "receive", "design": "d", "quantity": 1],
    .rangeGive: ["to": "s", "first": 1, "last": 2],
    .ticketPost: sale, .ticketPreview: sale,
    .ticketReturn: [
      "ticket": "1", "terminal": "1", "date": "2026-11-20", "revision": 1, "part": 1,
      "returnTicket": "r", "returnTerminal": "1", "store": "s", "amount": 1,
      "lines": [["line": 0, "amount": 1]], "returnedAt": "2020-01-01T00:00:00Z",
      "receipt": [
        "store": "s", "soldAt": "2020-01-01", "amount": 1, "earned": 1, "redeemed": 1,
      ], "account": "x",
    ], .ticketOpen: ["all": true],
    .ticketVoid: ["ticket": "1", "terminal": "1", "reason": "r"],
    .ticketCorrect: [
      "ticket": "1", "terminal": "1", "reason": "r", "newTicket": "2", "amount": 1, "redeem": 1,
      "account": "x",
    ],
    .ticketExchange: [
      "return": ["ticket": "1", "terminal": "1", "amount": 1], "ticket": "2", "terminal": "1",
      "amount": 1,
    ],
    .ticketClaim: ["ticket": "1", "terminal": "1", "account": "x"],
    .pointsHold: ["points": 1, "account": "x"], .pointsRelease: ["hold": "TPE01.1.1"],
    .pointsTransfer: ["points": 1, "to": "y", "reason": "r", "account": "x"],
    .pointsConvert: ["rate": "1/3", "round": "floor", "reason": "r", "account": "x"],
    .pointsExtend: ["to": "2027-01-01", "from": "2026-01-01", "reason": "r", "account": "x"],
    .pointsExplain: ["entry": "TPE01.1.1", "asOfNow": true],
    .pointsRedeem: ["points": 1, "account": "x"],
    .pointsAdjust: ["points": 1, "reason": "r", "account": "x"],
    .pointsOpening: ["points": 1, "account": "x"],
    .pointsOpenings: [
      "lines": [
        [
          "line": 1, "account": "x", "points": "1", "earned": "2020-01-01", "ends": "2030-01-01",
        ]
      ], "preview": false,
    ],
    .programmeConvert: [
      "rate": "1/3", "round": "floor", "reason": "r", "after": "x", "preview": false,
    ],
    .programmeExtend: [
      "to": "2027-01-01", "from": "2026-01-01", "reason": "r", "after": "x", "preview": false,
      "lines": [["line": 1, "account": "x"]],
    ],
    .pointsExpiring: ["before": "2027-01-01", "after": "x", "limit": 1],
    .noticeDue: ["after": 1, "limit": 1, "sent": true, "contacts": true],
    .noticeSent: ["notice": 1, "channel": "sms"],
    .memberEstate: ["member": "x", "heir": "y"],
    .rewardList: ["account": "x"], .rewardDue: ["account": "x", "after": "x", "limit": 1],
    .rewardGive: ["reward": "r", "check": "01-01", "account": "x"],
    .rewardVoid: ["entry": "TPE01.1.1", "reason": "r"], .statement: ["account": "x", "limit": 1],
    .accountMerge: ["into": "y", "account": "x"], .accountUnmerge: ["merge": "TPE01.1.1"],
    .tierSet: ["tier": "01", "until": "2027-01-01", "why": "r", "account": "x"],
    .tierExplain: ["account": "x"], .programmeActivate: ["source": "{}", "from": "2027-01-01"],
    .faceRender: ["card": "8800000013", "station": "c1", "format": "png"],
    .ledgerCheck: ["checks": ["chains"], "sinceCheckpoint": true],
    .findingList: ["all": true],
    .findingMend: ["kind": "overspend", "entry": "TPE01.1.1", "points": 1, "reason": "r"],
    .journalExport: ["node": "TPE01", "epoch": 1, "from": 1, "limit": 1],
    .journalMerge: ["segment": "x"],
    .ticketList: ["terminal": "1", "date": "2026-11-20", "limit": 1],
    .signIn: ["operator": "x", "pin": "1234", "minutes": 1], .signOut: ["token": "x"],
    .operatorAdd: [
      "name": "x y", "roles": ["cashier"], "pin": "2846", "user": "u", "stores": ["s"],
      "regions": ["r"], "accounts": ["a"], "household": ["h"],
    ],
    .operatorShow: ["name": "x"], .operatorPin: ["name": "x", "pin": "2846"],
    .operatorAccounts: ["name": "x", "accounts": ["a"], "household": ["h"]],
    .operatorEnd: ["name": "x"], .regionPut: ["name": "r", "stores": ["s"]],
    .tillAdd: ["name": "t", "station": "c1", "renew": true], .tillEnd: ["name": "t"],
    .approvalGrant: ["pending": "x"], .approvalAnswer: ["pending": "x", "by": "y", "answer": "1"],
    .auditList: [
      "from": "2026-01-01", "to": "2027-01-01", "actor": "x", "whom": "y", "limit": 1,
    ],
  ]

  private static let sale: JSON = [
    "ticket": "1", "terminal": "1", "date": "2026-11-20", "revision": 1, "part": 1,
    "soldAt": "2020-01-01T00:00:00Z", "amount": 1, "list": 1,
    "lines": [["article": "a", "amount": 1, "quantity": 1]],
    "tenders": [["kind": "cash", "amount": 1]], "invoiced": true, "buyerId": true,
    "campaigns": ["c"], "redeem": 1, "hold": "TPE01.1.1", "check": "01-01", "account": "x",
  ]

  /// Functions that take no body and do what they do.
  private static let bodiless: Set<Route> = [
    .health, .programme, .stationList, .stationShow, .stationEject, .faceStale, .backup, .nightly,
    .operatorList, .regionList, .tillList, .approvalList, .noticeList, .stockList, .journalList,
    .stationDevice,
  ]

  private static let deep =
    String(repeating: "[", count: 20_000) + String(repeating: "]", count: 20_000)

  /// Bodies that are wrong for every function.
  private static let texts: [(String, field: Bool)] = [
    ("not json", false), ("[]", true), ("\"x\"", true), ("null", true), ("7", true), ("{", false),
    ("{\"a\":", false), ("{\"a\":1,}", false), ("{'a':1}", false), ("{\"a\":1}{}", false),
    ("{\"a\":1,\"a\":2}", true), ("{\"a\":\(deep)}", true), (deep, false), ("\u{0}", false),
    ("{\"unheardOf\":1}", true), ("{\"\":1}", true), ("{\"approver\":5}", true),
    ("{\"later\":\"x\"}", true), ("{\"memberPin\":[]}", true), ("{\"why\":\"a b\"}", true),
    ("{\"remark\":\"\"}", true), ("{\"a\":\"\\ud800\"}", false), ("{\"a\":01}", false),
  ]

  /// Values that are put in the place of each field.
  private static let values = [
    "-9223372036854775808", "9223372036854775807", "-1", "1e400", "123456789012345678901234567890",
    "1.5", "\"\"", "\"-9223372036854775808\"", "[[[]]]", "{\"x\":{}}", "true",
    "\"\\u0000\\n\"", "\"王🐉\"", "\"" + String(repeating: "9", count: 5_000) + "\"",
  ]

  @Test func `every function stands in the table`() {
    for route in Route.allCases {
      #expect((Self.fields[route] != nil) != Self.bodiless.contains(route), "\(route)")
    }
  }

  @Test func `nonsense gets an error with its code and field from every function`() async throws {
    let counter = try await CounterFixture()
    for route in Route.allCases where route.method == .post {
      for (index, (text, hasField)) in Self.texts.enumerated() {
        guard !Self.bodiless.contains(route) || route != .stationEject else { continue }
        let response = await counter.raw(route, Array(text.utf8), key: "\(route)-\(index)")
        let answer = try Answer(response.body)
        #expect((400..<500).contains(response.status), "\(route) \(text.prefix(40))")
        #expect(!answer.code.isEmpty && !answer.message.isEmpty, "\(route) \(text.prefix(40))")
        let field = answer.object("error")?.object("facts")?.text("field")
        #expect(answer.code != "field.invalid" || field != nil, "\(route) \(text.prefix(40))")
        if hasField, answer.code == "field.invalid", text.hasPrefix("{\"unheardOf") {
          #expect(field?.isEmpty == false, "\(route)")
        }
      }
    }
    #expect(try await counter.failingChecks() == [])
    await counter.stop()
  }

  @Test func `a wrong value in any field gets an error that names a field`() async throws {
    let counter = try await CounterFixture()
    var count = 0
    for route in Route.allCases {
      guard case .object(let pairs)? = Self.fields[route] else { continue }
      let bodies = pairs.indices.flatMap { place in
        Self.values.map { value in
          let texts = pairs.indices.map { index in
            let text = index == place ? value : String(decoding: pairs[index].1.text, as: UTF8.self)
            return "\"\(pairs[index].0)\":\(text)"
          }
          return (pairs[place].0, "{\(texts.joined(separator: ","))}")
        }
      }
      count += bodies.count
      let wrong = await withTaskGroup(of: String?.self) { group in
        for (index, (key, body)) in bodies.enumerated() {
          group.addTask {
            let response = await counter.raw(
              route, Array(body.utf8), key: "\(route)-f\(index)")
            guard response.status != 200 else { return nil }
            do {
              let answer = try Answer(response.body)
              let field = answer.object("error")?.object("facts")?.text("field") ?? ""
              let isTold = answer.code != "field.invalid" || !field.isEmpty
              let isKnown = (400..<500).contains(response.status) && !answer.code.isEmpty
              return isTold && isKnown
                ? nil : "\(route) \(key): \(response.status) \(answer.code) \(body.prefix(200))"
            } catch {
              return "\(route) \(key): \(error)"
            }
          }
        }
        return await group.reduce(into: [String]()) { if let text = $1 { $0.append(text) } }
      }
      #expect(wrong == [], "\(route)")
    }
    #expect(count > 3_000)
    #expect(try await counter.failingChecks() == [])
    await counter.stop()
  }
}
