/// A whole answer.
package struct HTTPResponse: Sendable, Equatable {
  /// 200 to 599.
  package var status: Int
  package var headers: HTTPHeaders
  package var body: [UInt8]
  /// Whether the server goes on with the conversation.
  package var keepsAlive = true

  package init(status: Int, headers: HTTPHeaders = [:], body: [UInt8] = []) {
    self.status = status
    self.headers = headers
    self.body = body
  }

  /// An answer of plain text.
  package static func text(_ status: Int, _ text: String) -> HTTPResponse {
    HTTPResponse(
      status: status, headers: ["content-type": "text/plain; charset=utf-8"],
      body: Array(text.utf8))
  }

  /// The bytes on the wire.
  ///
  /// - Parameters:
  ///   - method: of the request; an answer to HEAD has its body's length but no body.
  ///   - date: the value of the date field, nil to leave it out.
  package func serialized(answering method: HTTPMethod = .get, date: String? = nil) -> [UInt8] {
    var text = "HTTP/1.1 \(status) \(Self.reason(status))\r\n"
    if let date { text += "date: \(date)\r\n" }
    if !keepsAlive { text += "connection: close\r\n" }
    text += headers.text
    let hasBody = status != 204 && status != 304
    if hasBody { text += "content-length: \(body.count)\r\n" }
    text += "\r\n"
    var bytes = Array(text.utf8)
    if hasBody, method != .head { bytes += body }
    return bytes
  }

  /// The words that RFC 9110 and 6585 have for a status.
  package static func reason(_ status: Int) -> String {
    reasons[status] ?? "Status \(status)"
  }

  private static let reasons: [Int: String] = [
    100: "Continue", 200: "OK", 201: "Created", 202: "Accepted", 204: "No Content",
    301: "Moved Permanently", 302: "Found", 303: "See Other", 304: "Not Modified",
    400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found",
    405: "Method Not Allowed", 406: "Not Acceptable", 408: "Request Timeout", 409: "Conflict",
    410: "Gone", 411: "Length Required", 412: "Precondition Failed", 413: "Content Too Large",
    414: "URI Too Long", 415: "Unsupported Media Type", 417: "Expectation Failed",
    422: "Unprocessable Content", 428: "Precondition Required", 429: "Too Many Requests",
    431: "Request Header Fields Too Large", 500: "Internal Server Error",
    501: "Not Implemented", 503: "Service Unavailable", 504: "Gateway Timeout",
    505: "HTTP Version Not Supported",
  ]
}

/// Times as header fields have them.
package enum HTTPDate {
  /// `Sun, 06 Nov 1994 08:49:37 GMT`, of milliseconds since 1970 (not before).
  package static func text(milliseconds: Int64) -> String {
    let seconds = max(milliseconds, 0) / 1000
    let days = seconds / 86_400
    var year: Int64 = 1970
    var rest = days
    while rest >= length(of: year) {
      rest -= length(of: year)
      year += 1
    }
    var month = 0
    while rest >= length(of: month, in: year) {
      rest -= length(of: month, in: year)
      month += 1
    }
    let date = "\(weekdays[Int((days + 4) % 7)]), \(two(rest + 1)) \(months[month]) \(year)"
    return "\(date) \(two(seconds / 3600 % 24)):\(two(seconds / 60 % 60)):\(two(seconds % 60)) GMT"
  }

  private static let weekdays = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
  private static let months = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
  ]

  private static func isLeap(_ year: Int64) -> Bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
  }

  private static func length(of year: Int64) -> Int64 { isLeap(year) ? 366 : 365 }

  private static func length(of month: Int, in year: Int64) -> Int64 {
    month == 1 && isLeap(year) ? 29 : [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month]
  }

  private static func two(_ value: Int64) -> String { value < 10 ? "0\(value)" : String(value) }
}
