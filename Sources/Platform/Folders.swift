import Glibc

extension Files {
  /// Makes the folder at `path` and those above it that are missing, each with `mode`.
  ///
  /// - Throws: ENOTDIR or EEXIST when something else has the name.
  package static func makeFolders(_ path: String, mode: UInt32 = 0o755) throws(SystemError) {
    if mkdir(path, mode_t(mode)) == 0 { return }
    if errno == ENOENT, path.contains("/"), folder(of: path) != path {
      try makeFolders(folder(of: path), mode: mode)
      if mkdir(path, mode_t(mode)) == 0 { return }
    }
    guard errno == EEXIST else { throw .last("mkdir", path) }
    guard try kind(of: path) == .folder else {
      throw SystemError(call: "mkdir", code: EEXIST, subject: path)
    }
  }

  /// The names in the folder at `path`, sorted, without `.` and `..`.
  package static func names(in path: String) throws(SystemError) -> [String] {
    guard let stream = opendir(path) else { throw .last("opendir", path) }
    defer { closedir(stream) }
    var names: [String] = []
    while true {
      errno = 0
      guard let entry = Glibc.readdir(stream) else { break }
      let name = withUnsafeBytes(of: &entry.pointee.d_name) { buffer in
        String(decoding: buffer.prefix { $0 != 0 }, as: UTF8.self)
      }
      if name != ".", name != ".." { names.append(name) }
    }
    guard errno == 0 else { throw .last("readdir", path) }
    return names.sorted()
  }

  /// Removes the file, link or empty folder at `path`; nothing there is an error (ENOENT).
  package static func remove(_ path: String) throws(SystemError) {
    guard Glibc.remove(path) == 0 else { throw .last("remove", path) }
  }

  /// Removes what is at `path` with all that is inside; links are not followed. Nothing there is
  /// no error.
  package static func removeTree(_ path: String) throws(SystemError) {
    guard let status = try status(path, following: false) else { return }
    if kind(status.st_mode) == .folder {
      for name in try names(in: path) { try removeTree(path + "/" + name) }
    }
    guard Glibc.remove(path) == 0 || errno == ENOENT else { throw .last("remove", path) }
  }

  /// Copies the file at `path` to `newPath`, durably and in one step, with its permission bits.
  package static func copy(_ path: String, to newPath: String) throws(SystemError) {
    let mode = try mode(of: path)
    let temporary = beside(newPath)
    let source = try open(path)
    let target = try openForWriting(temporary, isNew: true, mode: mode)
    do throws(SystemError) {
      while case .bytes(let bytes) = try source.read(upTo: 1 << 20) { try target.write(bytes) }
      try target.synchronize()
      try rename(temporary, to: newPath)
    } catch {
      unlink(temporary)
      throw error
    }
    try synchronizeFolder(folder(of: newPath))
  }

  /// Makes a symbolic link in one step, in place of another symbolic link.
  package static func replaceLink(at path: String, target: String) throws(SystemError) {
    if let status = try status(path, following: false), kind(status.st_mode) != .link {
      throw SystemError(call: "symlink", code: EEXIST, subject: path)
    }
    let temporary = beside(path)
    guard symlink(target, temporary) == 0 else { throw .last("symlink", path) }
    do throws(SystemError) {
      try rename(temporary, to: path)
    } catch {
      unlink(temporary)
      throw error
    }
  }

  /// Removes the symbolic link at `path` if it is there and leads to `target`.
  static func removeLink(at path: String, target: String) {
    if readLink(path) == target { unlink(path) }
  }

  /// Where the symbolic link at `path` leads, nil when there is none.
  package static func readLink(_ path: String) -> String? {
    var buffer = [CChar](repeating: 0, count: Int(PATH_MAX) + 1)
    let count = readlink(path, &buffer, Int(PATH_MAX))
    return count < 0 ? nil : string(buffer)
  }
}

/// A folder of our own that goes with its last reference.
package final class TemporaryFolder: Sendable {
  package let path: String

  /// Where temporary folders are made: what TMPDIR says, or the system's own place.
  package static var root: String { Environment["TMPDIR"] ?? P_tmpdir }

  /// - Parameter prefix: what its name begins with; short, because a socket's path has 107 bytes.
  package init(prefix: String = "pc") throws(SystemError) {
    let root = TemporaryFolder.root
    var template = Array("\(root)/\(prefix).XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw .last("mkdtemp", root) }
    path = string(template)
  }

  deinit {
    // what cannot be removed stays: nobody is there to be told
    try? Files.removeTree(path)
  }

  /// The path of `name` inside.
  package func callAsFunction(_ name: String) -> String { path + "/" + name }
}

/// The variables the process was started with.
package enum Environment {
  package static subscript(name: String) -> String? {
    getenv(name).map { String(cString: $0) }
  }
}
