import Configuration

/// Why a request was not done: what programs and people need to know of it.
package struct APIError: Error, Sendable {
  /// The HTTP status.
  package var status: Int
  /// Stable for ever: `points.insufficient`.
  package var code: String
  /// What the sentence's placeholders stand for, and what else is known.
  package var facts: [(String, JSON)]
  /// For programmers, in English: which field, which value, what would be right. May hold the
  /// caller's own input, never anything else about a person.
  package var detail: String

  package init(status: Int, code: String, facts: [(String, JSON)] = [], detail: String = "") {
    self.status = status
    self.code = code
    self.facts = facts
    self.detail = detail
  }

  /// A field of the body is wrong; `body` stands for the whole, `programme` for a programme's text.
  package init(_ error: ConfigurationError) {
    self.init(
      status: 400, code: "field.invalid",
      facts: [("field", .string(error.path.isEmpty ? error.source : error.path))],
      detail: error.description)
  }

  /// The body of the answer.
  ///
  /// - Parameter decimals: for amounts and points in the sentence.
  package func json(_ language: Language, decimals: Decimals = Decimals()) -> JSON {
    [
      "error": [
        "code": .string(code),
        "message": .string(Sentence.text(code, facts, language, decimals: decimals)),
        "detail": .string(detail), "facts": .object(facts),
      ]
    ]
  }
}
