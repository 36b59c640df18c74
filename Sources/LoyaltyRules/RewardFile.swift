import Configuration

extension RewardRule {
  /// Reads the list `rewards`, at most 100.
  static func list(
    _ node: Node?, _ points: PointUnit, _ tiers: TierRule
  ) throws(ConfigurationError) -> [RewardRule] {
    var rewards: [RewardRule] = []
    for item in try node?.list(limit: 100) ?? [] {
      let reward = try RewardRule(item, points)
      if rewards.contains(where: { $0.id == reward.id }) {
        throw item.error("the reward \(reward.id) stands twice", remedy: "choose another id")
      }
      if let tier = reward.tier, tiers.index(ofCode: tier) == nil {
        throw item.error(
          "the reward \(reward.id) asks for the tier \(tier), which is none of the levels",
          remedy: "name one of \(tiers.levels.map(\.code).joined(separator: ", "))")
      }
      rewards.append(reward)
    }
    return rewards
  }

  init(_ node: Node, _ unit: PointUnit) throws(ConfigurationError) {
    var object = try node.object()
    id = try RewardRule.word(try object.required("id"))
    name = try Programme.label(try object.required("name"), limit: 20)
    occasion = try object.choice("occasion", default: .points)
    points = try object.points("points", unit, default: 0)
    amount = try object.integer("amount", default: 0, in: 0...RuleLimits.amount)
    let tierNode = object.optional("tier")
    tier = try tierNode.map { (node) throws(ConfigurationError) in
      try Programme.code(node, length: 2)
    }
    days = try object.limit("days", in: 0...3_660).map(Int.init)
    perMember = try object.limit("perMember", in: 1...1_000_000)
    stores = try object.words("stores", limit: 1_000)
    stock = try RewardRule.stock(object.optional("stock"))
    try object.finish()
    switch occasion {
    case .points:
      guard points > 0 else {
        throw node.error("costs no points and has no occasion", remedy: "add points: 10")
      }
      guard days == nil else {
        throw node.error("lapses though it never falls due", remedy: "leave days away")
      }
    case .tier where tier == nil:
      throw node.error("names no tier to be reached", remedy: "add tier: \"02\"")
    case .tier, .welcome, .birthday: break
    }
    guard tier == nil || occasion == .tier else {
      throw (tierNode ?? node).error(
        "names a tier, and the occasion is \(occasion.rawValue)",
        remedy: "write occasion: \"tier\", or leave tier away")
    }
  }

  /// A short word that entries hold: an id, or a design.
  static func word(_ node: Node) throws(ConfigurationError) -> String {
    let text = try node.text()
    guard (1...20).contains(text.utf8.count),
      text.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-") })
    else { throw node.error("does not fit", remedy: "1 to 20 letters, digits and -") }
    return text
  }

  /// `[{ store, count }]`.
  private static func stock(_ node: Node?) throws(ConfigurationError) -> [String: Int64] {
    var stock: [String: Int64] = [:]
    for item in try node?.list(limit: 1_000) ?? [] {
      var object = try item.object()
      let store = try Programme.label(try object.required("store"), limit: 20)
      let count = try object.required("count").integer(in: 0...1_000_000)
      try object.finish()
      guard stock.updateValue(count, forKey: store) == nil else {
        throw item.error("the store \(store) stands twice", remedy: "name it once")
      }
    }
    return stock
  }
}

extension EstateRule {
  init(_ node: Node) throws(ConfigurationError) {
    var object = try node.object()
    points = try object.choice("points", default: .heirs)
    try object.finish()
  }
}

extension AcceptedBy {
  /// `{ entities, reference }`.
  init(_ node: Node) throws(ConfigurationError) {
    var object = try node.object()
    entities = []
    for item in try object.optional("entities")?.list(limit: 100) ?? [] {
      let name = try Programme.label(item, limit: 80)
      guard !entities.contains(name) else {
        throw item.error("stands twice", remedy: "name it once")
      }
      entities.append(name)
    }
    reference = try object.optional("reference").map { (node) throws(ConfigurationError) in
      try Programme.label(node, limit: 200)
    }
    try object.finish()
    guard entities.count < 2 || reference != nil else {
      throw node.error(
        "lists \(entities.count) legal entities and no agreement between them",
        remedy: "add reference: \"where the written agreement is\"")
    }
  }
}
