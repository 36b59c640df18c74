import Platform

/// How much a line matters, the most urgent first.
package enum LogLevel: String, Sendable, CaseIterable, Comparable {
  case error, warning, notice, info, debug
  /// Every byte on a wire; never on by default.
  case wire

  /// The priority of syslog.
  package var priority: Int {
    switch self {
    case .error: 3
    case .warning: 4
    case .notice: 5
    case .info: 6
    case .debug, .wire: 7
    }
  }

  private var rank: Int { self == .wire ? 8 : priority }

  package static func < (a: LogLevel, b: LogLevel) -> Bool { a.rank < b.rank }
}

/// One line: what happened, and the facts that go with it.
package struct LogLine: Sendable, Equatable {
  package struct Field: Sendable, Equatable {
    package let key: String
    package let value: String

    package init(key: String, value: String) {
      self.key = key
      self.value = value
    }
  }

  /// Milliseconds since 1970.
  package let time: Int64
  package let level: LogLevel
  package let message: String
  package let fields: [Field]

  package init(time: Int64, level: LogLevel, message: String, fields: [Field]) {
    self.time = time
    self.level = level
    self.message = message
    self.fields = fields
  }

  /// The value of the last field `key`.
  package subscript(key: String) -> String? { fields.last { $0.key == key }?.value }
}

/// Facts of a line, in the order written. Never personal data.
package typealias LogFields = KeyValuePairs<String, any CustomStringConvertible>

/// Where log lines are written, passed in as a value; thread safe.
///
/// Marks are named points of the code. A test that kills this process at a random moment learns
/// from them which one was the last that was passed.
package struct Log: Sendable {
  private let level: LogLevel
  private let sink: LogSink
  private let clocks: Clocks
  private let marks: FileDescriptor?
  private var fields: [LogLine.Field] = []

  /// - Parameters:
  ///   - level: less urgent lines are dropped.
  ///   - marks: where the names of marks go, one a line; nil: nowhere.
  package init(
    level: LogLevel = .info, sink: LogSink = .standardError, clocks: Clocks = .system,
    marks: FileDescriptor? = nil
  ) {
    self.level = level
    self.sink = sink
    self.clocks = clocks
    self.marks = marks
  }

  /// A log that drops everything.
  package static let off = Log(level: .error, sink: .none)

  /// The same log, with `fields` in front of those of each line.
  package func with(_ fields: LogFields) -> Log {
    var log = self
    log.fields += Self.texts(fields)
    return log
  }

  /// Whether lines of `level` are written, for callers whose facts cost something to gather.
  package func writes(_ level: LogLevel) -> Bool { level <= self.level }

  package func error(_ message: @autoclosure () -> String, _ fields: LogFields = [:]) {
    write(.error, message, fields)
  }

  package func warning(_ message: @autoclosure () -> String, _ fields: LogFields = [:]) {
    write(.warning, message, fields)
  }

  package func notice(_ message: @autoclosure () -> String, _ fields: LogFields = [:]) {
    write(.notice, message, fields)
  }

  package func info(_ message: @autoclosure () -> String, _ fields: LogFields = [:]) {
    write(.info, message, fields)
  }

  package func debug(_ message: @autoclosure () -> String, _ fields: LogFields = [:]) {
    write(.debug, message, fields)
  }

  package func wire(_ message: @autoclosure () -> String, _ fields: LogFields = [:]) {
    write(.wire, message, fields)
  }

  /// Tells that the point `name` of the code was passed: one write of the name and a line end, so
  /// the names of several threads do not mix. Without a descriptor for marks it does nothing.
  package func mark(_ name: StaticString) {
    guard let marks else { return }
    let bytes = name.withUTF8Buffer { Array($0) } + [0x0a]
    do throws(SystemError) {
      _ = try marks.writeNow(bytes[...])
    } catch {
      write(.debug, { "a mark could not be written" }, ["reason": error.reason])
    }
  }

  private func write(_ level: LogLevel, _ message: () -> String, _ fields: LogFields) {
    guard writes(level) else { return }
    sink.write(
      LogLine(
        time: clocks.wallMilliseconds(), level: level, message: message(),
        fields: self.fields + Self.texts(fields)))
  }

  private static func texts(_ fields: LogFields) -> [LogLine.Field] {
    fields.map { LogLine.Field(key: $0.key, value: $0.value.description) }
  }
}
