import Ledger
import Testing

/// Worlds from a seed: a few in every run, as many as POINTCARD_SEEDS says.
struct SimulationTests {
  @Test func `unsynced shops agree in the end with an auditor who saw everything`() async throws {
    for seed in Seeds.run(few: 8, share: 10) {
      var world = try await World(seed: seed)
      for _ in 1...120 { try await world.act() }
      for node in world.nodes.indices { try await world.audit(node) }
      try await world.settle()
      for node in world.nodes.indices { try await world.audit(node) }
      try await world.check()
      var findings: [[Finding]] = []
      for node in world.nodes { findings.append(try await node.ledger.read { try $0.findings() }) }
      try #require(
        findings.allSatisfy { $0 == findings[0] }, "SEED=\(seed): the nodes list other findings")
    }
  }
}
