import CardStation
import DeviceLinks
import DeviceProtocols
import Platform
import Testing

/// A virtual device with a conversation to it, in which one exchange is run off the tasks' threads.
private struct Line: Sendable {
  let host: VirtualDeviceHost
  let driver: any DeviceDriver
  let conversation: DeviceConversation
  let passed = Guarded<[WirePassage]>([])
  let recorder: RecordingLink

  init(patient: Bool = true) throws {
    let model = try quickModel()
    host = try VirtualDeviceHost(StarVirtualDevice(model: model, pace: .instantly, font: testFont))
    driver = try #require(DeviceFamilies.driver(for: model))
    let path = try #require(host.path)
    recorder = RecordingLink(try LinkAddress(path: path).open())
    let passed = passed
    conversation = DeviceConversation(over: recorder) { passage in
      passed.withLock { $0.append(passage) }
    }
  }

  func end() {
    conversation.close()
    host.stop()
  }
}

@Suite(.timeLimit(.minutes(1)))
struct DeviceConversationTests {
  @Test func `an exchange is run and what passes is told`() async throws {
    let line = try Line()
    let situation = try await offPool { try line.conversation.run(line.driver.situation()) }
    #expect(situation == DeviceSituation(position: .none, isCoverOpen: false))
    let passed = line.passed.withLock { $0 }
    #expect(passed.first?.line == .host([2, 0x59, 3, 0x5a]))
    #expect(passed.allSatisfy { !$0.isConfidential && $0.time >= .zero })
    line.end()
  }

  @Test func `a wait is called off, and the device knows`() async throws {
    let line = try Line()
    let host = line.host
    async let arrival = offPool {
      try line.conversation.run(line.driver.awaitCard(within: nil))
    }
    #expect(try await offPool { host.wait(for: .waitsForCard, within: .seconds(20)) })
    line.conversation.callOff()
    #expect(try await arrival == .none)
    #expect(line.conversation.isCalledOff && !line.conversation.rest(.seconds(60)))
    try host.insert(card("A"))
    #expect(host.count(of: .cardIn) == 0, "nobody waits for a card any more")
    line.end()
  }

  @Test func `asking a device that is silent moves nothing`() async throws {
    let line = try Line()
    try line.host.insert(card("A"))
    _ = try await offPool { try line.conversation.run(line.driver.read()) }
    try line.host.act(.plan(VirtualFault(.status(0x42), .beforeRead)))
    let failed = await #expect(throws: DeviceConversationError.self) {
      try await offPool { try line.conversation.ask(line.driver.read()) }
    }
    #expect(failed?.failure.kind == .motor)
    let last = line.passed.withLock { $0.last?.line }
    guard case .device? = last else {
      Issue.record("something was said after the failure: \(last as Any)")
      return
    }
    #expect(line.host.count(of: .cardOut) == 0)
    line.end()
  }

  @Test func `a pulled cable is told apart from a device that fails`() async throws {
    let line = try Line()
    line.host.unplug()
    let failed = await #expect(throws: DeviceConversationError.self) {
      try await offPool { try line.conversation.run(line.driver.situation()) }
    }
    guard case .line(let error)? = failed else {
      Issue.record("\(failed as Any)")
      return
    }
    #expect(error.kind == .gone && failed?.failure.kind == .absent)
    line.end()
  }

  @Test(arguments: [
    "situation", "begin", "read", "awaitCard", "encode NEW", "print", "print text 10 20 A,B",
    "discharge", "recover", "service identify", "service counters", "service reset",
    "service testCard",
  ])
  func `a named exchange that is recorded plays again to what it came to`(
    name: String
  ) async throws {
    let named = try #require(NamedExchange(name))
    #expect(named.text == name)
    let line = try Line()
    try line.host.insert(card("OLD"))
    if name != "awaitCard" {
      _ = try await offPool { try line.conversation.run(line.driver.read()) }
    }
    let before = line.recorder.recording.lines.count
    let outcome = try await offPool { try named.outcome(line.driver, over: line.conversation) }
    let recording = Recording(
      facts: [], lines: Array(line.recorder.recording.lines.dropFirst(before)))
    line.end()
    let replay = ReplayLink(try Recording(recording.text))
    let again = DeviceConversation(over: replay)
    let driver = line.driver
    let replayed = try await offPool { try named.outcome(driver, over: again) }
    #expect(replayed == outcome)
    #expect(replay.isFinished)
    #expect(outcome?.isEmpty == false)
  }

  @Test(arguments: [
    "", "eat", "read twice", "encode", "print text 1 2", "print text a 2 X", "print text 1 2 漢",
    "service", "service dance",
  ])
  func `other names are refused`(name: String) {
    #expect(NamedExchange(name) == nil)
  }

  @Test func `of a bank card nothing is told`() async throws {
    let line = try Line()
    try line.host.insert(card("B4111111111111111^DOE"))
    let outcome = try await offPool {
      try NamedExchange.awaitCard.outcome(line.driver, over: line.conversation)
    }
    #expect(outcome == nil)
    #expect(NamedExchange.awaitCard.showsCard && !NamedExchange.situation.showsCard)
    line.end()
  }
}
