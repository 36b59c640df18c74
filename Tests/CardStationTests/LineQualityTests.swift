import DeviceLinks
import DeviceProtocols
import EventLog
import Platform
import Raster
import Testing

@testable import CardStation

struct LineQualityTests {
  @Test func `the third fault makes a line noisy, and long quiet makes it good again`() {
    var quality = LineQuality()
    quality.took(bytes: 2_000, faults: 2)
    #expect(!quality.isNoisy)
    quality.took(bytes: 10, faults: 1)
    #expect(quality.isNoisy)
    quality.took(bytes: 17_989, faults: 0)
    #expect(quality.isNoisy, "nothing is forgotten before 20,000 bytes")
    quality.took(bytes: 1, faults: 0)
    #expect(quality.isNoisy, "one of the three is left")
    quality.took(bytes: 20_000, faults: 0)
    #expect(!quality.isNoisy)
  }

  @Test func `however bad a line was, it is good again after 40,000 bytes`() {
    var quality = LineQuality()
    quality.took(bytes: 5_000, faults: 10_000)
    quality.took(bytes: 34_999, faults: 0)
    #expect(quality.isNoisy)
    quality.took(bytes: 1, faults: 0)
    #expect(!quality.isNoisy)
  }

  @Test func `a fault now and then is none of the cable's`() {
    var quality = LineQuality()
    for _ in 1...100 {
      quality.took(bytes: 40_000, faults: 1)
      #expect(!quality.isNoisy)
    }
  }

  @Test(.timeLimit(.minutes(1)))
  func `on a line that damages data the next face goes in short blocks, until it is good again`()
    async throws
  {
    let lines = LogMemory()
    var bench = try await Bench(log: Log(level: .wire, sink: lines.sink)) {
      try $0.act(.noise(3))
    }
    // cards are served until the line is known to be bad
    var isNoisy = false
    for number in 1...60 where !isNoisy {
      _ = try await bench.serve("NO \(number)")
      isNoisy = await bench.station.snapshot().isLineNoisy
    }
    #expect(isNoisy)
    #expect(await bench.station.snapshot().devices.map(\.isLineNoisy) == [true])
    #expect(lines.messages.contains { $0.contains("cable should be looked at") })
    try bench.host.act(.noise(0))
    var before = lines.messages.count
    _ = try await bench.serve("SHORT")
    #expect(longest(lines.messages[before...]) <= 65)
    // 60,000 bytes that pass well
    for number in 1...100 where isNoisy {
      _ = try await bench.serve("GOOD \(number)")
      isNoisy = await bench.station.snapshot().isLineNoisy
    }
    #expect(!isNoisy)
    before = lines.messages.count
    _ = try await bench.serve("LONG")
    #expect(longest(lines.messages[before...]) > 300)
    await bench.end()
  }
}

/// The longest block that the host has written, in bytes.
private func longest(_ messages: ArraySlice<String>) -> Int {
  messages.filter { $0.hasPrefix("> ") }.map { message in
    let words = message.dropFirst(2).split(separator: " ")
    guard words.last == "bytes", let rest = words.dropLast().last.flatMap({ Int($0) }) else {
      return words.count
    }
    return words.count - 3 + rest
  }.max() ?? 0
}

extension LogMemory {
  fileprivate var messages: [String] { lines.map(\.message) }
}

extension Bench {
  /// A card goes in, gets a picture and a stripe, and is taken.
  fileprivate mutating func serve(_ text: String) async throws -> RewriteOutcome {
    var picture = Bitmap(width: 96, height: 96)
    for place in 0..<96 { picture.fill(x: place, y: 0, width: 1, height: place + 1) }
    try host.insert(try card("OLD"))
    let read = try await nextRead()
    let outcome = await station.rewrite(
      RewriteJob(
        session: read.session, elements: [.picture(x: 8, y: 8, picture)], stripe: text))
    while !host.offersCard {
      await station.eject()
      try await Task.sleep(for: .milliseconds(2))
    }
    #expect(host.takeNow() != nil)
    return outcome
  }
}
