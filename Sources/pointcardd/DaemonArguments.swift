import EventLog

/// What `pointcardd` is started with.
struct DaemonArguments {
  var configuration = "/etc/pointcard/pointcardd.json5"
  var checksOnly = false
  var level = LogLevel.info
  /// A descriptor that the names of passed marks are written to, for tests that kill the daemon.
  var marks: Int32?

  static let usage = """
    usage: pointcardd [--config FILE] [--check-config] [--log-level LEVEL] [--marks-fd N]
      --config FILE      the configuration, default /etc/pointcard/pointcardd.json5
      --check-config     read everything, say whether it is in order, and end
      --log-level LEVEL  error, warning, notice, info (default), debug or wire
      --marks-fd N       write the name of each mark passed to this descriptor
    """

  init(_ arguments: [String]) throws(DaemonUsage) {
    var rest = arguments[...]
    while let argument = rest.popFirst() {
      let parts = argument.split(separator: "=", maxSplits: 1).map(String.init)
      func value() throws(DaemonUsage) -> String {
        if parts.count == 2 { return parts[1] }
        guard let next = rest.popFirst() else {
          throw DaemonUsage(text: "\(parts[0]) wants a value\n\(Self.usage)")
        }
        return next
      }
      switch parts.first {
      case "--config": configuration = try value()
      case "--check-config": checksOnly = true
      case "--log-level":
        let text = try value()
        guard let known = LogLevel(rawValue: text) else {
          throw DaemonUsage(text: "the log level \(text) is not known\n\(Self.usage)")
        }
        level = known
      case "--marks-fd":
        let text = try value()
        guard let number = Int32(text), number > 2 else {
          throw DaemonUsage(text: "\(text) is no descriptor above 2\n\(Self.usage)")
        }
        marks = number
      default: throw DaemonUsage(text: "\(argument) is not known\n\(Self.usage)")
      }
    }
  }
}

/// The command line was wrong; `text` says how it should be.
struct DaemonUsage: Error {
  var text: String
}
