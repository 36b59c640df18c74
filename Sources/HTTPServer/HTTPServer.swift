import EventLog
import HTTPMessages
import Platform

/// What the server grants its clients.
package struct HTTPServerLimits: Sendable {
  /// Conversations at once; one more is answered 503.
  package var conversations = 256
  /// From a request's first byte to the end of its head; then 408.
  package var headWithin = Duration.seconds(10)
  /// From the end of the head to the end of the body; then 408.
  package var bodyWithin = Duration.seconds(30)
  /// Between two requests; then the conversation is closed.
  package var idleWithin = Duration.seconds(60)
  /// For the client to take some part of an answer; then the conversation is closed.
  package var writeWithin = Duration.seconds(30)
  /// After the last answer, for the client to close its side.
  package var lingerWithin = Duration.seconds(1)
  package var messages = HTTPLimits.requests

  package init() {}
}

/// Who sent a request.
package enum HTTPPeer: Sendable, Equatable {
  /// A process of this machine, as the kernel knows it.
  case unix(userID: UInt32, processID: Int32, userName: String?)
  /// Anybody on this machine, or the site's reverse proxy.
  case loopback
}

/// Answers one request. It runs as a task of its own, and to its end even when the client has gone.
package typealias HTTPHandler = @Sendable (HTTPRequest, HTTPPeer) async -> HTTPResponse

/// An HTTP/1.1 server for this machine: many conversations on one thread, handlers outside it.
package final class HTTPServer: Sendable {
  private let table: ConversationTable

  /// Begins to serve what comes in at `listeners`, which it owns from now on.
  ///
  /// - Throws: when the machine has no room for the thread or its descriptor.
  package init(
    listeners: [Listener], limits: HTTPServerLimits = HTTPServerLimits(), log: Log,
    clocks: Clocks = .system, handler: @escaping HTTPHandler
  ) throws(SystemError) {
    let loop = try PollLoop(name: "http")
    let table = ConversationTable(
      loop: loop, listeners: listeners, limits: limits, log: log, clocks: clocks,
      handler: handler)
    self.table = table
    loop.perform { table.assumeIsolated { $0.start() } }
  }

  /// Takes no new request, lets those that run be answered, then closes everything; what is not
  /// answered after `duration` is dropped.
  package func stop(within duration: Duration = .seconds(10)) async {
    await table.stop(within: duration)
  }

  /// How many conversations there are now.
  package func conversationCount() async -> Int { await table.count }
}
