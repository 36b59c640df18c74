import Glibc

/// Messages to systemd about the service's state (sd_notify).
package enum ServiceNotification {
  /// Sends one datagram such as `READY=1`.
  ///
  /// - Parameter socket: the value of NOTIFY_SOCKET: a path, or `@` and an abstract name.
  /// - Returns: false when there is no `socket`, because nobody wants to know.
  @discardableResult
  package static func send(
    _ state: String, to socket: String? = Environment["NOTIFY_SOCKET"]
  ) throws(SystemError) -> Bool {
    guard let socket, !socket.isEmpty else { return false }
    var raw = sockaddr_un()
    raw.sun_family = sa_family_t(AF_UNIX)
    var name = Array(socket.utf8)
    guard name.count < MemoryLayout.size(ofValue: raw.sun_path) else {
      throw SystemError(call: "sendto", code: ENAMETOOLONG, subject: socket)
    }
    if name[0] == UInt8(ascii: "@") { name[0] = 0 }
    withUnsafeMutableBytes(of: &raw.sun_path) { $0.copyBytes(from: name) }
    let kind = Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue)
    let number = Glibc.socket(AF_UNIX, kind, 0)
    guard number >= 0 else { throw .last("socket", socket) }
    defer { _ = Glibc.close(number) }
    let message = Array(state.utf8)
    // an abstract name ends with its length, not with a NUL
    let length = socklen_t(MemoryLayout<sa_family_t>.size + name.count)
    let sent = withUnsafePointer(to: &raw) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        sendto(number, message, message.count, Int32(MSG_NOSIGNAL), $0, length)
      }
    }
    guard sent == message.count else { throw .last("sendto", socket) }
    return true
  }
}
