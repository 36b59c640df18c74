import Foundation
import LoyaltyRules
import Testing

struct CalendarTests {
  private static let zones = [
    "Asia/Taipei", "UTC", "America/New_York", "America/Sao_Paulo", "Australia/Lord_Howe",
    "Asia/Kathmandu", "Pacific/Apia", "Africa/Casablanca",
  ]

  /// Foundation's calendar is the other computation.
  @Test(arguments: zones)
  func `a day is the one that the zone's clocks show`(zone: String) throws {
    let ours = try #require(BusinessCalendar(zone: zone))
    var theirs = Calendar(identifier: .gregorian)
    theirs.timeZone = try #require(TimeZone(identifier: zone))
    // an odd step meets all hours; from 1969, through every kind of leap year, to 2105
    for step in 0..<4_000 {
      let milliseconds = -20_000_000_000 + Int64(step) * 1_070_001_234_57 / 100
      let parts = theirs.dateComponents(
        [.year, .month, .day], from: Date(timeIntervalSince1970: Double(milliseconds) / 1_000))
      let day = ours.day(of: Instant(milliseconds: milliseconds))
      #expect([day.year, day.month, day.day] == [parts.year, parts.month, parts.day])
    }
  }

  @Test func `days are moved as Foundation moves them`() throws {
    let ours = try #require(BusinessCalendar(zone: "UTC"))
    var theirs = Calendar(identifier: .gregorian)
    theirs.timeZone = try #require(TimeZone(identifier: "UTC"))
    for step in 0..<500 {
      let start = Date(timeIntervalSince1970: Double(step) * 7_234_567)
      let day = ours.day(of: Instant(milliseconds: Int64(step) * 7_234_567_000))
      for count in [-11, -1, 0, 1, 7, 11] {
        for (unit, moved) in [
          (Calendar.Component.day, ours.day(day, adding: count)),
          (.month, ours.day(day, addingMonths: count)),
        ] {
          let date = try #require(theirs.date(byAdding: unit, value: count, to: start))
          let parts = theirs.dateComponents([.year, .month, .day], from: date)
          #expect([moved.year, moved.month, moved.day] == [parts.year, parts.month, parts.day])
        }
      }
    }
  }

  @Test(arguments: ["0001-01-01", "1999-12-31", "2000-02-29", "2026-11-21", "9999-12-31"])
  func `a day is read as it was written`(text: String) throws {
    #expect(try #require(Day(text)).description == text)
  }

  @Test(arguments: [
    "", "2026-11-2", "2026-11-211", "2026/11/21", "2026-13-01", "2026-00-10", "2026-02-29",
    "1900-02-29", "0000-01-01", "2026-11-00", "2026-11-31", "+026-11-21", "２０26-11-21",
    "2026-1-211", " 2026-11-2", "2026-11--1",
  ])
  func `what is no day is refused`(text: String) {
    #expect(Day(text) == nil)
  }
}
