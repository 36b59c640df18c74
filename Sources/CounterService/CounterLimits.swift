import Configuration
import LoyaltyRules

/// How far one person's right goes, and how long things last.
package struct CounterLimits: Sendable, Equatable {
  /// Whole points that a cashier redeems on one ticket; default 5,000.
  package var cashierRedeem: Int64 = 5_000
  /// Whole points that one person gives and takes by hand in a day without a second one; default
  /// 3,000.
  package var adjustPerDay: Int64 = 3_000
  /// Wrong PINs after which no more are tried for a while; default 5.
  package var pinAttempts: Int64 = 5
  /// How long that is, in minutes; default 15.
  package var pinLockMinutes: Int64 = 15
  /// How long a sign-in lasts, in minutes; default 480.
  package var signInMinutes: Int64 = 480
  /// From which age on somebody decides for themselves; default 18.
  package var adultAge: Int64 = 18
  /// How long the audit and the notices to members are kept, in years; default 5.
  package var auditYears: Int64 = 5
  /// How long the article lines of tickets are kept, in months; default 24.
  package var lineMonths: Int64 = 24

  package init() {}

  init(_ node: Node) throws(ConfigurationError) {
    self.init()
    var object = try node.object()
    let points = CounterLimits.integer(0...1_000_000_000)
    cashierRedeem = try object.value("cashierRedeem", default: cashierRedeem, read: points)
    adjustPerDay = try object.value("adjustPerDay", default: adjustPerDay, read: points)
    let minutes = CounterLimits.integer(1...10_080)
    pinLockMinutes = try object.value("pinLockMinutes", default: pinLockMinutes, read: minutes)
    signInMinutes = try object.value("signInMinutes", default: signInMinutes, read: minutes)
    pinAttempts = try object.value(
      "pinAttempts", default: pinAttempts, read: CounterLimits.integer(3...20))
    adultAge = try object.value(
      "adultAge", default: adultAge, read: CounterLimits.integer(0...25))
    auditYears = try object.value(
      "auditYears", default: auditYears, read: CounterLimits.integer(1...30))
    lineMonths = try object.value(
      "lineMonths", default: lineMonths, read: CounterLimits.integer(1...360))
    try object.finish()
  }

  private static func integer(
    _ range: ClosedRange<Int64>
  ) -> (Node) throws(ConfigurationError) -> Int64 {
    { (node) throws(ConfigurationError) in try node.integer(in: range) }
  }

  /// What is older than this is let go of the audit.
  func auditEnd(_ now: Instant, _ calendar: BusinessCalendar) -> Instant {
    calendar.start(of: calendar.day(calendar.day(of: now), addingMonths: -12 * Int(auditYears)))
  }

  /// The article lines of tickets that were sold before this are let go.
  func linesEnd(_ now: Instant, _ calendar: BusinessCalendar) -> Instant {
    calendar.start(of: calendar.day(calendar.day(of: now), addingMonths: -Int(lineMonths)))
  }
}
