import Glibc

/// A pseudo-terminal: a terminal device whose other end, the master, is held here.
package final class PseudoTerminal: Sendable {
  /// The device that the other side opens: `/dev/pts/7`.
  package let slavePath: String
  /// The symbolic link to the device that was asked for.
  package let link: String?
  private let master: FileDescriptor
  private let slave: FileDescriptor?

  private init(slavePath: String, link: String?, master: FileDescriptor, slave: FileDescriptor?) {
    self.slavePath = slavePath
    self.link = link
    self.master = master
    self.slave = slave
  }

  deinit { close() }

  /// Makes a pseudo-terminal with a raw line.
  ///
  /// - Parameters:
  ///   - link: a symbolic link to the device, made in one step and removed by `close`. It replaces
  ///     another symbolic link; anything else at that path is refused with EEXIST.
  ///   - keepingSlaveOpen: holds the slave open, so that the master does not read the end while
  ///     nobody has the device open.
  package static func open(
    link: String? = nil, keepingSlaveOpen: Bool = true
  ) throws(SystemError) -> PseudoTerminal {
    var masterNumber: Int32 = -1
    var slaveNumber: Int32 = -1
    guard openpty(&masterNumber, &slaveNumber, nil, nil, nil) == 0 else { throw .last("openpty") }
    let master = FileDescriptor(owning: masterNumber, subject: "pty")
    let slave = FileDescriptor(owning: slaveNumber, subject: "pty")
    _ = fcntl(masterNumber, F_SETFD, FD_CLOEXEC)
    _ = fcntl(slaveNumber, F_SETFD, FD_CLOEXEC)
    var name = [CChar](repeating: 0, count: 128)
    guard ttyname_r(slaveNumber, &name, name.count) == 0 else { throw .last("ttyname_r") }
    var line = termios()
    guard tcgetattr(slaveNumber, &line) == 0 else { throw .last("tcgetattr") }
    cfmakeraw(&line)
    guard tcsetattr(slaveNumber, TCSANOW, &line) == 0 else { throw .last("tcsetattr") }
    try master.setNonBlocking()
    let path = string(name)
    if let link { try Files.replaceLink(at: link, target: path) }
    return PseudoTerminal(
      slavePath: path, link: link, master: master, slave: keepingSlaveOpen ? slave : nil)
  }

  /// Reads what the other side wrote; `.end` when it has closed the device.
  package func read(
    upTo limit: Int = 4096, within duration: Duration?, interruptedBy wakeup: Wakeup? = nil
  ) throws(SystemError) -> ReadOutcome {
    try master.readFromTerminal(upTo: limit, within: duration, interruptedBy: wakeup)
  }

  /// Writes `bytes` until all are taken, the time is over or the wakeup is signalled.
  ///
  /// - Returns: how many were taken.
  package func write(
    _ bytes: [UInt8], within duration: Duration?, interruptedBy wakeup: Wakeup? = nil
  ) throws(SystemError) -> Int {
    try master.write(bytes, within: duration, interruptedBy: wakeup)
  }

  /// The speed in bit/s that the other side has set, nil when it is none of a serial line's.
  package func speed() throws(SystemError) -> Int? {
    try master.use("tcgetattr") { number throws(SystemError) in
      var line = termios()
      guard tcgetattr(number, &line) == 0 else { throw .last("tcgetattr", slavePath) }
      let code = cfgetospeed(&line)
      return speedCodes.first { $0.value == code }?.key
    }
  }

  /// Pulls the cable: the other side reads the end and cannot write. The link goes too, unless
  /// somebody else has put another one in its place.
  package func close() {
    if let link, !master.isClosed { Files.removeLink(at: link, target: slavePath) }
    slave?.close()
    master.close()
  }
}
