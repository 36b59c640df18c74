import DeviceProtocols
import Platform

/// A line to a device: bytes both ways, one user at a time.
///
/// All calls but `interrupt` come from one thread, the device's.
package protocol DeviceLink: AnyObject, Sendable {
  /// Where it leads, for messages: `serial:/dev/ttyUSB0`.
  var address: String { get }
  /// Writes all of `bytes`.
  func write(_ bytes: [UInt8], within limit: Duration) throws(LinkError)
  /// What has come, waiting for the first byte; nil: for ever.
  func read(within limit: Duration?) throws(LinkError) -> LinkRead
  /// Throws away what has come and not been read.
  func discardInput() throws(LinkError)
  /// A request on a USB device's control pipe.
  ///
  /// - Returns: its answer; nil when the device refused it (a stall).
  func control(_ request: ControlRequest, within limit: Duration) throws(LinkError) -> [UInt8]?
  /// Says that no more is written on this connection; a link that stays open does nothing.
  func endOfWriting() throws(LinkError)
  /// Begins a new connection; a link that stays open does nothing.
  func reconnect(within limit: Duration) throws(LinkError)
  /// Ends the read under way, or the next one; from any thread.
  func interrupt()
  func close()
}

extension DeviceLink {
  package func control(
    _ request: ControlRequest, within limit: Duration
  ) throws(LinkError) -> [UInt8]? {
    throw LinkError(.unusable, address: address, reason: "it has no control pipe")
  }

  package func endOfWriting() throws(LinkError) {}

  package func reconnect(within limit: Duration) throws(LinkError) {}
}

/// What a read came to.
package enum LinkRead: Hashable, Sendable {
  /// At least one byte.
  case bytes([UInt8])
  /// The other side ended this connection; only of links that can reconnect. Reads after it wait
  /// for their time, or an interruption.
  case endOfStream
  case timedOut
  case interrupted
}

/// Why a line cannot be opened or used.
package struct LinkError: Error, Hashable, Sendable, CustomStringConvertible {
  package enum Kind: String, Hashable, Sendable, CaseIterable {
    /// Nothing is at the address.
    case notFound
    case noPermission
    /// Somebody else has it.
    case busy
    /// The other side is gone: unplugged, switched off.
    case gone
    /// The line did not take the bytes in time.
    case timedOut
    /// The address leads to something that is no such line, or its settings are refused.
    case unusable
    /// A replayed conversation went another way than the recording.
    case strayed
  }

  package var kind: Kind
  package var address: String
  /// The system's words, or what differed.
  package var reason: String

  package init(_ kind: Kind, address: String, reason: String = "") {
    self.kind = kind
    self.address = address
    self.reason = reason
  }

  init(_ error: SystemError, address: String) {
    let kind: Kind =
      switch error.kind {
      case .notFound: .notFound
      case .noPermission: .noPermission
      case .busy: .busy
      case .gone: .gone
      case .timedOut: .timedOut
      case .exists, .noSpace, .tooLarge, .other: .unusable
      }
    self.init(kind, address: address, reason: error.reason)
  }

  /// A failure to open a device's node: who has it, or whose it is, is said.
  init(_ error: SystemError, address: String, node: String) {
    self.init(error, address: address)
    switch kind {
    case .busy: reason = NodeAccess.holders(of: node) ?? reason
    case .noPermission: reason = NodeAccess.advice(for: node)
    default: break
    }
  }

  package var description: String {
    "\(address): \(kind.rawValue)" + (reason.isEmpty ? "" : " (\(reason))")
  }
}
