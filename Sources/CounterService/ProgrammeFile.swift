import Configuration
import CounterAPI
import EventLog
import Ledger
import LoyaltyRules

/// The programme file that the daemon was started with. Worse terms that come too soon do not keep
/// a shop shut, nor does a journal in which nothing can be written now: it serves by the version
/// that is in force, and says that the file waits.
package struct ProgrammeFile: Sendable {
  package var text: String
  /// Why it was not put in force at the start; nil: it was.
  package var refusal: Refusal?

  package init(text: String, refusal: Refusal?) {
    self.text = text
    self.refusal = refusal
  }

  /// Where the file stands.
  enum State: String {
    /// Its version is in force.
    case inForce
    /// Its version begins later.
    case later
    /// A later version is in force: the file is an old one.
    case replaced
    /// It was never activated: it has worse terms, or nothing could be written.
    case waits
  }

  func warn(_ log: Log) {
    guard let refusal else { return }
    let facts = String(decoding: JSON.object(refusal.facts).canonical, as: UTF8.self)
    guard refusal.code == .programmeWorse else {
      log.warning(
        "the programme file was not put in force, for nothing can be written now; the version in "
          + "force stays", ["code": refusal.code.rawValue, "facts": facts])
      return
    }
    log.warning(
      "the programme file has worse terms than the version in force, which stays: "
        + "pointcard programme activate puts it in force in time, or at once by two persons",
      ["terms": facts])
  }

  /// What health tells of it.
  func json(_ view: LedgerView, at now: Instant) throws -> JSON {
    let rules = try view.rules()
    let current = rules.version(at: now).number
    let state: State
    if let own = try view.ruleVersion(of: text) {
      let begins = rules.versions.first { $0.number == own }?.from ?? now
      state = own == current ? .inForce : begins > now ? .later : .replaced
    } else {
      state = .waits
    }
    let facts = state == .waits ? refusal?.facts ?? [] : []
    return .object([("version", .integer(current)), ("file", .string(state.rawValue))] + facts)
  }
}
