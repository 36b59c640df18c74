extension AccountState {
  /// What differs from another state that should be the same, in words; nil where nothing does.
  package func difference(from other: AccountState) -> String? {
    if posted != other.posted { return "posted \(posted), folded \(other.posted)" }
    if deficit != other.deficit { return "deficit \(deficit), folded \(other.deficit)" }
    if lots != other.lots {
      let differing = Set(lots.values).symmetricDifference(other.lots.values)
      let names = Set(differing.map { "\($0.key.name)" }).sorted().prefix(3)
      return "lots differ at \(names.joined(separator: ", "))"
    }
    if holds != other.holds { return "holds differ" }
    if tier != other.tier { return "tier \(tier.level), folded \(other.tier.level)" }
    if override != other.override { return "the tier set by hand differs" }
    if activeUntil != other.activeUntil { return "the end by inactivity differs" }
    if carry != other.carry { return "carry \(carry), folded \(other.carry)" }
    if measures != other.measures { return "what counts for the tier differs" }
    return nil
  }
}
