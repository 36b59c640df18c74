import DeviceProtocols
import Foundation
import Platform
import Testing

private let star = "star-tcp300/tcp300ii"

/// A virtual device that commands speak to by its address.
private final class Counter {
  let folder: TemporaryFolder
  let device: SimulatedDevice

  init() throws {
    folder = try TemporaryFolder()
    device = try SimulatedDevice(link: folder("dev"))
  }

  var address: String { "serial:\(folder("dev"))" }

  /// Runs `pointcard device WORD` on the device.
  func run(_ word: String, _ more: String...) throws -> Run {
    try Programs.pointcard(
      ["device", word, "--address", address, "--model", star] + more)
  }

  func insert(_ card: String) throws {
    #expect(try device.tell("insert \(folder(card))") == "ok")
  }

  func end() { #expect(device.stop() == .exited(0)) }
}

/// `pointcard device …` without a daemon.
@Suite(.offPool)
struct DeviceCommandTests {
  @Test func `the state of a device is told, and nothing is moved`() throws {
    let counter = try Counter()
    let idle = try counter.run("status")
    #expect(idle.code == 0, "\(idle)")
    #expect(idle.output.contains("NOCARD") && idle.output.contains("VIRTUAL"), "\(idle)")
    try counter.insert("card")
    let there = try counter.run("status", "--json")
    #expect(there.code == 0 && there.value("cardState") == "REMAINING", "\(there)")
    #expect(there.value("position") == "atInlet" && there.value("firmware") == "VIRTUAL")
    #expect(try counter.device.tell("cover open") == "ok")
    let open = try counter.run("status", "--language", "zh-Hant")
    #expect(open.code == 1 && open.output.contains("請關上"), "\(open)")
    counter.end()
  }

