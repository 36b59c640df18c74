import Foundation
import Platform
import Testing

/// Two client processes want the same last points at once: 1,000 pairs where POINTCARD_PAIRS=1000.
struct RaceTests {
  @Test func `of two processes that redeem the last 60 points at once exactly one does`() throws {
    let environment = ProcessInfo.processInfo.environment
    let rounds = environment["POINTCARD_PAIRS"].flatMap { Int($0) } ?? 8
    let shop = try Shop()
    try shop.open()
    let added = try shop.run("member", "add", "王小明", "--phone", "0912345678", "--json")
    let account = try #require(added.value("account"), "\(added)")
    let doors = try TwoDoors(to: shop.folder("s"), in: shop.folder)
    var overlapping = 0
    var shortest = UInt64.max
    for round in 1...rounds {
      let given = try shop.run("points", "opening", "--points", "60", "--account", account)
      try #require(given.code == 0, "\(given)")
      let redeem = ["points", "redeem", "--points", "60", "--account", account]
      let runs = try race(doors.sockets, redeem)
      try #require(runs.map(\.code).sorted() == [0, 4], "round \(round): \(runs)")
      let loser = runs.first { $0.code == 4 }
      try #require(loser?.error.contains("points.insufficient") == true, "\(runs)")
      let pair = try doors.pair()
      let (began, ended) = (
        max(pair[0].sent, pair[1].sent), min(pair[0].answered, pair[1].answered)
      )
      if began < ended {
        overlapping += 1
        shortest = min(shortest, ended - began)
      }
    }
    doors.close()
    #expect(try shop.run("ledger", "check").code == 0)
    try shop.close()
    print(
      "of \(rounds) pairs \(overlapping) had both requests sent before either was answered,",
      "for \(shortest / 1_000) µs at least")
    #expect(overlapping > 0)
  }

  /// Starts two processes, each with a daemon's socket of its own, and waits for both.
  private func race(_ sockets: [String], _ arguments: [String]) throws -> [Run] {
    let results = Monitor<[Result<Run, any Error>]>([])
    for socket in sockets {
      _ = try DedicatedThread(name: "racer") {
        let result = Result {
          try Programs.pointcard(arguments, environment: ["POINTCARD_SOCKET": socket])
        }
        results.withLock { $0.append(result) }
      }
    }
    let both = results.wait(until: .after(.seconds(120))) { $0.count == 2 ? $0 : nil }
    return try #require(both).map { try $0.get() }
  }
}
