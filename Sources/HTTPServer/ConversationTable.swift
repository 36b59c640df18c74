import EventLog
import HTTPMessages
import Platform

/// All conversations of a server. Its executor is the poll loop: nothing here waits.
actor ConversationTable {
  private let loop: PollLoop
  private let listeners: [Listener]
  private let limits: HTTPServerLimits
  private let log: Log
  private let clocks: Clocks
  private let handler: HTTPHandler

  private var listenerWatches: [PollLoop.ID] = []
  private var conversations: [UInt64: Conversation] = [:]
  private var lastNumber: UInt64 = 0
  /// Handlers whose client has gone.
  private var orphans = 0
  private var isStopping = false
  private var stopped: [CheckedContinuation<Void, Never>] = []
  private var stopTimers: [PollLoop.ID] = []
  private var userNames: [UInt32: String?] = [:]
  private var date = (second: Int64(-1), text: "")

  init(
    loop: PollLoop, listeners: [Listener], limits: HTTPServerLimits, log: Log, clocks: Clocks,
    handler: @escaping HTTPHandler
  ) {
    self.loop = loop
    self.listeners = listeners
    self.limits = limits
    self.log = log
    self.clocks = clocks
    self.handler = handler
  }

  nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

  var count: Int { conversations.count }

  // MARK: listening

  func start() {
    for listener in listeners {
      do throws(SystemError) {
        let watch = try loop.watch(listener.descriptor, for: .reading) { _ in
          self.assumeIsolated { $0.accept(from: listener) }
        }
        listenerWatches.append(watch)
      } catch {
        log.error("a listener cannot be watched", ["reason": error])
      }
    }
  }

  private func accept(from listener: Listener) {
    do throws(SystemError) {
      // a limited number at once, so that old conversations get their turn
      for _ in 0..<64 {
        guard !isStopping, let descriptor = try listener.accept() else { return }
        try begin(descriptor, peer(of: descriptor, at: listener))
      }
    } catch {
      log.warning("a connection cannot be taken", ["reason": error])
      pauseListening()
    }
  }

  /// Without room for a descriptor the loop would turn in circles: it waits for one to be closed.
  private func pauseListening() {
    for watch in listenerWatches { loop.change(watch, to: []) }
    loop.after(.milliseconds(100)) {
      self.assumeIsolated { table in
        for watch in table.listenerWatches { table.loop.change(watch, to: .reading) }
      }
    }
  }

  private func peer(
    of descriptor: FileDescriptor, at listener: Listener
  ) throws(SystemError) -> HTTPPeer {
    guard case .unix = listener.address else { return .loopback }
    let credentials = try Sockets.peer(of: descriptor)
    let name: String?
    if let known = userNames[credentials.userID] {
      name = known
    } else {
      name = credentials.userName()
      userNames[credentials.userID] = .some(name)
    }
    return .unix(
      userID: credentials.userID, processID: credentials.processID, userName: name)
  }

  private func begin(_ descriptor: FileDescriptor, _ peer: HTTPPeer) throws(SystemError) {
    let taken = conversations.count + orphans
    // beyond the limit a few are told so, the others are cut
    guard taken < limits.conversations + 32 else { return }
    lastNumber += 1
    let number = lastNumber
    let watch = try loop.watch(descriptor, for: .reading) { interest in
      self.assumeIsolated { $0.ready(number, interest) }
    }
    conversations[number] = Conversation(
      descriptor: descriptor, peer: peer, watch: watch, limits: limits.messages)
    guard taken < limits.conversations else {
      log.warning("too many conversations", ["limit": limits.conversations])
      var response = HTTPResponse.text(503, "too many conversations\n")
      response.headers.add("retry-after", "1")
      return refuse(number, response)
    }
    settle(number)
  }

  // MARK: one conversation

  private func ready(_ number: UInt64, _ interest: PollLoop.Interest) {
    // a hang-up with nothing left to read: the client has gone, maybe before its answer came
    if interest.contains(.hangUp), !interest.contains(.reading) { return drop(number) }
    if interest.contains(.writing) { flush(number) }
    if interest.contains(.reading) { read(number) }
  }

  private func read(_ number: UInt64) {
    guard let conversation = conversations[number],
      conversation.interest.contains(.reading)
    else { return }
    let bytes: [UInt8]
    do throws(SystemError) {
      guard let some = try conversation.descriptor.readNow(upTo: 32_768) else { return }
      bytes = some
    } catch {
      return drop(number)
    }
    guard !bytes.isEmpty else { return drop(number) }
    if case .lingering(let left) = conversation.phase {
      guard left > bytes.count else { return drop(number) }
      conversations[number]?.phase = .lingering(bytesLeft: left - bytes.count)
      return
    }
    conversations[number]?.reader.feed(bytes)
    advance(number)
  }

  /// Begins the next request if it is all there.
  private func advance(_ number: UInt64) {
    do throws(HTTPFailure) {
      guard let request = try conversations[number]?.reader.next() else {
        if conversations[number]?.reader.takeContinue() == true {
          conversations[number]?.send(Array("HTTP/1.1 100 Continue\r\n\r\n".utf8))
          return flush(number)
        }
        return settle(number)
      }
      handle(number, request)
    } catch {
      log.info("a request is refused", ["status": error.status, "reason": error.sentence])
      refuse(number, .text(error.status, error.sentence + "\n"))
    }
  }

  private func handle(_ number: UInt64, _ request: HTTPRequest) {
    guard let peer = conversations[number]?.peer else { return }
    conversations[number]?.phase = .handling(request.method)
    settle(number)
    if let refusal = AccessRules.refusal(of: request, from: peer) {
      log.warning("a foreign request is refused", ["status": refusal.status])
      return refuse(number, refusal, to: request.method)
    }
    let handler = self.handler
    Task { @concurrent in
      var response = await handler(request, peer)
      response.keepsAlive = response.keepsAlive && request.keepsAlive
      await self.answer(number, response)
    }
  }

  private func answer(_ number: UInt64, _ response: HTTPResponse) {
    guard case .handling(let method)? = conversations[number]?.phase else {
      orphans -= 1
      log.debug("the client went away before its answer", ["status": response.status])
      return finishStopping()
    }
    log.debug(
      "answered",
      ["method": method, "status": response.status, "bytes": response.body.count])
    var response = response
    if isStopping { response.keepsAlive = false }
    send(number, response, to: method)
  }

  private func refuse(
    _ number: UInt64, _ response: HTTPResponse, to method: HTTPMethod = .get
  ) {
    var response = response
    response.keepsAlive = false
    send(number, response, to: method)
  }

  private func send(_ number: UInt64, _ response: HTTPResponse, to method: HTTPMethod) {
    conversations[number]?.phase = .writing(thenClosing: !response.keepsAlive)
    conversations[number]?.send(response.serialized(answering: method, date: currentDate()))
    flush(number)
  }

  private func flush(_ number: UInt64) {
    do throws(SystemError) {
      guard let moved = try conversations[number]?.flush() else { return }
      // the client has taken something: its time begins anew
      if moved { conversations[number]?.awaited = nil }
    } catch {
      return drop(number)
    }
    guard let conversation = conversations[number], !conversation.hasOutput,
      case .writing(let isClosing) = conversation.phase
    else { return settle(number) }
    guard isClosing else {
      conversations[number]?.phase = .reading
      return advance(number)
    }
    do throws(SystemError) {
      try Sockets.endWriting(conversation.descriptor)
    } catch {
      return drop(number)
    }
    conversations[number]?.phase = .lingering(bytesLeft: Conversation.lingering)
    settle(number)
  }

  /// Tells the loop what the conversation waits for, and starts the deadline of that.
  private func settle(_ number: UInt64) {
    guard var conversation = conversations[number] else { return }
    loop.change(conversation.watch, to: conversation.interest)
    let awaited = conversation.nextAwaited
    guard awaited != conversation.awaited else { return }
    if let timer = conversation.timer { loop.cancel(timer) }
    conversation.awaited = awaited
    conversation.timer = awaited.map { awaited in
      loop.after(time(for: awaited)) {
        self.assumeIsolated { $0.timeIsOver(number, awaited) }
      }
    }
    conversations[number] = conversation
  }

  private func time(for awaited: Conversation.Awaited) -> Duration {
    switch awaited {
    case .request: limits.idleWithin
    case .head: limits.headWithin
    case .body: limits.bodyWithin
    case .write: limits.writeWithin
    case .end: limits.lingerWithin
    }
  }

  private func timeIsOver(_ number: UInt64, _ awaited: Conversation.Awaited) {
    conversations[number]?.timer = nil
    switch awaited {
    case .head, .body:
      log.info("a request did not come in time")
      refuse(number, .text(408, "the request did not come in time\n"))
    case .request, .write, .end: drop(number)
    }
  }

  private func drop(_ number: UInt64) {
    guard let conversation = conversations.removeValue(forKey: number) else { return }
    if case .handling = conversation.phase { orphans += 1 }
    loop.unwatch(conversation.watch)
    if let timer = conversation.timer { loop.cancel(timer) }
    conversation.descriptor.close()
    finishStopping()
  }

  private func currentDate() -> String {
    let milliseconds = clocks.wallMilliseconds()
    if date.second != milliseconds / 1000 {
      date = (milliseconds / 1000, HTTPDate.text(milliseconds: milliseconds))
    }
    return date.text
  }

  // MARK: stopping

  func stop(within duration: Duration) async {
    if !isStopping {
      isStopping = true
      for watch in listenerWatches { loop.unwatch(watch) }
      listenerWatches = []
      for listener in listeners { listener.close() }
      let waiting = conversations.filter { $0.value.phase == .reading }
      for number in waiting.keys { drop(number) }
    }
    guard !conversations.isEmpty || orphans > 0 else { return }
    await withCheckedContinuation { continuation in
      stopped.append(continuation)
      let timer = loop.after(duration) {
        self.assumeIsolated { $0.cutShort() }
      }
      stopTimers.append(timer)
    }
  }

  private func finishStopping() {
    guard isStopping, conversations.isEmpty, orphans == 0 else { return }
    resumeStopped()
  }

  private func cutShort() {
    for number in conversations.keys.sorted() { drop(number) }
    if orphans > 0 { log.warning("handlers are left behind", ["count": orphans]) }
    resumeStopped()
  }

  private func resumeStopped() {
    for timer in stopTimers { loop.cancel(timer) }
    stopTimers = []
    let waiting = stopped
    stopped = []
    for continuation in waiting { continuation.resume() }
  }
}
