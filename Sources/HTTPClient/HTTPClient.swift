import HTTPMessages
import Platform

/// A client for tasks: the caller's thread is never blocked, because the waiting is done on a
/// thread of the client's own. One connection and one request at a time; many clients may be used
/// side by side.
package actor HTTPClient {
  private let executor: ThreadExecutor
  private let wakeup: Wakeup
  private let connection: HTTPConnection

  /// Nothing is connected yet.
  ///
  /// - Throws: when the machine has no room for the thread or its descriptor.
  package init(
    endpoint: SocketAddress, limits: HTTPLimits = .responses
  ) throws(SystemError) {
    executor = try ThreadExecutor(name: "http client", stackSize: 512 << 10)
    wakeup = try Wakeup()
    connection = HTTPConnection(endpoint: endpoint, limits: limits, wakeup: wakeup)
  }

  nonisolated package var unownedExecutor: UnownedSerialExecutor {
    executor.asUnownedSerialExecutor()
  }

  /// Sends `request` and waits for the answer, at most `deadline`. It sends nothing twice.
  ///
  /// - Throws: `.interrupted` also when the task is cancelled.
  package func send(
    _ request: HTTPRequest, deadline: Duration = .seconds(30)
  ) async throws(HTTPClientError) -> HTTPResponse {
    wakeup.consume()
    let result = await withTaskCancellationHandler {
      Result { () throws(HTTPClientError) in
        try connection.send(request, within: deadline)
      }
    } onCancel: {
      wakeup.signal()
    }
    return try result.get()
  }

  /// Closes the connection; the next request makes another.
  package func close() {
    connection.close()
  }
}
