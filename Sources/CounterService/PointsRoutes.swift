import Configuration
import CounterAPI
import Ledger
import LoyaltyRules
import Registers

/// Points apart from sales: reservations, transfers, merges, head office's changes.
extension CounterRoutes {
  /// `{points}` and WHO.
  func pointsHold(_ call: Call) async throws -> JSON {
    try await change(call, "hold.placed") { object in
      let points = try SaleFields.points(try object.required("points"), from: 1)
      _ = object.optional("check")
      return (
        ["points": .integer(points)],
        { writer, account in
          let hold = try writer.hold(
            points, account: account, terminal: call.principal.till?.name, actor: call.actor)
          return [
            ("hold", .string(hold.entry.description)), ("points", .integer(points)),
            ("until", .string(counter.calendar.text(hold.until))),
          ]
        }
      )
    }
  }

  /// `{hold}`: gives a reservation up; a cashier or till only one of their own.
  func pointsRelease(_ call: Call) async throws -> JSON {
    var object = try call.body.object()
    let hold = try entryName(try object.required("hold"))
    try object.finish()
    let command: JSON = ["command": "points.release", "hold": .string(hold.description)]
    let answer = try await submit(call) { writer in
      try writer.once(key: call.key, command: command) {
        try checkPlacer(of: hold, call, writer.view)
        let account = try writer.voidHold(hold, actor: call.actor)
        return .object([("hold", .string(hold.description))] + (try after(account, writer)))
      }
    }
    return try reply(answer, code: "hold.released", call)
  }

  private func checkPlacer(of hold: EntryName, _ call: Call, _ view: LedgerView) throws {
    guard call.principal.isClerk, let placer = try view.placer(ofHold: hold) else { return }
    let till = call.principal.till?.name
    guard placer.actor == call.actor || till != nil && placer.terminal == till else {
      throw APIError(
        status: 403, code: "right.scope", facts: [("till", .string(till ?? ""))])
    }
  }

  /// `{points, to, reason}` and WHO: `to` is the other account.
  func pointsTransfer(_ call: Call) async throws -> JSON {
    try await change(call, "points.transferred") { object in
      let points = try SaleFields.points(try object.required("points"), from: 1)
      let target = try object.required("to").text()
      let reason = try CounterRoutes.reasonCode(try object.required("reason"))
      return (
        ["points": .integer(points), "to": .string(target), "reason": .string(reason)],
        { writer, account in
          let outcome = try writer.transfer(
            points, from: account, to: target, reason: reason, actor: call.actor)
          return [
            ("entry", .string(outcome.entry.description)), ("points", .integer(points)),
            ("arrivals", .array(outcome.arrivals.map { .string($0.description) })),
          ]
        }
      )
    }
  }

  /// `{into}` and WHO: WHO's account becomes part of the other.
  func accountMerge(_ call: Call) async throws -> JSON {
    try await change(call, "accounts.merged") { object in
      let target = try object.required("into").text()
      return (
        ["into": .string(target)],
        { writer, account in
          let entry = try writer.merge(account, into: target, actor: call.actor)
          return [("entry", .string(entry.description))]
        }
      )
    }
  }

  /// `{merge}`: the entry that merged.
  func accountUnmerge(_ call: Call) async throws -> JSON {
    var object = try call.body.object()
    let merge = try entryName(try object.required("merge"))
    try object.finish()
    let command: JSON = ["command": "accounts.unmerge", "merge": .string(merge.description)]
    let answer = try await submit(call) { writer in
      try writer.once(key: call.key, command: command) {
        let (account, lacking) = try writer.unmerge(merge, actor: call.actor)
        return .object(
          [
            (
              "lacking",
              .array(
                lacking.map { ["account": .string($0.account), "points": .integer($0.lacks)] })
            )
          ] + (try after(account, writer)))
      }
    }
    return try reply(answer, code: "accounts.unmerged", call)
  }

  /// `{rate, round?, reason}` and WHO: every point becomes `rate` others, as `1/300`.
  func pointsConvert(_ call: Call) async throws -> JSON {
    try await change(call, "points.converted") { object in
      let rate = try Ratio(try object.required("rate"), limit: 1_000_000)
      let rounding = try object.optional("round")?.choice(of: Rounding.self) ?? .ceiling
      let reason = try CounterRoutes.reasonCode(try object.required("reason"))
      let fields: JSON = [
        "rate": .string(rate.description), "round": .string(rounding.rawValue),
        "reason": .string(reason),
      ]
      return (
        fields,
        { writer, account in
          let change = try writer.convert(
            account: account, rate: rate, rounding: rounding, reason: reason, actor: call.actor,
            approver: nil)
          return CounterRoutes.facts(change)
        }
      )
    }
  }

  /// `{to, from?, reason}` and WHO: points that would end before `to` live through that day; with
  /// `from`, those that ended since then too.
  func pointsExtend(_ call: Call) async throws -> JSON {
    try await change(call, "points.extended") { object in
      let last = try Programme.day(try object.required("to"))
      let from = try object.optional("from").map(Programme.day)
      let reason = try CounterRoutes.reasonCode(try object.required("reason"))
      let fields: JSON = [
        "to": .string(last.description), "from": from.map { .string($0.description) } ?? .null,
        "reason": .string(reason),
      ]
      return (
        fields,
        { writer, account in
          let now = try writer.now()
          let days = try writer.rules().days(at: now)
          let change = try writer.extend(
            account: account, from: from.map { min(now, days.start(of: $0)) } ?? now,
            to: days.end(of: last), reason: reason, actor: call.actor, approver: nil)
          return CounterRoutes.facts(change)
        }
      )
    }
  }

  /// `{tier, until, why}` and WHO: at least this tier through the day `until`.
  func tierSet(_ call: Call) async throws -> JSON {
    try await change(call, "tier.set") { object in
      let tier = try object.required("tier").text()
      let last = try Programme.day(try object.required("until"))
      let why = try CounterRoutes.reasonCode(try object.required("why"))
      let fields: JSON = [
        "tier": .string(tier), "until": .string(last.description), "why": .string(why),
      ]
      return (
        fields,
        { writer, account in
          let days = try writer.rules().days(at: try writer.now())
          let entry = try writer.setTier(
            tier, account: account, until: days.end(of: last), why: why, actor: call.actor)
          return [("entry", .string(entry.description))]
        }
      )
    }
  }

  // MARK: What they share

  private typealias Change = @Sendable (LedgerWriter, String) throws -> [(String, JSON)]

  /// A command on one account, once for its key.
  ///
  /// - Parameter read: gives the fields as they are hashed, and what is to be done.
  private func change(
    _ call: Call, _ code: String,
    read: (inout ObjectReader) throws -> (JSON, Change)
  ) async throws -> JSON {
    var object = try call.body.object()
    let (fields, body) = try read(&object)
    guard let subject = try Subject.read(&object) else {
      throw object.node.error("names nobody", remedy: "give card, phone, member or account")
    }
    try object.finish()
    try refuseStation(subject, object)
    let command: [(String, JSON)] = [
      ("command", .string(call.route.rawValue)), ("fields", fields),
    ]
    let answer = try await submit(call) { writer in
      try once(call, command, about: subject, writer) {
        let account = try account(of: subject, view: writer.view)
        let facts = try body(writer, account)
        return .object(facts + (try after(account, writer)))
      }
    }
    return try reply(answer, code: code, call)
  }

  private static func facts(_ change: LotChange) -> [(String, JSON)] {
    [
      ("lots", .integer(change.lots)), ("before", .integer(change.before)),
      ("after", .integer(change.after)),
    ]
  }
}
