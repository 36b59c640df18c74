import Glibc

/// A socket that listens.
package final class Listener: Sendable {
  /// Where it listens, with the port that the system chose.
  package let address: SocketAddress
  package let descriptor: FileDescriptor
  /// The unix socket's file, to remove no other than our own.
  private let inode: UInt64?

  private init(address: SocketAddress, descriptor: FileDescriptor, inode: UInt64?) {
    self.address = address
    self.descriptor = descriptor
    self.inode = inode
  }

  deinit { close() }

  /// Listens at `address`.
  ///
  /// A unix socket appears at its path in one step with `mode`. A socket file on which nobody
  /// answers is replaced; two that start at the same instant must be kept apart by a `LockFile`.
  ///
  /// - Throws: `.busy` (EADDRINUSE) when somebody answers there, EEXIST when the path is no socket.
  package static func listen(
    on address: SocketAddress, mode: UInt32 = 0o600, backlog: Int32 = 256
  ) throws(SystemError) -> Listener {
    switch address {
    case .unix(let path): try listen(path: path, mode: mode, backlog: backlog)
    case .loopback: try listenOnLoopback(address, backlog: backlog)
    }
  }

  private static func listen(
    path: String, mode: UInt32, backlog: Int32
  ) throws(SystemError) -> Listener {
    try refuseIfAnswered(path)
    let temporary = Files.beside(path)
    let address = SocketAddress.unix(path: temporary)
    let descriptor = try Sockets.open(address)
    try bind(descriptor, address)
    do throws(SystemError) {
      guard chmod(temporary, mode_t(mode)) == 0 else { throw .last("chmod", path) }
      try listen(descriptor, backlog)
      guard let status = try Files.status(temporary, following: false) else {
        throw SystemError(call: "stat", code: ENOENT, subject: path)
      }
      try Files.rename(temporary, to: path)
      return Listener(
        address: .unix(path: path), descriptor: descriptor, inode: UInt64(status.st_ino))
    } catch {
      unlink(temporary)
      throw error
    }
  }

  private static func refuseIfAnswered(_ path: String) throws(SystemError) {
    guard let status = try Files.status(path, following: false) else { return }
    guard Files.kind(status.st_mode) == .socket else {
      throw SystemError(call: "bind", code: EEXIST, subject: path)
    }
    do throws(SystemError) {
      _ = try Sockets.connect(to: .unix(path: path), within: .seconds(1))
    } catch  where error.code == ECONNREFUSED || error.code == ENOENT {
      return
    } catch  where error.code == ETIMEDOUT {
      // a full queue: somebody is there, only slow
    }
    throw SystemError(call: "bind", code: EADDRINUSE, subject: path)
  }

  private static func listenOnLoopback(
    _ address: SocketAddress, backlog: Int32
  ) throws(SystemError) -> Listener {
    let descriptor = try Sockets.open(address)
    try Sockets.setOption(descriptor, SOL_SOCKET, SO_REUSEADDR)
    try bind(descriptor, address)
    try listen(descriptor, backlog)
    let port = try descriptor.use("getsockname") { number throws(SystemError) in
      var raw = sockaddr_in()
      var length = socklen_t(MemoryLayout<sockaddr_in>.size)
      let result = withUnsafeMutablePointer(to: &raw) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          getsockname(number, $0, &length)
        }
      }
      guard result == 0 else { throw .last("getsockname", address.description) }
      return UInt16(bigEndian: raw.sin_port)
    }
    return Listener(address: .loopback(port: port), descriptor: descriptor, inode: nil)
  }

  private static func bind(
    _ descriptor: FileDescriptor, _ address: SocketAddress
  ) throws(SystemError) {
    try descriptor.use("bind") { number throws(SystemError) in
      let result = try address.withRaw("bind") { Glibc.bind(number, $0, $1) }
      guard result == 0 else { throw .last("bind", address.description) }
    }
  }

  private static func listen(
    _ descriptor: FileDescriptor, _ backlog: Int32
  ) throws(SystemError) {
    try descriptor.use("listen") { number throws(SystemError) in
      guard Glibc.listen(number, backlog) == 0 else { throw .last("listen", descriptor.subject) }
    }
  }

  /// The next connection that waits, nil when none does.
  ///
  /// - Throws: EMFILE or ENFILE when there is no room for another descriptor.
  package func accept() throws(SystemError) -> FileDescriptor? {
    let accepted = try descriptor.use("accept") { number throws(SystemError) -> Int32 in
      while true {
        let flags = Int32(SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
        let accepted = accept4(number, nil, nil, flags)
        if accepted >= 0 { return accepted }
        switch errno {
        case EINTR, ECONNABORTED: continue
        case EAGAIN: return -1
        default: throw .last("accept", address.description)
        }
      }
    }
    guard accepted >= 0 else { return nil }
    let connection = FileDescriptor(
      owning: accepted, subject: address.description, isSocket: true)
    if case .loopback = address { try Sockets.setNoDelay(connection) }
    return connection
  }

  /// Stops listening and removes the unix socket's file, if it is still ours.
  package func close() {
    if case .unix(let path) = address, !descriptor.isClosed {
      var status = stat()
      if lstat(path, &status) == 0, UInt64(status.st_ino) == inode { unlink(path) }
    }
    descriptor.close()
  }
}
