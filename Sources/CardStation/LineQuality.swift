/// Whether a line damages what passes on it, told from how often something had to be said again.
///
/// A good line damages nothing for weeks; one flipped bit in 10,000 spoils a block or two of every
/// card. What lies back counts less and less: halved every `span` bytes.
struct LineQuality: Hashable, Sendable {
  private static let span = 20_000
  private static let limit = 3

  private var faults = 0
  private var bytes = 0
  /// From the third fault until so much has passed well that none is left.
  private(set) var isNoisy = false

  /// Takes in one conversation.
  mutating func took(bytes: Int, faults: Int) {
    self.bytes += bytes
    // however bad it was: as soon as the cable was changed it is good again
    self.faults = min(self.faults + faults, Self.limit)
    while self.bytes >= Self.span {
      self.bytes -= Self.span
      self.faults /= 2
    }
    if self.faults >= Self.limit { isNoisy = true }
    if self.faults == 0 { isNoisy = false }
  }
}
