/// One value of a JSON or JSON5 text, with the place where it stands.
package struct Node: Sendable {
  /// What stands there. A number is kept as its text: who reads it decides between an integer, an
  /// amount of money and a ratio, so no digit is lost on the way.
  package enum Kind: Sendable {
    case null
    case bool(Bool)
    case number(String)
    case string(String)
    case array([Node])
    case object([Member])
  }

  /// A key of an object, with the line where it stands and its value.
  package struct Member: Sendable {
    package var key: String
    package var line: Int
    package var value: Node
  }

  package var kind: Kind
  /// The line, counted from 1.
  package var line: Int
  /// The way from the root, as `earn.excluded[2]`; empty at the root.
  package var path: String
  /// The name of the file or of the request body, for messages.
  package var source: String

  /// What a person calls this kind of value.
  package var kindName: String {
    switch kind {
    case .null: "null"
    case .bool: "true or false"
    case .number: "a number"
    case .string: "a text"
    case .array: "a list"
    case .object: "an object"
    }
  }

  /// An error about this value.
  package func error(_ problem: String, remedy: String = "") -> ConfigurationError {
    ConfigurationError(source: source, line: line, path: path, problem: problem, remedy: remedy)
  }
}

/// What is wrong with a text that was to be read: where, what, and what would be right.
package struct ConfigurationError: Error, Equatable, Sendable, CustomStringConvertible {
  package var source: String
  /// The line, counted from 1.
  package var line: Int
  /// The way to the value, as `earn.excluded[2]`; empty when the text itself is malformed.
  package var path: String
  package var problem: String
  /// What would be right; may be empty.
  package var remedy: String

  package init(source: String, line: Int, path: String, problem: String, remedy: String) {
    self.source = source
    self.line = line
    self.path = path
    self.problem = problem
    self.remedy = remedy
  }

  package var description: String {
    let place = path.isEmpty ? "" : " \(path):"
    return "\(source):\(line):\(place) \(problem)" + (remedy.isEmpty ? "" : "; \(remedy)")
  }
}

extension Node {
  /// The text.
  package func text() throws(ConfigurationError) -> String {
    guard case .string(let text) = kind else { throw wrongKind("a text in quotes") }
    return text
  }

  /// The truth value.
  package func flag() throws(ConfigurationError) -> Bool {
    guard case .bool(let flag) = kind else { throw wrongKind("true or false") }
    return flag
  }

  /// The whole number, which must lie in `range`. `100.00` is read as 100, `100.5` is refused.
  package func integer(
    in range: ClosedRange<Int64> = .min ... .max
  ) throws(ConfigurationError) -> Int64 {
    guard case .number(let text) = kind else { throw wrongKind("a whole number") }
    guard let value = Node.wholeNumber(text) else {
      throw error("\(text) is not a whole number", remedy: "write it without a fraction")
    }
    guard range.contains(value) else {
      let low = range.lowerBound == .min ? "" : " from \(range.lowerBound)"
      let high = range.upperBound == .max ? "" : " to \(range.upperBound)"
      throw error("\(value) is out of range", remedy: "a whole number\(low)\(high) is wanted")
    }
    return value
  }

  /// The number as a `Double`, for lengths and statistics only; it must lie in `range`.
  package func measure(in range: ClosedRange<Double>) throws(ConfigurationError) -> Double {
    guard case .number(let text) = kind, let value = Double(text), value.isFinite else {
      throw wrongKind("a number")
    }
    guard range.contains(value) else {
      throw error("\(text) is out of range", remedy: "\(range.lowerBound) to \(range.upperBound)")
    }
    return value
  }

  /// The values of a list of at most `limit`.
  package func list(limit: Int = 10_000) throws(ConfigurationError) -> [Node] {
    guard case .array(let nodes) = kind else { throw wrongKind("a list in [ ]") }
    guard nodes.count <= limit else {
      throw error("has \(nodes.count) values", remedy: "at most \(limit) are allowed")
    }
    return nodes
  }

