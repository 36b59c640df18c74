import Configuration

/// What a point is called, and how finely it is divided.
///
/// Points are whole numbers of their smallest part wherever they are counted: entries, lots,
/// caches, stripes, bodies of the API, the settings of a programme that was read. People read and
/// write points: faces, sentences, lists, options, files of balances, programme files.
package struct PointUnit: Sendable, Equatable {
  /// What a point is called on faces and slips, as 點.
  package var name: String
  /// Decimals that points carry, 0 to 2; they stay what they are in every later version.
  package var decimals: Int

  package init(name: String, decimals: Int) {
    precondition((0...2).contains(decimals), "points have 0 to 2 decimals")
    self.name = name
    self.decimals = decimals
  }

  /// The smallest parts that make a point: 1, 10 or 100.
  package var parts: Int64 { [1, 10, 100][decimals] }

  /// How many smallest parts `text` is, which gives points: with one decimal `12.5` and `12.50` are
  /// 125. Nil when it is no plain number, or a finer one than points are.
  package func smallest(_ text: String) -> Int64? {
    let sides = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
    guard let whole = sides.first, whole.last.map(PointUnit.isDigit) == true else { return nil }
    var fraction = sides.count == 2 ? sides[1] : ""
    guard sides.count == 1 || !fraction.isEmpty, fraction.allSatisfy(PointUnit.isDigit) else {
      return nil
    }
    while fraction.last == "0" { fraction.removeLast() }
    guard fraction.count <= decimals else { return nil }
    // the digits behind each other, so that -0.5 keeps its sign
    return Int64(whole + fraction + String(repeating: "0", count: decimals - fraction.count))
  }

  /// `parts` in points, as a file has them: `12.5`, `12`, `-0.05`.
  package func text(_ parts: Int64) -> String {
    let (whole, rest) = parts.magnitude.quotientAndRemainder(
      dividingBy: self.parts.magnitude)
    var fraction = String(rest)
    fraction = String(repeating: "0", count: max(0, decimals - fraction.count)) + fraction
    while fraction.last == "0" { fraction.removeLast() }
    return (parts < 0 ? "-" : "") + "\(whole)" + (fraction.isEmpty ? "" : "." + fraction)
  }

  private static func isDigit(_ character: Character) -> Bool {
    ("0"..."9").contains(character)
  }
}

extension PointUnit {
  init(_ node: Node) throws(ConfigurationError) {
    var object = try node.object()
    name = try Programme.label(try object.required("unit"), limit: 4)
    decimals = Int(try object.integer("decimals", default: 0, in: 0...2))
    try object.finish()
  }
}

extension Node {
  /// A number of points of a programme file: 1 is a whole point, 0.5 half of one.
  ///
  /// - Parameters:
  ///   - low: the least, in smallest parts: 0, or 1 for anything above nothing.
  ///   - high: the most, in whole points.
  ///   - limit: what is never passed, in smallest parts.
  /// - Returns: smallest parts.
  func points(
    _ unit: PointUnit, from low: Int64 = 0, to high: Int64, limit: Int64 = RuleLimits.points
  ) throws(ConfigurationError) -> Int64 {
    guard case .number(let text) = kind else { throw wrongKind("a number of points") }
    let most = min(high * unit.parts, limit)
    guard let parts = unit.smallest(text) else {
      guard text.contains("."), text.allSatisfy({ "-.0123456789".contains($0) }) else {
        throw error("\(text) is no number of points", remedy: "write it as 1")
      }
      throw error(
        "\(text) is finer than points are with points.decimals \(unit.decimals)",
        remedy: unit.decimals == 0
          ? "write whole points, or points.decimals: 1 or 2"
          : "at most \(unit.decimals) behind the point, as \(unit.text(unit.parts + 1))")
    }
    guard (low...most).contains(parts) else {
      throw error(
        "\(text) is out of range",
        remedy: "\(unit.text(low)) to \(unit.text(most)) points are wanted")
    }
    return parts
  }
}

extension ObjectReader {
  /// Points of a key, in smallest parts.
  ///
  /// - Parameter fallback: what stands for a key that is left out, in whole points.
  mutating func points(
    _ key: String, _ unit: PointUnit, default fallback: Int64, from low: Int64 = 0,
    to high: Int64 = RuleLimits.points
  ) throws(ConfigurationError) -> Int64 {
    guard let node = optional(key) else { return fallback * unit.parts }
    return try node.points(unit, from: low, to: high)
  }

  /// A limit in points that may be left out: nil, no limit.
  mutating func points(
    atMost key: String, _ unit: PointUnit
  ) throws(ConfigurationError) -> Int64? {
    guard let node = optional(key) else { return nil }
    return try node.points(unit, from: 1, to: RuleLimits.points)
  }
}
