import Configuration
import CounterAPI
import Platform

/// The command line of the counter.
@main
struct Pointcard {
  static func main() async {
    Signals.ignorePipe()
    let arguments = Array(CommandLine.arguments.dropFirst())
    CurrentProcess.exit(await run(arguments, language: language(arguments)))
  }

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

  private static func run(_ arguments: [String], language: Language) async -> Int32 {
    let help = CommandHelp(table: CommandTable.all, language: language)
    var isJSON = false
    do {
      if arguments.isEmpty {
        Console.remark(help.text([]) ?? "")
        return ExitCode.usage
      }
      let parser = CommandParser(table: CommandTable.all, language: language)
      switch try parser.parse(arguments) {
      case .help(let path):
        Console.page(help.text(path) ?? "")
        return ExitCode.done
      case .run(let invocation):
        isJSON = invocation.values["json"] != nil
        return try await invocation.command.run(invocation)
      }
    } catch let error as UsageError {
      let about = (["pointcard", "help"] + error.about).joined(separator: " ")
      Console.remark("pointcard: \(error.problem(language))")
      Console.remark(Words("See: \(about)", "說明：\(about)")(language))
      return ExitCode.usage
    } catch let error as Refused {
      if isJSON {
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

  private static func tell(_ failure: CommandFailure, _ language: Language) {
    let small = failure.detail.isEmpty ? failure.code : "\(failure.code): \(failure.detail)"
    Console.remark(failure.sentence(language), small: small)
  }
}
