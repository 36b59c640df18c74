import Platform

/// What becomes of log lines.
package struct LogSink: Sendable {
  let write: @Sendable (LogLine) -> Void

  package init(_ write: @escaping @Sendable (LogLine) -> Void) {
    self.write = write
  }

  /// Drops them.
  package static let none = LogSink { _ in }

  /// Writes them to standard error: with syslog's priority when that is the journal, which adds
  /// the time itself, else in a form for people.
  package static let standardError: LogSink = {
    let form: LogForm = StandardStream.error.isJournal ? .journal : .readable
    let lock = Lock()
    return LogSink { line in
      let bytes = Array((form.text(of: line) + "\n").utf8)
      lock.withLock {
        do throws(SystemError) {
          try StandardStream.error.write(bytes)
        } catch {
          // there is no other place to tell that standard error is gone
        }
      }
    }
  }()
}

/// Log lines kept for tests.
package final class LogMemory: Sendable {
  private let kept = Guarded<[LogLine]>([])

  package init() {}

  package var sink: LogSink { LogSink { line in self.kept.withLock { $0.append(line) } } }

  /// The lines so far.
  package var lines: [LogLine] { kept.withLock { $0 } }
}

/// How a line looks.
package enum LogForm: Sendable {
  /// `<6>station is ready station=1`
  case journal
  /// `2026-03-31T08:15:00.250Z info    station is ready station=1`
  case readable

  /// The line without its end: always one line, whatever the message and the values hold.
  package func text(of line: LogLine) -> String {
    var text: String
    switch self {
    case .journal: text = "<\(line.level.priority)>"
    case .readable:
      let level = line.level.rawValue
      let blanks = String(repeating: " ", count: 8 - level.count)
      text = "\(timestamp(milliseconds: line.time)) \(level)\(blanks)"
    }
    text += escaped(line.message, inQuotes: false)
    for field in line.fields { text += " \(field.key)=\(value(field.value))" }
    return text
  }

  private func value(_ text: String) -> String {
    let isPlain =
      !text.isEmpty
      && text.unicodeScalars.allSatisfy { scalar in
        scalar != " " && scalar != "\"" && scalar != "=" && scalar != "\\" && !isControl(scalar)
      }
    return isPlain ? text : "\"\(escaped(text, inQuotes: true))\""
  }

  private func escaped(_ text: String, inQuotes: Bool) -> String {
    var result = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\n": result.append(contentsOf: "\\n".unicodeScalars)
      case "\r": result.append(contentsOf: "\\r".unicodeScalars)
      case "\t": result.append(contentsOf: "\\t".unicodeScalars)
      case "\"" where inQuotes, "\\" where inQuotes:
        result.append("\\")
        result.append(scalar)
      case _ where isControl(scalar):
        let digits = String(scalar.value, radix: 16)
        result.append(contentsOf: "\\u{\(digits)}".unicodeScalars)
      default: result.append(scalar)
      }
    }
    return String(result)
  }

  /// Controls of ASCII and Latin 1, and the line and paragraph separators.
  private func isControl(_ scalar: Unicode.Scalar) -> Bool {
    scalar.value < 0x20 || (0x7f..<0xa0).contains(scalar.value) || scalar.value == 0x2028
      || scalar.value == 0x2029
  }
}

/// RFC 3339 in UTC with milliseconds.
func timestamp(milliseconds: Int64) -> String {
  let day = Int64(86_400_000)
  let days = (milliseconds >= 0 ? milliseconds : milliseconds - day + 1) / day
  let rest = milliseconds - days * day
  // Howard Hinnant's days-to-civil: years begin in March, so the leap day is a year's last
  let shifted = days + 719_468
  let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
  let dayOfEra = shifted - era * 146_097
  let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
  let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
  let monthIndex = (5 * dayOfYear + 2) / 153
  let month = monthIndex < 10 ? monthIndex + 3 : monthIndex - 9
  let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
  let date = "\(year)-\(two(month))-\(two(dayOfYear - (153 * monthIndex + 2) / 5 + 1))"
  let time = "\(two(rest / 3_600_000)):\(two(rest / 60_000 % 60)):\(two(rest / 1000 % 60))"
  let fraction = String(1000 + rest % 1000).dropFirst()
  return "\(date)T\(time).\(fraction)Z"
}

private func two(_ value: Int64) -> String { value < 10 ? "0\(value)" : String(value) }
