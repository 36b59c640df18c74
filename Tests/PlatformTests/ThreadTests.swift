import Platform
import Testing

private actor Counter {
  private let executor: ThreadExecutor
  private(set) var values: [Int] = []

  init(_ executor: ThreadExecutor) {
    self.executor = executor
  }

  nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

  func add(_ value: Int) -> Bool {
    values.append(value)
    return executor.isCurrent
  }
}

private actor LoopUser {
  private let loop: PollLoop
  private(set) var seen: [UInt8] = []
  private var watched: PollLoop.ID?

  init(_ loop: PollLoop) {
    self.loop = loop
  }

  nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

  func watch(_ descriptor: FileDescriptor) throws {
    watched = try loop.watch(descriptor, for: .reading) { _ in
      self.assumeIsolated { $0.read(descriptor) }
    }
  }

  private func read(_ descriptor: FileDescriptor) {
    do {
      let bytes = try descriptor.readNow(upTo: 64) ?? []
      seen += bytes
      if bytes.isEmpty, let watched { loop.unwatch(watched) }
    } catch {
      Issue.record(error)
    }
  }
}

struct ThreadTests {
  @Test func `an actor's work runs on the thread of its executor, in order`() async throws {
    let executor = try ThreadExecutor(name: "counter-one")
    let counter = Counter(executor)
    for value in 0..<1000 { #expect(await counter.add(value)) }
    #expect(await counter.values == Array(0..<1000))
    #expect(!executor.isCurrent)
    #expect(try threadNames().contains("counter-one"))
  }

  @Test func `tasks that run at once do not lose anything`() async throws {
    let counter = Counter(try ThreadExecutor(name: "counter"))
    await withTaskGroup(of: Void.self) { group in
      for value in 0..<500 { group.addTask { _ = await counter.add(value) } }
    }
    #expect(await counter.values.sorted() == Array(0..<500))
  }

  @Test func `the thread ends with its executor`() async throws {
    do {
      let counter = Counter(try ThreadExecutor(name: "counter-gone"))
      _ = await counter.add(1)
    }
    #expect(try await eventually { try !threadNames().contains("counter-gone") })
  }

  @Test func `a thread can be waited for, with a deadline`() throws {
    let gate = Monitor(false)
    let thread = try DedicatedThread(name: "gate") {
      _ = gate.wait { $0 ? true : nil }
    }
    #expect(!thread.join(until: .after(.milliseconds(10))))
    gate.withLock { $0 = true }
    #expect(thread.join(until: .after(.seconds(30))))
  }

  @Test func `a guarded value keeps every change of eight threads`() throws {
    let sum = Guarded(0)
    let threads = try (0..<8).map { _ in
      try DedicatedThread(name: "sum") {
        for _ in 0..<10_000 { sum.withLock { $0 += 1 } }
      }
    }
    for thread in threads { thread.join() }
    #expect(sum.withLock { $0 } == 80_000)
  }

  @Test func `the loop runs work of other threads in order, on its own thread`() async throws {
    let loop = try PollLoop(name: "loop-work")
    let seen = Monitor<[Int]>([])
    for value in 0..<1000 {
      loop.perform {
        precondition(loop.isCurrent)
        seen.withLock { $0.append(value) }
      }
    }
    let all = try await offPool {
      seen.wait(until: .after(.seconds(30))) { $0.count == 1000 ? $0 : nil }
    }
    #expect(all == Array(0..<1000))
    #expect(!loop.isCurrent)
  }

  @Test func `timers run when due, the earliest first, and not when taken back`() async throws {
    let loop = try PollLoop(name: "loop-timers")
    let seen = Monitor<[Int]>([])
    loop.perform {
      // each is due so long after it was asked for: a thread that had to wait in between asks anew
      var timers: [PollLoop.ID] = []
      var isOrdered = false
      while !isOrdered {
        for timer in timers { loop.cancel(timer) }
        let deadline = Deadline.after(.milliseconds(10))
        timers = [30, 10, 50, 20].map { delay in
          loop.after(.milliseconds(delay)) { seen.withLock { $0.append(delay) } }
        }
        isOrdered = !deadline.hasPassed
      }
      let taken = loop.after(.milliseconds(15)) { seen.withLock { $0.append(-1) } }
      loop.cancel(taken)
      loop.cancel(taken)
    }
    let all = try await offPool {
      seen.wait(until: .after(.seconds(30))) { $0.count == 4 ? $0 : nil }
    }
    #expect(all == [10, 20, 30, 50])
  }

  @Test func `timers that have waited for the thread run in the order in which they were due`()
    async throws
  {
    let loop = try PollLoop(name: "loop-late")
    let seen = Monitor<[Int]>([])
    loop.perform {
      var timers: [PollLoop.ID] = []
      var isOrdered = false
      while !isOrdered {
        for timer in timers { loop.cancel(timer) }
        let deadline = Deadline.after(.milliseconds(20))
        timers = [20, 0].map { delay in
          loop.after(.milliseconds(delay)) { seen.withLock { $0.append(delay) } }
        }
        isOrdered = !deadline.hasPassed
      }
      // the thread is kept until both are due
      let deadline = Deadline.after(.milliseconds(21))
      while !deadline.hasPassed {}
    }
    let all = try await offPool {
      seen.wait(until: .after(.seconds(30))) { $0.count == 2 ? $0 : nil }
    }
    #expect(all == [0, 20])
  }

  @Test func `a descriptor is told ready, then hung up, and no more once it is unwatched`()
    async throws
  {
    let loop = try PollLoop(name: "loop-watch")
    let pipe = try FileDescriptor.pipe()
    let told = Monitor<[PollLoop.Interest]>([])
    let watch = Monitor<PollLoop.ID?>(nil)
    loop.perform {
      do {
        let id = try loop.watch(pipe.reading, for: .reading) { interest in
          told.withLock { $0.append(interest) }
          if interest.contains(.hangUp), let id = watch.withLock({ $0 }) { loop.unwatch(id) }
          do { _ = try pipe.reading.readNow(upTo: 9) } catch { Issue.record(error) }
        }
        watch.withLock { $0 = id }
      } catch {
        Issue.record(error)
      }
    }
    try pipe.writing.write([1])
    let first = try await offPool {
      told.wait(until: .after(.seconds(30))) { $0.first }
    }
    #expect(first == .reading)
    pipe.writing.close()
    let last = try await offPool {
      told.wait(until: .after(.seconds(30))) { $0.last == .hangUp ? $0.count : nil }
    }
    #expect(last == 2)
    let isQuiet = Monitor(false)
    loop.perform { isQuiet.withLock { $0 = true } }
    _ = try await offPool { isQuiet.wait { $0 ? true : nil } }
    #expect(told.withLock { $0.count } == 2)
  }

  @Test func `an actor on the loop owns what its descriptors bring`() async throws {
    let user = LoopUser(try PollLoop(name: "loop-actor"))
    let pipe = try FileDescriptor.pipe()
    try await user.watch(pipe.reading)
    for byte in 0..<50 { try pipe.writing.write([UInt8(byte)]) }
    #expect(try await eventually { await user.seen.count == 50 })
    #expect(await user.seen == (0..<50).map { UInt8($0) })
    pipe.writing.close()
  }

  @Test func `the loop's thread ends with its last reference`() async throws {
    do {
      let user = LoopUser(try PollLoop(name: "loop-gone"))
      #expect(await user.seen.isEmpty)
    }
    #expect(try await eventually { try !threadNames().contains("loop-gone") })
  }

  @Test func `deadlines pass and durations become whole numbers`() {
    #expect(Deadline.never.remaining == nil)
    #expect(!Deadline.never.hasPassed)
    #expect(Deadline.after(.zero).hasPassed)
    #expect(Deadline.after(.seconds(-5)).hasPassed)
    #expect(!Deadline.after(.seconds(30)).hasPassed)
    #expect(Duration.milliseconds(1500).wholeNanoseconds == 1_500_000_000)
    #expect(Duration.seconds(Int64.max).wholeNanoseconds == 3_155_760_000_000_000_000)
  }

  @Test func `seeded numbers are SplitMix64's, and random bytes are as many as asked for`() {
    var generator = SplitMix64(seed: 1_234_567)
    #expect(generator.next() == 6_457_827_717_110_365_317)
    #expect(generator.next() == 3_203_168_211_198_807_973)
    #expect(RandomBytes.seeded(3)(20) == RandomBytes.seeded(3)(20))
    #expect(RandomBytes.system(1000).count == 1000)
    #expect(RandomBytes.system(16) != RandomBytes.system(16))
    #expect(RandomBytes.system(0).isEmpty)
  }
}
