import Foundation
import Platform

/// Tickets of a shop as a CSV file lists them.
struct RealTicket {
  var number: String
  var member: String
  /// Seconds since 1970, the shop's clock taken as UTC.
  var soldAt: Int64
  var cents: Int64
  var lines: [Line] = []

  struct Line {
    var article: String
    var category: String
    var quantity: Int64
    var cents: Int64
  }

  var day: Int64 { soldAt / 86_400 }
}

/// Where the tickets come from: the folder that POINTCARD_TICKETS names, or the excerpt.
enum RealTickets {
  static var folder: String? { ProcessInfo.processInfo.environment["POINTCARD_TICKETS"] }

  struct Malformed: Error { var line: Substring }

  /// All tickets of the folder, with their lines where `withLines`.
  static func all(in folder: String, withLines: Bool) throws -> [RealTicket] {
    let tickets = try read(try text(folder + "/complete-journey-2017h1.csv.gz"))
    guard withLines else { return tickets }
    return try join(
      tickets, lines: try text(folder + "/complete-journey-2017h1-lines.csv.gz"),
      articles: try text(folder + "/complete-journey-articles.csv.gz"))
  }

  private static func text(_ path: String) throws -> String {
    let unpacked = try ChildProcess.run(
      .init(executable: "/bin/gzip", arguments: ["-dc", path]), limit: 256 << 20,
      within: .seconds(120))
    return String(decoding: unpacked.output, as: UTF8.self)
  }

  /// Reads `ticket,store,member,sold_at,lines,net_cents,…`.
  static func read(_ text: String) throws -> [RealTicket] {
    try text.split(separator: "\n").dropFirst().map { line in
      let fields = line.split(separator: ",", omittingEmptySubsequences: false)
      guard fields.count >= 6, let cents = Int64(fields[5]) else { throw Malformed(line: line) }
      return RealTicket(
        number: String(fields[0]), member: String(fields[2]), soldAt: try seconds(fields[3]),
        cents: cents)
    }
  }

  /// Reads `2017-01-01T11:53:26`: days of a year that is none of leap.
  private static func seconds(_ text: Substring) throws -> Int64 {
    let parts = text.split { "-T:".contains($0) }.compactMap { Int64($0) }
    guard parts.count == 6, parts[0] == 2017, (1...12).contains(parts[1]) else {
      throw Malformed(line: text)
    }
    let before: [Int64] = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334]
    let days = 17_167 + before[Int(parts[1]) - 1] + parts[2] - 1
    return days * 86_400 + parts[3] * 3_600 + parts[4] * 60 + parts[5]
  }

  /// Adds `ticket,article,quantity,net_cents` with the categories of the articles.
  static func join(
    _ tickets: [RealTicket], lines: String, articles: String
  ) throws -> [RealTicket] {
    var categories: [Substring: String] = [:]
    for line in articles.split(separator: "\n").dropFirst() {
      let fields = line.split(separator: ",", omittingEmptySubsequences: false)
      if fields.count >= 3 { categories[fields[0]] = String(fields[2]) }
    }
    var byTicket: [String: [RealTicket.Line]] = [:]
    for line in lines.split(separator: "\n").dropFirst() {
      let fields = line.split(separator: ",")
      guard fields.count == 4, let quantity = Int64(fields[2]), let cents = Int64(fields[3]) else {
        throw Malformed(line: line)
      }
      byTicket[String(fields[0]), default: []].append(
        RealTicket.Line(
          article: String(fields[1]), category: categories[fields[1]] ?? "", quantity: quantity,
          cents: cents))
    }
    return tickets.map { ticket in
      var ticket = ticket
      ticket.lines = byTicket[ticket.number] ?? []
      return ticket
    }
  }
}
