/// What happens to the pieces of one purse.
extension Purses.Purse {
  /// What points come from: a sale's lot and its spending have one name.
  enum Origin {
    case lot(String)
    case spending(String)

    var name: String {
      switch self {
      case .lot(let lot): "lot \(lot)"
      case .spending(let spending): "spending \(spending)"
      }
    }
  }

  mutating func give(
    _ lot: String, _ points: Int64, start: Int64? = nil, end: Int64, _ fact: Fact
  ) {
    let paid = min(debt, points)
    debt -= paid
    pieces.append(
      Purses.Piece(
        lot: lot, at: fact.at, node: fact.node, place: fact.place, start: start ?? fact.at,
        end: end, size: points, left: points - paid))
    rates[Origin.lot(lot).name] = []
  }

  mutating func use(
    _ points: Int64, at time: Int64
  ) -> [(lot: String?, points: Int64, restored: Int64)] {
    var used: [(lot: String?, points: Int64, restored: Int64)] = []
    // one point after the other from whatever ends first
    var wanted = points
    while wanted > 0 {
      let next = pieces.indices.filter {
        pieces[$0].left > 0 && pieces[$0].start <= time && time < pieces[$0].end
      }.min { a, b in
        let (a, b) = (pieces[a], pieces[b])
        return (a.end, a.at, a.node, a.place) < (b.end, b.at, b.node, b.place)
      }
      guard let next else { break }
      let part = min(wanted, pieces[next].left)
      pieces[next].left -= part
      wanted -= part
      used.append((pieces[next].lot, part, 0))
    }
    if wanted > 0 {
      debt += wanted
      used.append((nil, wanted, 0))
    }
    return used
  }

  /// From the lot itself, then from what it became, then from others.
  mutating func takeBack(_ points: Int64, _ lot: String, at time: Int64) {
    var rest = points
    var line = [lot]
    while !line.isEmpty {
      let next = line.removeFirst()
      line += heirs[next] ?? []
      guard let own = pieces.firstIndex(where: { $0.lot == next }) else { continue }
      let part = min(rest, pieces[own].left)
      pieces[own].left -= part
      rest -= part
    }
    _ = use(rest, at: time)
  }

  mutating func restore(
    _ points: Int64, _ spending: String, lost: Int64, judged: Int64, grace: Int64, _ fact: Fact
  ) {
    let paid = min(debt, points)
    debt -= paid
    var toGive = points - paid
    var (done, homeless): (Int64, Int64) = (0, 0)
    var end = grace
    var uses = spendings[spending] ?? []
    for index in uses.indices.reversed() {
      let old = min(uses[index].points - uses[index].restored, lost - done)
      uses[index].restored += old
      let share = lost == 0 ? 0 : points * (done + old) / lost - points * done / lost
      done += old
      guard old > 0, let piece = pieces.firstIndex(where: { $0.lot == uses[index].lot }) else {
        continue
      }
      let given = min(share, toGive, pieces[piece].size - pieces[piece].left)
      toGive -= given
      if judged < pieces[piece].end {
        pieces[piece].left += given
        // what has no room there lives as long
        if given < share { end = max(end, pieces[piece].end) }
      } else {
        homeless += given
      }
    }
    spendings[spending] = uses
    homeless += fill(toGive, at: fact.at, judged: judged)
    guard homeless > 0 else { return }
    give("\(spending) back \(fact.node).\(fact.place)", homeless, end: end, fact)
  }

  /// Puts points where room is, first into what ends last.
  ///
  /// - Returns: what found none.
  private mutating func fill(_ points: Int64, at time: Int64, judged: Int64) -> Int64 {
    var rest = points
    let order = pieces.indices.sorted { one, other in
      let (a, b) = (pieces[one], pieces[other])
      return (a.end, a.at, a.node, a.place, one) < (b.end, b.at, b.node, b.place, other)
    }
    for index in order.reversed() where pieces[index].start <= time && judged < pieces[index].end {
      let part = min(rest, pieces[index].size - pieces[index].left)
      pieces[index].left += part
      rest -= part
    }
    return rest
  }

  /// What the node did not know of stays what it was.
  mutating func convert(
    _ lots: [Fact.Change], _ rate: Fact.Rate, of origins: Set<String>, _ fact: Fact
  ) {
    for name in rates.keys where origins.contains(name) { rates[name]?.append(rate) }
    for change in lots {
      heirs[change.lot, default: []].append(change.into)
      var (start, end) = (fact.at, Int64.max)
      if let own = pieces.firstIndex(where: { $0.lot == change.lot }) {
        let part = min(change.taken, pieces[own].left)
        pieces[own].left -= part
        debt += change.taken - part
        (start, end) = (pieces[own].start, pieces[own].end)
      } else {
        debt += change.taken
      }
      give(change.into, change.given, start: start, end: end, fact)
    }
  }

  mutating func absorb(_ other: Purses.Purse, at time: Int64) {
    pieces += other.pieces
    spendings.merge(other.spendings) { own, _ in own }
    holds.merge(other.holds) { own, _ in own }
    rates.merge(other.rates) { own, _ in own }
    heirs.merge(other.heirs) { own, _ in own }
    standing.join(other.standing, at: time)
    let owed = debt + other.debt
    debt = 0
    _ = use(owed, at: time)
  }
}
