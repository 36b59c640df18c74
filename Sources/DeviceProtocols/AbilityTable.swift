import DeviceCatalog

/// What is known of every family's abilities, from their drivers and data.
package struct AbilityTable: Hashable, Sendable {
  /// Models of one family of which the same is known.
  package struct Row: Hashable, Sendable {
    package var family: String
    /// Their names within the family.
    package var models: [String]
    /// Whether they are all of the family's models.
    package var isWholeFamily: Bool
    /// In the order of `Ability.allCases`.
    package var support: [Support]
    package var path: CardPath
    package var lineCheck: LineCheck

    /// `star-tcp300`, or `star-tcp300/tcp300, tcp300ii` where the family's other models differ.
    package var name: String {
      isWholeFamily ? family : family + "/" + models.joined(separator: ", ")
    }

    package func support(for ability: Ability) -> Support {
      guard let place = Ability.allCases.firstIndex(of: ability) else {
        preconditionFailure("every ability has its column")
      }
      return support[place]
    }
  }

  package let rows: [Row]

  /// - Parameter models: those of a catalogue; models of families that this build does not know are
  ///   left out.
  package init(_ models: [DeviceModel]) {
    var rows: [Row] = []
    for model in models {
      guard let family = DeviceFamilies.family(of: model) else { continue }
      let driver = family.driver(model, family.links[0])
      let support = Ability.allCases.map { driver.support(for: $0) }
      let same = rows.firstIndex {
        $0.family == model.family && $0.support == support && $0.path == driver.path
      }
      if let same {
        rows[same].models.append(model.model)
      } else {
        rows.append(
          Row(
            family: model.family, models: [model.model], isWholeFamily: true, support: support,
            path: driver.path, lineCheck: family.lineCheck))
      }
    }
    for place in rows.indices {
      rows[place].isWholeFamily = rows.count { $0.family == rows[place].family } == 1
    }
    self.rows = rows
  }

  /// The table as the README has it, its lines ended.
  package var markdown: String {
    let heads = Ability.allCases.map(Self.title) + ["line check"]
    var lines = [
      "| device | " + heads.joined(separator: " | ") + " |",
      "|---" + String(repeating: "|---", count: heads.count) + "|",
    ]
    for row in rows {
      let cells = row.support.map(Self.word) + [Self.word(row.lineCheck)]
      lines.append("| " + row.name + " | " + cells.joined(separator: " | ") + " |")
    }
    return lines.joined(separator: "\n") + "\n"
  }

  package static func title(_ ability: Ability) -> String {
    ability == .partialErase ? "partial erase" : ability.rawValue
  }

  package static func word(_ check: LineCheck) -> String {
    switch check {
    case .exclusiveOr: "8-bit XOR"
    case .none: "none"
    }
  }

  package static func word(_ support: Support) -> String {
    switch support {
    case .works: "works"
    case .cannot: "cannot"
    case .notKnown: "not known"
    }
  }
}
