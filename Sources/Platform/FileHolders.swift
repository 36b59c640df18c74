import Glibc

/// A process, as others see it.
package struct ProcessName: Hashable, Sendable {
  package var id: Int32
  /// As top(1) shows it, at most 15 bytes.
  package var name: String
}

/// Who has a file, and whose it is.
package enum FileHolders {
  /// The processes that have a file or device node open, by their number; of other users only for
  /// the superuser. What cannot be looked at is left out.
  package static func processes(holding path: String) -> [ProcessName] {
    var wanted = stat()
    guard stat(path, &wanted) == 0 else { return [] }
    let numbers = names(in: "/proc").compactMap { Int32($0) }.sorted()
    return numbers.filter { holds($0, wanted) }.map { ProcessName(id: $0, name: name(of: $0)) }
  }

  /// A device is the same under every name it has; another file by its place on the disk.
  private static func holds(_ process: Int32, _ wanted: stat) -> Bool {
    let isDevice = wanted.st_mode & S_IFMT == S_IFCHR
    return names(in: "/proc/\(process)/fd").contains { number in
      var held = stat()
      guard stat("/proc/\(process)/fd/\(number)", &held) == 0 else { return false }
      if isDevice { return held.st_mode & S_IFMT == S_IFCHR && held.st_rdev == wanted.st_rdev }
      return held.st_dev == wanted.st_dev && held.st_ino == wanted.st_ino
    }
  }

  private static func name(of process: Int32) -> String {
    do throws(SystemError) {
      let text = try Files.read("/proc/\(process)/comm", limit: 256)
      return String(decoding: text.prefix { $0 != 0x0a }, as: UTF8.self)
    } catch {
      return "ended"
    }
  }

  /// What is in a folder; nothing when it cannot be looked at: the process has ended, or is not
  /// ours to look into.
  private static func names(in folder: String) -> [String] {
    do throws(SystemError) {
      return try Files.names(in: folder)
    } catch {
      return []
    }
  }

  /// Whose a file is, by name where the system knows one; nil when it is not there.
  package static func owner(of path: String) -> (user: String, group: String, mode: String)? {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    let mode = String(status.st_mode & 0o7777, radix: 8)
    return (
      Users.name(of: status.st_uid) ?? String(status.st_uid),
      Users.groupName(of: status.st_gid) ?? String(status.st_gid),
      String(repeating: "0", count: max(0, 4 - mode.count)) + mode
    )
  }
}

extension Users {
  /// The name of group number `id`, nil when the system knows none.
  package static func groupName(of id: UInt32) -> String? {
    var record = group()
    var found: UnsafeMutablePointer<group>?
    var buffer = [CChar](repeating: 0, count: 16_384)
    let result = getgrgid_r(id, &record, &buffer, buffer.count, &found)
    guard result == 0, found != nil, let name = record.gr_name else { return nil }
    return String(cString: name)
  }
}
