extension AccountState {
  /// Gives back what a redemption took, the last taken first.
  ///
  /// What came from no lot was paid since by credits: it goes back to lots that live and have room,
  /// the one that ends last first.
  ///
  /// - Parameters:
  ///   - points: what is given back, in points as they are now.
  ///   - reversed: what the redemption loses, in points as they were then.
  ///   - judgedAt: a lot that has ended by then is not used any more.
  mutating func restore(
    _ points: Int64, reversed: Int64, of redeem: EntryName, key: FoldKey, graceEnd: Instant?,
    judgedAt: Instant
  ) {
    func lives(_ lot: Lot) -> Bool {
      lot.end == .whileActive ? key.effectiveAt < self.end(of: lot) : judgedAt < lot.end
    }
    let paid = min(deficit, points)
    deficit -= paid
    var toLots = points - paid
    var marked: Int64 = 0
    var allotted: Int64 = 0
    var graced: Int64 = 0
    // the end of what a lot has no room for, where points have become more since
    var overflowEnd: Instant?
    var list = uses[redeem] ?? []
    for index in list.indices.reversed() where marked < reversed {
      let share = min(list[index].points - list[index].restored, reversed - marked)
      list[index].restored += share
      marked += share
      let reached = Rounding.floor.divide(
        Int128(points) * Int128(marked), by: Int128(reversed))
      let part = reached - allotted
      allotted = reached
      guard let name = list[index].lot, var lot = lots[name] else { continue }
      let given = min(part, toLots, lot.original - lot.remaining)
      toLots -= given
      if lives(lot) {
        lot.remaining += given
        keep(lot)
        if given < part { overflowEnd = max(overflowEnd ?? lot.end, lot.end) }
      } else {
        graced += given
      }
    }
    uses[redeem] = list
    touchedUses.insert(redeem)
    for var lot in lotsInOrder.reversed() where toLots > 0 {
      guard lot.start <= key.effectiveAt, lives(lot) else { continue }
      let given = min(toLots, lot.original - lot.remaining)
      toLots -= given
      lot.remaining += given
      keep(lot)
    }
    graced += toLots
    guard graced > 0 else { return }
    // forfeited points stand in a lot that never was usable, so nothing is lost from the sums
    let end = [graceEnd, overflowEnd].compactMap { $0 }.max() ?? key.effectiveAt
    keep(Lot(key: key, start: key.effectiveAt, end: end, original: graced, remaining: graced))
  }
}
