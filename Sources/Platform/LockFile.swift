import Glibc

/// Why a lock file was not given to us.
package enum LockFailure: Error, Equatable, Sendable, CustomStringConvertible {
  /// Another process has it; its number, where it could be read.
  case held(pid: Int32?, path: String)
  case system(SystemError)

  package var description: String {
    switch self {
    case .held(let pid?, let path): "\(path) is held by process \(pid)"
    case .held(nil, let path): "\(path) is held by another process"
    case .system(let error): error.description
    }
  }
}

/// A file that one process at a time holds; it holds that process's number.
///
/// The kernel's lock is the truth, not the file's being there, so a crash leaves nothing behind
/// that must be cleaned up; the file itself stays.
package final class LockFile: Sendable {
  package let path: String
  private let descriptor: FileDescriptor

  private init(path: String, descriptor: FileDescriptor) {
    self.path = path
    self.descriptor = descriptor
  }

  /// Takes the lock at once or fails.
  package static func acquire(_ path: String) throws(LockFailure) -> LockFile {
    let number = Glibc.open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard number >= 0 else { throw .system(.last("open", path)) }
    let descriptor = FileDescriptor(owning: number, subject: path)
    guard flock(number, LOCK_EX | LOCK_NB) == 0 else {
      guard errno == EWOULDBLOCK else { throw .system(.last("flock", path)) }
      throw .held(pid: holder(number), path: path)
    }
    do throws(SystemError) {
      guard ftruncate(number, 0) == 0 else { throw .last("ftruncate", path) }
      try descriptor.write(Array("\(getpid())\n".utf8))
    } catch {
      throw .system(error)
    }
    return LockFile(path: path, descriptor: descriptor)
  }

  private static func holder(_ number: Int32) -> Int32? {
    var buffer = [UInt8](repeating: 0, count: 16)
    let count = pread(number, &buffer, buffer.count, 0)
    guard count > 0 else { return nil }
    return Int32(String(decoding: buffer[..<count].prefix { $0 != 0x0a }, as: UTF8.self))
  }

  /// Gives the lock back; at once, also where a child that is just being started still has the
  /// descriptor too.
  package func release() {
    descriptor.unlock()
    descriptor.close()
  }
}
