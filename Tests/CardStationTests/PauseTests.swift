import DeviceLinks
import DeviceProtocols
import Platform
import Testing

@testable import CardStation

/// Looks again and again with a rest between, as devices are looked at that say nothing of their
/// own accord, and cannot be called off once it has begun.
private struct Looking: Exchange {
  static let rest = Duration.milliseconds(30)

  let seen: Guarded<[LinkEvent]>
  var left = 4
  /// Whether it fails when it is called off, so that the clean-up follows.
  var givesUp = false

  var isConfidential: Bool { false }

  mutating func next(_ event: LinkEvent) throws(DeviceFailure) -> [Step<Bool>] {
    seen.withLock { $0.append(event) }
    if event == .cancelled, givesUp { throw DeviceFailure(.cancelled) }
    left -= 1
    return left < 0 ? [.finish(true)] : [.pause(Self.rest)]
  }

  func cleanUp(after failure: ConversationFailure) -> any Exchange<DeviceSituation> {
    Settling(looking: Looking(seen: seen))
  }
}

private struct Settling: Exchange {
  var looking: Looking

  var isConfidential: Bool { false }

  mutating func next(_ event: LinkEvent) throws(DeviceFailure) -> [Step<DeviceSituation>] {
    switch try looking.next(event).first {
    case .pause(let time): [.pause(time)]
    default: [.finish(DeviceSituation(position: .none, isCoverOpen: false))]
    }
  }

  func cleanUp(after failure: ConversationFailure) -> any Exchange<DeviceSituation> { self }
}

@Suite(.timeLimit(.minutes(1)))
struct PauseTests {
  private func run(_ looking: Looking) async throws -> Duration {
    let host = try VirtualDeviceHost(MadeUpDevice(.swiped))
    let conversation = DeviceConversation(over: try host.open())
    conversation.callOff()
    let start = ContinuousClock.now
    do throws(any Error) {
      try await offPool { _ = try conversation.run(looking) }
    } catch let error as DeviceConversationError {
      #expect(error.failure.kind == .cancelled)
    }
    conversation.close()
    host.stop()
    return ContinuousClock.now - start
  }

  @Test func `a conversation that goes on though it was called off rests as before`() async throws {
    let seen = Guarded<[LinkEvent]>([])
    let took = try await run(Looking(seen: seen))
    // told once; devices count their rests, and one cut short would end their patience too soon
    #expect(seen.withLock { $0 } == [.began, .cancelled, .timedOut, .timedOut, .timedOut])
    #expect(took >= Looking.rest * 3)
  }

  @Test func `where the card is is asked with rests, whoever calls off`() async throws {
    let seen = Guarded<[LinkEvent]>([])
    let took = try await run(Looking(seen: seen, givesUp: true))
    #expect(
      seen.withLock { $0 }
        == [.began, .cancelled, .began, .timedOut, .timedOut, .timedOut, .timedOut])
    #expect(took >= Looking.rest * 4)
  }
}
