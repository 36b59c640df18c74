import HTTPMessages
import Platform

/// Why there is no answer.
package enum HTTPClientError: Error, Sendable, Equatable, CustomStringConvertible {
  /// Nobody listens; nothing was sent.
  case unreachable(SystemError)
  /// The connection broke, or the wait was given up, after something was sent: whether the request
  /// was carried out is not known.
  case interrupted
  /// No answer in time: whether the request was carried out is not known.
  case timedOut
  /// The answer is no HTTP.
  case malformed(HTTPFailure)

  package var description: String {
    switch self {
    case .unreachable(let error): "nobody answers: \(error)"
    case .interrupted: "the connection broke before the answer came"
    case .timedOut: "no answer came in time"
    case .malformed(let failure): "the answer is no HTTP: \(failure.sentence)"
    }
  }
}
