import Ledger
import LoyaltyRules
import Registers

/// The checks of `ledger check` for which entries and registers are looked at together. They stand
/// here because only this room knows both: the ledger knows no registers, and those know no points.
///
/// What is proven is what this node wrote by what it knew. A row that another node wrote came here
/// at a time that nobody knows, so an operator who has one is left out.
package enum ChecksBeside {
  /// For how long a call that is under way may go by what was in force before, in milliseconds;
  /// also what clocks may differ by.
  static let margin: Int64 = 10 * 60_000

  /// Runs one of them.
  package static let run: CheckBeside = { check, view, row, list in
    let registers = Registers(view.store)
    guard try registers.areHere() else { return }
    switch check {
    case .swipes: try view.findUnobserved(behind: row, into: &list)
    case .hands:
      for term in try terms(registers, view) {
        try view.findBeyondAlone(term, margin: margin, behind: row, into: &list)
      }
    case .own:
      for term in try terms(registers, view) { try view.findOwn(term, behind: row, into: &list) }
    case .notices: try registers.eachDoubtfulNotice { list.add($0) }
    case .erased: try findRemnants(registers, view, into: &list)
    default: preconditionFailure("\(check.rawValue) is the ledger's own")
    }
  }

  // MARK: Operators

  /// What the daemon's own entries have as actor: an operator of that name cannot be told from it.
  private static let daemon: Set<String> = ["pointcardd", "station"]

  /// The operators by whose rows entries can be judged, by name.
  private static func terms(_ registers: Registers, _ view: LedgerView) throws -> [OperatorTerm] {
    let node = try view.writingNode()
    return try registers.operatorVersions().sorted { $0.key < $1.key }
      .filter { !daemon.contains($0.key) && $0.value.allSatisfy { $0.node == node } }
      .map { term($0.key, $0.value) }
  }

  /// - Parameter versions: of one operator, the oldest first.
  static func term(_ name: String, _ versions: [OperatorVersion]) -> OperatorTerm {
    var term = OperatorTerm(name: name, since: .never, declared: [])
    if let first = versions.first { term.since = after(first.changedAt) }
    let accounts = versions.reduce(into: Set<String>()) { $0.formUnion($1.barred) }
    for account in accounts.sorted() {
      // a clock may have gone back: a version counts from the latest time before it
      var latest = Int64.min
      var from: Instant?
      for version in versions {
        latest = max(latest, version.changedAt)
        if version.barred.contains(account) {
          from = from ?? after(latest)
        } else if let begun = from {
          term.declared.append(
            OperatorTerm.Declared(
              account: account, from: begun,
              until: Instant(milliseconds: version.changedAt - margin)))
          from = nil
        }
      }
      if let from {
        term.declared.append(OperatorTerm.Declared(account: account, from: from, until: .never))
      }
    }
    return term
  }

  private static func after(_ milliseconds: Int64) -> Instant {
    Instant(milliseconds: milliseconds + margin)
  }

  // MARK: Who was erased

  private static func findRemnants(
    _ registers: Registers, _ view: LedgerView, into list: inout OffenceList
  ) throws {
    try registers.eachRemnant { list.add($0) }
    try view.eachHeldCard { card, holder in
      guard try registers.erasedAt(member: holder) != nil else { return }
      for remnant in try registers.remnants(ofCard: card) {
        list.add("card \(card) of member \(holder): \(remnant)")
      }
    }
    let unordered = try view.unorderedUntil()?.milliseconds ?? .min
    for note in try registers.accountNotes() {
      for member in try view.joined(note.account) {
        // what was noted since is about whoever uses the account now
        guard let erased = try registers.erasedAt(member: member), erased > unordered,
          note.at < erased - margin
        else { continue }
        list.add("account \(note.account) of member \(member): \(note.what) from before")
      }
    }
  }
}
