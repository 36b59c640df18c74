import Foundation

/// A day of the calendar, without a zone.
package struct Day: Hashable, Comparable, Sendable, CustomStringConvertible {
  package var year: Int
  package var month: Int
  package var day: Int

  package init(year: Int, month: Int, day: Int) {
    self.year = year
    self.month = month
    self.day = day
  }

  package static func < (a: Day, b: Day) -> Bool {
    (a.year, a.month, a.day) < (b.year, b.month, b.day)
  }

  /// As `2026-11-21`.
  package var description: String {
    guard (0...9_999).contains(year) else {
      return "\(Day.padded(year, 4))-\(Day.padded(month, 2))-\(Day.padded(day, 2))"
    }
    return String(unsafeUninitializedCapacity: 10) { text in
      var place = 0
      func write(_ value: Int, _ unit: Int) {
        text[place] = UInt8(0x30 + value / unit % 10)
        place += 1
      }
      for unit in [1_000, 100, 10, 1] { write(year, unit) }
      for value in [month, day] {
        text[place] = UInt8(ascii: "-")
        place += 1
        write(value, 10)
        write(value, 1)
      }
      return place
    }
  }

  /// As `2026/11/21`: how screens and faces show it.
  package var shown: String {
    "\(Day.padded(year, 4))/\(Day.padded(month, 2))/\(Day.padded(day, 2))"
  }

  /// Reads `2026-11-21`; nil for any other form and for days that do not exist.
  package init?(_ text: String) {
    var numbers = (0, 0, 0)
    var place = 0
    for byte in text.utf8 {
      let digit = Int(byte) - 0x30
      switch place {
      case 4, 7: guard byte == UInt8(ascii: "-") else { return nil }
      case _ where !(0...9).contains(digit): return nil
      case 0...3: numbers.0 = numbers.0 * 10 + digit
      case 5, 6: numbers.1 = numbers.1 * 10 + digit
      case 8, 9: numbers.2 = numbers.2 * 10 + digit
      default: return nil
      }
      place += 1
    }
    let (year, month, day) = numbers
    guard place == 10, year > 0, (1...12).contains(month), day >= 1,
      day <= Day.days(inMonth: month, year: year)
    else { return nil }
    self.init(year: year, month: month, day: day)
  }

  /// The day that lies so many days after 1970-01-01, by the Gregorian rule for all times.
  ///
  /// Counted in years that begin in March: their months have the lengths of one sum.
  init(sinceEpoch days: Int) {
    let shifted = days + 719_468
    let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
    let dayOfEra = shifted - era * 146_097
    let yearOfEra =
      (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let part = (5 * dayOfYear + 2) / 153
    let month = part < 10 ? part + 3 : part - 9
    self.init(
      year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month: month,
      day: dayOfYear - (153 * part + 2) / 5 + 1)
  }

  /// How many days after 1970-01-01 it lies.
  var sinceEpoch: Int {
    let year = month <= 2 ? year - 1 : year
    let era = (year >= 0 ? year : year - 399) / 400
    let yearOfEra = year - era * 400
    let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
    return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
  }

  /// How many days it lies after `day`.
  package func days(since day: Day) -> Int { sinceEpoch - day.sinceEpoch }

  /// 1 for Monday to 7 for Sunday.
  package var weekday: Int {
    // days since a Monday, counted by the Gregorian rule
    let before = year - 1
    let ordinal = before * 365 + before / 4 - before / 100 + before / 400
    let months = (1..<month).reduce(0) { $0 + Day.days(inMonth: $1, year: year) }
    return (ordinal + months + day - 1) % 7 + 1
  }

  static func days(inMonth month: Int, year: Int) -> Int {
    switch month {
    case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }

  static func digits(_ text: Substring) -> Int? {
    text.utf8.allSatisfy { (0x30...0x39).contains($0) } ? Int(text) : nil
  }

  static func padded(_ value: Int, _ width: Int) -> String {
    let text = String(value)
    return String(repeating: "0", count: max(0, width - text.count)) + text
  }
}

/// Days and months in a programme's time zone.
package struct BusinessCalendar: Sendable {
  package let timeZone: TimeZone
  private let calendar: Calendar

  package init(timeZone: TimeZone) {
    self.timeZone = timeZone
    var calendar = Calendar(identifier: .gregorian)
    calendar.timeZone = timeZone
    self.calendar = calendar
  }

  /// The calendar of an IANA zone; nil when the system does not know the name.
  package init?(zone: String) {
    guard let timeZone = TimeZone(identifier: zone) else { return nil }
    self.init(timeZone: timeZone)
  }

  /// The day on which `instant` falls.
  package func day(of instant: Instant) -> Day { day(of: instant, startingAt: 0) }

  /// The day on which `instant` falls where days begin so many minutes after midnight.
  func day(of instant: Instant, startingAt minute: Int) -> Day {
    let zone = Int64(timeZone.secondsFromGMT(for: BusinessCalendar.date(instant))) * 1_000
    let offset = zone - Int64(minute) * 60_000
    let local = instant.milliseconds.addingReportingOverflow(offset).partialValue
    let (days, rest) = local.quotientAndRemainder(dividingBy: 86_400_000)
    return Day(sinceEpoch: Int(rest < 0 ? days - 1 : days))
  }

  /// The first instant of `day`.
  package func start(of day: Day) -> Instant {
    let parts = DateComponents(year: day.year, month: day.month, day: day.day)
    guard let date = calendar.date(from: parts) else {
      preconditionFailure("the calendar knows every day of its own zone")
    }
    return BusinessCalendar.instant(calendar.startOfDay(for: date))
  }

  /// The first instant of `day` where days begin so many minutes after midnight.
  func start(of day: Day, at minute: Int) -> Instant {
    guard minute > 0 else { return start(of: day) }
    let parts = DateComponents(
      year: day.year, month: day.month, day: day.day, hour: minute / 60, minute: minute % 60)
    guard let date = calendar.date(from: parts) else {
      preconditionFailure("the calendar knows every day of its own zone")
    }
    return BusinessCalendar.instant(date)
  }

  /// `day` moved by whole days.
  package func day(_ day: Day, adding days: Int) -> Day { Day(sinceEpoch: day.sinceEpoch + days) }

  /// `day` moved by whole months; 31 January plus one month is the last day of February.
  package func day(_ day: Day, addingMonths months: Int) -> Day {
    let ordinal = day.year * 12 + day.month - 1 + months
    let year = ordinal >= 0 ? ordinal / 12 : (ordinal - 11) / 12
    let month = ordinal - year * 12 + 1
    return Day(year: year, month: month, day: min(day.day, Day.days(inMonth: month, year: year)))
  }

  /// Minutes after midnight, by the clocks of the zone.
  func minuteOfDay(_ instant: Instant) -> Int {
    let parts = calendar.dateComponents([.hour, .minute], from: BusinessCalendar.date(instant))
    return (parts.hour ?? 0) * 60 + (parts.minute ?? 0)
  }

  /// The date and time of day, as `2026-11-21 14:05`.
  package func minute(_ instant: Instant) -> String {
    let parts = calendar.dateComponents([.hour, .minute], from: BusinessCalendar.date(instant))
    let time = "\(Day.padded(parts.hour ?? 0, 2)):\(Day.padded(parts.minute ?? 0, 2))"
    return "\(day(of: instant)) \(time)"
  }

  /// RFC 3339 with the offset of the zone, to the second, as `2026-11-21T14:05:00+08:00`.
  package func text(_ instant: Instant) -> String {
    let date = BusinessCalendar.date(instant)
    let parts = calendar.dateComponents([.hour, .minute, .second], from: date)
    let time = [parts.hour, parts.minute, parts.second].map { Day.padded($0 ?? 0, 2) }
    let offset = timeZone.secondsFromGMT(for: date) / 60
    let sign = offset < 0 ? "-" : "+"
    let hours = Day.padded(abs(offset) / 60, 2)
    return "\(day(of: instant))T\(time.joined(separator: ":"))\(sign)\(hours):"
      + Day.padded(abs(offset) % 60, 2)
  }

  /// Reads RFC 3339; a text without an offset is a time of this zone. Nil when it is neither. A
  /// local time that the zone skips is read as the instant an hour later, as clocks would show it.
  package func instant(_ text: String) -> Instant? {
    guard text.utf8.count >= 19, text.utf8.count <= 35,
      let day = Day(String(text.prefix(10))),
      text.dropFirst(10).first.map({ "Tt ".contains($0) })
        == true
    else { return nil }
    let time = text.dropFirst(11).prefix(8).split(separator: ":", omittingEmptySubsequences: false)
    guard time.map(\.count) == [2, 2, 2], let hour = Day.digits(time[0]), hour < 24,
      let minute = Day.digits(time[1]), minute < 60, let second = Day.digits(time[2]), second < 60
    else { return nil }
    var rest = text.dropFirst(19)
    var milliseconds: Int64 = 0
    if rest.first == "." {
      let fraction = rest.dropFirst().prefix { $0.isASCII && $0.isNumber }
      guard !fraction.isEmpty, let value = Int64((fraction + "000").prefix(3)) else { return nil }
      milliseconds = value
      rest = rest.dropFirst(1 + fraction.count)
    }
    var parts = DateComponents(
      year: day.year, month: day.month, day: day.day, hour: hour, minute: minute, second: second)
    if !rest.isEmpty {
      guard let offset = BusinessCalendar.offset(rest) else { return nil }
      parts.timeZone = TimeZone(secondsFromGMT: offset)
    }
    guard let date = calendar.date(from: parts) else { return nil }
    return BusinessCalendar.instant(date).adding(milliseconds: milliseconds)
  }

  private static func offset(_ text: Substring) -> Int? {
    if text == "Z" || text == "z" { return 0 }
    guard let sign = text.first, sign == "+" || sign == "-" else { return nil }
    let parts = text.dropFirst().split(separator: ":", omittingEmptySubsequences: false)
    guard parts.map(\.count) == [2, 2], let hours = Day.digits(parts[0]), hours < 24,
      let minutes = Day.digits(parts[1]), minutes < 60
    else { return nil }
    return (hours * 3_600 + minutes * 60) * (sign == "-" ? -1 : 1)
  }

  private static func date(_ instant: Instant) -> Date {
    Date(timeIntervalSince1970: Double(instant.milliseconds) / 1_000)
  }

  private static func instant(_ date: Date) -> Instant {
    Instant(milliseconds: Int64((date.timeIntervalSince1970 * 1_000).rounded()))
  }
}
