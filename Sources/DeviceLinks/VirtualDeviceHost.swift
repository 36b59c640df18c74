import DeviceProtocols
import EventLog
import Platform

/// A virtual device on a line, for programs that think it is a real one; and the hand that plays
/// the customer. Thread safe. It lives until `stop`.
package final class VirtualDeviceHost: Sendable {
  private struct State: Sendable {
    var device: any VirtualDevice
    /// Nil while unplugged.
    var line: (any VirtualLine)?
    /// Whether the device's thread is about the line; it has let go of it when this is false.
    var isServing = false
    var isStopped = false
    var wakeAt: Duration?
    /// How often each event has happened.
    var counts: [VirtualEvent: Int] = [:]
  }

  private let place: VirtualPlace
  private let log: Log
  private let clock: @Sendable () -> Duration
  private let onEvent: @Sendable (VirtualEvent) -> Void
  private let wakeup: Wakeup
  private let state: Monitor<State>

  /// Serves `device` on a new pseudo-terminal.
  ///
  /// - Parameter link: where a symbolic link to the terminal is kept, so that its path outlives
  ///   unplugging.
  package convenience init(
    _ device: any VirtualDevice, link: String? = nil, log: Log = .off,
    onEvent: @escaping @Sendable (VirtualEvent) -> Void = { _ in }
  ) throws(SystemError) {
    try self.init(device, at: .terminal(link: link), log: log, onEvent: onEvent)
  }

  /// Serves `device` at a place.
  ///
  /// - Parameter onEvent: told of what can be seen of the device, in order, from whichever thread
  ///   caused it: it must return at once and not call back.
  package init(
    _ device: any VirtualDevice, at place: VirtualPlace, log: Log = .off,
    onEvent: @escaping @Sendable (VirtualEvent) -> Void = { _ in }
  ) throws(SystemError) {
    self.log = log
    self.onEvent = onEvent
    let start = Clocks.system.monotonicNanoseconds()
    clock = { .nanoseconds(Int64(Clocks.system.monotonicNanoseconds() - start)) }
    wakeup = try Wakeup()
    let line = try Self.line(at: place)
    // a port that the system chose stays the device's
    self.place = (line as? TCPLine).map { .tcp(port: $0.port) } ?? place
    state = Monitor(State(device: device, line: line))
    _ = try DedicatedThread(name: "virtual device") { [self] in serve() }
  }

  private static func line(at place: VirtualPlace) throws(SystemError) -> any VirtualLine {
    switch place {
    case .terminal(let link): try TerminalLine(link: link)
    case .tcp(let port): try TCPLine(port: port)
    case .usb(let persona, let socket): try USBIPLine(persona, at: socket)
    case .memory: MemoryLine()
    }
  }

  /// The path by which programs open it now; nil while unplugged, and of other lines.
  package var path: String? { (state.withLock { $0.line } as? TerminalLine)?.path }

  /// The address by which stations open it; nil while unplugged.
  package var address: String? { state.withLock { $0.line }?.address }

  /// Opens the line to the device, as a station does.
  package func open() throws(LinkError) -> any DeviceLink {
    let line = state.withLock { $0.line }
    if let memory = line as? MemoryLine { return memory.open() }
    guard let address = line?.address else {
      throw LinkError(.notFound, address: "virtual:", reason: "it is unplugged")
    }
    let parsed: LinkAddress
    do throws(LinkAddressError) {
      parsed = try LinkAddress(address)
    } catch {
      preconditionFailure("a virtual device's address can be read: \(error)")
    }
    return try parsed.open()
  }

  /// Where clients of the USB/IP protocol find it; nil for other lines.
  package var socket: SocketAddress? { (state.withLock { $0.line } as? USBIPLine)?.place }

  /// Does something to a device on USB; on another line nothing happens.
  package func act(_ act: VirtualUSBAct) {
    (state.withLock { $0.line } as? USBIPLine)?.act(act)
    wakeup.signal()
  }

  // MARK: The hand

  /// Puts a card into the mouth.
  package func insert(_ card: VirtualCard) throws(VirtualActRefused) {
    try act(.insert(card))
  }

  /// Takes the card that the device offers, waiting until it does.
  ///
  /// - Returns: nil when none was offered in time, or the host was stopped.
  package func takeCard(within limit: Duration? = nil) -> VirtualCard? {
    let ready = state.wait(until: .after(limit)) { state -> Bool? in
      if state.isStopped { return false }
      return state.device.offersCard ? true : nil
    }
    return ready == true ? takeNow() : nil
  }

  /// Takes what can be taken now: the card at the mouth; with the cover open, the one inside.
  package func takeNow() -> VirtualCard? {
    state.withLock { state in
      let (card, reaction) = state.device.take(at: clock())
      react(reaction, &state)
      return card
    }
  }

  /// Does something at the device.
  package func act(_ act: VirtualAct) throws(VirtualActRefused) {
    try state.withLock { state throws(VirtualActRefused) in
      react(try state.device.hand(act, at: clock()), &state)
    }
  }

  /// The device as it is now, to be looked at.
  package var device: any VirtualDevice { state.withLock { $0.device } }

  /// The card at the mouth or inside, to be looked at.
  package var card: VirtualCard? { state.withLock { $0.device.card } }

  /// Whether a card lies at the mouth, to be taken.
  package var offersCard: Bool { state.withLock { $0.device.offersCard } }

  /// How often an event has happened.
  package func count(of event: VirtualEvent) -> Int {
    state.withLock { $0.counts[event] ?? 0 }
  }

  /// Waits until an event has happened more than `count` times; false when it has not in time.
  package func wait(
    for event: VirtualEvent, beyond count: Int = 0, within limit: Duration? = nil
  ) -> Bool {
    state.wait(until: .after(limit)) { state -> Bool? in
      if state.isStopped { return false }
      return state.counts[event, default: 0] > count ? true : nil
    } ?? false
  }

  /// Pulls the cable; the device goes on.
  package func unplug() {
    state.withLock { state in
      state.line?.close()
      state.line = nil
    }
    wakeup.signal()
    // its place is free again when the thread no longer waits on it
    _ = state.wait(until: .after(.seconds(5))) { $0.isServing ? nil : true }
  }

  /// Plugs the cable in again; without a link the path is another one.
  package func replug() throws(SystemError) {
    unplug()
    let line = try Self.line(at: place)
    state.withLock { state in
      state.line?.close()
      state.line = line
    }
    wakeup.signal()
  }

  /// Ends it; the terminal goes.
  package func stop() {
    state.withLock { state in
      state.isStopped = true
      state.line?.close()
      state.line = nil
    }
    wakeup.signal()
  }

  // MARK: The line

  /// What the device's thread does next.
  private enum Turn {
    case listen(any VirtualLine, within: Duration?)
    /// It is unplugged, and may have something to do all the same.
    case wake
    case stop
  }

  private func serve() {
    while true {
      switch nextTurn() {
      case .stop: return
      case .wake: state.withLock { react($0.device.wake(at: clock()), &$0) }
      case .listen(let line, let limit): listen(to: line, within: limit)
      }
    }
  }

  private func listen(to line: any VirtualLine, within limit: Duration?) {
    defer { state.withLock { $0.isServing = false } }
    do throws(SystemError) {
      try hear(try line.next(within: limit, interruptedBy: wakeup), line)
    } catch {
      log.debug("the virtual device's line broke", ["reason": error.reason])
      forget(line)
    }
  }

  private func hear(_ event: LineEvent, _ line: any VirtualLine) throws(SystemError) {
    switch event {
    case .bytes(let bytes):
      state.withLock { react($0.device.receive(bytes, at: clock()), &$0) }
    case .control(let request):
      try state.withLock { state throws(SystemError) in
        let (answer, reaction) = state.device.control(request, at: clock())
        try line.answer(answer)
        react(reaction, &state)
      }
    case .connected: state.withLock { react($0.device.connected(at: clock()), &$0) }
    case .hostEnded: state.withLock { react($0.device.hostEnded(at: clock()), &$0) }
    case .timedOut, .interrupted: state.withLock { react($0.device.wake(at: clock()), &$0) }
    case .nothing: break
    case .end: forget(line)
    }
  }

  /// Waits while it is unplugged, until the device has something to do.
  private func nextTurn() -> Turn {
    let wakeAt = state.withLock { $0.wakeAt }
    let end = Deadline.after(wakeAt.map { max(.zero, $0 - clock()) })
    return state.wait(until: end) { state -> Turn? in
      if state.isStopped { return .stop }
      guard let line = state.line else { return state.wakeAt == wakeAt ? nil : .wake }
      state.isServing = true
      return .listen(line, within: state.wakeAt.map { max(.zero, $0 - clock()) })
    } ?? .wake
  }

  private func forget(_ line: any VirtualLine) {
    state.withLock { state in
      if state.line === line { state.line = nil }
    }
    line.close()
  }

  /// Sends and tells what the device wants; the caller holds the lock, so nothing overtakes.
  private func react(_ reaction: VirtualReaction, _ state: inout State) {
    if !reaction.bytes.isEmpty, let line = state.line {
      do throws(SystemError) {
        try line.send(reaction.bytes)
      } catch {
        log.debug("the virtual device's line broke", ["reason": error.reason])
      }
    }
    if reaction.endsStream { state.line?.endStream() }
    if reaction.wakeAt != state.wakeAt {
      state.wakeAt = reaction.wakeAt
      if reaction.wakeAt != nil { wakeup.signal() }
    }
    for event in reaction.events {
      state.counts[event, default: 0] += 1
      onEvent(event)
    }
  }
}
