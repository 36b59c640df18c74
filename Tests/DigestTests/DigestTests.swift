import Digest
import Testing

private func hex(_ bytes: [UInt8]) -> String {
  bytes.map { byte in String(byte, radix: 16).leftPadded(2) }.joined()
}

extension String {
  fileprivate func leftPadded(_ width: Int) -> String {
    String(repeating: "0", count: max(0, width - count)) + self
  }
}

struct DigestTests {
  @Test(arguments: [
    ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    (
      "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
    ),
  ])
  func `SHA-256 gives the published digests`(message: String, digest: String) {
    #expect(hex(SHA256.hash(Array(message.utf8))) == digest)
  }

  @Test func `SHA-256 of a million letters a, fed in uneven pieces`() {
    var sha = SHA256()
    var left = 1_000_000
    var piece = 1
    while left > 0 {
      let count = min(left, piece)
      sha.update([UInt8](repeating: 0x61, count: count))
      left -= count
      piece = piece % 331 + 7
    }
    #expect(
      hex(sha.finish()) == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0")
  }

  @Test func `SHA-256 does not depend on where the message is cut`() {
    let message = (0..<200).map { UInt8($0) }
    let whole = SHA256.hash(message)
    for cut in 0...200 {
      var sha = SHA256()
      sha.update(Array(message[..<cut]))
      sha.update(Array(message[cut...]))
      #expect(sha.finish() == whole)
    }
  }

  @Test(arguments: [
    // RFC 4231, cases 1, 2 and 6
    (
      [UInt8](repeating: 0x0b, count: 20), "Hi There",
      "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
    ),
    (
      Array("Jefe".utf8), "what do ya want for nothing?",
      "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    ),
    (
      [UInt8](repeating: 0xaa, count: 131),
      "Test Using Larger Than Block-Size Key - Hash Key First",
      "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
    ),
  ])
  func `HMAC gives the published codes`(key: [UInt8], message: String, code: String) {
    #expect(hex(HMACSHA256.code(key: key, message: Array(message.utf8))) == code)
  }

  @Test func `CRC-32 gives the check value of its definition`() {
    #expect(CRC32.checksum(Array("123456789".utf8)) == 0xcbf4_3926)
    #expect(CRC32.checksum([]) == 0)
  }

  @Test func `base 32 reads back what it wrote, for every length`() {
    for length in 0...20 {
      let bytes = (0..<length).map { UInt8(($0 * 37 + length) & 0xff) }
      let text = Base32.encode(bytes)
      #expect(text.count == (length * 8 + 4) / 5)
      #expect(Base32.decode(text) == bytes)
    }
  }

  @Test func `base 32 refuses other characters and stray bits`() {
    #expect(Base32.decode("0U") == nil)
    #expect(Base32.decode("aa") == nil)
    #expect(Base32.decode("01") == nil)
    #expect(Base32.decode("0") == nil)
    #expect(Base32.encode([0xff]) == "ZW")
    #expect(Base32.digit(31) == "Z" && Base32.value("Z") == 31 && Base32.value("I") == nil)
  }

  @Test func `secrets are equal only when every byte is`() {
    #expect(equalInConstantTime([1, 2], [1, 2]))
    #expect(!equalInConstantTime([1, 2], [1, 3]))
    #expect(!equalInConstantTime([1], [1, 2]))
  }
}
