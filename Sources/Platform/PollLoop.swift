import Glibc

/// One thread that waits for many descriptors at once, for timers and for work from other threads.
///
/// It is the executor of the actors that own those descriptors: their state is touched on the
/// loop's thread only. Nothing that runs on it may block. Handlers run outside any task: an actor
/// enters its own isolation there with `assumeIsolated`. The thread ends with the last reference.
package final class PollLoop: SerialExecutor {
  /// What a descriptor is watched for; a hang-up is told in any case.
  package struct Interest: OptionSet, Sendable {
    package let rawValue: UInt8
    package init(rawValue: UInt8) { self.rawValue = rawValue }
    package static let reading = Interest(rawValue: 1)
    package static let writing = Interest(rawValue: 2)
    /// Only ever told: the other side is gone in both directions, or the descriptor is broken.
    package static let hangUp = Interest(rawValue: 4)
  }

  /// The name of a watched descriptor or a timer.
  package struct ID: Hashable, Sendable { fileprivate let number: UInt64 }

  private let core: PollLoopCore

  /// - Throws: EMFILE or EAGAIN when the machine has no room for a descriptor or a thread.
  package init(name: String) throws(SystemError) {
    let core = PollLoopCore(wakeup: try Wakeup())
    self.core = core
    let owner = WeakExecutor()
    _ = try DedicatedThread(name: name, stackSize: 2 << 20) { core.run(owner) }
    owner.set(self)
  }

  deinit { core.stop() }

  package func enqueue(_ job: consuming ExecutorJob) {
    core.add(.job(UnownedJob(job)))
  }

  /// Whether the caller runs on the loop's thread.
  package var isCurrent: Bool { core.isCurrent }

  package func checkIsolated() {
    precondition(isCurrent, "a loop's state is touched on its thread only")
  }

  package func isIsolatingCurrentContext() -> Bool? { isCurrent }

  /// Runs `work` on the loop's thread, soon; from any thread.
  package func perform(_ work: @escaping @Sendable () -> Void) {
    core.add(.work(work))
  }

  /// Watches `descriptor`; `handler` runs on the loop each time it is ready for what it is watched
  /// for, or has hung up. It stays open as long as it is watched. Whoever is told of a hang-up or
  /// reads the end unwatches it, or the loop turns without rest. On the loop only.
  package func watch(
    _ descriptor: FileDescriptor, for interest: Interest,
    _ handler: @escaping @Sendable (Interest) -> Void
  ) throws(SystemError) -> ID {
    checkIsolated()
    let number = try descriptor.use("poll") { $0 }
    let id = core.nextID()
    core.watch(id, number, interest, .init(descriptor: descriptor, handler: handler))
    return id
  }

  /// Changes what the descriptor is watched for. On the loop only.
  package func change(_ id: ID, to interest: Interest) {
    checkIsolated()
    core.change(id, interest)
  }

  /// Ends watching; nothing happens when it has ended. On the loop only.
  package func unwatch(_ id: ID) {
    checkIsolated()
    core.unwatch(id)
  }

  /// Runs `work` once, on the loop, when `duration` has passed; what was due first runs first. On
  /// the loop only.
  @discardableResult
  package func after(_ duration: Duration, _ work: @escaping @Sendable () -> Void) -> ID {
    checkIsolated()
    let id = core.nextID()
    core.timers[id] = .init(deadline: .after(duration), work: work)
    core.noteTimer(.after(duration))
    return id
  }

  /// Takes a timer back; nothing happens when it has run. On the loop only.
  package func cancel(_ id: ID) {
    checkIsolated()
    core.timers[id] = nil
  }

}

/// What the loop's thread works on. It outlives the `PollLoop` until its thread has seen the end.
private final class PollLoopCore: @unchecked Sendable {  // on the loop's thread, but for `inbox`
  struct Watched {
    let descriptor: FileDescriptor
    let handler: @Sendable (PollLoop.Interest) -> Void
  }

  struct Timer {
    let deadline: Deadline
    let work: @Sendable () -> Void
  }

  enum Item: Sendable {
    case job(UnownedJob)
    case work(@Sendable () -> Void)
  }

  private struct Inbox: Sendable {
    var items: [Item] = []
    var isStopping = false
    var isWaiting = false
    var thread: pthread_t?
  }

  private let wakeup: Wakeup
  private let inbox = Guarded(Inbox())
  private var lastNumber: UInt64 = 0
  private var watched: [PollLoop.ID: Watched] = [:]
  /// The first entry is the wakeup's; `ids` has the names of the others.
  private var entries: [pollfd] = []
  private var ids: [PollLoop.ID] = []
  private var places: [PollLoop.ID: Int] = [:]
  var timers: [PollLoop.ID: Timer] = [:]
  /// No timer is due before this instant.
  private var nextTimer = Deadline.never

