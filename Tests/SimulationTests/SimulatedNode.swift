import Configuration
import EventLog
import Ledger
import LoyaltyRules
import Platform

/// A shop with a real ledger, on the world's clock.
final class SimulatedNode: Sendable {
  static let programme = """
    { format: 1, programme: 'SIM1', name: 'Simulation', timeZone: 'Asia/Taipei',
      currency: { code: 'TWD', decimals: 0 }, points: { unit: 'P' },
      earn: { perAmount: 100 }, redeem: {},
      expiry: { style: 'days', count: 20 },
      tiers: { measure: 'spend', window: { style: 'rollingDays', count: 30 },
        period: { style: 'days', count: 20 }, down: 'oneLevel', graceDays: 2, levels: [
          { code: '01', name: 'A', from: 0 },
          { code: '02', name: 'B', from: 4000, multiplier: '3/2' },
          { code: '03', name: 'C', from: 9000, multiplier: '2/1' }] },
      returns: { shortfall: 'allowNegative', endedLot: 'grace', graceDays: 5 },
      tickets: { holdMinutes: 1440 }, claims: { days: 30 },
      cards: { prefix: '88', digits: 10 } }
    """

  /// The same in hundredths of a point, a hundredth for what was a point: the auditor, who counts
  /// parts, expects the same numbers. Every third world has it.
  static func programme(of seed: UInt64) -> String {
    guard seed.isMultiple(of: 3) else { return programme }
    return programme.replacing("unit: 'P'", with: "unit: 'P', decimals: 2")
      .replacing("earn: { perAmount: 100 }", with: "earn: { perAmount: 100, points: 0.01 }")
      .replacing("redeem: {}", with: "redeem: { points: 0.01, minimum: 0.01, multiple: 0.01 }")
      .replacing(
        "claims: {",
        with: "limits: { offlineRedeemPerCard: 1, offlineRedeemPerTill: 30 }, claims: {")
  }

  let name: String
  let ledger: Ledger
  private let folder: TemporaryFolder

  init(_ number: Int, seed: UInt64, time: Guarded<Int64>) async throws {
    name = "SIM0\(number)"
    folder = try TemporaryFolder()
    ledger = try Ledger(
      path: folder("ledger.db"), node: name, store: "S\(number)",
      clocks: Clocks(
        wallMilliseconds: { time.withLock { $0 } },
        monotonicNanoseconds: { UInt64(time.withLock { $0 }) * 1_000_000 }),
      random: .seeded(seed &* 31 &+ UInt64(number)), log: Log())
    try await ledger.submit { writer in
      _ = try writer.activateRules(source: SimulatedNode.programme(of: seed), actor: "sim")
    }
  }

  private static func key(_ node: String) -> [UInt8] { Array("the secret of \(node)".utf8) }

  /// How far this node holds a journal.
  func held(_ journal: String) async throws -> Int64 {
    try await ledger.read { view in
      try view.versionVector().first { $0.node == journal }?.seq ?? 0
    }
  }

  /// Takes a journal's entries up to `last` from what `other` holds of it.
  func fetch(_ journal: String, through last: Int64, from other: SimulatedNode) async throws {
    let first = try await held(journal) + 1
    guard first <= last else { return }
    let bytes = try await other.ledger.read {
      try $0.segment(
        of: journal, epoch: 1, from: first, limit: Int(last - first + 1),
        key: SimulatedNode.key(journal))
    }
    guard let bytes else { return }
    let segment = try JournalSegment(bytes)
    _ = try await ledger.merge(segment, key: SimulatedNode.key(journal), actor: "sync")
  }
}
