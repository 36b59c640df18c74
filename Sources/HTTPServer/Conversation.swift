import HTTPMessages
import Platform

/// One client's connection: what came in, what must go out, and where it stands.
struct Conversation {
  enum Phase: Equatable {
    /// Waits for a request, or for its rest.
    case reading
    /// A handler works on a request of this method.
    case handling(HTTPMethod)
    case writing(thenClosing: Bool)
    /// Everything is said; drops what still comes until the client closes, at most so many bytes.
    /// Closed at once, an unread rest would make the kernel throw away the answer.
    case lingering(bytesLeft: Int)
  }

  /// What the conversation is waited for, and so which deadline runs.
  enum Awaited: Equatable { case request, head, body, write, end }

  /// How much of a refused body is taken before the connection is cut, in bytes.
  static let lingering = 4 << 20

  let descriptor: FileDescriptor
  let peer: HTTPPeer
  let watch: PollLoop.ID
  var reader: RequestReader
  var phase = Phase.reading
  private(set) var output: [UInt8] = []
  private(set) var written = 0
  var timer: PollLoop.ID?
  var awaited: Awaited?

  init(descriptor: FileDescriptor, peer: HTTPPeer, watch: PollLoop.ID, limits: HTTPLimits) {
    self.descriptor = descriptor
    self.peer = peer
    self.watch = watch
    reader = RequestReader(limits: limits)
  }

  var hasOutput: Bool { written < output.count }

  /// What the loop watches the descriptor for now.
  var interest: PollLoop.Interest {
    var interest: PollLoop.Interest = hasOutput ? .writing : []
    switch phase {
    case .reading, .lingering: interest.insert(.reading)
    case .handling, .writing: break
    }
    return interest
  }

  /// What must come next; nil while a handler works.
  var nextAwaited: Awaited? {
    if hasOutput { return .write }
    switch phase {
    case .handling: return nil
    case .writing: return .write
    case .lingering: return .end
    case .reading:
      switch reader.stage {
      case .idle: return .request
      case .head: return .head
      case .body: return .body
      }
    }
  }

  mutating func send(_ bytes: [UInt8]) {
    if hasOutput { output += bytes } else { (output, written) = (bytes, 0) }
  }

  /// Writes what there is room for; whether any was written.
  mutating func flush() throws(SystemError) -> Bool {
    let before = written
    while hasOutput {
      let count = try descriptor.writeNow(output[written...])
      guard count > 0 else { break }
      written += count
    }
    if !hasOutput, !output.isEmpty { (output, written) = ([], 0) }
    return written != before
  }
}
