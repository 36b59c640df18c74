import Configuration
import CounterAPI

/// A part of what the daemon answered. What is missing is empty, so that a list can be shown of
/// whatever an older or newer daemon says.
struct Answer: Sendable {
  private let node: Node?

  init(_ body: [UInt8]) throws(ConfigurationError) {
    node = try Node.parse(body, source: "answer", dialect: .json)
  }

  private init(node: Node?) { self.node = node }

  /// The value of a key.
  subscript(key: String) -> Answer {
    guard case .object(let members)? = node?.kind else { return Answer(node: nil) }
    return Answer(node: members.first { $0.key == key }?.value)
  }

  /// The text; nil when it is none.
  var text: String? {
    guard case .string(let text)? = node?.kind else { return nil }
    return text
  }

  var integer: Int64? {
    guard case .number(let text)? = node?.kind else { return nil }
    return Node.wholeNumber(text)
  }

  var flag: Bool? {
    guard case .bool(let flag)? = node?.kind else { return nil }
    return flag
  }

  var list: [Answer] {
    guard case .array(let nodes)? = node?.kind else { return [] }
    return nodes.map { Answer(node: $0) }
  }

  /// The keys of an object in their order, with their values.
  var members: [(key: String, value: Answer)] {
    guard case .object(let members)? = node?.kind else { return [] }
    return members.map { ($0.key, Answer(node: $0.value)) }
  }

  /// Whether there is something.
  var exists: Bool {
    switch node?.kind {
    case nil, .null: false
    default: true
    }
  }

  /// For people: numbers in groups of three, `—` for nothing.
  var shown: String {
    if let integer { return Sentence.grouped(integer) }
    guard let text, !text.isEmpty else { return "—" }
    return text
  }

  /// An amount in the currency's units.
  func money(_ decimals: Answer) -> String { whole(decimals) }

  /// Points, of an answer that says how many decimals they have.
  func points(of answer: Answer) -> String { whole(answer["pointDecimals"]) }

  private func whole(_ decimals: Answer) -> String {
    integer.map { Sentence.amount($0, decimals: Int(decimals.integer ?? 0)) } ?? "—"
  }

  /// A time without its seconds and zone: `2026-11-21 14:05`.
  var minute: String {
    guard let text, text.utf8.count >= 16 else { return "—" }
    return text.prefix(10) + " " + text.dropFirst(11).prefix(5)
  }
}
