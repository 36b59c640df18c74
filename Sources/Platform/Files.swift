import Glibc

/// Files and folders by their paths.
package enum Files {
  package enum Kind: Sendable, Equatable { case file, folder, link, socket, other }

  /// What is at `path` (links are followed), or nil when nothing is.
  package static func kind(of path: String) throws(SystemError) -> Kind? {
    try status(path, following: true).map { kind($0.st_mode) }
  }

  /// Whether anything that can be reached is at `path`.
  package static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

  /// The size of the file at `path` in bytes.
  package static func size(of path: String) throws(SystemError) -> Int {
    guard let status = try status(path, following: true) else {
      throw SystemError(call: "stat", code: ENOENT, subject: path)
    }
    return Int(status.st_size)
  }

  /// The permission bits of what is at `path`.
  package static func mode(of path: String) throws(SystemError) -> UInt32 {
    guard let status = try status(path, following: true) else {
      throw SystemError(call: "stat", code: ENOENT, subject: path)
    }
    return UInt32(status.st_mode & 0o7777)
  }

  static func status(_ path: String, following: Bool) throws(SystemError) -> stat? {
    var status = stat()
    let result = following ? stat(path, &status) : lstat(path, &status)
    if result == 0 { return status }
    guard errno == ENOENT || errno == ENOTDIR else { throw .last("stat", path) }
    return nil
  }

  static func kind(_ mode: mode_t) -> Kind {
    switch mode & S_IFMT {
    case S_IFREG: .file
    case S_IFDIR: .folder
    case S_IFLNK: .link
    case S_IFSOCK: .socket
    default: .other
    }
  }

  /// Opens the file at `path` for reading.
  package static func open(_ path: String) throws(SystemError) -> FileDescriptor {
    let number = Glibc.open(path, O_RDONLY | O_CLOEXEC)
    guard number >= 0 else { throw .last("open", path) }
    return FileDescriptor(owning: number, subject: path)
  }

  /// Opens the file at `path` for writing: at its end, or, with `isNew`, a file that must not be
  /// there yet.
  package static func openForWriting(
    _ path: String, isNew: Bool = false, mode: UInt32 = 0o600
  ) throws(SystemError) -> FileDescriptor {
    let flags = O_WRONLY | O_CREAT | O_CLOEXEC | (isNew ? O_EXCL : O_APPEND)
    let number = Glibc.open(path, flags, mode_t(mode))
    guard number >= 0 else { throw .last("open", path) }
    return FileDescriptor(owning: number, subject: path)
  }

  /// The whole file at `path`.
  ///
  /// - Throws: EFBIG when it is longer than `limit` bytes, EISDIR for a folder.
  package static func read(_ path: String, limit: Int) throws(SystemError) -> [UInt8] {
    try open(path).readToEnd(limit: limit)
  }

  /// How many of `words` stand somewhere in the file at `path`, whatever it holds.
  package static func count(of words: [[UInt8]], in path: String) throws(SystemError) -> Int {
    let words = words.filter { !$0.isEmpty }
    let overlap = (words.map(\.count).max() ?? 1) - 1
    var found: Set<Int> = []
    var kept: [UInt8] = []
    let file = try open(path)
    while case .bytes(let bytes) = try file.read(upTo: 1 << 20) {
      kept += bytes
      for (index, word) in words.enumerated() where !found.contains(index) {
        if memmem(kept, kept.count, word, word.count) != nil { found.insert(index) }
      }
      kept.removeFirst(max(0, kept.count - overlap))
    }
    return found.count
  }

  /// The bytes that the gzip file at `path` unpacks to, by the system's gzip.
  ///
  /// - Throws: EFBIG when they are more than `limit`, EINVAL when gzip refuses the file.
  package static func readGzip(_ path: String, limit: Int) throws(SystemError) -> [UInt8] {
    _ = try open(path)
    let child = try ChildProcess(
      .init(
        executable: "gzip", arguments: ["-dc", "--", path], input: .null, output: .pipe,
        error: .null))
    guard let output = child.output else { preconditionFailure("a pipe was asked for") }
    let bytes = try output.readToEnd(limit: limit)
    guard child.wait() == .exited(0) else {
      throw SystemError(call: "gzip -dc", code: EINVAL, subject: path)
    }
    return bytes
  }

  /// Puts `bytes` at `path` in one step: after a crash the old content is there or the new one.
  ///
  /// The folder must be writable: the new content goes to a file beside it, is made durable and
  /// then takes the name.
  package static func writeAtomically(
    _ bytes: [UInt8], to path: String, mode: UInt32 = 0o644
  ) throws(SystemError) {
    let temporary = beside(path)
    let file = try openForWriting(temporary, isNew: true, mode: mode)
    do throws(SystemError) {
      try file.use("fchmod") { number throws(SystemError) in
        guard fchmod(number, mode_t(mode)) == 0 else { throw .last("fchmod", path) }
      }
      try file.write(bytes)
      try file.synchronize()
      try rename(temporary, to: path)
    } catch {
      unlink(temporary)
      throw error
    }
    try synchronizeFolder(folder(of: path))
  }

  /// Makes the names in the folder at `path` durable.
  package static func synchronizeFolder(_ path: String) throws(SystemError) {
    let number = Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard number >= 0 else { throw .last("open", path) }
    try FileDescriptor(owning: number, subject: path).synchronize()
  }

  /// Gives what is at `path` the name `newPath`, in place of what was there.
  package static func rename(_ path: String, to newPath: String) throws(SystemError) {
    guard Glibc.rename(path, newPath) == 0 else { throw .last("rename", newPath) }
  }

  /// A free name in the folder of `path`.
  static func beside(_ path: String) -> String {
    let letters = RandomBytes.system(3).map { byte in
      let digits = String(byte, radix: 16)
      return digits.count == 1 ? "0" + digits : digits
    }
    return "\(path).\(letters.joined())"
  }

  /// The folder part of `path`: `.` when it has none.
  package static func folder(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  /// The absolute path without links.
  package static func resolved(_ path: String) throws(SystemError) -> String {
    guard let name = realpath(path, nil) else { throw .last("realpath", path) }
    defer { free(name) }
    return String(cString: name)
  }

  /// The folder in which the process stands.
  package static func currentFolder() throws(SystemError) -> String { try resolved(".") }
}
