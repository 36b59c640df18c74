import DeviceProtocols
import Platform

/// A line that plays the device's part of a recording and checks ours.
///
/// Bytes are compared in the order of the recording, however they are cut into writes; a write that
/// differs breaks the line with `.strayed`. Behind the end the device is silent.
package final class ReplayLink: DeviceLink {
  package let address: String
  private let play: Monitor<Play>

  private struct Play: Sendable {
    var lines: ArraySlice<Recording.Line>
    /// What is left of the host's line under way.
    var expected: ArraySlice<UInt8> = []
    var isInterrupted = false
  }

  package init(_ recording: Recording, name: String = "recording") {
    address = "replay:\(name)"
    play = Monitor(Play(lines: recording.lines[...]))
  }

  /// Whether the whole recording was played.
  package var isFinished: Bool {
    play.withLock { $0.lines.isEmpty && $0.expected.isEmpty }
  }

  package func write(_ bytes: [UInt8], within limit: Duration) throws(LinkError) {
    try play.withLock { play throws(LinkError) in
      for byte in bytes {
        if play.expected.isEmpty, case .host(let line)? = play.lines.first {
          play.lines.removeFirst()
          play.expected = line[...]
        }
        guard play.expected.popFirst() == byte else {
          let hex = String(byte, radix: 16)
          throw LinkError(.strayed, address: address, reason: "wrote \(hex), not as recorded")
        }
      }
    }
  }

  package func read(within limit: Duration?) throws(LinkError) -> LinkRead {
    let deadline = Deadline.after(limit)
    let read = play.wait(until: deadline) { play -> LinkRead? in
      if play.isInterrupted {
        play.isInterrupted = false
        return .interrupted
      }
      guard play.expected.isEmpty else { return nil }
      switch play.lines.first {
      case .device(let bytes):
        play.lines.removeFirst()
        return .bytes(bytes)
      case .silence:
        play.lines.removeFirst()
        return .timedOut
      case .cancel:
        play.lines.removeFirst()
        return .interrupted
      case .endOfStream:
        play.lines.removeFirst()
        return .endOfStream
      case .host, .control, .endOfWriting, .reconnect, nil: return nil
      }
    }
    return read ?? .timedOut
  }

  package func discardInput() {}

  package func control(
    _ request: ControlRequest, within limit: Duration
  ) throws(LinkError) -> [UInt8]? {
    let line = play.withLock { $0.expected.isEmpty ? $0.lines.popFirst() : nil }
    guard case .control(let recorded, let answer)? = line, recorded == request else {
      throw LinkError(.strayed, address: address, reason: "another control request")
    }
    return answer
  }

  package func endOfWriting() throws(LinkError) { try expect(.endOfWriting) }

  package func reconnect(within limit: Duration) throws(LinkError) { try expect(.reconnect) }

  private func expect(_ line: Recording.Line) throws(LinkError) {
    let isNext = play.withLock { play in
      play.expected.isEmpty && play.lines.first == line && play.lines.popFirst() != nil
    }
    guard isNext else { throw LinkError(.strayed, address: address, reason: "not \(line) now") }
  }

  package func interrupt() { play.withLock { $0.isInterrupted = true } }

  package func close() {}
}
