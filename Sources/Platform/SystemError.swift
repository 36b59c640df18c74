import Glibc

/// A call to the operating system that failed.
package struct SystemError: Error, Equatable, Sendable, CustomStringConvertible {
  /// What callers tell apart; everything else is `.other`.
  package enum Kind: Sendable, Equatable {
    /// Somebody else holds it: EWOULDBLOCK of a lock, EBUSY, EADDRINUSE.
    case busy
    case notFound, noPermission, exists
    /// The other side is gone: EIO, ENXIO, ENODEV, EPIPE, ECONNRESET, ECONNREFUSED, and a host
    /// that is no longer reached.
    case gone
    case timedOut, noSpace, tooLarge, other
  }

  /// The name of the call: `open`.
  package let call: String
  /// The value of errno.
  package let code: Int32
  /// The path, address or number it was about; may be empty.
  package let subject: String

  package init(call: String, code: Int32, subject: String = "") {
    self.call = call
    self.code = code
    self.subject = subject
  }

  /// A call that did not end in time.
  package static func timedOut(_ call: String, _ subject: String = "") -> SystemError {
    SystemError(call: call, code: ETIMEDOUT, subject: subject)
  }

  /// The failure of `call` that errno tells about now.
  static func last(_ call: String, _ subject: String = "") -> SystemError {
    SystemError(call: call, code: errno, subject: subject)
  }

  package var kind: Kind {
    switch code {
    case EWOULDBLOCK, EBUSY, EADDRINUSE, ETXTBSY: .busy
    case ENOENT: .notFound
    case EACCES, EPERM, EROFS: .noPermission
    case EEXIST: .exists
    case EIO, ENXIO, ENODEV, EPIPE, ECONNRESET, ECONNREFUSED, EHOSTUNREACH, ENETUNREACH: .gone
    case ETIMEDOUT: .timedOut
    case ENOSPC, EDQUOT: .noSpace
    case EFBIG: .tooLarge
    default: .other
    }
  }

  /// `open /dev/ttyUSB0: No such file or directory (errno 2)`
  package var description: String {
    let about = subject.isEmpty ? call : "\(call) \(subject)"
    return "\(about): \(reason) (errno \(code))"
  }

  /// The system's sentence for the code.
  package var reason: String {
    var buffer = [CChar](repeating: 0, count: 256)
    guard strerror_r(code, &buffer, buffer.count) == 0 else { return "error \(code)" }
    return string(buffer)
  }
}

/// The text of a C buffer up to its first NUL.
func string(_ buffer: [CChar]) -> String {
  String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
}
