import Configuration
import Ledger
import LoyaltyRules
import Registers

extension CounterRoutes {
  /// The year of the birthday that a member of the account has, as the programme sees it; nil: of
  /// none, or of one that was put in the place of another which gave something within the year.
  func birthdayYear(_ account: String?, at instant: Instant, _ writer: LedgerWriter) throws -> Int?
  {
    guard let account else { return nil }
    let rules = try writer.rules()
    let programme = rules.version(at: instant).programme
    let rule = programme.birthday
    let gives =
      rule.multiplier != .one || rule.bonus > 0
      || programme.rewards.contains { $0.occasion == .birthday }
    guard gives else { return nil }
    let day = rules.businessDay(of: instant)
    let root = try writer.existing(account)
    let view = writer.view
    let registers = Registers(view.store)
    let born = try view.members(of: root).flatMap { try registers.birthdays(ofAccount: $0) }
    for (member, birthday) in born {
      guard let born = Day(birthday),
        let year = rule.birthdayYear(
          day, bornIn: born.month, on: born.day, calendar: rules.calendar)
      else { continue }
      if try !hadAnother(member, than: born, on: day, root, rule, writer) { return year }
    }
    return nil
  }

  /// Whether a birthday that the member had before this one was kept less than a year ago.
  private func hadAnother(
    _ member: String, than born: Day, on day: Day, _ root: String, _ rule: BirthdayRule,
    _ writer: LedgerWriter
  ) throws -> Bool {
    let calendar = try writer.rules().calendar
    let former = try Registers(writer.store).birthdays(of: member).compactMap { Day($0) }
      .filter { ($0.month, $0.day) != (born.month, born.day) }
    guard !former.isEmpty else { return false }
    let since = calendar.start(of: calendar.day(day, addingMonths: -13))
    return try writer.view.birthdaySales(of: root, since: since).contains { sold in
      let isFormers = former.contains {
        rule.includes(sold, bornIn: $0.month, on: $0.day, calendar: calendar)
      }
      let isOwn = rule.includes(
        sold, bornIn: born.month, on: born.day, calendar: calendar)
      return isFormers && !isOwn && sold < day && !rule.isApart(day, from: sold)
    }
  }
}
