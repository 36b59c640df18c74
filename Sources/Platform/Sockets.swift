import Glibc

/// Where a socket listens: on this machine only.
package enum SocketAddress: Sendable, Hashable, CustomStringConvertible {
  /// At most 107 bytes.
  case unix(path: String)
  /// 127.0.0.1; port 0 lets the system choose one.
  case loopback(port: UInt16)

  package var description: String {
    switch self {
    case .unix(let path): path
    case .loopback(let port): "127.0.0.1:\(port)"
    }
  }

  fileprivate var family: Int32 {
    switch self {
    case .unix: AF_UNIX
    case .loopback: AF_INET
    }
  }

  /// Runs `body` with the address as the system wants it.
  func withRaw<Result>(
    _ call: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result
  ) throws(SystemError) -> Result {
    switch self {
    case .unix(let path):
      var raw = sockaddr_un()
      raw.sun_family = sa_family_t(AF_UNIX)
      let bytes = Array(path.utf8)
      guard !bytes.isEmpty, bytes.count < MemoryLayout.size(ofValue: raw.sun_path) else {
        throw SystemError(call: call, code: ENAMETOOLONG, subject: path)
      }
      withUnsafeMutableBytes(of: &raw.sun_path) { $0.copyBytes(from: bytes) }
      return withRawPointer(&raw, body)
    case .loopback(let port):
      var raw = sockaddr_in()
      raw.sin_family = sa_family_t(AF_INET)
      raw.sin_port = port.bigEndian
      raw.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
      return withRawPointer(&raw, body)
    }
  }
}

private func withRawPointer<Raw, Result>(
  _ raw: inout Raw, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result
) -> Result {
  withUnsafePointer(to: &raw) { pointer in
    pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
      body($0, socklen_t(MemoryLayout<Raw>.size))
    }
  }
}

/// Who is at the other end of a unix socket, as the kernel knows it.
package struct PeerCredentials: Sendable, Equatable {
  package let processID: Int32
  package let userID: UInt32

  /// The user's name, nil when the system knows none.
  package func userName() -> String? { Users.name(of: userID) }
}

package enum Users {
  /// The name of user number `id`, nil when the system knows none.
  package static func name(of id: UInt32) -> String? {
    var record = passwd()
    var found: UnsafeMutablePointer<passwd>?
    var buffer = [CChar](repeating: 0, count: 16_384)
    let result = getpwuid_r(id, &record, &buffer, buffer.count, &found)
    guard result == 0, found != nil, let name = record.pw_name else { return nil }
    return String(cString: name)
  }

  /// The number of the user the process runs as.
  package static var current: UInt32 { geteuid() }
}

package enum Sockets {
  /// Connects to `address`.
  ///
  /// - Throws: ENOENT or ECONNREFUSED when nobody listens, ETIMEDOUT.
  package static func connect(
    to address: SocketAddress, within duration: Duration? = nil
  ) throws(SystemError) -> FileDescriptor {
    let deadline = Deadline.after(duration)
    let descriptor = try open(address, isBlocking: true)
    while true {
      // a blocking connect, because poll cannot tell when the queue of a unix listener has room
      try setSendTimeout(descriptor, deadline.remaining)
      let failure = try descriptor.use("connect") { number throws(SystemError) in
        try address.withRaw("connect") { Glibc.connect(number, $0, $1) == 0 ? 0 : errno }
      }
      switch failure {
      case 0, EISCONN:
        try descriptor.setNonBlocking()
        return descriptor
      case EINTR, EALREADY: continue
      case EAGAIN, EINPROGRESS:
        throw SystemError(call: "connect", code: ETIMEDOUT, subject: address.description)
      default:
        throw SystemError(call: "connect", code: failure, subject: address.description)
      }
    }
  }

  /// How long a blocking connect may take; nil: for ever.
  private static func setSendTimeout(
    _ descriptor: FileDescriptor, _ duration: Duration?
  ) throws(SystemError) {
    guard let duration else { return }
    try descriptor.use("setsockopt") { number throws(SystemError) in
      let microseconds = max(Int(duration.wholeNanoseconds / 1000), 1)
      var time = timeval(
        tv_sec: microseconds / 1_000_000, tv_usec: microseconds % 1_000_000)
      let size = socklen_t(MemoryLayout<timeval>.size)
      guard setsockopt(number, SOL_SOCKET, SO_SNDTIMEO, &time, size) == 0 else {
        throw .last("setsockopt", descriptor.subject)
      }
    }
  }

  static func open(
    _ address: SocketAddress, isBlocking: Bool = false
  ) throws(SystemError) -> FileDescriptor {
    let waiting: UInt32 = isBlocking ? 0 : SOCK_NONBLOCK.rawValue
    let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | waiting)
    let number = socket(address.family, kind, 0)
    guard number >= 0 else { throw .last("socket", address.description) }
    let descriptor = FileDescriptor(
      owning: number, subject: address.description, isSocket: true)
    if case .loopback = address { try setNoDelay(descriptor) }
    return descriptor
  }

  static func setNoDelay(_ descriptor: FileDescriptor) throws(SystemError) {
    try setOption(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY)
  }

  static func setOption(
    _ descriptor: FileDescriptor, _ level: Int32, _ name: Int32
  ) throws(SystemError) {
    try descriptor.use("setsockopt") { number throws(SystemError) in
      var on: Int32 = 1
      guard setsockopt(number, level, name, &on, socklen_t(MemoryLayout<Int32>.size)) == 0 else {
        throw .last("setsockopt", descriptor.subject)
      }
    }
  }

  /// Tells the other side that nothing more will be sent; what it sends can still be read.
  package static func endWriting(_ descriptor: FileDescriptor) throws(SystemError) {
    try descriptor.use("shutdown") { number throws(SystemError) in
      guard shutdown(number, Int32(SHUT_WR)) == 0 || errno == ENOTCONN else {
        throw .last("shutdown", descriptor.subject)
      }
    }
  }

  /// Who is at the other end of the unix socket `descriptor`.
  package static func peer(of descriptor: FileDescriptor) throws(SystemError) -> PeerCredentials {
    try descriptor.use("getsockopt") { number throws(SystemError) in
      // struct ucred: pid, uid, gid
      var raw: (Int32, UInt32, UInt32) = (0, 0, 0)
      var length = socklen_t(MemoryLayout.size(ofValue: raw))
      guard getsockopt(number, SOL_SOCKET, SO_PEERCRED, &raw, &length) == 0 else {
        throw .last("getsockopt", descriptor.subject)
      }
      return PeerCredentials(processID: raw.0, userID: raw.1)
    }
  }
}
