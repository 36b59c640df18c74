import CardFace
import Configuration
import CounterService
import LoyaltyRules
import Platform

/// Files that commands read without the daemon.
enum LocalFiles {
  /// A face template in every language it has: a file, or the name of one that comes with the
  /// product.
  ///
  /// - Throws: `file.unusable`, or `file.wrong` with the place in the file.
  static func template(
    _ name: String, _ resources: CounterResources
  ) throws(CommandFailure) -> [FaceLocale: FaceTemplates] {
    if resources.library.names.contains(name) {
      var languages: [FaceLocale: FaceTemplates] = [:]
      for locale in FaceLocale.allCases {
        languages[locale] = resources.library.template(name, locale)
      }
      return languages
    }
    // read first: that it cannot be is told as of any other file
    _ = try read(name)
    do {
      return try FaceLibrary.read(name)
    } catch let error as ConfigurationError {
      throw wrong(name, error)
    } catch {
      throw .file(name, "\(error)")
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