  init(wakeup: Wakeup) {
    self.wakeup = wakeup
  }

  var isCurrent: Bool {
    inbox.withLock { $0.thread.map { pthread_equal($0, pthread_self()) != 0 } ?? false }
  }

  func add(_ item: Item) {
    let mustWake = inbox.withLock { inbox in
      inbox.items.append(item)
      return inbox.isWaiting
    }
    if mustWake { wakeup.signal() }
  }

  func stop() {
    inbox.withLock { $0.isStopping = true }
    wakeup.signal()
  }

  func nextID() -> PollLoop.ID {
    lastNumber += 1
    return PollLoop.ID(number: lastNumber)
  }

  func watch(
    _ id: PollLoop.ID, _ number: Int32, _ interest: PollLoop.Interest, _ watched: Watched
  ) {
    self.watched[id] = watched
    places[id] = entries.count
    entries.append(pollfd(fd: number, events: interest.events, revents: 0))
    ids.append(id)
  }

  func change(_ id: PollLoop.ID, _ interest: PollLoop.Interest) {
    guard let place = places[id] else { return }
    entries[place].events = interest.events
  }

  func unwatch(_ id: PollLoop.ID) {
    guard let place = places.removeValue(forKey: id) else { return }
    watched[id] = nil
    let lastPlace = entries.count - 1
    if place != lastPlace {
      entries[place] = entries[lastPlace]
      ids[place - 1] = ids[lastPlace - 1]
      places[ids[place - 1]] = place
    }
    entries.removeLast()
    ids.removeLast()
  }

  func noteTimer(_ deadline: Deadline) {
    if let due = deadline.nanoseconds, due < nextTimer.nanoseconds ?? .max { nextTimer = deadline }
  }

  /// The thread's work: until the `PollLoop` is gone.
  func run(_ owner: WeakExecutor) {
    inbox.withLock { $0.thread = pthread_self() }
    do throws(SystemError) {
      let number = try wakeup.descriptor.use("poll") { $0 }
      entries = [pollfd(fd: number, events: Int16(POLLIN), revents: 0)]
      while true {
        runItems(owner)
        runTimers()
        let (isStopping, deadline) = inbox.withLock { inbox in
          inbox.isWaiting = inbox.items.isEmpty
          return (inbox.isStopping, inbox.items.isEmpty ? nextTimer : .after(.zero))
        }
        if isStopping { break }
        _ = try pollUntil(deadline, &entries, count: entries.count)
        inbox.withLock { $0.isWaiting = false }
        tellReady()
      }
    } catch {
      preconditionFailure("poll fails only for arguments that are wrong: \(error)")
    }
    watched = [:]
    timers = [:]
  }

  private func runItems(_ owner: WeakExecutor) {
    let items = inbox.withLock { inbox in
      let items = inbox.items
      inbox.items = []
      return items
    }
    for item in items {
      switch item {
      case .job(let job): owner.run(job)
      case .work(let work): work()
      }
    }
  }

  /// Runs what is due and learns when the next one is. The instant noted may be that of a timer
  /// that was taken back since; then this turns once for nothing, which is cheaper than a heap.
  private func runTimers() {
    guard nextTimer.nanoseconds != nil, nextTimer.hasPassed else { return }
    // several are due at once where the thread had to wait for its turn
    let due = timers.filter { $0.value.deadline.hasPassed }.map { id, timer in
      (due: timer.deadline.nanoseconds ?? .max, id: id)
    }
    nextTimer = .never
    for (_, id) in due.sorted(by: { ($0.due, $0.id.number) < ($1.due, $1.id.number) }) {
      if let timer = timers.removeValue(forKey: id) { timer.work() }
    }
    for timer in timers.values { noteTimer(timer.deadline) }
  }

  private func tellReady() {
    if entries[0].revents != 0 { wakeup.consume() }
    var ready: [(PollLoop.ID, PollLoop.Interest)] = []
    for place in entries.indices.dropFirst() where entries[place].revents != 0 {
      ready.append((ids[place - 1], PollLoop.Interest(revents: entries[place].revents)))
    }
    for (id, interest) in ready {
      watched[id]?.handler(interest)
    }
  }
}

extension PollLoop.Interest {
  fileprivate var events: Int16 {
    Int16((contains(.reading) ? POLLIN : 0) | (contains(.writing) ? POLLOUT : 0))
  }

  fileprivate init(revents: Int16) {
    var interest: PollLoop.Interest = []
    if revents & Int16(POLLIN) != 0 { interest.insert(.reading) }
    if revents & Int16(POLLOUT) != 0 { interest.insert(.writing) }
    if revents & Int16(POLLHUP | POLLERR | POLLNVAL) != 0 { interest.insert(.hangUp) }
    self = interest
  }
}
