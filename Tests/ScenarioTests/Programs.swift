import Platform
import Testing

/// What a program said and how it ended.
struct Run {
  var exit: Platform.ExitStatus
  var output: String
  var error: String

  var code: Int32 {
    if case .exited(let code) = exit { return code }
    return -1
  }

  /// The value of a text in the JSON that was printed.
  func value(_ key: String) -> String? {
    output.after("\"\(key)\":\"").map { String($0.prefix { $0 != "\"" }) }
  }
}

/// The programs as the build has made them.
enum Programs {
  struct Missing: Error { var name: String }

  /// The path of a program of this build.
  static func path(_ name: String) throws -> String {
    for folder in ResourceFolder.programFolders() where Files.exists(folder + "/" + name) {
      return folder + "/" + name
    }
    throw Missing(name: name)
  }

  /// Runs `pointcard` to its end.
  static func pointcard(
    _ arguments: [String], language: String = "C.UTF-8", environment: [String: String] = [:],
    within: Duration = .seconds(120)
  ) throws -> Run {
    let locale = ["LC_ALL": "", "LC_MESSAGES": "", "LANG": language]
    let result = try ChildProcess.run(
      .init(
        executable: try path("pointcard"), arguments: arguments,
        environment: locale.merging(environment) { $1 }), within: within)
    return Run(
      exit: result.status, output: String(decoding: result.output, as: UTF8.self),
      error: String(decoding: result.error, as: UTF8.self))
  }
}

/// Lines that a program writes, kept as they come.
final class Lines: Sendable {
  private let lines = Monitor<[String]>([])

  /// Reads `descriptor` to its end on a thread of its own.
  init(_ descriptor: FileDescriptor) throws {
    let lines = lines
    _ = try DedicatedThread(name: "lines") {
      var rest: [UInt8] = []
      while case .bytes(let bytes) = Self.read(descriptor) {
        rest += bytes
        while let end = rest.firstIndex(of: 0x0a) {
          let line = String(decoding: rest[..<end], as: UTF8.self)
          rest.removeSubrange(...end)
          lines.withLock { $0.append(line) }
        }
      }
      lines.withLock { $0.append("end") }
    }
  }

  private static func read(_ descriptor: FileDescriptor) -> ReadOutcome {
    do {
      return try descriptor.read(upTo: 65_536)
    } catch {
      return .end
    }
  }

  var count: Int { lines.withLock { $0.count } }

  /// The first line from place `start` on that fits, waiting for it.
  func line(from start: Int, where fits: (String) -> Bool) throws -> String {
    let found = lines.wait(until: .after(.seconds(60))) { lines in
      lines.dropFirst(start).first(where: fits)
    }
    return try #require(found, "\(lines.withLock { $0 })")
  }
}

/// `pointcard device simulate` with its hands.
final class SimulatedDevice: Sendable {
  private let process: ChildProcess
  private let lines: Lines
  private let input: FileDescriptor

  init(link: String, speed: String = "max", model: String = "star-tcp300/tcp300ii") throws {
    process = try ChildProcess(
      .init(
        executable: try Programs.path("pointcard"),
        arguments: ["device", "simulate", model, "--link", link, "--speed", speed],
        environment: ["LANG": "C.UTF-8", "LC_ALL": ""], input: .pipe, output: .pipe,
        error: .inherit))
    lines = try Lines(try #require(process.output))
    input = try #require(process.input)
    _ = try lines.line(from: 0) { $0.hasPrefix("ok ") }
  }

  /// Gives a command and waits for its answer.
  @discardableResult
  func tell(_ command: String) throws -> String {
    let start = lines.count
    try input.write(Array((command + "\n").utf8))
    return try lines.line(from: start) { $0.hasPrefix("ok") || $0.hasPrefix("error") }
  }

  /// Waits until an event has come since the line `start`.
  func waitFor(_ event: String, from start: Int) throws {
    _ = try lines.line(from: start) { $0 == "event \(event)" }
  }

  /// How many lines there are.
  var mark: Int { lines.count }

  func stop() -> Platform.ExitStatus? {
    process.send(.terminate)
    return process.wait(within: .seconds(20))
  }
}

extension String {
  /// What stands behind the first `text`.
  func after(_ text: String) -> Substring? {
    let parts = split(separator: text, maxSplits: 1, omittingEmptySubsequences: false)
    return parts.count == 2 ? parts[1] : nil
  }

  /// How often `text` stands in it.
  func count(of text: String) -> Int {
    split(separator: text, omittingEmptySubsequences: false).count - 1
  }
}
