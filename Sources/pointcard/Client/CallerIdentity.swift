import CounterAPI
import Platform

/// Who a command line acts as: a token from POINTCARD_TOKEN, or a name whose PIN is asked for when
/// the daemon wants it.
final class CallerIdentity: Sendable {
  /// A till's token or a sign-in's.
  var token: String? { known.withLock { $0 } }
  let approverPIN: String?
  private let known: Guarded<String?>
  private let pinFile: String?
  private let prompt: Words
  private let language: String

  /// - Throws: `CommandFailure` when a file that holds a PIN cannot be read.
  init(_ invocation: Invocation) throws {
    let given = Environment["POINTCARD_TOKEN"]
    known = Guarded(given.flatMap { $0.isEmpty ? nil : $0 })
    pinFile = invocation.values["pin-file"]
    prompt = Words("PIN of", "請輸入密碼：")
    language = invocation.language.rawValue
    guard let approver = invocation.values["approver"] else {
      approverPIN = nil
      return
    }
    approverPIN = try CallerIdentity.secret(
      file: invocation.values["approver-pin-file"],
      prompt: prompt(invocation.language) + " \(approver): ")
  }

  /// Signs `name` in, once a command.
  ///
  /// - Returns: the token; nil when nobody is there to type a PIN.
  func signIn(
    _ name: String, send: (String, String) async throws -> String?
  ) async throws -> String? {
    guard
      let pin = try CallerIdentity.secret(
        file: pinFile, prompt: (language == "en" ? prompt.english : prompt.chinese) + " \(name): ")
    else { return nil }
    let token = try await send(name, pin)
    known.withLock { $0 = token }
    return token
  }

  /// A secret from a file (`-`: the standard input), or from whoever sits at the terminal.
  static func secret(file: String?, prompt: String) throws -> String? {
    guard let file else { return try Terminal.secret(prompt) }
    let bytes: [UInt8]
    do throws(SystemError) {
      bytes =
        file == "-"
        ? try StandardStream.input.duplicate().readToEnd(limit: 256)
        : try Files.read(file, limit: 256)
    } catch {
      throw CommandFailure.file(file, error.description)
    }
    return String(decoding: bytes.prefix { $0 != 0x0a && $0 != 0x0d }, as: UTF8.self)
  }
}
