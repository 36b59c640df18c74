import Testing

@testable import Platform

struct TerminalTests {
  @Test func `every byte goes both ways unchanged`() throws {
    let terminal = try PseudoTerminal.open()
    let port = try SerialPort.open(path: terminal.slavePath)
    let all = (0...255).map { UInt8($0) }
    #expect(try port.write(all, within: .seconds(2)) == 256)
    #expect(try terminal.read(within: .seconds(2)) == .bytes(all))
    #expect(try terminal.write(all, within: .seconds(2)) == 256)
    #expect(try port.read(upTo: 256, within: .seconds(2)) == .bytes(all))
    #expect(try port.read(within: .milliseconds(10)) == .timedOut)
  }

  @Test(arguments: SerialSettings.speeds)
  func `the other end sees the speed`(speed: Int) throws {
    let terminal = try PseudoTerminal.open()
    let port = try SerialPort.open(
      path: terminal.slavePath, settings: SerialSettings(speed: speed, flow: .rtscts))
    #expect(try terminal.speed() == speed)
    port.close()
  }

  @Test(arguments: [
    SerialSettings(speed: 9601), SerialSettings(speed: 0), SerialSettings(dataBits: 6),
    SerialSettings(dataBits: 9), SerialSettings(stopBits: 0), SerialSettings(stopBits: 3),
  ])
  func `settings that no line has are refused`(settings: SerialSettings) throws {
    let terminal = try PseudoTerminal.open()
    #expect(
      failure { () throws(SystemError) in
        _ = try SerialPort.open(path: terminal.slavePath, settings: settings)
      }?.code == 22)
  }

  @Test func `a second opener is told that the device is busy`() throws {
    let terminal = try PseudoTerminal.open()
    let port = try SerialPort.open(path: terminal.slavePath)
    let second = failure { () throws(SystemError) in
      _ = try SerialPort.open(path: terminal.slavePath)
    }
    #expect(second?.kind == .busy)
    let other = ChildProcess.Settings(
      executable: "flock", arguments: ["-n", terminal.slavePath, "true"])
    #expect(try ChildProcess(other).wait() == .exited(1))
    port.close()
    #expect(try ChildProcess(other).wait() == .exited(0))
    _ = try SerialPort.open(path: terminal.slavePath)
  }

  @Test func `a device that was closed is free, whatever child still has a copy of it`() throws {
    let terminal = try PseudoTerminal.open()
    let port = try SerialPort.open(path: terminal.slavePath)
    var settings = ChildProcess.Settings(executable: "sleep", arguments: ["600"])
    settings.inherited = [(port.descriptor, 9)]
    let child = try ChildProcess(settings)
    port.close()
    try SerialPort.open(path: terminal.slavePath).close()
    child.kill()
    #expect(child.wait() == .signalled(9))
  }

  @Test func `what was received before the opening is thrown away`() throws {
    let terminal = try PseudoTerminal.open()
    #expect(try terminal.write([1, 2, 3], within: .seconds(30)) == 3)
    let port = try SerialPort.open(path: terminal.slavePath)
    #expect(try port.read(within: .milliseconds(20)) == .timedOut)
    #expect(try terminal.write([4], within: .seconds(30)) == 1)
    #expect(try port.read(within: .seconds(30)) == .bytes([4]))
    #expect(try terminal.write([5, 6], within: .seconds(30)) == 2)
    try port.discardInput()
    #expect(try port.read(within: .milliseconds(20)) == .timedOut)
  }

  @Test func `a pulled cable is the end for a reader that waits, and an error for a writer`()
    async throws
  {
    let terminal = try PseudoTerminal.open()
    let port = try SerialPort.open(path: terminal.slavePath)
    async let outcome = offPool { try port.read(within: .seconds(10)) }
    terminal.close()
    #expect(try await outcome == .end)
    #expect(try port.read(within: .seconds(30)) == .end)
    #expect(
      failure { () throws(SystemError) in
        _ = try port.write([1], within: .seconds(30))
      }?.kind == .gone)
    #expect(
      failure { () throws(SystemError) in
        _ = try SerialPort.open(path: terminal.slavePath)
      } != nil)
  }

  @Test func `a wakeup ends a port's read from another thread`() async throws {
    let terminal = try PseudoTerminal.open()
    let port = try SerialPort.open(path: terminal.slavePath)
    let wakeup = try Wakeup()
    async let outcome = offPool { try port.read(within: nil, interruptedBy: wakeup) }
    wakeup.signal()
    #expect(try await outcome == .interrupted)
    #expect(try terminal.write([7], within: .seconds(30)) == 1)
    #expect(try port.read(within: .seconds(30)) == .bytes([7]))
  }

  @Test func `a line that nobody reads takes only so much`() throws {
    let terminal = try PseudoTerminal.open()
    let port = try SerialPort.open(path: terminal.slavePath)
    let bytes = [UInt8](repeating: 0x55, count: 1 << 18)
    let written = try port.write(bytes, within: .milliseconds(30))
    #expect(written > 0 && written < bytes.count)
  }

  @Test func `between two openings the master waits, or reads the end, as it was asked for`() throws
  {
    let patient = try PseudoTerminal.open(keepingSlaveOpen: true)
    try SerialPort.open(path: patient.slavePath).close()
    #expect(try patient.read(within: .milliseconds(10)) == .timedOut)
    let plain = try PseudoTerminal.open(keepingSlaveOpen: false)
    try SerialPort.open(path: plain.slavePath).close()
    #expect(try plain.read(within: .milliseconds(10)) == .end)
  }

  @Test func `what is no terminal is refused`() throws {
    let folder = try TemporaryFolder()
    try Files.writeAtomically([], to: folder("file"))
    #expect(
      failure { () throws(SystemError) in
        _ = try SerialPort.open(path: folder("file"))
      }?.code == 25)
    #expect(
      failure { () throws(SystemError) in
        _ = try SerialPort.open(path: folder("none"))
      }?.kind == .notFound)
  }

  @Test func `the link leads to the device, replaces a stale one and goes with the terminal`()
    throws
  {
    let folder = try TemporaryFolder()
    try Files.replaceLink(at: folder("tty"), target: "/dev/pts/stale")
    let terminal = try PseudoTerminal.open(link: folder("tty"))
    #expect(Files.readLink(folder("tty")) == terminal.slavePath)
    let port = try SerialPort.open(path: folder("tty"))
    #expect(try port.write([1], within: .seconds(30)) == 1)
    terminal.close()
    #expect(Files.readLink(folder("tty")) == nil)
    #expect(try Files.names(in: folder.path) == [])
  }

  @Test func `a file in the link's place is refused, and another's link is left alone`() throws {
    let folder = try TemporaryFolder()
    try Files.writeAtomically([1], to: folder("file"))
    #expect(
      failure { () throws(SystemError) in
        _ = try PseudoTerminal.open(link: folder("file"))
      }?.kind == .exists)
    #expect(try Files.read(folder("file"), limit: 9) == [1])
    let first = try PseudoTerminal.open(link: folder("tty"))
    let second = try PseudoTerminal.open(link: folder("tty"))
    first.close()
    #expect(Files.readLink(folder("tty")) == second.slavePath)
  }
}
