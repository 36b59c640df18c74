/// What the readers refuse beyond the grammar.
package struct HTTPLimits: Sendable, Equatable {
  /// Bytes of the first line with its end.
  package var startLine = 8 << 10
  /// Bytes of the first line and all fields, and of a body's trailer.
  package var head = 16 << 10
  /// Header fields of a message, and of a trailer.
  package var fields = 64
  /// Bytes of a body.
  package var body: Int
  /// Bytes of the line that begins a chunk.
  package var chunkLine = 256

  package init(body: Int) {
    self.body = body
  }

  /// 1 MiB of body.
  package static let requests = HTTPLimits(body: 1 << 20)
  /// 64 MiB of body.
  package static let responses = HTTPLimits(body: 64 << 20)
}

/// Why bytes are no acceptable message.
package enum HTTPFailure: Error, Sendable, Equatable, CustomStringConvertible {
  case badStartLine, badTarget, badField, foldedField, bareLineEnd
  case badLength, conflictingLengths, badChunk, missingHost, repeatedHost
  case lengthRequired, bodyTooLong, targetTooLong, expectationUnknown
  case tooManyFields, headTooLong, codingUnknown, versionUnknown
  /// The stream ended inside a message.
  case endedEarly

  /// The status of the answer that refuses it.
  package var status: Int {
    switch self {
    case .badStartLine, .badTarget, .badField, .foldedField, .bareLineEnd, .badLength,
      .conflictingLengths, .badChunk, .missingHost, .repeatedHost, .endedEarly:
      400
    case .lengthRequired: 411
    case .bodyTooLong: 413
    case .targetTooLong: 414
    case .expectationUnknown: 417
    case .tooManyFields, .headTooLong: 431
    case .codingUnknown: 501
    case .versionUnknown: 505
    }
  }

  package var description: String { sentence }

  /// The rule that was broken, as a sentence.
  package var sentence: String {
    switch self {
    case .badStartLine: "the first line is malformed"
    case .badTarget: "the request target is malformed"
    case .badField: "a header field is malformed"
    case .foldedField: "a header field goes on in a second line"
    case .bareLineEnd: "a line does not end in carriage return and line feed"
    case .badLength: "the content length is not a number"
    case .conflictingLengths: "the length of the body is told in two ways"
    case .badChunk: "a chunk is malformed"
    case .missingHost: "the host field is missing"
    case .repeatedHost: "the host field stands twice"
    case .lengthRequired: "the length of the body is not told"
    case .bodyTooLong: "the body is too long"
    case .targetTooLong: "the request target is too long"
    case .expectationUnknown: "the expectation is not known"
    case .tooManyFields: "there are too many header fields"
    case .headTooLong: "the header fields are too long"
    case .codingUnknown: "the transfer coding is not known"
    case .versionUnknown: "the version is not HTTP/1.0 or 1.1"
    case .endedEarly: "the message ended early"
    }
  }
}
