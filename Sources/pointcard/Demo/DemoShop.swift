import CardFace
import CounterAPI
import CounterService
import DeviceCatalog
import DeviceLinks
import DeviceProtocols
import EventLog
import Platform

/// A shop in a folder: its configuration, one virtual device on a pseudo-terminal, and the daemon
/// as a real process.
final class DemoShop {
  static let station = "counter-1"
  static let name = "小春雜貨店"

  let folder: String
  let host: VirtualDeviceHost
  let api: DemoAPI
  /// The daemon's present process and the marks it has passed.
  private var daemon: DemoDaemon?
  /// The most memory a daemon of this run had, in KiB.
  private(set) var peakKiB = 0

  /// - Parameter pace: how fast the device works.
  init(folder: String, pace: StarPace) throws {
    self.folder = folder
    let resources = try CounterResources.load()
    guard let model = resources.catalogue.model("star-tcp300/tcp300ii") else {
      throw DemoFailure("the model star-tcp300/tcp300ii is not in the catalogue")
    }
    let fonts = resources.fonts
    let device = StarVirtualDevice(model: model, pace: pace) { fonts.glyph($0, cellWidth: $1) }
    host = try VirtualDeviceHost(device, link: folder + "/device")
    api = DemoAPI(socket: folder + "/socket")
    try writeFiles()
  }

  private func writeFiles() throws {
    try Files.makeFolders(folder + "/faces")
    let programme = folder + "/programme.json5"
    try Files.writeAtomically(Array(try CounterResources.programme(.tw).utf8), to: programme)
    let configuration = """
      // the demo's counter
      {
        node: "DEMO1", store: "demo", shop: "\(DemoShop.name)",
        data: "\(folder)/data", socket: "\(folder)/socket", programme: "\(programme)",
        stations: [{
          name: "\(DemoShop.station)", device: "star-tcp300/tcp300ii",
          address: "serial:\(folder)/device?speed=9600",
        }],
      }

      """
    try Files.writeAtomically(Array(configuration.utf8), to: folder + "/pointcardd.json5")
  }

  var database: String { folder + "/data/ledger.db" }

  /// Starts the daemon and waits until it answers.
  ///
  /// - Parameter killAfter: the number of marks after which it is killed as by a power cut; nil:
  ///   it lives until it is told to end, and writes no marks.
  func start(killAfter: Int? = nil) throws {
    api.close()
    daemon = try DemoDaemon(folder: folder, killAfter: killAfter)
    try waitUntilServing()
  }

  private func waitUntilServing() throws {
    let deadline = Deadline.after(.seconds(30))
    while !deadline.hasPassed, isRunning {
      do {
        if try api.send(.health).isDone { return }
      } catch {
        // not listening yet, or already dead: the next turn knows
        _ = daemon?.process.wait(within: .milliseconds(10))
      }
    }
    guard !isRunning, daemon?.isToBeKilled == true else {
      throw DemoFailure("the daemon does not answer; see \(folder)/pointcardd.log")
    }
  }

  var isRunning: Bool { daemon?.process.isRunning == true }

  /// Waits a while for the daemon's end.
  func waitForEnd(within duration: Duration) -> Bool {
    daemon?.process.wait(within: duration) != nil
  }

  /// The last mark that a daemon which has died had passed.
  func lastMark() -> String { daemon?.lastMark() ?? "none" }

  /// Ends the daemon in good order.
  ///
  /// - Throws: when it did not end with exit code 0.
  func stop() throws {
    noteMemory()
    daemon?.process.send(.terminate)
    guard let status = daemon?.process.wait(within: .seconds(30)), status == .exited(0) else {
      throw DemoFailure("the daemon did not end well; see \(folder)/pointcardd.log")
    }
    daemon = nil
    host.stop()
  }

  /// Asks how much memory the daemon has had.
  func noteMemory() {
    guard let daemon, daemon.process.isRunning else { return }
    do {
      peakKiB = max(peakKiB, try ProcessMemory.read(pid: daemon.process.processID).peakKiB)
    } catch {
      // the daemon ended between the two lines: its memory is no figure any more
      return
    }
  }
}

/// One process of the daemon.
final class DemoDaemon: Sendable {
  let process: ChildProcess
  let isToBeKilled: Bool
  private let marks: Monitor<[String]>
  private let reader: DedicatedThread?

  init(folder: String, killAfter: Int?) throws {
    let program = try Files.folder(of: CurrentProcess.executable()) + "/pointcardd"
    guard Files.exists(program) else {
      throw DemoFailure("\(program) is not there: build the whole package first")
    }
    var settings = ChildProcess.Settings(
      executable: program, arguments: ["--config", folder + "/pointcardd.json5"], output: .null,
      error: .file(folder + "/pointcardd.log"))
    marks = Monitor([])
    isToBeKilled = killAfter != nil
    guard let killAfter else {
      process = try ChildProcess(settings)
      reader = nil
      return
    }
    let pipe = try FileDescriptor.pipe()
    settings.arguments += ["--marks-fd", "3"]
    settings.inherited = [(pipe.writing, 3)]
    let process = try ChildProcess(settings)
    self.process = process
    pipe.writing.close()
    let (marks, reading) = (marks, pipe.reading)
    reader = try DedicatedThread(name: "marks") {
      DemoDaemon.read(reading, into: marks) { if $0 >= killAfter { process.kill() } }
    }
  }

  /// Collects marks until the pipe ends, and tells `each` time how many there are.
  private static func read(
    _ pipe: FileDescriptor, into marks: Monitor<[String]>, each: (Int) -> Void
  ) {
    var rest: [UInt8] = []
    while case .bytes(let bytes)? = next(pipe) {
      rest += bytes
      var lines = rest.split(separator: 0x0a, omittingEmptySubsequences: false)
      rest = Array(lines.removeLast())
      let names = lines.map { String(decoding: $0, as: UTF8.self) }
      each(
        marks.withLock { kept in
          kept += names
          return kept.count
        })
    }
  }

  /// What comes next; nil when the pipe is broken.
  private static func next(_ pipe: FileDescriptor) -> ReadOutcome? {
    do { return try pipe.read(upTo: 65_536) } catch { return nil }
  }

  /// The last mark, once the process is dead and its pipe read to the end.
  func lastMark() -> String {
    _ = process.wait()
    reader?.join(until: .after(.seconds(5)))
    return marks.withLock { $0.last ?? "started" }
  }
}
