import Glibc

/// How a process ended.
package enum ExitStatus: Sendable, Equatable, CustomStringConvertible {
  case exited(Int32)
  case signalled(Int32)

  package var description: String {
    switch self {
    case .exited(let code): "exit code \(code)"
    case .signalled(let number): "signal \(number)"
    }
  }
}

/// A program that runs as our child. Whoever forgets it has killed it: the last reference sends
/// SIGKILL to one that still runs.
package final class ChildProcess: Sendable {
  /// Where a standard stream of the child comes from or goes to.
  package enum Stream: Sendable {
    /// Ours.
    case inherit
    /// /dev/null.
    case null
    /// A pipe whose other end the `ChildProcess` holds.
    case pipe
    /// The end of a file, made when it is missing; as input, its beginning.
    case file(String)
    case descriptor(FileDescriptor)
  }

  package struct Settings: Sendable {
    /// A path, or a name that is looked for in PATH.
    package var executable: String
    package var arguments: [String]
    /// What is added to our own environment, or replaces it there.
    package var environment: [String: String]
    /// The folder it begins in; nil: ours.
    package var folder: String?
    package var input: Stream
    package var output: Stream
    package var error: Stream
    /// Descriptors of ours, each with the number, from 3 on, that it has in the child.
    package var inherited: [(descriptor: FileDescriptor, number: Int32)]

    package init(
      executable: String, arguments: [String] = [], environment: [String: String] = [:],
      folder: String? = nil, input: Stream = .null, output: Stream = .inherit,
      error: Stream = .inherit, inherited: [(descriptor: FileDescriptor, number: Int32)] = []
    ) {
      self.executable = executable
      self.arguments = arguments
      self.environment = environment
      self.folder = folder
      self.input = input
      self.output = output
      self.error = error
      self.inherited = inherited
    }
  }

  package let processID: Int32
  /// Our ends of the pipes that were asked for.
  package let input: FileDescriptor?
  package let output: FileDescriptor?
  package let error: FileDescriptor?
  private let status = Monitor<ExitStatus?>(nil)

  /// Starts the program.
  ///
  /// - Throws: ENOENT or EACCES when it cannot be run.
  package init(_ settings: Settings) throws(SystemError) {
    var plan = SpawnPlan(settings.folder)
    defer { plan.destroy() }
    input = try plan.connect(settings.input, to: 0)
    output = try plan.connect(settings.output, to: 1)
    error = try plan.connect(settings.error, to: 2)
    for (descriptor, number) in settings.inherited {
      precondition(number >= 3, "the standard streams have settings of their own")
      try plan.pass(descriptor, as: number)
    }
    processID = try plan.spawn(settings)
    try watch()
  }

  /// Learns of the end on a thread of its own, which is the only one to reap the child.
  private func watch() throws(SystemError) {
    let (processID, status) = (processID, status)
    do throws(SystemError) {
      _ = try DedicatedThread(name: "child \(processID)", stackSize: 128 << 10) {
        var information = siginfo_t()
        // the number stays ours, and can be signalled, until it is reaped under the lock
        while waitid(P_PID, id_t(processID), &information, WEXITED | WNOWAIT) != 0 {
          precondition(errno == EINTR, "a child can be waited for")
        }
        status.withLock { $0 = reap(processID) }
      }
    } catch {
      _ = Glibc.kill(processID, SIGKILL)
      status.withLock { $0 = reap(processID) }
      throw error
    }
  }

  deinit { kill() }

  /// Sends `signal`; a child that has ended gets none.
  package func send(_ signal: Signal) {
    status.withLock { status in
      if status == nil { _ = Glibc.kill(processID, signal.rawValue) }
    }
  }

  /// Ends it at once, with nothing it could do about it.
  package func kill() { send(.kill) }

  package var isRunning: Bool { status.withLock { $0 == nil } }

  /// Waits for the end, for ever by default.
  package func wait() -> ExitStatus {
    status.wait { $0 }!
  }

  /// Waits for the end; nil when it still runs after `duration`.
  package func wait(within duration: Duration) -> ExitStatus? {
    status.wait(until: .after(duration)) { $0 }
  }

  /// Runs a program to its end and gives what it wrote.
  ///
  /// - Parameters:
  ///   - text: what its standard input holds.
  ///   - limit: of bytes, for each of both outputs.
  /// - Throws: ETIMEDOUT when it has not ended in time (it is killed), EFBIG beyond the limit.
  package static func run(
    _ settings: Settings, input text: [UInt8] = [], limit: Int = 16 << 20,
    within duration: Duration = .seconds(60)
  ) throws(SystemError) -> (status: ExitStatus, output: [UInt8], error: [UInt8]) {
    var settings = settings
    settings.input = .pipe
    settings.output = .pipe
    settings.error = .pipe
    let child = try ChildProcess(settings)
    guard let input = child.input, let output = child.output, let error = child.error else {
      preconditionFailure("three pipes were asked for")
    }
    let deadline = Deadline.after(duration)
    let feeder = try DedicatedThread(name: "input", stackSize: 128 << 10) {
      do throws(SystemError) {
        try input.write(text, within: deadline.remaining)
      } catch {
        // a program may end without reading all; its status tells what came of it
      }
      input.close()
    }
    let errors = Guarded<Result<[UInt8], SystemError>>(.success([]))
    let reader = try DedicatedThread(name: "error", stackSize: 128 << 10) {
      let result = Result { () throws(SystemError) in
        try error.readToEnd(limit: limit, within: deadline.remaining)
      }
      errors.withLock { $0 = result }
    }
    let text = try output.readToEnd(limit: limit, within: deadline.remaining)
    reader.join()
    feeder.join()
    guard let status = child.status.wait(until: deadline, { $0 }) else {
      throw SystemError(call: "wait", code: ETIMEDOUT, subject: settings.executable)
    }
    return (status, text, try errors.withLock { $0 }.get())
  }
}

private func reap(_ processID: Int32) -> ExitStatus {
  var raw: Int32 = 0
  while waitpid(processID, &raw, 0) < 0 {
    precondition(errno == EINTR, "a child is reaped once")
  }
  let signal = raw & 0x7f
  return signal == 0 ? .exited(raw >> 8 & 0xff) : .signalled(signal)
}
