import Configuration
import DeviceProtocols
import Platform
import Raster
import Testing

/// A counter of its own for a test: folder, configuration, daemon, and a virtual device.
final class Shop {
  let folder: TemporaryFolder
  let device: SimulatedDevice
  private(set) var daemon: ChildProcess?
  /// The marks that the running daemon has passed.
  private(set) var marks: Lines?

  /// - Parameters:
  ///   - speed: of the device.
  ///   - profile: the programme that is in force.
  ///   - edit: changes the profile's text.
  init(
    speed: String = "max", node: String = "TPE01", profile: String = "tw",
    programme edit: ((String) -> String)? = nil
  ) throws {
    folder = try TemporaryFolder()
    device = try SimulatedDevice(link: folder("dev"), speed: speed)
    var programme = try Shop.programme(profile)
    if let edit {
      let text = edit(String(decoding: try Files.read(programme, limit: 1 << 20), as: UTF8.self))
      programme = folder("programme.json5")
      try Files.writeAtomically(Array(text.utf8), to: programme)
    }
    let text = """
      { node: "\(node)", store: "S1", shop: "幸福商店", data: "\(folder("data"))",
        socket: "\(folder("s"))", programme: "\(programme)",
        stations: [
          { name: "till1", device: "star-tcp300/tcp300ii", address: "serial:\(folder("dev"))" },
        ] }
      """
    try Files.writeAtomically(Array(text.utf8), to: configuration)
  }

  var configuration: String { folder("pointcardd.json5") }
  var database: String { folder("data/ledger.db") }

  private static func programme(_ profile: String) throws -> String {
    try ResourceFolder.find(target: "CounterService", name: "Resources")
      + "/profiles/\(profile).json5"
  }

  // MARK: The daemon

  /// Starts the daemon and waits until it serves.
  ///
  /// - Parameter options: how to sign in, once there are operators.
  func open(as options: [String] = []) throws {
    let (reading, writing) = try FileDescriptor.pipe()
    daemon = try ChildProcess(
      .init(
        executable: try Programs.path("pointcardd"),
        arguments: ["--config", configuration, "--marks-fd", "3"], error: .file(folder("log")),
        inherited: [(descriptor: writing, number: Int32(3))]))
    writing.close()
    marks = try Lines(reading)
    let deadline = Deadline.after(.seconds(60))
    while try run("health").code != 0 {
      guard deadline.hasPassed else { continue }
      let log = try text(of: folder("log"))
      Issue.record("the daemon does not serve: \(log)")
      return
    }
    try waitForStation(as: options) { $0.contains("\"code\":\"station.ready\"") }
  }

  func kill() {
    daemon?.kill()
    _ = daemon?.wait(within: .seconds(20))
  }

  /// Ends the daemon as an administrator does.
  func close() throws {
    daemon?.send(.terminate)
    #expect(daemon?.wait(within: .seconds(30)) == .exited(0))
  }

  // MARK: The counter

  /// Runs `pointcard` against this daemon.
  func run(_ arguments: String..., language: String = "C.UTF-8") throws -> Run {
    try run(arguments, language: language)
  }

  func run(_ arguments: [String], language: String = "C.UTF-8") throws -> Run {
    try Programs.pointcard(
      arguments, language: language, environment: ["POINTCARD_SOCKET": folder("s")])
  }

  /// Waits until the station's JSON fits.
  func waitForStation(as options: [String] = [], _ fits: (String) -> Bool) throws {
    let deadline = Deadline.after(.seconds(60))
    while true {
      let status = try run(["station", "status", "till1", "--json"] + options)
      if fits(status.output) { return }
      try #require(!deadline.hasPassed, "\(status.output)\(status.error)")
    }
  }

  /// Puts a card in and waits until the station says something about it.
  func insert(_ card: String, until code: String) throws {
    #expect(try device.tell("insert \(folder(card))") == "ok")
    try waitForStation { $0.contains("\"code\":\"\(code)\"") }
  }

  /// Takes the card out; the next one can be put in.
  func takeCard() throws {
    let answer = try device.tell("remove 30")
    #expect(answer.hasPrefix("ok "), "\(answer)")
    try waitForStation { $0.contains("\"cardState\":\"NOCARD\"") }
  }

  /// Adds a member and issues a card on a blank, whose file is `card`.
  ///
  /// - Returns: the card's number and the member's id.
  func issue(_ name: String, phone: String, card: String) throws -> (number: String, member: String)
  {
    let added = try run("member", "add", name, "--phone", phone, "--json")
    let member = try #require(added.value("member"), "\(added)")
    let issuing = try Issuing(self, ["card", "issue", "--member", member, "--station", "till1"])
    try waitForStation { $0.contains("\"code\":\"card.insertBlank\"") }
    #expect(try device.tell("insert \(folder(card))") == "ok")
    let issued = try issuing.result()
    #expect(issued.code == 0, "\(issued)")
    try takeCard()
    let shown = try run("member", "show", member, "--json")
    let cards = try #require(shown.output.after("\"cards\":[\""), "\(shown)")
    return (String(cards.prefix { $0 != "\"" }), member)
  }

  // MARK: Cards

  /// The card in a file.
  func card(_ name: String) throws -> VirtualCard {
    let bytes = try Files.read(folder(name), limit: 1 << 20)
    return try VirtualCard(try Node.parse(bytes, source: name))
  }

  /// What the ledger says a card's face should be.
  func face(_ number: String) throws -> Bitmap {
    let path = folder("face.pbm")
    let run = try run("face", "render", "--card", number, "-o", path)
    try #require(run.code == 0, "\(run)")
    return try PBM.read(try Files.read(path, limit: 1 << 20))
  }

  func text(of path: String) throws -> String {
    Files.exists(path) ? String(decoding: try Files.read(path, limit: 64 << 20), as: UTF8.self) : ""
  }
}

/// A command that runs while the test goes on.
final class Issuing: Sendable {
  private let outcome = Monitor<Result<Run, any Error>?>(nil)

  init(_ shop: Shop, _ arguments: [String]) throws {
    let outcome = outcome
    let socket = shop.folder("s")
    _ = try DedicatedThread(name: "command") {
      let result = Result {
        try Programs.pointcard(arguments, environment: ["POINTCARD_SOCKET": socket])
      }
      outcome.withLock { $0 = result }
    }
  }

  func result() throws -> Run {
    let result = outcome.wait(until: .after(.seconds(120))) { $0 }
    return try #require(result).get()
  }
}
