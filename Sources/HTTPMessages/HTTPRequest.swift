/// A method: any token, letters as they stand.
package struct HTTPMethod: Sendable, Hashable, CustomStringConvertible {
  package let name: String

  package init(_ name: String) {
    self.name = name
  }

  package static let get = HTTPMethod("GET")
  package static let head = HTTPMethod("HEAD")
  package static let post = HTTPMethod("POST")
  package static let put = HTTPMethod("PUT")
  package static let patch = HTTPMethod("PATCH")
  package static let delete = HTTPMethod("DELETE")
  package static let options = HTTPMethod("OPTIONS")

  package var description: String { name }

  /// Whether a request must tell how long its body is.
  var needsLength: Bool { self == .post || self == .put || self == .patch }
}

/// A whole request.
package struct HTTPRequest: Sendable, Equatable {
  package var method: HTTPMethod
  package var target: HTTPTarget
  package var headers: HTTPHeaders
  package var body: [UInt8]
  /// Whether the client wants to go on after the answer.
  package var keepsAlive = true

  package init(
    _ method: HTTPMethod, _ target: HTTPTarget, headers: HTTPHeaders = [:], body: [UInt8] = []
  ) {
    self.method = method
    self.target = target
    self.headers = headers
    self.body = body
  }

  /// The bytes on the wire. The length of the body and, where it is missing, the host are added.
  package func serialized() -> [UInt8] {
    var text = "\(method) \(target) HTTP/1.1\r\n"
    if headers["host"] == nil { text += "host: localhost\r\n" }
    if !keepsAlive { text += "connection: close\r\n" }
    text += headers.text
    if !body.isEmpty || method.needsLength { text += "content-length: \(body.count)\r\n" }
    text += "\r\n"
    return Array(text.utf8) + body
  }
}

extension HTTPHeaders {
  /// The fields as lines, without those that the serialisers write themselves.
  var text: String {
    var text = ""
    for field in fields where !Self.written.contains(field.name) {
      text += "\(field.name): \(field.value)\r\n"
    }
    return text
  }

  private static let written = ["content-length", "transfer-encoding", "connection"]
}
