/// What a partial return takes back, conserving to the point: cumulative shares rounded down.
package enum ReturnShare {
  /// The further points to reverse when `returned` of `original` (minor units, cumulative, with
  /// this return) has come back and `reversed` points were reversed before. A ticket of 0 is
  /// reversed whole at once.
  package static func points(
    of points: Int64, returned: Int64, original: Int64, reversed: Int64
  ) -> Int64 {
    guard original > 0 else { return points - reversed }
    let (high, low) = points.multipliedFullWidth(by: returned)
    let (share, _) = original.dividingFullWidth((high, low))
    return share - reversed
  }
}
