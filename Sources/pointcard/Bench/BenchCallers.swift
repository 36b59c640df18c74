import Configuration
import Ledger
import LoyaltyRules
import Platform
import SQLiteStore

/// Callers in a closed loop on the ledger itself: each posts its next sale when the last one has
/// been answered.
enum LedgerCallers {
  static func run(_ ledger: Ledger, _ sales: [BenchSale], callers: Int) async throws -> [UInt64] {
    try await withThrowingTaskGroup(of: [UInt64].self) { group in
      for caller in 0..<callers {
        group.addTask { @concurrent in
          try await post(
            stride(from: caller, to: sales.count, by: callers).map { sales[$0] }, ledger)
        }
      }
      return try await group.reduce(into: []) { $0 += $1 }
    }
  }

  private static func post(_ sales: [BenchSale], _ ledger: Ledger) async throws -> [UInt64] {
    let clocks = Clocks.system
    var latencies: [UInt64] = []
    latencies.reserveCapacity(sales.count)
    for sale in sales {
      let start = clocks.monotonicNanoseconds()
      let command = sale.command(at: Instant(milliseconds: clocks.wallMilliseconds()))
      _ = try await ledger.submit { writer in try answer(sale, command, writer) }
      latencies.append(clocks.monotonicNanoseconds() - start)
    }
    return latencies
  }

  /// Does a sale once, as the daemon does.
  static func answer(
    _ sale: BenchSale, _ command: SaleCommand, _ writer: LedgerWriter
  ) throws -> CommandAnswer {
    try writer.once(key: sale.key, command: sale.canonical) {
      let outcome = try writer.postSale(command)
      return [
        "entry": .string(outcome.entry.description), "earned": .integer(outcome.earned),
        "redeemed": .integer(outcome.redeemed), "discount": .integer(outcome.discount),
        "paid": .integer(outcome.paid),
      ]
    }
  }
}

/// The same rows by bare prepared statements.
final class BareWriters: Sendable {
  /// How many share a commit at most.
  static let group = 32

  private let path: String
  private let recording: BenchRecording

  init(path: String, recording: BenchRecording) {
    self.path = path
    self.recording = recording
  }

  /// One thread that writes `group` tickets a commit and waits for nobody.
  ///
  /// - Parameter warm: how many tickets are written before the clock starts.
  func alone(group: Int, warm: Int) throws -> BenchFigures {
    let loop = try BareLoop(path: path, recording: recording)
    for ticket in 0..<warm { try loop.write([ticket]) }
    let tickets = warm..<recording.tickets.count
    return try BenchFigures.measure(tickets.count) {
      var latencies: [UInt64] = []
      for first in stride(from: tickets.lowerBound, to: tickets.upperBound, by: group) {
        let start = Clocks.system.monotonicNanoseconds()
        try loop.write(Array(first..<min(first + group, tickets.upperBound)))
        latencies.append(Clocks.system.monotonicNanoseconds() - start)
      }
      return latencies
    }
  }

  /// Callers in a closed loop, each a thread, and one thread that writes what waits, `group` at
  /// most, in one commit.
  func grouped(callers: Int, warm: Int) throws -> BenchFigures {
    let waiting = Monitor(BareQueue())
    let failed = Guarded<String?>(nil)
    let (path, recording) = (path, recording)
    let ready = Monitor(false)
    let writer = try DedicatedThread(name: "bare writer", stackSize: 4 << 20) {
      do {
        let loop = try BareLoop(path: path, recording: recording)
        for ticket in 0..<warm { try loop.write([ticket]) }
        ready.withLock { $0 = true }
        while let group = BareWriters.next(waiting) {
          try loop.write(group.map(\.ticket))
          for item in group { item.done.withLock { $0 = true } }
        }
      } catch {
        failed.withLock { $0 = "\(error)" }
        ready.withLock { $0 = true }
        let rest = waiting.withLock { queue in
          queue.isClosed = true
          return queue.items
        }
        for item in rest { item.done.withLock { $0 = true } }
      }
    }
    _ = ready.wait { $0 ? true : nil }
    let count = recording.tickets.count
    let figures = try BenchFigures.measure(count - warm) {
      let all = Guarded<[UInt64]>([])
      let threads = try (0..<callers).map { caller in
        try DedicatedThread(name: "caller \(caller)", stackSize: 256 << 10) {
          let tickets = stride(from: warm + caller, to: count, by: callers)
          let latencies = BareWriters.call(tickets, waiting)
          all.withLock { $0 += latencies }
        }
      }
      for thread in threads { thread.join() }
      return all.withLock { $0 }
    }
    waiting.withLock { $0.isClosed = true }
    writer.join()
    if let failure = failed.withLock({ $0 }) { throw BenchFailure(failure) }
    return figures
  }

