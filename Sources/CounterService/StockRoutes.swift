import Configuration
import CounterAPI
import Ledger
import LoyaltyRules

extension CounterRoutes {
  /// A movement of blank or pre-printed cards: `{kind, design, quantity, to?, reason?}`.
  func stockBook(_ call: Call) async throws -> JSON {
    var object = try call.body.object()
    let kindNode = try object.required("kind")
    let kind = try kindNode.text()
    let design = try CounterRoutes.reasonCode(try object.required("design"))
    let quantity = try object.required("quantity").integer(in: 0...1_000_000)
    let target = try object.optional("to").map { (node) throws(ConfigurationError) in
      try CounterConfiguration.word(node, length: 1...20, extra: "-")
    }
    let reason = try object.optional("reason").map(CounterRoutes.reasonCode)
    try object.finish()
    let movement: StockMovement
    switch (kind, target, reason) {
    case ("receive", nil, nil): movement = .receive(quantity)
    case ("count", nil, nil): movement = .count(quantity)
    case ("move", .some(let target), nil): movement = .move(quantity, to: target)
    case ("spoil", nil, .some(let reason)): movement = .spoil(quantity, reason: reason)
    default:
      throw kindNode.error(
        "is no movement with these fields",
        remedy: "receive or count with quantity, move with to, spoil with reason")
    }
    let command: JSON = [
      "command": "stock.book", "kind": .string(kind), "design": .string(design),
      "quantity": .integer(quantity), "to": target.map { .string($0) } ?? .null,
      "reason": reason.map { .string($0) } ?? .null,
    ]
    let answer = try await submit(call) { writer in
      try writer.once(key: call.key, command: command) {
        CounterRoutes.json(try writer.book(movement, design: design, actor: call.actor))
      }
    }
    return try reply(answer, code: "stock.booked", call)
  }

  private static func json(_ stock: CardStock) -> JSON {
    [
      "store": .string(stock.store), "design": .string(stock.design),
      "quantity": .integer(stock.quantity),
    ]
  }

  /// What every store has of every design, and the ranges of numbers; low ones are marked.
  func stockList() async throws -> JSON {
    let alarm = counter.configuration.stockAlarm
    return try await counter.ledger.read { view in
      let stock = try view.stock()
      return [
        "low": .integer(Int64(stock.count { $0.quantity < alarm })), "alarm": .integer(alarm),
        "stock": .array(
          stock.map {
            [
              "store": .string($0.store), "design": .string($0.design),
              "quantity": .integer($0.quantity), "low": .bool($0.quantity < alarm),
            ]
          }),
        "ranges": .array(
          try view.numberRanges().map {
            [
              "store": .string($0.store), "first": .integer($0.first), "last": .integer($0.last),
            ]
          }),
      ]
    }
  }

  /// No card number has more digits than 12.
  private static let serials: ClosedRange<Int64> = 1...1_000_000_000_000

  /// Gives a store a range of serials for its card numbers: `{to, first, last}`.
  func rangeGive(_ call: Call) async throws -> JSON {
    var object = try call.body.object()
    let target = try CounterConfiguration.word(
      try object.required("to"), length: 1...20, extra: "-")
    let range = NumberRange(
      store: target, first: try object.required("first").integer(in: CounterRoutes.serials),
      last: try object.required("last").integer(in: CounterRoutes.serials))
    try object.finish()
    let command: JSON = [
      "command": "range.give", "to": .string(target), "first": .integer(range.first),
      "last": .integer(range.last),
    ]
    let answer = try await submit(call) { writer in
      try writer.once(key: call.key, command: command) {
        try writer.giveRange(range, actor: call.actor)
        return [
          "store": .string(range.store), "first": .integer(range.first),
          "last": .integer(range.last),
        ]
      }
    }
    return try reply(answer, code: "number.given", call)
  }
}
