import Glibc

/// The three streams that a process is started with.
package enum StandardStream: Int32, Sendable {
  case input = 0
  case output = 1
  case error = 2

  /// Whether a person sits there.
  package var isTerminal: Bool { isatty(rawValue) == 1 }

  /// How many characters fit into a line of the terminal, nil when it is none.
  package var columns: Int? {
    var size = winsize()
    guard ioctl(rawValue, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
    return Int(size.ws_col)
  }

  /// Whether the stream goes to systemd's journal: JOURNAL_STREAM names its device and inode.
  package var isJournal: Bool {
    var status = stat()
    guard let names = Environment["JOURNAL_STREAM"], fstat(rawValue, &status) == 0 else {
      return false
    }
    return names == "\(status.st_dev):\(status.st_ino)"
  }

  /// Writes a line; a stream that nobody reads any more is no reason to fail.
  package func print(_ line: String) {
    do { try write(Array((line + "\n").utf8)) } catch { return }
  }

  /// Writes all of `bytes`, as long as it takes.
  package func write(_ bytes: [UInt8]) throws(SystemError) {
    var written = 0
    while written < bytes.count {
      let count = bytes[written...].withUnsafeBytes { buffer in
        Glibc.write(rawValue, buffer.baseAddress, buffer.count)
      }
      if count >= 0 {
        written += count
      } else if errno == EAGAIN {
        var entry = pollfd(fd: rawValue, events: Int16(POLLOUT), revents: 0)
        _ = try pollUntil(.never, &entry, count: 1)
      } else if errno != EINTR {
        throw .last("write", "standard stream \(rawValue)")
      }
    }
  }

  /// A descriptor of our own for the stream; closing it leaves the stream open.
  package func duplicate() throws(SystemError) -> FileDescriptor {
    let copy = fcntl(rawValue, F_DUPFD_CLOEXEC, 3)
    guard copy >= 0 else { throw .last("fcntl", "standard stream \(rawValue)") }
    return FileDescriptor(owning: copy, subject: "standard stream \(rawValue)")
  }
}

/// The process that this code runs in.
package enum CurrentProcess {
  package static var id: Int32 { getpid() }

  /// The absolute path of the program.
  package static func executable() throws(SystemError) -> String {
    guard let path = Files.readLink("/proc/self/exe") else {
      throw .last("readlink", "/proc/self/exe")
    }
    return path
  }

  /// Ends the process at once.
  package static func exit(_ code: Int32) -> Never { Glibc.exit(code) }

  /// Takes permissions away from every file that is made from now on: 0o077 leaves the owner's.
  package static func setFileMask(_ mask: UInt32) { _ = umask(mode_t(mask)) }
}
