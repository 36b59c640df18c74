import Configuration
import Digest
import Foundation
import LoyaltyRules

/// The text of random bytes as ids are written.
func base32(_ bytes: [UInt8]) -> String { Base32.encode(bytes) }

/// SHA-256 of a command's canonical text.
func bodyHash(_ command: JSON) -> [UInt8] { SHA256.hash(command.canonical) }

/// The digest of a stripe record, as ENCODE and OBSERVE hold it: the first 80 bits of SHA-256.
package func recordDigest(_ record: String) -> String {
  Base32.encode(Array(SHA256.hash(Array(record.utf8)).prefix(10)))
}

extension BusinessCalendar {
  /// For entries that are written before a programme says which zone counts.
  static let utc = BusinessCalendar(timeZone: .gmt)
}
