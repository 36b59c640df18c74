import Configuration
import CounterAPI
import HTTPClient
import HTTPMessages
import LoyaltyRules
import Platform

/// A real daemon on one of the bench's databases, and tills that post to it.
final class BenchDaemon: Sendable {
  private let process: ChildProcess
  private let socket: String

  /// - Parameter folder: has `data/ledger.db` already.
  init(shop: BenchShop, folder: String) throws {
    socket = folder + "/socket"
    try Files.writeAtomically(Array(shop.programme.utf8), to: folder + "/programme.json5")
    let configuration = """
      { node: "\(BenchShop.node)", store: "\(BenchShop.store)", shop: "bench",
        data: "\(folder)/data", socket: "\(socket)", programme: "\(folder)/programme.json5" }
      """
    try Files.writeAtomically(Array(configuration.utf8), to: folder + "/pointcardd.json5")
    let program = try Files.folder(of: CurrentProcess.executable()) + "/pointcardd"
    guard Files.exists(program) else {
      throw BenchFailure("\(program) is not there: build the whole package first")
    }
    process = try ChildProcess(
      ChildProcess.Settings(
        executable: program, arguments: ["--config", folder + "/pointcardd.json5"], output: .null,
        error: .file(folder + "/pointcardd.log")))
    let deadline = Deadline.after(.seconds(60))
    while !Files.exists(socket), process.isRunning, !deadline.hasPassed {
      _ = process.wait(within: .milliseconds(5))
    }
    guard Files.exists(socket) else {
      throw BenchFailure("the daemon does not answer; see \(folder)/pointcardd.log")
    }
  }

  /// Posts sales from `callers` connections in a closed loop.
  ///
  /// - Returns: figures with the daemon's processor time, not the callers'.
  func post(_ sales: [BenchSale], callers: Int) throws -> BenchFigures {
    let requests = sales.map { BenchDaemon.request($0) }
    let cpu = try ProcessTime.nanoseconds(pid: process.processID)
    var figures = try BenchFigures.measure(sales.count) {
      try TillLoop.run(requests, callers: callers, socket: socket)
    }
    figures.cpuNanoseconds = try ProcessTime.nanoseconds(pid: process.processID) - cpu
    return figures
  }

  /// The most memory it has had, in KiB.
  func peakKiB() throws -> Int { try ProcessMemory.read(pid: process.processID).peakKiB }

  /// Ends it in good order.
  func stop() throws {
    process.send(.terminate)
    guard process.wait(within: .seconds(60)) == .exited(0) else {
      throw BenchFailure("the daemon did not end well")
    }
  }

  private static func request(_ sale: BenchSale) -> [UInt8] {
    let body: JSON = [
      "ticket": .string("\(sale.number)"), "terminal": .string("till-\(sale.number % 4 + 1)"),
      "date": .string(BenchShop.day.description), "amount": .integer(sale.amount),
      "card": .string(sale.member.number),
    ]
    return HTTPRequest(
      .post, HTTPTarget(path: Route.ticketPost.path),
      headers: ["Idempotency-Key": sale.key, "Operator": BenchShop.actor], body: body.text
    ).serialized()
  }
}

/// Many connections on one thread, each with one request under way: what the callers cost the
/// machine stays small beside what they ask for.
private final class TillLoop: Sendable {
  private struct Till {
    var descriptor: FileDescriptor
    var next: Int
    var sent: UInt64 = 0
    var answer: [UInt8] = []
  }

  /// - Returns: each request's latency.
  static func run(_ requests: [[UInt8]], callers: Int, socket: String) throws -> [UInt64] {
    var tills = try (0..<callers).map { caller in
      Till(descriptor: try Sockets.connect(to: .unix(path: socket)), next: caller)
    }
    let clocks = Clocks.system
    func send(_ till: inout Till) throws {
      till.sent = clocks.monotonicNanoseconds()
      try till.descriptor.write(requests[till.next])
    }
    var latencies: [UInt64] = []
    latencies.reserveCapacity(requests.count)
    for place in tills.indices where tills[place].next < requests.count { try send(&tills[place]) }
    while latencies.count < requests.count {
      let ready = try FileDescriptor.readable(
        tills.map(\.descriptor), until: .after(.seconds(30)))
      guard !ready.isEmpty else { throw BenchFailure("the daemon is silent") }
      for place in ready {
        guard let bytes = try tills[place].descriptor.readNow(upTo: 16_384) else { continue }
        guard !bytes.isEmpty else { throw BenchFailure("the daemon closed a connection") }
        tills[place].answer += bytes
        guard try isWhole(tills[place].answer) else { continue }
        latencies.append(clocks.monotonicNanoseconds() - tills[place].sent)
        tills[place].answer.removeAll(keepingCapacity: true)
        tills[place].next += callers
        if tills[place].next < requests.count { try send(&tills[place]) }
      }
    }
    for till in tills { till.descriptor.close() }
    return latencies
  }

  private static let good = Array("HTTP/1.1 200".utf8)
  private static let length = Array("content-length: ".utf8)

  /// Whether an answer has come to its end.
  private static func isWhole(_ answer: [UInt8]) throws -> Bool {
    guard answer.count >= good.count else { return false }
    guard answer.starts(with: good) else {
      throw BenchFailure("a sale was refused: \(String(decoding: answer, as: UTF8.self))")
    }
    return answer.withUnsafeBufferPointer { bytes in
      var size = 0
      var line = 0
      for at in bytes.indices where bytes[at] == 0x0a {
        // an empty line ends the head
        if at - line <= 1 { return bytes.count >= at + 1 + size }
        if at - line > length.count, bytes[line..<line + length.count].elementsEqual(length) {
          size = bytes[(line + length.count)..<(at - 1)].reduce(0) { $0 * 10 + Int($1) - 0x30 }
        }
        line = at + 1
      }
      return false
    }
  }
}
