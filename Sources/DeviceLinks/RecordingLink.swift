import DeviceProtocols
import Platform

/// A line that writes down what passes over another one.
///
/// What it writes down may hold personal data: it is for test cards only.
package final class RecordingLink: DeviceLink {
  private let link: any DeviceLink
  private let lines = Guarded<[Recording.Line]>([])

  package init(_ link: any DeviceLink) {
    self.link = link
  }

  /// What has passed so far.
  package var recording: Recording {
    Recording(facts: [("source", address)], lines: lines.withLock { $0 })
  }

  package var address: String { link.address }

  package func write(_ bytes: [UInt8], within limit: Duration) throws(LinkError) {
    try link.write(bytes, within: limit)
    lines.withLock { $0.append(.host(bytes)) }
  }

  package func read(within limit: Duration?) throws(LinkError) -> LinkRead {
    let read = try link.read(within: limit)
    let line: Recording.Line =
      switch read {
      case .bytes(let bytes): .device(bytes)
      case .endOfStream: .endOfStream
      case .timedOut: .silence
      case .interrupted: .cancel
      }
    lines.withLock { $0.append(line) }
    return read
  }

  package func control(
    _ request: ControlRequest, within limit: Duration
  ) throws(LinkError) -> [UInt8]? {
    let answer = try link.control(request, within: limit)
    lines.withLock { $0.append(.control(request, answer)) }
    return answer
  }

  package func endOfWriting() throws(LinkError) {
    try link.endOfWriting()
    lines.withLock { $0.append(.endOfWriting) }
  }

  package func reconnect(within limit: Duration) throws(LinkError) {
    try link.reconnect(within: limit)
    lines.withLock { $0.append(.reconnect) }
  }

  package func discardInput() throws(LinkError) { try link.discardInput() }
  package func interrupt() { link.interrupt() }
  package func close() { link.close() }
}
