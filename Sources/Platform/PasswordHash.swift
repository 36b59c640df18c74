import Glibc

/// Secrets that people type, kept as crypt(3) keeps them.
///
/// It takes some 25 ms by design, so it belongs on a thread of its own.
package enum PasswordHash {
  /// What struct crypt_data takes, which libcrypt keeps at this size for ever.
  private static let workspace = 32_768
  /// As long as any setting can get.
  private static let settingSize = 192

  /// yescrypt's hash of `secret` with a fresh salt, about 73 characters from `$y$` on.
  package static func make(_ secret: String, random: RandomBytes) -> String {
    let salt = random(16).map { CChar(bitPattern: $0) }
    var setting = [CChar](repeating: 0, count: settingSize)
    let made = crypt_gensalt_rn("$y$", 0, salt, Int32(salt.count), &setting, Int32(setting.count))
    guard made != nil, let hash = crypt(secret, string(setting)) else {
      preconditionFailure("the system's crypt knows yescrypt")
    }
    return hash
  }

  /// Whether `hash` was made of `secret`; false for a hash that is none.
  package static func matches(_ secret: String, _ hash: String) -> Bool {
    guard let again = crypt(secret, hash) else { return false }
    let (a, b) = (Array(again.utf8), Array(hash.utf8))
    guard a.count == b.count else { return false }
    return zip(a, b).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
  }

  private static func crypt(_ secret: String, _ setting: String) -> String? {
    var data = [UInt8](repeating: 0, count: workspace)
    return data.withUnsafeMutableBytes { buffer -> String? in
      guard let base = buffer.baseAddress,
        let hash = crypt_rn(secret, setting, base, Int32(buffer.count))
      else { return nil }
      defer { explicit_bzero(base, buffer.count) }
      return String(cString: hash)
    }
  }
}
