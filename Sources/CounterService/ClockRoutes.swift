import Configuration
import CounterAPI
import Ledger
import LoyaltyRules
import Registers

extension CounterRoutes {
  /// Lets commands be judged by a clock that lies behind the journal's last entry.
  ///
  /// It writes no entry, and goes past what asks the ledger for the time, which is what it mends.
  func clockConfirm(_ call: Call) async throws -> JSON {
    try call.body.object().finish()
    let calendar = counter.calendar
    let row = auditRow(call, "clock.confirmed")
    let found = try await counter.ledger.submit { writer in
      let found = try writer.confirmClock()
      try Registers(writer.store).audit(row)
      return found
    }
    return [
      "clock": .string(calendar.text(found.clock)), "ahead": .integer(found.ahead / 1_000),
    ]
  }
}
