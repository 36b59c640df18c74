import Foundation
import Ledger
import Platform
import Testing

/// Two nodes that meet now and then, cards that are used at both, writes that fail in every way.
///
/// `HISTORIES` says how many honest cards live through it, and an eighth of them as planted ones of
/// each kind; `SEED` where the chances begin. What they came to is printed.
struct SwipeSimulationTests {
  private static let environment = ProcessInfo.processInfo.environment
  private static let seed = environment["SEED"].flatMap { UInt64($0) } ?? 20_261_122
  /// Cards in one world: its nodes meet at the same times for all of them.
  private static let cards = 50

  private static func worlds(_ usual: Int, share: Int = 1) -> Int {
    let cards = environment["HISTORIES"].flatMap { Int($0) }.map { $0 / share } ?? usual
    return (cards + Self.cards - 1) / Self.cards
  }

  @Test func `honest cards raise no false alarm`() async throws {
    var tally = SwipeTally()
    for number in 0..<Self.worlds(100) {
      let seed = Self.seed &+ UInt64(number)
      var world = try await SwipeWorld(seed: seed, cards: Self.cards)
      for _ in 0..<14 {
        try await world.step()
        if Int.random(in: 0..<3, using: &world.random) == 0 {
          try await world.meet(Int.random(in: 0...1, using: &world.random))
        }
      }
      try await world.meet(0)
      try await world.meet(1)
      try await world.step(chance: 1)
      #expect(world.faults == [], "SEED=\(seed)")
      for shop in world.shops { #expect(try await shop.failing() == [], "SEED=\(seed)") }
      let kinds = try await world.shops[0].findings().map(\.kind)
      #expect(kinds == [], "SEED=\(seed)")
      tally.add(world.tally)
    }
    for alarm in [SwipeVerdict.copied, .ancestor, .lost] { #expect(tally.verdicts[alarm] == nil) }
    print(tally.told("honest"))
  }

  enum Plant: String, CaseIterable, Sendable { case copy, rollback }

  @Test(arguments: Plant.allCases)
  func `a planted copy is found at the first swipe at which it can be`(plant: Plant) async throws {
    var tally = SwipeTally()
    for number in 0..<Self.worlds(50, share: 8) {
      let seed = Self.seed &+ UInt64(number)
      var world = try await SwipeWorld(seed: seed &+ 1_000_000, cards: Self.cards)
      for step in 0..<16 {
        try await world.step()
        if Int.random(in: 0..<3, using: &world.random) == 0 {
          try await world.meet(Int.random(in: 0...1, using: &world.random))
        }
        if step >= 4 { world.plant(plant, all: step == 8) }
      }
      // whoever was not found yet is written once more, and both nodes hear of everything
      try await world.step(chance: 1, only: 0, ends: [.good], isClean: true)
      try await world.meet(0)
      try await world.meet(1)
      try await world.step(chance: 1, only: 1, ends: [nil], isClean: true)
      let planted = world.stories.filter(\.isPlanted)
      let missed = planted.filter { !$0.isFound }
      #expect(missed.filter { !$0.isHidden }.map(\.card) == [], "SEED=\(seed)")
      #expect(world.faults == [], "SEED=\(seed)")
      for shop in world.shops { #expect(try await shop.failing() == [], "SEED=\(seed)") }
      world.tally.planted = planted.count
      world.tally.hidden = missed.count
      tally.add(world.tally)
    }
    #expect(tally.planted * 10 >= tally.cards * 8)
    // what is put back and written over again at once is gone; that must be the exception
    #expect(tally.hidden * 5 < tally.planted)
    print(tally.told(plant.rawValue))
  }

  @Test func `a ledger that lost entries is found by the first card that shows one`() async throws {
    var (lost, kept) = (0, 0)
    for number in 0..<Self.worlds(50, share: 3) {
      let seed = Self.seed &+ UInt64(number)
      var world = try await SwipeWorld(seed: seed &+ 2_000_000, cards: Self.cards)
      for _ in 0..<4 { try await world.step() }
      let copy = world.shops[0].folder("copy.db")
      try await LedgerReader(path: world.shops[0].path).backUp(to: copy)
      let before = world.stories
      for _ in 0..<3 { try await world.step() }
      let shown = try await world.loseLedger(restoring: copy, since: before)
      lost += shown.lost
      kept += shown.kept
      #expect(world.faults == [], "SEED=\(seed)")
    }
    #expect(lost > 0 && kept > 0)
    print("lost ledgers: \(lost) cards showed a lost entry, \(kept) none, all judged right")
  }
}

extension SwipeWorld {
  /// Copies cards, or puts an earlier record back on them.
  ///
  /// - Parameter all: every card that can be; else one in eight.
  mutating func plant(_ kind: SwipeSimulationTests.Plant, all: Bool) {
    for index in stories.indices where !stories[index].isPlanted {
      guard all || Int.random(in: 0..<8, using: &random) == 0 else { continue }
      switch kind {
      case .copy:
        guard let record = stories[index].plastics[0] else { continue }
        stories[index].plastics.append(record)
      case .rollback:
        guard let record = stories[index].superseded.randomElement(using: &random) else { continue }
        stories[index].plastics[0] = record
      }
      stories[index].isPlanted = true
    }
  }

  /// The first node's database is gone and an older copy takes its place; then every card is read
  /// there.
  ///
  /// - Returns: how many cards showed an entry that was lost, and how many showed none.
  mutating func loseLedger(
    restoring copy: String, since before: [Story]
  ) async throws -> (lost: Int, kept: Int) {
    let shop = shops[0]
    await shop.ledger.close()
    _ = try Ledger.restore(
      backup: copy, to: shop.path, aside: shop.folder("aside.db"), clocks: shop.clocks,
      random: .seeded(5), actor: "sim")
    let restored = try shop.reopened()
    var shown = (lost: 0, kept: 0)
    for (story, old) in zip(stories, before) {
      guard let record = story.plastics[0] else { continue }
      let verdict = try await restored.submit {
        try $0.observe(
          story.card, issue: 1, reading: record.reading, provesFace: true, station: "s",
          actor: "sim"
        ).verdict
      }
      let isLost =
        record.writer == shop.node && !old.writes.contains { $0.to == record.digest }
      if isLost { shown.lost += 1 } else { shown.kept += 1 }
      if isLost != (verdict == .lost) {
        faults.append("\(story.card): \(verdict.rawValue), lost \(isLost)")
      }
    }
    await restored.close()
    return shown
  }
}
