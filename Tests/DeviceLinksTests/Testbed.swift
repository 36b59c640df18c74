import DeviceCatalog
import DeviceLinks
import DeviceProtocols
import Foundation
import Platform
import Testing

/// libusb's real code before a device that is a value: the test runs itself once more as a child,
/// under umockdev's preload, with Tests/USBTestbed/testbed.c plugging in whatever the child's own
/// USB/IP server offers.
enum Testbed {
  /// Why tests on the testbed are skipped.
  static let missing: Comment =
    "umockdev is missing: apt-get install umockdev libumockdev-dev gcc pkg-config"

  static let isAvailable =
    runs("pkg-config", ["--exists", "umockdev-1.0"]) && runs("cc", ["--version"])

  private static func runs(_ program: String, _ arguments: [String]) -> Bool {
    do {
      return try ChildProcess.run(.init(executable: program, arguments: arguments)).status
        == .exited(0)
    } catch {
      return false
    }
  }

  /// Where the child's server listens and the testbed writes; nil in the test run itself.
  static var socket: String? { ProcessInfo.processInfo.environment["TESTBED_SOCKET"] }

  /// What usbfs was asked for so far, a line each.
  static func journal() throws -> [String] {
    let path = try #require(ProcessInfo.processInfo.environment["TESTBED_JOURNAL"])
    let text = try Files.read(path, limit: 1 << 20)
    return String(decoding: text, as: UTF8.self).split(separator: "\n").map(String.init)
  }

  /// Waits until the journal has a line.
  static func awaitLine(_ line: String) throws {
    let deadline = Deadline.after(.seconds(20))
    let never = Monitor(false)
    while try !journal().contains(line), !deadline.hasPassed {
      _ = never.wait(until: .after(.milliseconds(5))) { $0 ? true : nil }
    }
    #expect(try journal().contains(line))
  }

  /// Runs `scenario` in a child on a testbed.
  ///
  /// - Parameter name: words of the test's name, which no other test has.
  static func run(
    _ name: String, environment: [String: String] = [:], _ scenario: () throws -> Void
  ) throws {
    guard socket == nil else { return try scenario() }
    try runChild(name, environment)
  }

  /// The same for a scenario that waits for a station.
  static func run(_ name: String, _ scenario: () async throws -> Void) async throws {
    guard socket == nil else { return try await scenario() }
    try await offPool { try runChild(name, [:]) }
  }

  private static func runChild(_ name: String, _ environment: [String: String]) throws {
    let folder = try ScratchFolder()
    let program = try helper()
    var variables = environment
    variables["TESTBED_SOCKET"] = folder.path + "/usb"
    variables["TESTBED_JOURNAL"] = folder.path + "/journal"
    variables["SWIFT_BACKTRACE"] = "enable=no"
    let child = try ChildProcess.run(
      .init(
        executable: program,
        arguments: [
          folder.path + "/usb", folder.path + "/journal",
          try Files.resolved("/proc/self/exe"), "--testing-library", "swift-testing", "--filter",
          name,
        ], environment: variables), within: .seconds(50))
    let text = String(decoding: child.output + child.error, as: UTF8.self)
    #expect(child.status == .exited(0), "\(text)")
    #expect(text.contains("with 1 test"), "the child ran this test and no other: \(text)")
  }

  /// The helper program, compiled once a run.
  private static func helper() throws -> String { try compiled.get() }

  private static let compiled = Result { try compile() }

  private static func compile() throws -> String {
    let source = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().appendingPathComponent("USBTestbed/testbed.c").path
    let flags = try ChildProcess.run(
      .init(executable: "pkg-config", arguments: ["--cflags", "--libs", "umockdev-1.0"]))
    let words = String(decoding: flags.output, as: UTF8.self).split(whereSeparator: \.isWhitespace)
    let program = try folder.withLock { folder in
      let made = try ScratchFolder()
      folder = made
      return made.path + "/testbed"
    }
    let built = try ChildProcess.run(
      .init(
        executable: "cc",
        arguments: ["-Wall", "-Werror", "-O1", "-o", program, source] + words.map(String.init)
          + ["-lpthread"]))
    guard built.status == .exited(0) else {
      throw CompilerRefused(text: String(decoding: built.error, as: UTF8.self))
    }
    return program
  }

  /// Keeps the compiled program until the run ends.
  private static let folder = Guarded<ScratchFolder?>(nil)

  struct CompilerRefused: Error { var text: String }
}

/// Runs what blocks on a thread of its own, so that tests leave the tasks' threads alone.
func offPool<Result: Sendable>(
  _ body: @escaping @Sendable () throws -> Result
) async throws -> Result {
  try await withCheckedThrowingContinuation { continuation in
    do {
      _ = try DedicatedThread(name: "test") {
        continuation.resume(with: Swift.Result { try body() })
      }
    } catch {
      continuation.resume(throwing: error)
    }
  }
}

/// A folder of the test's own, removed with it.
final class ScratchFolder: Sendable {
  let path: String

  init() throws {
    path = "/tmp/pc-links-\(UInt64.random(in: 0 ... .max))"
    try Files.makeFolders(path)
  }

  deinit {
    do { try Files.removeTree(path) } catch { Issue.record("\(path) stays behind: \(error)") }
  }
}

/// A printer that counts what it gets: each byte 03h ends a message, answered with `#`, the number
/// of all bytes so far and 0Ah. `#` and 0Ah together are answered with two packets of 64 bytes.
struct CountingPrinter: VirtualDevice {
  var card: VirtualCard? { nil }
  var offersCard: Bool { false }
  private var count = 0
  private var last: UInt8 = 0

  mutating func receive(_ bytes: [UInt8], at now: Duration) -> VirtualReaction {
    var answer: [UInt8] = []
    for byte in bytes {
      count += 1
      if byte == 0x03 { answer += Array("#\(count)\n".utf8) }
      if last == UInt8(ascii: "#"), byte == 0x0a { answer += [UInt8](repeating: 0x55, count: 128) }
      last = byte
    }
    return VirtualReaction(bytes: answer)
  }

  mutating func wake(at now: Duration) -> VirtualReaction { VirtualReaction() }

  mutating func hand(
    _ act: VirtualAct, at now: Duration
  ) throws(VirtualActRefused) -> VirtualReaction {
    guard case .noise(let value) = act else { throw VirtualActRefused(reason: "no hand") }
    // any hand will do that makes it speak unasked
    return VirtualReaction(bytes: [UInt8(value & 0xff)])
  }

  mutating func take(at now: Duration) -> (card: VirtualCard?, VirtualReaction) {
    (nil, VirtualReaction())
  }

  mutating func control(
    _ request: ControlRequest, at now: Duration
  ) -> (answer: [UInt8]?, VirtualReaction) {
    switch (request.kind, request.request) {
    case (0xa1, 0):
      // the index comes back, so that the test sees what the link has filled in
      let text = Array("MFG:Test;IDX:\(request.index);".utf8)
      return ([0, UInt8(text.count + 2)] + text, VirtualReaction())
    case (0xa1, 1): return ([0x18], VirtualReaction())
    case (0x21, 2):
      count = 0
      return ([], VirtualReaction())
    default: return (nil, VirtualReaction())
    }
  }
}
