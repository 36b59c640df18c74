import CardFace
import CardStation
import Configuration
import CounterService
import DeviceCatalog
import DeviceLinks
import DeviceProtocols
import EventLog
import HTTPMessages
import HTTPServer
import Platform

/// The daemon at the counter: reads its configuration, opens the ledger, serves stations and API
/// until it is told to end.
@main
struct PointcardDaemon {
  /// Not `async`: signals must be blocked on the first thread before there is a second one.
  static func main() {
    Signals.block([.terminate, .interrupt])
    Signals.ignorePipe()
    let ended = Monitor<Int32?>(nil)
    Task.detached {
      let code = await exitCode()
      ended.withLock { $0 = code }
    }
    CurrentProcess.exit(ended.wait { $0 } ?? 5)
  }

  /// Serves to the end; gives the process's exit code.
  private static func exitCode() async -> Int32 {
    do {
      try await run(try DaemonArguments(Array(CommandLine.arguments.dropFirst())))
      return 0
    } catch let usage as DaemonUsage {
      StandardStream.error.print("\(usage.text)")
      return 2
    } catch {
      StandardStream.error.print("pointcardd: \(error)")
      return error is ConfigurationError ? 2 : 5
    }
  }

  private static func run(_ arguments: DaemonArguments) async throws {
    let source = try Files.read(arguments.configuration, limit: 1 << 20)
    let configuration = try CounterConfiguration(
      try Node.parse(source, source: arguments.configuration))
    let log = Log(
      level: arguments.level, marks: arguments.marks.flatMap { FileDescriptor.inherited($0) })
    let resources = try CounterResources.load()
    let parts = try stations(configuration, resources, log)
    if arguments.checksOnly {
      StandardStream.output.print("\(arguments.configuration): in order")
      return
    }
    let assembly = try await CounterAssembly(
      configuration: configuration, resources: resources, parts: parts, clocks: .system,
      random: .system, log: log)
    let listener = try Listener.listen(on: .unix(path: configuration.socket), mode: 0o660)
    let routes = assembly.routes
    let server = try HTTPServer(listeners: [listener], log: log) { request, peer in
      await routes.answer(request, peer: caller(peer))
    }
    let serving = Task { try await assembly.run() }
    try ServiceNotification.send("READY=1")
    log.notice("serving", ["socket": configuration.socket, "stations": parts.count])
    let signal = await SignalWaiter.next([.terminate, .interrupt])
    log.notice("ending", ["signal": signal.map { "\($0)" } ?? "none"])
    try ServiceNotification.send("STOPPING=1")
    await server.stop()
    await assembly.stop()
    serving.cancel()
  }

  private static func caller(_ peer: HTTPPeer) -> CallerPeer {
    switch peer {
    case .unix(let id, _, let name):
      .user(name ?? "uid\(id)", isOwner: id == Users.current || id == 0)
    case .loopback: .loopback
    }
  }

  private static func stations(
    _ configuration: CounterConfiguration, _ resources: CounterResources, _ log: Log
  ) throws -> [StationPart] {
    let (catalogue, fonts) = (resources.catalogue, resources.fonts)
    func device(
      _ model: DeviceModel, at address: String, _ path: String
    ) throws -> StationDevice {
      let line: StationLine
      do throws(LinkAddressError) {
        line = try StationLine(address, model: model)
      } catch {
        throw ConfigurationError(
          source: "stations", line: 1, path: path, problem: "\"\(error.text)\": \(error.problem)",
          remedy: "write it like \(error.example)")
      }
      return try StationDevice(line: line, log: log) { fonts.glyph($0, cellWidth: $1) }
    }
    return try configuration.stations.map { entry in
      let models = try entry.models(in: catalogue)
      let main = try device(models.main, at: entry.main.address, "\(entry.name).address")
      let reader = try models.reader.flatMap { model in
        try entry.reader.map { try device(model, at: $0.address, "\(entry.name).reader.address") }
      }
      let station = Station(name: entry.name, main: main, reader: reader, log: log)
      return StationPart(configuration: entry, station: station)
    }
  }
}

/// Waits for a signal on a thread of its own.
private enum SignalWaiter {
  static func next(_ signals: [Signal]) async -> Signal? {
    await withCheckedContinuation { continuation in
      do {
        _ = try DedicatedThread(name: "signals") {
          continuation.resume(returning: Signals.wait(for: signals))
        }
      } catch {
        continuation.resume(returning: nil)
      }
    }
  }
}