  /// The text, which must be the raw value of one of the cases of `Choice`.
  package func choice<Choice: RawRepresentable & CaseIterable>(
    of type: Choice.Type
  ) throws(ConfigurationError) -> Choice where Choice.RawValue == String {
    let text = try text()
    guard let choice = Choice(rawValue: text) else {
      let all = Choice.allCases.map { "\"\($0.rawValue)\"" }.joined(separator: ", ")
      throw error("\"\(text)\" is not known here", remedy: "one of \(all) is wanted")
    }
    return choice
  }

  /// The object, to be read key by key.
  package func object() throws(ConfigurationError) -> ObjectReader {
    guard case .object(let members) = kind else { throw wrongKind("an object in { }") }
    return ObjectReader(node: self, members: members)
  }

  package func wrongKind(_ wanted: String) -> ConfigurationError {
    error("is \(kindName)", remedy: "\(wanted) is wanted")
  }

  /// The value of a number's text when it is whole: digits with an optional fraction of zeros.
  package static func wholeNumber(_ text: String) -> Int64? {
    guard let point = text.firstIndex(of: ".") else { return Int64(text) }
    let fraction = text[text.index(after: point)...]
    guard !fraction.isEmpty, fraction.allSatisfy({ $0 == "0" }) else { return nil }
    return Int64(text[..<point])
  }
}

/// An object being read: each key is asked for once, and `finish` refuses those nobody asked for.
package struct ObjectReader: Sendable {
  package let node: Node
  private let members: [Node.Member]
  private var asked: Set<String> = []

  init(node: Node, members: [Node.Member]) {
    self.node = node
    self.members = members
  }

  /// The value of `key`, or nil when it is absent or null.
  package mutating func optional(_ key: String) -> Node? {
    asked.insert(key)
    guard let value = members.first(where: { $0.key == key })?.value else { return nil }
    if case .null = value.kind { return nil }
    return value
  }

  /// A section that may be left out: then an empty one, whose keys all have their defaults.
  package mutating func section(_ key: String) -> Node {
    optional(key)
      ?? Node(kind: .object([]), line: node.line, path: childPath(key), source: node.source)
  }

  /// The value of `key`, which must be there.
  package mutating func required(_ key: String) throws(ConfigurationError) -> Node {
    guard let value = optional(key) else {
      throw ConfigurationError(
        source: node.source, line: node.line, path: childPath(key), problem: "is missing",
        remedy: "add it")
    }
    return value
  }

  /// The value of `key` as `read` understands it, or `fallback` when it is absent or null.
  package mutating func value<Value>(
    _ key: String, default fallback: Value, read: (Node) throws(ConfigurationError) -> Value
  ) throws(ConfigurationError) -> Value {
    guard let node = optional(key) else { return fallback }
    return try read(node)
  }

  /// Every key and value, for objects whose keys are data.
  package mutating func all() -> [Node.Member] {
    asked.formUnion(members.map(\.key))
    return members
  }

  /// Refuses the first key that nobody asked for, and names the nearest one that is known.
  package func finish() throws(ConfigurationError) {
    guard let stray = members.first(where: { !asked.contains($0.key) }) else { return }
    let near = nearest(to: stray.key, among: asked.sorted())
    throw ConfigurationError(
      source: node.source, line: stray.line, path: childPath(stray.key),
      problem: "is not a key that is known here",
      remedy: near.map { "did you mean \($0)?" }
        ?? "known are \(asked.sorted().joined(separator: ", "))")
  }

  private func childPath(_ key: String) -> String {
    node.path.isEmpty ? key : node.path + "." + key
  }
}

/// The word of `words` that `text` was probably meant to be: at most two letters away (one for
/// words of up to three letters), or nil.
package func nearest(to text: String, among words: [String]) -> String? {
  let scored = words.map { (distance(Array(text), Array($0)), $0) }.min { $0.0 < $1.0 }
  guard let (score, word) = scored, score <= (word.count <= 3 ? 1 : 2) else { return nil }
  return word
}

/// Levenshtein's distance.
private func distance(_ a: [Character], _ b: [Character]) -> Int {
  var row = Array(0...b.count)
  for (i, x) in a.enumerated() {
    var diagonal = row[0]
    row[0] = i + 1
    for (j, y) in b.enumerated() {
      let substituted = diagonal + (x == y ? 0 : 1)
      diagonal = row[j + 1]
      row[j + 1] = min(substituted, row[j] + 1, row[j + 1] + 1)
    }
  }
  return row[b.count]
}