  private static func call(
    _ tickets: StrideTo<Int>, _ waiting: Monitor<BareQueue>
  ) -> [UInt64] {
    let clocks = Clocks.system
    let done = Monitor(false)
    var latencies: [UInt64] = []
    for ticket in tickets {
      let start = clocks.monotonicNanoseconds()
      let isOpen = waiting.withLock { queue in
        if !queue.isClosed { queue.items.append(BareQueue.Item(ticket: ticket, done: done)) }
        return !queue.isClosed
      }
      guard isOpen else { break }
      _ = done.wait { isDone -> Bool? in
        guard isDone else { return nil }
        isDone = false
        return true
      }
      latencies.append(clocks.monotonicNanoseconds() - start)
    }
    return latencies
  }

  private static func next(_ waiting: Monitor<BareQueue>) -> [BareQueue.Item]? {
    waiting.wait { queue -> [BareQueue.Item]?? in
      guard !queue.items.isEmpty else { return queue.isClosed ? .some(nil) : nil }
      let group = Array(queue.items.prefix(BareWriters.group))
      queue.items.removeFirst(group.count)
      return .some(group)
    } ?? nil
  }
}

/// What the bare writer's callers wait in.
private struct BareQueue: Sendable {
  struct Item: Sendable {
    var ticket: Int
    var done: Monitor<Bool>
  }
  var items: [Item] = []
  var isClosed = false
}

/// The thread that writes recorded tickets, with the write-ahead log moved beside it as the ledger
/// has it moved.
private final class BareLoop {
  private let writer: RecordedWriter
  private let recording: BenchRecording
  private let mover: DedicatedThread
  private let wanted = Monitor(BareMove.idle)
  private var commits = 0

  init(path: String, recording: BenchRecording) throws {
    self.recording = recording
    writer = try RecordedWriter(path: path, rows: recording.rows, cacheKiB: BenchShop.cacheKiB)
    let wanted = wanted
    mover = try DedicatedThread(name: "bare mover") {
      do {
        let connection = try Connection(path: path, mode: .readWrite)
        while wanted.wait(BareMove.next) == true {
          _ = try connection.integer("PRAGMA wal_checkpoint(PASSIVE)")
          wanted.withLock { $0 = $0 == .ended ? .ended : .done }
        }
      } catch {
        wanted.withLock { $0 = .ended }
      }
    }
  }

  deinit {
    wanted.withLock { $0 = .ended }
    mover.join()
  }

  func write(_ tickets: [Int]) throws {
    try writer.write(tickets.map { recording.tickets[$0] } + [recording.closing])
    commits += 1
    let isDone = wanted.withLock { state in
      if state == .idle, commits >= Ledger.logMovedEvery {
        state = .wanted
        commits = 0
      }
      guard state == .done else { return false }
      state = .idle
      return true
    }
    if isDone { try writer.checkpoint() }
  }
}

private enum BareMove: Sendable {
  case idle, wanted, done, ended

  static func next(_ state: inout BareMove) -> Bool? {
    switch state {
    case .wanted: true
    case .ended: false
    case .idle, .done: nil
    }
  }
}
