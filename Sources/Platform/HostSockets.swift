import Glibc

/// Where a host's port is, as the system wants it.
private struct HostAddress: Sendable {
  var family: Int32
  var raw: [UInt8]
}

/// Connections to other hosts.
extension Sockets {
  /// Connects to a port of a host, trying its addresses in turn.
  ///
  /// - Returns: nil when the wakeup was signalled first.
  /// - Throws: ENOENT when the host's name is not known; ETIMEDOUT when nobody answered in time;
  ///   else why the last address could not be reached: ECONNREFUSED, EHOSTUNREACH.
  package static func connect(
    toHost host: String, port: UInt16, until deadline: Deadline,
    interruptedBy wakeup: Wakeup? = nil
  ) throws(SystemError) -> FileDescriptor? {
    let subject = host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    var failure = SystemError(call: "connect", code: ETIMEDOUT, subject: subject)
    for address in try addresses(of: host, port: port, subject, deadline) {
      guard !deadline.hasPassed else { break }
      do throws(SystemError) {
        return try connect(to: address, subject, deadline, wakeup)
      } catch {
        failure = error
      }
    }
    throw failure
  }

  private static func connect(
    to address: HostAddress, _ subject: String, _ deadline: Deadline, _ wakeup: Wakeup?
  ) throws(SystemError) -> FileDescriptor? {
    let kind = SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue
    let number = socket(address.family, Int32(kind), 0)
    guard number >= 0 else { throw .last("socket", subject) }
    let descriptor = FileDescriptor(owning: number, subject: subject, isSocket: true)
    try setNoDelay(descriptor)
    try keepAlive(descriptor)
    let started = address.raw.withUnsafeBytes { bytes in
      Glibc.connect(
        number, bytes.assumingMemoryBound(to: sockaddr.self).baseAddress, socklen_t(bytes.count))
    }
    if started == 0 { return descriptor }
    guard errno == EINPROGRESS || errno == EINTR else { throw .last("connect", subject) }
    switch try descriptor.wait(for: .writing, until: deadline, interruptedBy: wakeup) {
    case .interrupted: return nil
    case .timedOut: throw SystemError(call: "connect", code: ETIMEDOUT, subject: subject)
    case .ready: break
    }
    var code: Int32 = 0
    var length = socklen_t(MemoryLayout<Int32>.size)
    guard getsockopt(number, SOL_SOCKET, SO_ERROR, &code, &length) == 0 else {
      throw .last("getsockopt", subject)
    }
    guard code == 0 else { throw SystemError(call: "connect", code: code, subject: subject) }
    return descriptor
  }

  /// Makes a silent other side that has gone an error after half a minute.
  private static func keepAlive(_ descriptor: FileDescriptor) throws(SystemError) {
    try setOption(descriptor, SOL_SOCKET, SO_KEEPALIVE)
    for (name, value) in [(TCP_KEEPIDLE, 15), (TCP_KEEPINTVL, 5), (TCP_KEEPCNT, 3)] {
      try descriptor.use("setsockopt") { number throws(SystemError) in
        var value = Int32(value)
        let size = socklen_t(MemoryLayout<Int32>.size)
        guard setsockopt(number, Int32(IPPROTO_TCP), name, &value, size) == 0 else {
          throw .last("setsockopt", descriptor.subject)
        }
      }
    }
  }

  // MARK: Names

  /// The addresses of a host. A name is looked up on a thread of its own, which may outlive the
  /// deadline: the resolver cannot be interrupted.
  private static func addresses(
    of host: String, port: UInt16, _ subject: String, _ deadline: Deadline
  ) throws(SystemError) -> [HostAddress] {
    let numeric = resolve(host, port, flags: AI_NUMERICHOST)
    if case .success(let addresses) = numeric { return addresses }
    let found = Monitor<Result<[HostAddress], SystemError>?>(nil)
    _ = try DedicatedThread(name: "resolver", stackSize: 256 << 10) {
      let result = resolve(host, port, flags: 0)
      found.withLock { $0 = result }
    }
    guard let result = found.wait(until: deadline, { $0 }) else {
      throw SystemError(call: "getaddrinfo", code: ETIMEDOUT, subject: subject)
    }
    return try result.get()
  }

  private static func resolve(
    _ host: String, _ port: UInt16, flags: Int32
  ) -> Result<[HostAddress], SystemError> {
    var hints = addrinfo()
    hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    hints.ai_flags = flags | AI_NUMERICSERV
    var list: UnsafeMutablePointer<addrinfo>?
    let failure = getaddrinfo(host, String(port), &hints, &list)
    let code = errno
    defer { if list != nil { freeaddrinfo(list) } }
    guard failure == 0 else {
      // EAI_SYSTEM keeps its reason in errno; EAI_AGAIN: no name server answers
      let reason = failure == EAI_SYSTEM ? code : failure == EAI_AGAIN ? EHOSTUNREACH : ENOENT
      return .failure(SystemError(call: "getaddrinfo", code: reason, subject: host))
    }
    var addresses: [HostAddress] = []
    var next = list
    while let entry = next {
      next = entry.pointee.ai_next
      let bytes = UnsafeRawBufferPointer(
        start: entry.pointee.ai_addr, count: Int(entry.pointee.ai_addrlen))
      addresses.append(HostAddress(family: entry.pointee.ai_family, raw: Array(bytes)))
    }
    return .success(addresses)
  }
}
