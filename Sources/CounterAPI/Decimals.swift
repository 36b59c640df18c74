/// How many decimals people read and write of what is counted in smallest parts.
package struct Decimals: Sendable, Equatable {
  /// Of the currency.
  package var money: Int
  /// Of points.
  package var points: Int

  package init(money: Int = 0, points: Int = 0) {
    self.money = money
    self.points = points
  }
}
