import Configuration
import CounterAPI
import LoyaltyRules
import Registers

/// What is wrong with a cell of a line.
struct BatchFault: Error {
  var column: String
  var problem: String
  var remedy: String
}

/// One line of a file that is sent in batches: its cells as they stand there.
struct BatchLine: Sendable {
  /// Its number in the file.
  var number: Int64
  /// By column; an empty cell is missing.
  var cells: [String: String] = [:]
  private let calendar: BusinessCalendar

  private static let people = ["card", "phone", "member", "account"]
  private static let columns = people + ["points", "earned", "ends"]

  init(_ node: Node, calendar: BusinessCalendar) throws(ConfigurationError) {
    self.calendar = calendar
    var object = try node.object()
    number = try object.required("line").integer(in: 1...10_000_000)
    for column in BatchLine.columns {
      guard let cell = object.optional(column) else { continue }
      let text = try cell.text()
      guard text.utf8.count <= 200 else {
        throw cell.error("is too long", remedy: "200 bytes at most")
      }
      if !text.isEmpty { cells[column] = text }
    }
    try object.finish()
  }

  /// The column that says who is meant.
  var who: String { BatchLine.people.first { cells[$0] != nil } ?? "card" }

  func fault(_ column: String, _ problem: String, remedy: String) -> BatchFault {
    BatchFault(column: column, problem: problem, remedy: remedy)
  }

  func subject() throws(BatchFault) -> Subject {
    let given = BatchLine.people.filter { cells[$0] != nil }
    guard given.count == 1, let text = cells[given[0]] else {
      throw fault(
        given.first ?? "card", given.isEmpty ? "names nobody" : "names somebody in two ways",
        remedy: "fill one of card, phone, member, account")
    }
    switch given[0] {
    case "card": return .card(number: text)
    case "phone":
      guard let number = PhoneNumber.normalised(text) else {
        throw fault("phone", "is no telephone number", remedy: "8 to 15 digits, area code included")
      }
      return .phone(number)
    case "member": return .member(text)
    default: return .account(text)
    }
  }

  /// The column `points`, in smallest parts.
  func points(_ unit: PointUnit) throws(BatchFault) -> Int64 {
    guard let text = cells["points"], let value = unit.smallest(text),
      (1...RuleLimits.points).contains(value)
    else {
      let fineness = unit.decimals == 0 ? "whole points" : "at most \(unit.decimals) decimals"
      throw fault(
        "points", cells["points"] == nil ? "is missing" : "is no number of points",
        remedy: "\(unit.text(1)) to \(unit.text(RuleLimits.points)), \(fineness)")
    }
    return value
  }

  /// An RFC 3339 time, or a day, which `day` makes an instant; nil where the cell is empty.
  func instant(_ column: String, day: (Day) -> Instant) throws(BatchFault) -> Instant? {
    guard let text = cells[column] else { return nil }
    if let found = Day(text) { return day(found) }
    guard let found = calendar.instant(text) else {
      throw fault(
        column, "is no day and no time",
        remedy: "write it as 2026-11-21 or 2026-11-21T14:05:00+08:00")
    }
    return found
  }
}
