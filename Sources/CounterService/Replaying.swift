import CounterAPI
import EventLog
import Ledger
import LoyaltyRules
import Registers

/// What a restored backup does not know of is done again, before anything is served.
extension Counter {
  var erasures: DurableList { DurableList(path: configuration.data + "/erasures") }
  var endedOperators: DurableList { DurableList(path: configuration.data + "/ended-operators") }
  var endedTills: DurableList { DurableList(path: configuration.data + "/ended-tills") }

  func replayLists() async throws {
    var erased = 0
    for line in try erasures.lines() {
      let isErased = try await ledger.read { try Registers($0.store).isErased(line.id) }
      guard !isErased else {
        // what could not be ended when they were erased
        _ = try await ledger.submit { writer in
          try writer.endCards(writer.view.cards(heldBy: line.id), actor: line.actor)
        }
        continue
      }
      _ = try await erase(line, audit: nil)
      erased += 1
    }
    let operators = try endedOperators.lines()
    let tills = try endedTills.lines()
    let ended = try await ledger.submit { writer in
      let registers = Registers(writer.store)
      let node = writer.identity.node
      var count = 0
      for line in operators {
        guard var person = try registers.operator(line.id), person.endedAt == nil else { continue }
        person.endedAt = line.at
        try registers.put(person, node: node, at: line.at)
        try registers.endSignIns(of: line.id)
        count += 1
      }
      for line in tills {
        // a token that was given later stays
        guard let row = try registers.current(.till, line.id), row.changedAt < line.at,
          var till = try registers.tills().first(where: { $0.name == line.id }),
          till.tokenHash != nil
        else { continue }
        till.tokenHash = nil
        try registers.put(till, node: node, at: line.at)
        try registers.endSignIns(at: line.id)
        count += 1
      }
      return count
    }
    guard erased + ended > 0 else { return }
    log.notice(
      "done again after a restore", ["members erased": erased, "operators and tills ended": ended])
  }
}
