import Configuration
import LoyaltyRules
import Platform

/// One real ticket, moved to the recent past.
struct DemoTicket: Sendable {
  var number: String
  /// The till: the store of the original.
  var terminal: String
  var household: String
  /// RFC 3339 without an offset: a time of the programme's zone.
  var soldAt: String
  var day: Day
  /// In the currency's smallest unit: the original's cents stand for NT$.
  var amount: Int64
}

enum DemoTickets {
  /// Reads tickets in the order of their times, moved by whole days so that the last falls on
  /// `lastDay`.
  ///
  /// - Parameter path: a CSV file with the columns of the excerpt's README; `.gz` by the system's
  ///   gzip.
  /// - Throws: `ConfigurationError` with the line that is wrong.
  static func read(_ path: String, lastDay: Day, calendar: BusinessCalendar) throws -> [DemoTicket]
  {
    let limit = 256 << 20
    let bytes =
      path.hasSuffix(".gz")
      ? try Files.readGzip(path, limit: limit) : try Files.read(path, limit: limit)
    let lines = bytes.split(separator: 0x0a, omittingEmptySubsequences: true)
    guard let head = lines.first else { throw wrong(path, 1, "the file is empty") }
    let columns = fields(head)
    let wanted = ["ticket", "store", "member", "sold_at", "net_cents"]
    let places = wanted.compactMap { columns.firstIndex(of: $0) }
    guard places.count == wanted.count else {
      throw wrong(path, 1, "the columns \(wanted.joined(separator: ", ")) are wanted")
    }
    var tickets: [DemoTicket] = []
    tickets.reserveCapacity(lines.count)
    for (index, line) in lines.dropFirst().enumerated() {
      let values = fields(line)
      guard values.count == columns.count, let amount = Int64(values[places[4]]), amount >= 0,
        let day = Day(String(values[places[3]].prefix(10))), values[places[3]].count == 19
      else { throw wrong(path, index + 2, "the line is no ticket") }
      tickets.append(
        DemoTicket(
          number: values[places[0]], terminal: values[places[1]], household: values[places[2]],
          soldAt: values[places[3]], day: day, amount: amount))
    }
    tickets.sort { ($0.soldAt, $0.number) < ($1.soldAt, $1.number) }
    return move(tickets, to: lastDay, calendar: calendar)
  }

  private static func move(
    _ tickets: [DemoTicket], to lastDay: Day, calendar: BusinessCalendar
  ) -> [DemoTicket] {
    guard let last = tickets.last?.day else { return tickets }
    let days =
      (calendar.start(of: lastDay).milliseconds - calendar.start(of: last).milliseconds)
      / 86_400_000
    var moved: [Day: Day] = [:]
    return tickets.map { ticket in
      var ticket = ticket
      let day = moved[ticket.day] ?? calendar.day(ticket.day, adding: Int(days))
      moved[ticket.day] = day
      ticket.day = day
      ticket.soldAt = "\(day)" + ticket.soldAt.dropFirst(10)
      return ticket
    }
  }

  private static func fields(_ line: ArraySlice<UInt8>) -> [String] {
    line.split(separator: 0x2c, omittingEmptySubsequences: false).map {
      String(decoding: $0, as: UTF8.self).trimmingReturn()
    }
  }

  private static func wrong(_ path: String, _ line: Int, _ problem: String) -> ConfigurationError {
    ConfigurationError(source: path, line: line, path: "", problem: problem, remedy: "")
  }
}

extension String {
  fileprivate func trimmingReturn() -> String { hasSuffix("\r") ? String(dropLast()) : self }
}
