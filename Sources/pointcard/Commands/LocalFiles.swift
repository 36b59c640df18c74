import CardFace
import Configuration
import CounterService
import LoyaltyRules
import Platform

/// Files that commands read without the daemon.
enum LocalFiles {
  /// Face templates; without a path, the standard ones.
  ///
  /// - Throws: `file.unusable`, or `file.wrong` with the place in the file.
  static func templates(
    _ path: String?, _ resources: CounterResources
  ) throws(CommandFailure) -> FaceTemplates {
    guard let path else { return resources.standardTemplates }
    let bytes = try read(path)
    do throws(ConfigurationError) {
      return FaceTemplates(try FaceTemplate.parse(bytes, source: path))
    } catch {
      throw wrong(path, error)
    }
  }

  /// A programme; without a path, the standard one.
  static func programme(_ path: String?) throws -> Programme {
    let bytes =
      try path.map { path throws(CommandFailure) in try read(path) }
      ?? Array(try CounterResources.programme(.tw).utf8)
    let source = path ?? "tw.json5"
    do throws(ConfigurationError) {
      return try Programme(try Node.parse(bytes, source: source))
    } catch {
      throw wrong(source, error)
    }
  }

  /// The daemon's configuration.
  static func configuration(_ path: String) throws(CommandFailure) -> CounterConfiguration {
    let bytes = try read(path)
    do throws(ConfigurationError) {
      return try CounterConfiguration(try Node.parse(bytes, source: path))
    } catch {
      throw wrong(path, error)
    }
  }

  static func read(
    _ path: String, limit: Int = 1 << 20
  ) throws(CommandFailure) -> [UInt8] {
    do throws(SystemError) {
      return try Files.read(path, limit: limit)
    } catch {
      throw .file(path, error.description)
    }
  }

  private static func wrong(_ path: String, _ error: ConfigurationError) -> CommandFailure {
    CommandFailure(
      exit: ExitCode.usage,
      sentence: Words("The file is not in order: \(path)", "這個檔案有誤：\(path)"),
      code: "file.wrong", detail: error.description)
  }
}
