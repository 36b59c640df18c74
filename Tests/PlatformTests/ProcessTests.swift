import Platform
import Testing

private func shell(_ script: String) -> ChildProcess.Settings {
  ChildProcess.Settings(executable: "sh", arguments: ["-c", script])
}

private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

struct ProcessTests {
  @Test func `a program gets arguments, variables, a folder and input, and gives output`() throws {
    let folder = try TemporaryFolder()
    var settings = shell("cat; echo $GREETING; pwd; echo oops >&2; exit 3")
    settings.environment = ["GREETING": "good day = fine"]
    settings.folder = folder.path
    let result = try ChildProcess.run(settings, input: Array("in\n".utf8))
    #expect(result.status == .exited(3))
    let place = try Files.resolved(folder.path)
    #expect(text(result.output) == "in\ngood day = fine\n\(place)\n")
    #expect(text(result.error) == "oops\n")
  }

  @Test func `more than a pipe holds goes in and out`() throws {
    let bytes = RandomBytes.seeded(5)(1 << 20)
    let result = try ChildProcess.run(.init(executable: "cat"), input: bytes)
    #expect(result.output == bytes)
  }

  @Test func `a program that is missing, talks too much or takes too long is an error`() throws {
    #expect(
      failure { () throws(SystemError) in
        _ = try ChildProcess(.init(executable: "no-such-program-here"))
      }?.kind == .notFound)
    #expect(
      failure { () throws(SystemError) in
        _ = try ChildProcess.run(shell("yes"), limit: 100_000)
      }?.kind == .tooLarge)
    #expect(
      failure { () throws(SystemError) in
        _ = try ChildProcess.run(shell("sleep 60"), within: .milliseconds(50))
      }?.kind == .timedOut)
  }

  @Test func `a program is waited for, told to end, and killed`() throws {
    let child = try ChildProcess(.init(executable: "sleep", arguments: ["60"]))
    #expect(child.isRunning)
    #expect(child.wait(within: .milliseconds(20)) == nil)
    child.send(.terminate)
    #expect(child.wait(within: .seconds(30)) == .signalled(15))
    #expect(!child.isRunning)
    child.kill()
    let stubborn = try ChildProcess(shell("trap '' TERM; echo; while :; do sleep 1; done"))
    stubborn.kill()
    #expect(stubborn.wait() == .signalled(9))
  }

  @Test func `a child that is forgotten is killed`() async throws {
    let processID: Int32
    do {
      let child = try ChildProcess(.init(executable: "sleep", arguments: ["60"]))
      processID = child.processID
      #expect(Files.exists("/proc/\(processID)"))
    }
    #expect(try await eventually { !Files.exists("/proc/\(processID)") })
  }

  @Test func `a child has the descriptors it was given, under their numbers, and no others`() throws
  {
    let open = try FileDescriptor.pipe()
    let first = try FileDescriptor.pipe()
    let second = try FileDescriptor.pipe()
    var settings = shell("echo three >&3; echo four >&4; ls /proc/self/fd")
    settings.inherited = [(second.writing, 4), (first.writing, 3)]
    settings.output = .pipe
    let child = try ChildProcess(settings)
    first.writing.close()
    second.writing.close()
    #expect(try text(first.reading.readToEnd(limit: 99, within: .seconds(30))) == "three\n")
    #expect(try text(second.reading.readToEnd(limit: 99, within: .seconds(30))) == "four\n")
    // ls itself has the folder open as 5
    let output = try #require(child.output)
    #expect(try text(output.readToEnd(limit: 99)) == "0\n1\n2\n3\n4\n5\n")
    #expect(child.wait() == .exited(0))
    open.writing.close()
  }

  @Test func `descriptors whose numbers cross reach the child as they were named`() throws {
    let pipes = try (0..<6).map { _ in try FileDescriptor.pipe() }
    var settings = shell("for n in 3 4 5 6 7 8; do eval \"echo $n >&$n\"; done")
    settings.inherited = pipes.indices.map { (pipes[$0].writing, Int32(8 - $0)) }
    let child = try ChildProcess(settings)
    #expect(child.wait() == .exited(0))
    for (index, pipe) in pipes.enumerated() {
      pipe.writing.close()
      #expect(try text(pipe.reading.readToEnd(limit: 99)) == "\(8 - index)\n")
    }
  }

  @Test func `output goes to the end of a file`() throws {
    let folder = try TemporaryFolder()
    for word in ["one", "two"] {
      var settings = shell("echo \(word); echo \(word)! >&2")
      settings.output = .file(folder("out"))
      settings.error = .file(folder("err"))
      #expect(try ChildProcess(settings).wait() == .exited(0))
    }
    #expect(try text(Files.read(folder("out"), limit: 99)) == "one\ntwo\n")
    #expect(try text(Files.read(folder("err"), limit: 99)) == "one!\ntwo!\n")
  }

  @Test func `a child begins with no signal blocked, whatever its parent has blocked`() async throws
  {
    let result = try await offPool {
      Signals.block([.terminate, .interrupt])
      return try ChildProcess.run(
        .init(executable: "grep", arguments: ["SigBlk", "/proc/self/status"]))
    }
    #expect(text(result.output).hasSuffix("0000000000000000\n"))
  }

  @Test func `waiting for a signal that does not come ends at its deadline`() async throws {
    let signal = try await offPool {
      Signals.block([.hangup])
      return Signals.wait(for: [.hangup], within: .milliseconds(20))
    }
    #expect(signal == nil)
  }

  @Test func `the memory of a process is known while it lives`() throws {
    let own = try ProcessMemory.read()
    #expect(own.currentKiB > 1000 && own.peakKiB >= own.currentKiB / 2)
    let child = try ChildProcess(.init(executable: "sleep", arguments: ["60"]))
    #expect(try ProcessMemory.read(pid: child.processID).currentKiB > 0)
    child.kill()
    _ = child.wait()
    #expect(
      failure { () throws(SystemError) in
        _ = try ProcessMemory.read(pid: child.processID)
      } != nil)
  }
}

