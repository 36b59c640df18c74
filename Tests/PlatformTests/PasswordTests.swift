import Platform
import Testing

/// Secrets as crypt(3) keeps them.
struct PasswordTests {
  @Test func `a secret fits its own hash only, and two hashes of one differ`() {
    let hash = PasswordHash.make("2580", random: .seeded(1))
    #expect(hash.hasPrefix("$y$") && hash.utf8.count > 60, "\(hash)")
    #expect(!hash.contains("2580"))
    #expect(PasswordHash.matches("2580", hash))
    for wrong in ["2581", "", "25800", "２５８０"] { #expect(!PasswordHash.matches(wrong, hash)) }
    #expect(PasswordHash.make("2580", random: .seeded(2)) != hash)
  }

  @Test func `what is no hash fits nothing`() {
    for hash in ["", "*0", "$y$", "2580", String(repeating: "$", count: 500)] {
      #expect(!PasswordHash.matches("2580", hash), "\(hash)")
    }
  }

  @Test func `the words of a file are found wherever a block ends`() throws {
    let folder = try TemporaryFolder()
    var bytes = [UInt8](repeating: 0, count: (1 << 20) + 40)
    let word = Array("司馬玲瓏".utf8)
    bytes.replaceSubrange((1 << 20) - 5..<(1 << 20) - 5 + word.count, with: word)
    try Files.writeAtomically(bytes, to: folder("f"))
    #expect(try Files.count(of: [word, Array("nobody".utf8), []], in: folder("f")) == 1)
  }
}
