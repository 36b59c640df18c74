import Configuration
import CounterAPI
import Platform

/// The command line of the counter.
@main
struct Pointcard {
  /// Not `async`: signals that a command waits for must be blocked on the first thread before there
  /// is a second one, and stay so.
  static func main() {
    Signals.ignorePipe()
    let arguments = Array(CommandLine.arguments.dropFirst())
    let language = language(arguments)
    let ended = Monitor<Int32?>(nil)
    do throws(UsageError) {
      if arguments.isEmpty { throw UsageError(problem: usage) }
      let parser = CommandParser(table: CommandTable.all, language: language)
      switch try parser.parse(arguments) {
      case .help(let path):
        let help = CommandHelp(table: CommandTable.all, language: language)
        Console.page(help.text(path) ?? "")
        CurrentProcess.exit(ExitCode.done)
      case .run(let invocation):
        if invocation.command.holdsSignals(invocation) { Signals.block([.terminate, .interrupt]) }
        Task.detached {
          let code = await run(invocation)
          ended.withLock { $0 = code }
        }
      }
    } catch {
      tell(error, language)
      CurrentProcess.exit(ExitCode.usage)
    }
    CurrentProcess.exit(ended.wait { $0 } ?? ExitCode.internalFailure)
  }

  private static let usage = Words("a command is missing", "少了指令")

  /// The language before the command line is understood: what `--language` says, or the locale.
  private static func language(_ arguments: [String]) -> Language {
    let locale = ["LC_ALL", "LC_MESSAGES", "LANG"].lazy.compactMap { Environment[$0] }
      .first { !$0.isEmpty }
    for (index, argument) in arguments.enumerated() {
      let parts = argument.split(separator: "=", maxSplits: 1).map(String.init)
      guard parts.first == "--language" else { continue }
      let value = parts.count == 2 ? parts[1] : arguments.dropFirst(index + 1).first
      if let chosen = Language(rawValue: value ?? "") { return chosen }
    }
    return Language(locale: locale)
  }

  /// Does a command, and says why it could not.
  ///
  /// - Returns: the exit code.
  private static func run(_ invocation: Invocation) async -> Int32 {
    let language = invocation.language
    do {
      return try await invocation.command.run(invocation)
    } catch let error as UsageError {
      tell(error, language)
      return ExitCode.usage
    } catch let error as Refused {
      if invocation.values["json"] != nil {
        Console.remark(String(decoding: error.body, as: UTF8.self))
      } else {
        tell(error.failure, language)
      }
      return error.failure.exit
    } catch let error as CommandFailure {
      tell(error, language)
      return error.exit
    } catch {
      tell(
        CommandFailure(
          exit: ExitCode.internalFailure,
          sentence: Words("Something went wrong.", "系統發生問題。"), code: "internal.failure",
          detail: "\(error)"), language)
      return ExitCode.internalFailure
    }
  }

  private static func tell(_ error: UsageError, _ language: Language) {
    let about = (["pointcard", "help"] + error.about).joined(separator: " ")
    Console.remark("pointcard: \(error.problem(language))")
    Console.remark(Words("See: \(about)", "說明：\(about)")(language))
  }

  private static func tell(_ failure: CommandFailure, _ language: Language) {
    let small = failure.detail.isEmpty ? failure.code : "\(failure.code): \(failure.detail)"
    Console.remark(failure.sentence(language), small: small)
  }
}
