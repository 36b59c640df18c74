import Foundation
import Platform
import Testing

/// Two client processes want the same last points at once.
struct RaceTests {
  /// How a client process ended, and when it ran, in nanoseconds.
  private struct Racer: Sendable {
    var run: Run
    var start: UInt64
    var end: UInt64
  }

  @Test func `of two processes that redeem the last 60 points at once exactly one does`() throws {
    let environment = ProcessInfo.processInfo.environment
    let rounds = environment["POINTCARD_PAIRS"].flatMap { Int($0) } ?? 8
    let shop = try Shop()
    try shop.open()
    let added = try shop.run("member", "add", "王小明", "--phone", "0912345678", "--json")
    let account = try #require(added.value("account"), "\(added)")
    var overlapping = 0
    for round in 1...rounds {
      let given = try shop.run("points", "opening", "--points", "60", "--account", account)
      try #require(given.code == 0, "\(given)")
      let racers = try race(shop, ["points", "redeem", "--points", "60", "--account", account])
      let codes = racers.map(\.run.code).sorted()
      try #require(codes == [0, 4], "round \(round): \(racers)")
      let loser = racers.first { $0.run.code == 4 }
      try #require(loser?.run.error.contains("points.insufficient") == true, "\(racers)")
      if max(racers[0].start, racers[1].start) < min(racers[0].end, racers[1].end) {
        overlapping += 1
      }
    }
    #expect(try shop.run("ledger", "check").code == 0)
    try shop.close()
    print("\(overlapping) of \(rounds) pairs overlapped")
    #expect(overlapping > 0)
  }

  /// Starts two processes at the same moment and waits for both.
  private func race(_ shop: Shop, _ arguments: [String]) throws -> [Racer] {
    let results = Monitor<[Result<Racer, any Error>]>([])
    let gate = Monitor(0)
    let socket = shop.folder("s")
    for _ in 1...2 {
      _ = try DedicatedThread(name: "racer") {
        gate.withLock { $0 += 1 }
        _ = gate.wait(until: .after(.seconds(20))) { $0 == 2 ? true : nil }
        let result = Result {
          let clock = Clocks.system.monotonicNanoseconds
          let start = clock()
          let run = try Programs.pointcard(
            arguments, environment: ["POINTCARD_SOCKET": socket])
          return Racer(run: run, start: start, end: clock())
        }
        results.withLock { $0.append(result) }
      }
    }
    let both = results.wait(until: .after(.seconds(120))) { $0.count == 2 ? $0 : nil }
    return try #require(both).map { try $0.get() }
  }
}
