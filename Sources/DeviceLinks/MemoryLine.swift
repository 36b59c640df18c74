import DeviceProtocols
import Platform

/// A line within the process, with a control pipe: both of its sides.
final class MemoryLine: VirtualLine {
  private struct State: Sendable {
    var toDevice: [LineEvent] = []
    var toHost: [UInt8] = []
    var answer = Answer.none
    /// How often it was opened; only the last one who opened it is heard.
    var opening = 0
    var isInterrupted = false
    var isClosed = false
  }

  /// To the control request under way; nil bytes: it is refused.
  private enum Answer: Sendable {
    case none
    case given([UInt8]?)
    case lost
  }

  /// Most bytes that wait for the host.
  private static let limit = 4 << 20
  private let state = Monitor(State())
  /// What the device's thread waits for.
  private let news = Guarded<Wakeup?>(nil)

  var address: String? { nil }

  func next(
    within limit: Duration?, interruptedBy wakeup: Wakeup
  ) throws(SystemError) -> LineEvent {
    news.withLock { $0 = wakeup }
    let deadline = Deadline.after(limit)
    func waiting() -> LineEvent? {
      state.withLock { state in
        if state.isClosed { return .end }
        return state.toDevice.isEmpty ? nil : state.toDevice.removeFirst()
      }
    }
    if let event = waiting() { return event }
    let isSignalled = try wakeup.wait(until: deadline)
    return waiting() ?? (isSignalled ? .interrupted : .timedOut)
  }

  func send(_ bytes: [UInt8]) {
    state.withLock { state in
      if state.toHost.count + bytes.count <= Self.limit { state.toHost += bytes }
    }
  }

  func answer(_ bytes: [UInt8]?) {
    state.withLock { $0.answer = .given(bytes) }
  }

  func close() {
    state.withLock { $0.isClosed = true }
    news.withLock { $0?.signal() }
  }

  // MARK: The host's side

  /// A link to the device; the one before it is gone.
  func open() -> any DeviceLink {
    let opening = state.withLock { state in
      state.opening += 1
      state.toHost = []
      state.toDevice = []
      return state.opening
    }
    return MemoryLink(line: self, opening: opening)
  }

  fileprivate func tell(_ event: LineEvent, _ opening: Int) throws(LinkError) {
    try state.withLock { state throws(LinkError) in
      guard !state.isClosed, state.opening == opening else { throw Self.gone }
      state.toDevice.append(event)
      state.answer = .none
    }
    news.withLock { $0?.signal() }
  }

  fileprivate func take(_ opening: Int, within limit: Duration?) throws(LinkError) -> LinkRead {
    let read = state.wait(until: .after(limit)) { state -> Result<LinkRead, LinkError>? in
      if state.isClosed || state.opening != opening { return .failure(Self.gone) }
      if state.isInterrupted {
        state.isInterrupted = false
        return .success(.interrupted)
      }
      guard !state.toHost.isEmpty else { return nil }
      defer { state.toHost = [] }
      return .success(.bytes(state.toHost))
    }
    return try read?.get() ?? .timedOut
  }

  fileprivate func awaitAnswer(
    _ opening: Int, within limit: Duration
  ) throws(LinkError) -> [UInt8]? {
    let answer = state.wait(until: .after(limit)) { state -> Answer? in
      if state.isClosed || state.opening != opening { return .lost }
      if case .none = state.answer { return nil }
      return state.answer
    }
    switch answer {
    case .given(let bytes): return bytes
    case .lost: throw Self.gone
    case .some(.none), nil: throw LinkError(.timedOut, address: Self.name)
    }
  }

  fileprivate func discard() { state.withLock { $0.toHost = [] } }
  fileprivate func interrupt() { state.withLock { $0.isInterrupted = true } }
  fileprivate static let name = "virtual:memory"
  private static let gone = LinkError(.gone, address: name)
}

/// The host's side of a line within the process.
private final class MemoryLink: DeviceLink {
  let address = MemoryLine.name
  private let line: MemoryLine
  private let opening: Int

  init(line: MemoryLine, opening: Int) {
    self.line = line
    self.opening = opening
  }

  func write(_ bytes: [UInt8], within limit: Duration) throws(LinkError) {
    if !bytes.isEmpty { try line.tell(.bytes(bytes), opening) }
  }

  func read(within limit: Duration?) throws(LinkError) -> LinkRead {
    try line.take(opening, within: limit)
  }

  func control(_ request: ControlRequest, within limit: Duration) throws(LinkError) -> [UInt8]? {
    try line.tell(.control(request), opening)
    return try line.awaitAnswer(opening, within: limit)
  }

  func discardInput() { line.discard() }
  func interrupt() { line.interrupt() }
  func close() {}
}
