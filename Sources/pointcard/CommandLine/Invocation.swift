import Configuration
import CounterAPI

/// A command line that was understood: a command with values that fit its row.
struct Invocation: Sendable {
  let command: Command
  let operands: [String]
  /// By the options' names; a flag that is given has an empty text.
  let values: [String: String]
  let language: Language

  /// The value of an option; nil when it was not given.
  subscript(name: String) -> String? {
    precondition(
      command.allOptions.contains { $0.name == name }, "a command asks for its own options")
    return values[name]
  }

  /// The value of a required option.
  func required(_ name: String) -> String {
    guard let value = self[name] else {
      preconditionFailure("the parser has seen that required options are there")
    }
    return value
  }

  /// Whether a flag was given.
  func has(_ name: String) -> Bool { self[name] != nil }

  /// The value of a whole number's option.
  func integer(_ name: String) -> Int64? {
    self[name].map { text in
      guard let value = Int64(text) else {
        preconditionFailure("the parser has checked that whole numbers are whole")
      }
      return value
    }
  }

  /// The API's body: every option and operand that is a field of it.
  var body: RequestBody {
    var body = RequestBody()
    for (operand, value) in zip(command.operands, operands) {
      if let field = operand.field { body.add(field, .string(value)) }
    }
    for option in command.options where option.isField {
      guard let value = values[option.name] else { continue }
      switch option.kind {
      case .flag: body.add(option.field, true)
      case .integer:
        // as JSON writes it, without a plus sign
        if let number = integer(option.name) { body.add(option.field, .integer(number)) }
      case .list:
        let words = value.split(separator: ",").map { JSON.string(String($0)) }
        body.add(option.field, .array(words))
      case .number: body.add(option.field, amount: value)
      case .points: body.add(option.field, points: value)
      case .text, .word, .choice, .file: body.add(option.field, .string(value))
      }
    }
    return body
  }
}

/// A JSON object whose amounts and points become numbers once their decimals are known.
struct RequestBody: Sendable {
  private enum Member: Sendable {
    case value(JSON)
    case object(RequestBody)
    /// An amount in the currency's units, as it was typed.
    case amount(String)
    /// Points, as they were typed.
    case points(String)
  }
  private var members: [(key: String, value: Member)] = []

  mutating func add(_ key: String, _ value: JSON) { members.append((key, .value(value))) }

  mutating func add(_ key: String, _ body: RequestBody) { members.append((key, .object(body))) }

  /// - Parameter amount: in the currency's units; its digits have been checked.
  mutating func add(_ key: String, amount: String) { members.append((key, .amount(amount))) }

  /// - Parameter points: in points; its digits have been checked.
  mutating func add(_ key: String, points: String) {
    // as JSON writes it, without a plus sign
    members.append((key, .points(points.hasPrefix("+") ? String(points.dropFirst()) : points)))
  }

  /// Whether decimals must be known to send it.
  var hasAmounts: Bool {
    members.contains { member in
      switch member.value {
      case .value: false
      case .object(let body): body.hasAmounts
      case .amount, .points: true
      }
    }
  }

  /// - Parameter decimals: of amounts and points, which are sent in smallest parts.
  func bytes(_ decimals: Decimals) -> [UInt8] { Array(text(decimals).utf8) }

  private func text(_ decimals: Decimals) -> String {
    let parts = members.map { key, value -> String in
      let text =
        switch value {
        case .value(let json): RequestBody.text(json)
        case .object(let body): body.text(decimals)
        case .amount(let amount): RequestBody.smallest(amount, decimals: decimals.money)
        case .points(let points): RequestBody.smallest(points, decimals: decimals.points)
        }
      return RequestBody.text(.string(key)) + ":" + text
    }
    return "{\(parts.joined(separator: ","))}"
  }

  /// `12.8` as `1280` with two decimals. A finer fraction stays one: it is the daemon's to refuse.
  static func smallest(_ amount: String, decimals: Int) -> String {
    let sign = amount.hasPrefix("-") ? "-" : ""
    let parts = amount.dropFirst(sign.count).split(
      separator: ".", omittingEmptySubsequences: false)
    let fraction = parts.count > 1 ? String(parts[1]) : ""
    let padded = fraction + String(repeating: "0", count: max(0, decimals - fraction.count))
    let digits = (parts[0] + padded.prefix(decimals)).drop { $0 == "0" }
    let rest = padded.dropFirst(decimals)
    return sign + (digits.isEmpty ? "0" : digits) + (rest.isEmpty ? "" : "." + rest)
  }

  private static func text(_ json: JSON) -> String { String(decoding: json.text, as: UTF8.self) }
}
