/// Whose turn it is at a station that several tills share, as a value: first come, first served.
///
/// A claim lasts until it is given up, or until its time is over; each ticket begins the time anew.
struct ClaimQueue: Sendable, Equatable {
  /// How many tills may wait.
  static let limit = 16

  /// How long a claim lasts without a ticket, in milliseconds.
  private let lasts: Int64
  private(set) var till: String?
  private(set) var waiting: [String] = []
  /// When the claim is over, in milliseconds since 1970.
  private(set) var ends: Int64 = 0

  init(lasts: Int64) { self.lasts = lasts }

  /// Asks for the station.
  ///
  /// - Returns: 0 when it is the till's turn, else its place among those who wait; nil when too
  ///   many wait already.
  mutating func claim(_ name: String, at now: Int64) -> Int? {
    lapse(at: now)
    guard till != nil, till != name else {
      till = name
      ends = now + lasts
      return 0
    }
    if let place = waiting.firstIndex(of: name) { return place + 1 }
    guard waiting.count < Self.limit else { return nil }
    waiting.append(name)
    return waiting.count
  }

  /// Gives the station up, or the place among those who wait.
  mutating func release(_ name: String, at now: Int64) {
    lapse(at: now)
    waiting.removeAll { $0 == name }
    if till == name { turn(at: now) }
  }

  /// Whether a till may post a ticket now; where nobody has claimed the station it claims it by
  /// that.
  mutating func uses(_ name: String, at now: Int64) -> Bool {
    lapse(at: now)
    guard till == nil || till == name else { return false }
    till = name
    ends = now + lasts
    return true
  }

  /// Ends what has lasted too long.
  mutating func lapse(at now: Int64) {
    // the next in turn may have been away as long
    while till != nil, ends <= now { turn(at: ends) }
  }

  private mutating func turn(at instant: Int64) {
    till = waiting.isEmpty ? nil : waiting.removeFirst()
    ends = instant + lasts
  }
}
