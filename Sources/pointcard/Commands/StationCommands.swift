import CounterAPI

/// Stations as the daemon sees them.
enum StationCommands {
  static let all = [list, status, eject, identify, claim, release]

  private static let name = Command.Operand(name: "NAME")

  private static let list = Command.request(
    ["station", "list"], Words("every station", "所有卡機"), .stationList
  ) { answer, page in
    page.table(
      [Label.station, Label.device, Label.cardState, Label.message],
      answer["stations"].list.map { station in
        [
          station["name"].shown, station["model"].shown, station["cardState"].shown,
          station["message"].shown,
        ]
      })
    return ExitCode.done
  }

  private static let status = Command(
    path: ["station", "status"], operands: [name],
    options: [
      Option(
        "watch", .flag, Words("go on with every change", "持續顯示變化"), isField: false)
    ], reach: .read, summary: Words("one station", "一台卡機")
  ) { invocation in
    try await follow(invocation, invocation.operands[0], isWatching: invocation.has("watch"))
  }

  /// Shows a station, and with `isWatching` every change of it.
  static func follow(
    _ invocation: Invocation, _ station: String, isWatching: Bool
  ) async throws -> Int32 {
    let client = try CounterClient(invocation)
    var query: [(String, String)] = []
    var last: Int64?
    repeat {
      let bytes = try await client.ask(.stationShow, station: station, query: query)
      let version = try Answer(bytes)["version"].integer
      if version != last || last == nil {
        _ = try Command.present(bytes, invocation, isWatching ? brief : full)
      }
      last = version
      query = [("since", "\(version ?? 0)"), ("wait", "20")]
    } while isWatching
    return ExitCode.done
  }

  private static let eject = Command.request(
    ["station", "eject"], Words("give the card back as it is", "原樣退卡"), .stationEject,
    operands: [name], show: full)

  private static let identify = Command.request(
    ["station", "identify"], Words("begin a session by a card's number", "以卡號開始服務"),
    .stationIdentify,
    operands: [name, Command.Operand(name: "CARD", field: "card")],
    detail: Words(
      "For stations that cannot look at cards; CARD may be a bar code that is bound to the card.",
      "用於不能讀卡的卡機；卡號也可以是已綁定的條碼。"), show: full)

  private static let claim = Command.request(
    ["station", "claim"], Words("take a turn at a shared station", "登記使用共用卡機"),
    .stationClaim, operands: [name], show: turn)

  private static let release = Command.request(
    ["station", "release"], Words("give the turn up", "讓出共用卡機"), .stationRelease,
    operands: [name], show: turn)

  private static let turn: @Sendable (Answer, Page) -> Int32 = { answer, page in
    page.line(answer["message"].shown)
    return (answer["place"].integer ?? 0) == 0 ? ExitCode.done : ExitCode.differences
  }

  private static let full: @Sendable (Answer, Page) -> Int32 = { answer, page in
    let card = answer["card"]
    var fields = [
      (Label.station, answer["name"].shown), (Label.device, answer["model"].shown),
      (Label.cardState, answer["cardState"].shown), (Label.message, answer["message"].shown),
    ]
    for notice in answer["notices"].list { fields.append((Label.message, notice["message"].shown)) }
    if card.exists {
      fields += [
        (Label.card, card["number"].shown), (Label.name, card["name"].shown),
        (Label.balance, card["balance"].points(of: answer)), (Label.tier, card["tier"].shown),
      ]
    }
    page.fields(fields)
    return ExitCode.done
  }

  private static let brief: @Sendable (Answer, Page) -> Int32 = { answer, page in
    let card = answer["card"]
    let whose = card.exists ? "  \(card["number"].shown) \(card["balance"].points(of: answer))" : ""
    page.line("\(answer["cardState"].shown)  \(answer["message"].shown)\(whose)")
    return ExitCode.done
  }
}