  @Test func `who cannot be spoken to is told apart`() throws {
    let counter = try Counter()
    let watching = try ChildProcess(
      .init(
        executable: try Programs.path("pointcard"),
        arguments: ["device", "watch", "--address", counter.address, "--model", star, "--json"],
        output: .pipe, error: .inherit))
    let lines = try Lines(try #require(watching.output))
    _ = try lines.line(from: 0) { $0.contains("\"cardState\":\"NOCARD\"") }
    let busy = try counter.run("status")
    #expect(busy.code == 4 && busy.error.contains("device.busy"), "\(busy)")
    #expect(busy.error.contains("--station"), "\(busy)")
    try counter.insert("card")
    _ = try lines.line(from: 0) { $0.contains("\"position\":\"atInlet\"") }
    #expect(try counter.device.tell("unplug") == "ok")
    _ = try lines.line(from: 0) { $0.contains("\"code\":\"device.absent\"") }
    let seen = lines.count
    #expect(try counter.device.tell("replug") == "ok")
    _ = try lines.line(from: seen) { $0.contains("\"position\":\"atInlet\"") }
    watching.send(.terminate)
    #expect(watching.wait(within: .seconds(20)) == .exited(0))
    counter.end()
    let gone = try counter.run("status")
    #expect(gone.code == 4 && gone.error.contains("device.absent"), "\(gone)")
    let file = try Programs.pointcard(
      ["device", "status", "--address", "serial:/dev/null", "--model", star])
    #expect(file.code == 4 && file.error.contains("device.unusable"), "\(file)")
  }

  @Test(
    arguments: [
      (["status"], "--address, --station is missing"),
      (["status", "--address", "serial:/dev/x"], "--model MODEL is missing"),
      (["status", "--address", "/dev/x", "--model", star], "an address is like"),
      (["status", "--address", "tcp:host:1", "--model", star], "is known on these lines only"),
      (["counters", "--address", "serial:/dev/x", "--model", "star-tcp300/tcp30"], "did you mean"),
      (["reset", "--address", "serial:/dev/x"], "--model MODEL is missing"),
      (["probe", "usb:0519:0002"], "no family may be asked"),
      (
        ["record", "serial:/dev/x", "--model", star, "--out", "x", "--exchange", "eat"],
        "one of begin"
      ),
      (
        ["record", "serial:/dev/x", "--model", star, "--out", "x", "--exchange", "read"],
        "--test-card"
      ),
      (["trace"], "FILE or --address is missing"),
      (["capabilities", "star-tcp300/tcp9"], "no device star-tcp300/tcp9"),
      (["udev", "all"], "RULES all: one of identify, grant"),
    ] as [([String], String)])
  func `what is wrong is named`(line: [String], said: String) throws {
    let run = try Programs.pointcard(["device"] + line)
    #expect(run.code == 2 && run.error.contains(said), "\(run)")
    #expect(run.output == "")
  }

  @Test func `counters are read, a reset puts the card out, a cleaning card goes through`() throws {
    let counter = try Counter()
    try counter.insert("card")
    let took = try counter.run("trace", "--exchange", "awaitCard")
    #expect(took.code == 0, "\(took)")
    let full = try counter.run("clean")
    #expect(full.code == 1 && full.error.contains("device.attention"), "\(full)")
    #expect(full.error.contains("card inside"), "\(full)")
    let reset = try counter.run("reset", "--json")
    #expect(reset.code == 0 && reset.value("card") == "waitingForRemoval", "\(reset)")
    #expect(try counter.device.tell("remove").hasPrefix("ok "))
    try counter.insert("cleaning")
    let cleaned = try counter.run("clean")
    #expect(cleaned.code == 0 && cleaned.output.contains("waitingForRemoval"), "\(cleaned)")
    let counters = try counter.run("counters", "--json")
    #expect(counters.code == 0 && counters.value("cardsPrinted") == "0", "\(counters)")
    #expect(counters.value("transports") == "4", "\(counters)")
    let test = try counter.run("test-card")
    #expect(test.code == 4 && test.error.contains("device.unsupported"), "\(test)")
    counter.end()
  }

  @Test func `a family is found by what its device answers`() throws {
    let counter = try Counter()
    let found = try Programs.pointcard(["device", "probe", counter.address, "--json"])
    #expect(found.code == 0, "\(found)")
    #expect(found.output.contains("\"family\":\"star-tcp300\",\"answers\":true"), "\(found)")
    let named = try Programs.pointcard(
      ["device", "probe", counter.address, "--model", "star-tcp300"])
    #expect(named.code == 0 && named.output.contains("star-tcp300: answers"), "\(named)")
    counter.end()
  }

  // MARK: Recordings

  @Test func `a conversation is recorded, and what it says can be read`() throws {
    let counter = try Counter()
    try counter.insert("card")
    let file = counter.folder("await.exchange")
    let line = ["device", "record", counter.address, "--model", star, "--out", file]
    let recorded = try Programs.pointcard(line + ["--exchange", "awaitCard", "--test-card"])
    #expect(recorded.code == 0, "\(recorded)")
    let text = String(decoding: try Files.read(file, limit: 1 << 20), as: UTF8.self)
    let recording = try Recording(text)
    #expect(recording["exchange"] == "awaitCard" && recording["model"] == star)
    #expect(recording["expect"] == "unreadable sentinel" && recording["link"] == "serial")
    let again = try Programs.pointcard(line)
    #expect(again.code == 2 && again.error.contains("there already"), "\(again)")
    let traced = try Programs.pointcard(["device", "trace", file])
    #expect(traced.code == 0, "\(traced)")
    #expect(traced.output.contains("24h read \"2,4\""), "\(traced)")
    #expect(traced.output.contains("24h answered: 32 sentinel"), "\(traced)")
    let json = try Programs.pointcard(["device", "trace", file, "--json"])
    #expect(json.output.hasPrefix("{\"time\":\"\",\"mark\":\">\",\"hex\":\"02 24"), "\(json)")
    counter.end()
  }

  @Test func `a log at the level wire is read, one station at a time`() throws {
    let folder = try TemporaryFolder()
    let log = """
      2026-11-21T08:15:00.250Z wire    > 02 59 03 5a station=c1
      2026-11-21T08:15:00.251Z wire    > 02 54 03 57 station=c2
      2026-11-21T08:15:00.252Z info    a card was read station=c1 session=1
      2026-11-21T08:15:00.260Z wire    < 06 02 and 69 bytes station=c1
      """
    try Files.writeAtomically(Array(log.utf8), to: folder("log"))
    let line = ["device", "trace", folder("log"), "--model", star]
    let both = try Programs.pointcard(line)
    #expect(both.code == 2 && both.error.contains("c1, c2"), "\(both)")
    let one = try Programs.pointcard(line + ["--station", "c1"])
    let rows = one.output.split(separator: "\n")
    #expect(rows.count == 3, "\(one)")
    #expect(rows[0].hasPrefix("08:15:00.250  > 02 59 03 5a") && rows[0].hasSuffix("59h status"))
    #expect(rows[2].hasSuffix("69 bytes not shown"))
    try Files.writeAtomically(Array("nothing\n".utf8), to: folder("log"))
    #expect(try Programs.pointcard(line).code == 2)
    try Files.writeAtomically(Array("> 0\n".utf8), to: folder("bad.exchange"))
    let bad = try Programs.pointcard(["device", "trace", folder("bad.exchange"), "--model", star])
    #expect(bad.code == 2 && bad.error.contains("line 1"), "\(bad)")
  }

  // MARK: Tables

  @Test func `abilities are told of a model, of all, and for programs`() throws {
    let one = try Programs.pointcard(["device", "capabilities", star])
    #expect(one.code == 0 && one.output.contains("partial erase"), "\(one)")
    let all = try Programs.pointcard(["device", "capabilities"], language: "zh_TW.UTF-8")
    #expect(all.code == 0 && all.output.contains("局部清除"), "\(all)")
    let json = try Programs.pointcard(["device", "capabilities", "--json"])
    #expect(json.output.contains("\"partialErase\":\"notKnown\""), "\(json)")
    let table = try Programs.pointcard(["device", "capabilities", "--table"])
    #expect(table.output.hasPrefix("| device | insert |"), "\(table)")
  }

  @Test func `rules are printed, and compared with those of a folder`() throws {
    let printed = try Programs.pointcard(["device", "udev", "identify"])
    #expect(printed.code == 0 && printed.output.contains("POINTCARD_FAMILY"), "\(printed)")
    let repository = URL(filePath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent().path
    let same = try Programs.pointcard(["device", "udev", "--check", repository + "/udev"])
    #expect(same.code == 0 && same.output == "", "\(same)")
    let folder = try TemporaryFolder()
    let name = "70-pointcard-identify.rules"
    let changed = printed.output.replacing("0002", with: "0003")
    try Files.writeAtomically(Array(changed.utf8), to: folder(name))
    let other = try Programs.pointcard(["device", "udev", "--check", folder.path])
    #expect(other.code == 1 && other.output.contains("\(name): differs"), "\(other)")
    #expect(other.output.contains("71-pointcard-grant.rules: missing"), "\(other)")
    let one = try Programs.pointcard(["device", "udev", "grant", "--check", folder.path])
    #expect(one.code == 1 && !one.output.contains(name), "\(one)")
  }
}

/// The files beside the rules, as systemd reads them.
@Suite(.offPool)
struct SystemFileTests {
  private static let folder =
    URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().path + "/udev"

  private static func has(_ program: String) -> Bool {
    ["/usr/bin/", "/bin/"].contains { Files.exists($0 + program) }
  }

  private func run(_ program: String, _ arguments: [String]) throws -> Run {
    let result = try ChildProcess.run(
      .init(executable: program, arguments: arguments), within: .seconds(60))
    return Run(
      exit: result.status, output: String(decoding: result.output, as: UTF8.self),
      error: String(decoding: result.error, as: UTF8.self))
  }

  @Test(.enabled(if: has("systemd-analyze"), "systemd-analyze is not installed"))
  func `the unit is in order and keeps the service in a small room`() throws {
    let folder = try TemporaryFolder()
    let text = String(
      decoding: try Files.read(Self.folder + "/pointcardd.service", limit: 65_536), as: UTF8.self)
    // the program as this build has made it, for the one that is installed
    let installed = text.replacing("/usr/bin/pointcardd", with: try Programs.path("pointcardd"))
    try #require(installed != text)
    try Files.writeAtomically(Array(installed.utf8), to: folder("pointcardd.service"))
    let verified = try run("systemd-analyze", ["verify", folder("pointcardd.service")])
    #expect(verified.code == 0 && verified.output + verified.error == "", "\(verified)")
    let exposure = try run(
      "systemd-analyze",
      ["security", "--offline=true", "--threshold=25", folder("pointcardd.service")])
    #expect(exposure.code == 0, "\(exposure.output.suffix(200))")
  }

  @Test(.enabled(if: has("systemd-sysusers"), "systemd-sysusers is not installed"))
  func `the user of the daemon is made`() throws {
    let folder = try TemporaryFolder()
    try Files.makeFolders(folder("etc"))
    let file = Self.folder + "/pointcard.sysusers.conf"
    let dry = try run("systemd-sysusers", ["--root=\(folder.path)", "--dry-run", file])
    #expect(dry.code == 0 && (dry.output + dry.error).contains("pointcard"), "\(dry)")
  }

  @Test func `unit, user and folders name the same places`() throws {
    func text(_ name: String) throws -> String {
      String(decoding: try Files.read(Self.folder + "/" + name, limit: 65_536), as: UTF8.self)
    }
    let unit = try text("pointcardd.service")
    #expect(unit.contains("User=pointcard\n") && unit.contains("Type=notify\n"))
    #expect(unit.contains("StateDirectory=pointcard\n"))
    #expect(try text("pointcard.sysusers.conf").contains("u pointcard - "))
    #expect(try text("71-pointcard-grant.rules").contains("GROUP=\"pointcard\""))
    let folders = try text("pointcard.tmpfiles.conf")
    for folder in ["/etc/pointcard", "/var/lib/pointcard", "/run/pointcard"] {
      #expect(folders.contains("d \(folder) "), "\(folder)")
    }
  }
}
