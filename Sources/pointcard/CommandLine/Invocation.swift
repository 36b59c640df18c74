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

  /// The API's body: every option and operand that is a field of it, numbers as they were typed.
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
      case .number: body.add(option.field, number: value)
      case .list:
        let words = value.split(separator: ",").map { JSON.string(String($0)) }
        body.add(option.field, .array(words))
      case .text, .word, .choice, .file: body.add(option.field, .string(value))
      }
    }
    return body
  }
}

/// A JSON object whose numbers may have fractions.
struct RequestBody: Sendable {
  private var members: [String] = []

  mutating func add(_ key: String, _ value: JSON) {
    members.append(RequestBody.text(.string(key)) + ":" + RequestBody.text(value))
  }

  /// - Parameter number: its digits, which the parser has checked.
  mutating func add(_ key: String, number: String) {
    members.append(RequestBody.text(.string(key)) + ":" + number)
  }

  /// An object in it.
  mutating func add(_ key: String, _ body: RequestBody) {
    members.append(
      RequestBody.text(.string(key)) + ":" + String(decoding: body.bytes, as: UTF8.self))
  }

  var bytes: [UInt8] { Array("{\(members.joined(separator: ","))}".utf8) }

  private static func text(_ json: JSON) -> String { String(decoding: json.text, as: UTF8.self) }
}
