import Configuration
import CounterAPI
import Platform

/// Follows a station until what it was told to write is on the card.
struct StationFollower {
  let client: CounterClient
  let station: String
  /// Whether the standard output holds JSON, so that sentences go beside it.
  let isQuiet: Bool

  /// For the station that a command names; nil when it names none.
  init?(_ invocation: Invocation, _ client: CounterClient) {
    guard let name = invocation["station"] else { return nil }
    self.client = client
    station = name
    isQuiet = invocation.has("json")
  }

  /// How long a card that is being read or printed may take.
  private static let patience = Duration.seconds(120)

  /// Seconds of one wait: short, because a daemon that was restarted counts its changes anew.
  private static let turn = 5

  /// The station as soon as it is settled: a card that is just being read is waited for.
  func settled() async throws -> Answer {
    let deadline = Deadline.after(.seconds(30))
    var view = try await view(since: nil)
    while view["settled"].flag == false, !deadline.hasPassed {
      view = try await self.view(since: view["version"].integer)
    }
    return view
  }

  /// What a station asks the hand for in the middle of a write.
  private static let prompts: Set = [
    "station.insertToPrint", "station.insertToRead", "station.swipeToWrite",
    "station.swipeToCheck", "station.swipeAgain",
  ]

  /// Follows the face of a ticket's card, and says how it ended; what the hand is asked for
  /// meanwhile is said too.
  ///
  /// - Parameter before: the station as it was before the ticket was sent.
  /// - Returns: the exit code: 1 when the face is listed as stale.
  func followFace(from before: Answer) async throws -> Int32 {
    let deadline = Deadline.after(StationFollower.patience)
    var number = before["card"]["number"].text
    var view = before
    var said = ""
    repeat {
      view = try await self.view(since: view["version"].integer)
      number = view["card"]["number"].text ?? number
      let code = view["code"].text ?? ""
      if code != said, StationFollower.prompts.contains(code) {
        Console.remark(view["message"].shown)
      }
      said = code
    } while (view["settled"].flag != true || StationFollower.prompts.contains(said))
      && !deadline.hasPassed
    for notice in view["notices"].list { Console.remark(notice["message"].shown) }
    guard let number else {
      say(view["message"].shown)
      return ExitCode.done
    }
    return try await tell(card: number, view: view)
  }

  /// Follows a card that is to be written on the next plastic, and says how it ended.
  ///
  /// - Parameters:
  ///   - counter: the card's counter before: it grows with the writing.
  ///   - limit: how long to wait for the plastic.
  func followCard(
    _ number: String, issue: Int64, counter: Int64, within limit: Duration
  ) async throws -> Int32 {
    let deadline = Deadline.after(limit)
    var said = "card.insertBlank"
    var view = try await self.view(since: nil)
    while true {
      let code = view["code"].text ?? ""
      if view["settled"].flag == true {
        let card = try await card(number)
        let written = card["issues"].list.first { $0["issue"].integer == issue }
        if (written?["counter"].integer ?? 0) > counter {
          // written, or being written since the view was taken: only a view that holds both before
          // and after tells
          let now = try await self.view(since: nil)
          guard now["version"].integer != view["version"].integer else {
            return try await tell(card: number, view: view)
          }
          view = now
          continue
        }
        if code == "station.ready" {
          Console.remark(
            Words("The station no longer waits for this card.", "卡機不再等這張卡。")(client.language))
          return ExitCode.differences
        }
      }
      if code != said { Console.remark(view["message"].shown) }
      said = code
      guard !deadline.hasPassed else {
        Console.remark(
          Words("The station still waits for the card.", "卡機仍在等卡片。")(client.language))
        return ExitCode.differences
      }
      view = try await self.view(since: view["version"].integer)
    }
  }

  /// The counter of a card's newest issue; 0 when it was never written.
  func counter(of number: String) async throws -> Int64 {
    try await card(number)["issues"].list.compactMap { $0["counter"].integer }.max() ?? 0
  }

  private func card(_ number: String) async throws -> Answer {
    var body = RequestBody()
    body.add("card", .string(number))
    return try Answer(try await client.ask(.cardShow, body: body))
  }

  private func view(since: Int64?) async throws -> Answer {
    let query = since.map { [("since", "\($0)"), ("wait", "\(StationFollower.turn)")] } ?? []
    return try Answer(try await client.ask(.stationShow, station: station, query: query))
  }

  private func say(_ sentence: String) {
    if isQuiet { Console.remark(sentence) } else { Console.data(sentence) }
  }

  /// What the ledger says of the card is the truth: the device may have gone on already.
  private func tell(card number: String, view: Answer) async throws -> Int32 {
    let card = try await card(number)
    let finished = ["face.updated", "card.issued"]
    let code = view["code"].text ?? ""
    guard let reason = card["stale"].text, reason != "movedOn" else {
      say(
        finished.contains(code)
          ? view["message"].shown : Sentence.text("face.updated", [], client.language))
      return ExitCode.done
    }
    let known = Sentence.all.contains { $0.code == reason } ? reason : "face.notVerified"
    let decimals = Decimals(points: Int(card["pointDecimals"].integer ?? 0))
    say(
      Sentence.text(
        known, [("balance", .integer(card["points"]["balance"].integer ?? 0))], client.language,
        decimals: decimals))
    Console.remark(
      Words("The face is listed by pointcard face stale.", "卡面列在 pointcard face stale。")(
        client.language), small: reason)
    return ExitCode.differences
  }
}