struct LockFileTests {
  @Test func `two holders in one process: the second is told who has it`() throws {
    let folder = try TemporaryFolder()
    let first = try LockFile.acquire(folder("lock"))
    #expect(throws: LockFailure.held(pid: CurrentProcess.id, path: folder("lock"))) {
      try LockFile.acquire(folder("lock"))
    }
    first.release()
    _ = try LockFile.acquire(folder("lock"))
  }

  @Test func `another process is kept out while we hold it`() throws {
    let folder = try TemporaryFolder()
    let lock = try LockFile.acquire(folder("lock"))
    let other = ChildProcess.Settings(
      executable: "flock", arguments: ["-n", folder("lock"), "true"])
    #expect(try ChildProcess(other).wait() == .exited(1))
    lock.release()
    #expect(try ChildProcess(other).wait() == .exited(0))
  }

  @Test func `a holder that is killed leaves the lock free`() async throws {
    let folder = try TemporaryFolder()
    try Files.writeAtomically(Array("4711\n".utf8), to: folder("lock"))
    let path = folder("lock")
    let holder = try ChildProcess(
      .init(executable: "flock", arguments: ["-F", path, "sleep", "60"]))
    let isHeld = try await eventually {
      do {
        try LockFile.acquire(path).release()
        return false
      } catch LockFailure.held(let pid, _) {
        return pid == 4711 || pid == CurrentProcess.id
      }
    }
    #expect(isHeld)
    holder.kill()
    _ = holder.wait()
    let lock = try LockFile.acquire(path)
    #expect(try text(Files.read(path, limit: 99)) == "\(CurrentProcess.id)\n")
    lock.release()
  }

  @Test func `a lock in a folder that is not there is a plain error`() {
    #expect(throws: LockFailure.self) { try LockFile.acquire("/nowhere/at/all/lock") }
  }
}
