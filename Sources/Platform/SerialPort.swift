import Glibc

/// How a serial line is driven.
package struct SerialSettings: Sendable, Hashable {
  package enum Parity: String, Sendable, CaseIterable { case none, even, odd }
  package enum Flow: String, Sendable, CaseIterable { case none, rtscts }

  /// The speeds a line can have, in bit/s.
  package static let speeds = [1200, 2400, 4800, 9600, 19200, 38400, 57600, 115_200]

  /// One of `speeds`.
  package var speed: Int
  /// 7 or 8.
  package var dataBits: Int
  package var parity: Parity
  /// 1 or 2.
  package var stopBits: Int
  package var flow: Flow

  package init(
    speed: Int = 9600, dataBits: Int = 8, parity: Parity = .none, stopBits: Int = 1,
    flow: Flow = .none
  ) {
    self.speed = speed
    self.dataBits = dataBits
    self.parity = parity
    self.stopBits = stopBits
    self.flow = flow
  }

  /// Whether every value is one of those allowed.
  package var isValid: Bool {
    Self.speeds.contains(speed) && (7...8).contains(dataBits) && (1...2).contains(stopBits)
  }
}

/// A terminal device opened raw and for us alone.
///
/// Reads end with `.end` when the device is gone: read 0, EIO, ENXIO or a hang-up.
package final class SerialPort: Sendable {
  package let path: String
  let descriptor: FileDescriptor

  private init(path: String, descriptor: FileDescriptor) {
    self.path = path
    self.descriptor = descriptor
  }

  /// Opens the device at `path`, sets the line and throws away what it had received.
  ///
  /// - Throws: `.busy` (EWOULDBLOCK) when another process has it; ENOTTY when it is no terminal;
  ///   EINVAL for settings that are not valid or that the driver does not take.
  package static func open(
    path: String, settings: SerialSettings = SerialSettings()
  ) throws(SystemError) -> SerialPort {
    guard settings.isValid else { throw SystemError(call: "settings", code: EINVAL, subject: path) }
    let number = Glibc.open(path, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC)
    guard number >= 0 else { throw .last("open", path) }
    let descriptor = FileDescriptor(owning: number, subject: path)
    guard isatty(number) == 1 else { throw .last("isatty", path) }
    guard flock(number, LOCK_EX | LOCK_NB) == 0 else { throw .last("flock", path) }
    try setLine(number, settings, path)
    try raiseModemLines(number, settings, path)
    guard tcflush(number, TCIOFLUSH) == 0 else { throw .last("tcflush", path) }
    return SerialPort(path: path, descriptor: descriptor)
  }

  private static func setLine(
    _ number: Int32, _ settings: SerialSettings, _ path: String
  ) throws(SystemError) {
    var line = termios()
    guard tcgetattr(number, &line) == 0 else { throw .last("tcgetattr", path) }
    cfmakeraw(&line)
    let cleared = tcflag_t(CSIZE) | tcflag_t(PARENB) | tcflag_t(PARODD) | tcflag_t(CSTOPB)
    line.c_cflag &= ~(cleared | tcflag_t(CRTSCTS))
    line.c_cflag |= tcflag_t(CREAD) | tcflag_t(CLOCAL)
    line.c_cflag |= tcflag_t(settings.dataBits == 7 ? CS7 : CS8)
    if settings.parity != .none { line.c_cflag |= tcflag_t(PARENB) }
    if settings.parity == .odd { line.c_cflag |= tcflag_t(PARODD) }
    if settings.stopBits == 2 { line.c_cflag |= tcflag_t(CSTOPB) }
    if settings.flow == .rtscts { line.c_cflag |= tcflag_t(CRTSCTS) }
    // with VMIN 1 a read of 0 bytes always means that the device is gone
    line.c_cc.6 = 1
    line.c_cc.5 = 0
    let speed = speedCodes[settings.speed]!
    cfsetispeed(&line, speed)
    cfsetospeed(&line, speed)
    guard tcsetattr(number, TCSANOW, &line) == 0 else { throw .last("tcsetattr", path) }
    var taken = termios()
    guard tcgetattr(number, &taken) == 0 else { throw .last("tcgetattr", path) }
    guard cfgetospeed(&taken) == speed else {
      throw SystemError(call: "tcsetattr", code: EINVAL, subject: path)
    }
  }

  /// Tells the device that we are there. A pty and some bridges have no such lines.
  private static func raiseModemLines(
    _ number: Int32, _ settings: SerialSettings, _ path: String
  ) throws(SystemError) {
    var lines: Int32 = settings.flow == .none ? TIOCM_DTR | TIOCM_RTS : TIOCM_DTR
    guard ioctl(number, UInt(TIOCMBIS), &lines) < 0 else { return }
    guard errno == ENOTTY || errno == EINVAL else { throw .last("ioctl TIOCMBIS", path) }
  }

  /// Reads what has come, at most `limit` bytes; see `FileDescriptor.read`.
  package func read(
    upTo limit: Int = 4096, within duration: Duration?, interruptedBy wakeup: Wakeup? = nil
  ) throws(SystemError) -> ReadOutcome {
    try descriptor.readFromTerminal(upTo: limit, within: duration, interruptedBy: wakeup)
  }

  /// Writes `bytes` until all are taken, the time is over or the wakeup is signalled.
  ///
  /// - Returns: how many the line took, which is not how many the device has received.
  package func write(
    _ bytes: [UInt8], within duration: Duration?, interruptedBy wakeup: Wakeup? = nil
  ) throws(SystemError) -> Int {
    try descriptor.write(bytes, within: duration, interruptedBy: wakeup)
  }

  /// Throws away what was received and not yet read.
  package func discardInput() throws(SystemError) {
    try descriptor.use("tcflush") { number throws(SystemError) in
      guard tcflush(number, TCIFLUSH) == 0 else { throw .last("tcflush", path) }
    }
  }

  /// Closes it and lets others open it.
  package func close() {
    // a child that is just being started may hold a copy until it becomes another program
    descriptor.unlock()
    descriptor.close()
  }
}

/// The numbers of termios for speeds in bit/s.
let speedCodes: [Int: speed_t] = [
  1200: speed_t(B1200), 2400: speed_t(B2400), 4800: speed_t(B4800), 9600: speed_t(B9600),
  19200: speed_t(B19200), 38400: speed_t(B38400), 57600: speed_t(B57600),
  115_200: speed_t(B115200),
]

extension FileDescriptor {
  /// A read for which a terminal whose other side is gone has ended, not failed.
  func readFromTerminal(
    upTo limit: Int, within duration: Duration?, interruptedBy wakeup: Wakeup?
  ) throws(SystemError) -> ReadOutcome {
    do throws(SystemError) {
      return try read(upTo: limit, within: duration, interruptedBy: wakeup)
    } catch  where error.call == "read" && error.kind == .gone {
      return .end
    }
  }
}
