import Configuration
import CounterService
import Platform

/// Where the daemon listens.
enum SocketPlace {
  static let configuration = "/etc/pointcard/pointcardd.json5"
  static let standard = "/run/pointcard/pointcardd.socket"

  /// The option's path, else POINTCARD_SOCKET's, else the configuration's, else the standard one.
  ///
  /// - Throws: `CommandFailure` when the configuration can be read and is wrong.
  static func find(option: String?) throws(CommandFailure) -> String {
    if let option { return option }
    if let path = Environment["POINTCARD_SOCKET"], !path.isEmpty { return path }
    let bytes: [UInt8]
    do throws(SystemError) {
      bytes = try Files.read(configuration, limit: 1 << 20)
    } catch {
      // a shop may keep it from its cashiers
      return standard
    }
    do throws(ConfigurationError) {
      return try CounterConfiguration(try Node.parse(bytes, source: configuration)).socket
    } catch {
      throw .file(configuration, error.description)
    }
  }
}
