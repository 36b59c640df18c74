import Glibc

/// The terminal that a person sits at, whatever the standard streams are.
package enum Terminal {
  /// Asks for a secret: what is typed is not shown.
  ///
  /// - Returns: the line without its end; nil when the process has no terminal or it was closed.
  package static func secret(_ prompt: String) throws(SystemError) -> String? {
    let number = Glibc.open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC)
    guard number >= 0 else { return nil }
    let terminal = FileDescriptor(owning: number, subject: "/dev/tty")
    var shown = termios()
    guard tcgetattr(number, &shown) == 0 else { return nil }
    var hidden = shown
    hidden.c_lflag &= ~tcflag_t(ECHO)
    hidden.c_lflag |= tcflag_t(ICANON)
    guard tcsetattr(number, TCSAFLUSH, &hidden) == 0 else { return nil }
    defer { tcsetattr(number, TCSAFLUSH, &shown) }
    try terminal.write(Array(prompt.utf8))
    var line: [UInt8] = []
    while line.count < 256, case .bytes(let bytes) = try terminal.read(upTo: 1) {
      guard bytes != [0x0a] else {
        try terminal.write([0x0a])
        return String(decoding: line, as: UTF8.self)
      }
      line += bytes
    }
    return nil
  }
}
