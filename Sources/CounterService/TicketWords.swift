import Configuration
import CounterAPI

/// What a till calls its tickets, itself and its store: all of it stands in entries for ever.
extension CounterRoutes {
  /// A till's own number of a ticket: it stands in entries for ever, so there is no room for words.
  static func tillWord(_ node: Node) throws(ConfigurationError) -> String {
    let text = try node.text()
    guard Call.isWord(text.filter { !"/#+".contains($0) }, limit: 40), text.utf8.count <= 40 else {
      throw node.error("does not fit", remedy: "1 to 40 of A-Z a-z 0-9 . _ : / # + -")
    }
    return text
  }

  /// A till's name.
  static func terminal(_ node: Node) throws(ConfigurationError) -> String {
    let text = try node.text()
    guard Call.isCode(text) else {
      throw node.error(
        "is no till's name",
        remedy: "1 to 40 of A-Z a-z 0-9 . _ : -, and no telephone number")
    }
    return text
  }

  /// The store that sold what comes back; nil: this one.
  static func store(_ object: inout ObjectReader) throws(ConfigurationError) -> String? {
    try object.optional("store").map { (node) throws(ConfigurationError) in
      try CounterConfiguration.word(node, length: 1...20, extra: "-")
    }
  }
}
