import Testing

/// Bytes and what zlib made of them.
struct ZlibSample: Sendable, CustomTestStringConvertible {
  var name: String
  var bytes: [UInt8]
  /// Base 64.
  var packed: String

  var testDescription: String { name }
}

/// Packed by zlib 1.2.13.
enum ZlibSamples {
  private static let s0 = ZlibSample(
    name: "nothing",
    bytes: [],
    packed: "eNoDAAAAAAE=")
  private static let s1 = ZlibSample(
    name: "a stored block",
    bytes: Base64.bytes(
      """
      ITNxKpZarGU3Gh1aV6eXfPU4KkZDc6dv0FlWReEf5ZPU3776u1+eiPNBjf+Ub8hF+vM/lckQEb6XscAO
      """),
    packed: """
      eAEBPADD/yEzcSqWWqxlNxodWlenl3z1OCpGQ3Onb9BZVkXhH+WT1N+++rtfnojzQY3/lG/IRfrzP5XJEBG+l7HA
      DkufHmk=
      """)
  private static let s2 = ZlibSample(
    name: "the fixed codes",
    bytes: Base64.bytes(
      """
      Tm8gY2FyZCBpcyBwcmludGVkIHR3aWNlLiBObyBwb2ludCBpcyBsb3N0LCBhbmQgbm8gcG9pbnQgaXMgZ2l2ZW4g
      dHdpY2U7IG5vIGNhcmQsIG5vIHBvaW50Lg==
      """),
    packed: """
      eAHzy1dITixKUcgsVigoyswrSU1RKCnPTE7VU/DLVyjIB4qApHLyi0t0FBLzUhTykETTM8tS8yDKrUESIIN04Cr0
      ALoTH8M=
      """)
  private static let s3 = ZlibSample(
    name: "codes of its own",
    bytes: Base64.bytes(
      """
      bWVtYmVyIHNob3AgYmFsYW5jZSB0aWVyIG1lbWJlciBjYXJkIHBvaW50IHRpZXIgbWVtYmVyIHN0cmlwZSBtZW1i
      ZXIgYmFsYW5jZSBjYXJkIGV4cGlyeSBleHBpcnkgZXhwaXJ5IGJhbGFuY2UgZXhwaXJ5IGZhY2UgbWVtYmVyIGJh
      bGFuY2UgcG9pbnQgZXhwaXJ5IG1lbWJlciBjYXJkIHRpY2tldCBzdHJpcGUgYmFsYW5jZSBleHBpcnkgYmFsYW5j
      ZSBwb2ludCB0aWNrZXQgcG9pbnQgcG9pbnQgYmFsYW5jZSBmYWNlIGJhbGFuY2UgcG9pbnQgY2FyZCBzaG9wIG1l
      bWJlciBwb2ludCBleHBpcnkgc3RyaXBlIG1lbWJlciBmYWNlIHRpZXIgZmFjZSBwb2ludCBzdHJpcGUgY2FyZCBl
      eHBpcnkgbWVtYmVyIHRpZXIgZmFjZSBleHBpcnkgZmFjZSBleHBpcnkgdGlja2V0IHN0cmlwZQ==
      """),
    packed: """
      eNplkEsOgCAMRK/C1RBrbBQk0IXeXtNPpLoBWt50GDLkCVro61HDFPdYEgTCp5PlIsU2h3pgIdfu1LCCVSZkGM6K
      7fpsRmi5xPQTi4kCozth2oDM8jPJqxWVQlYD2NLTPJ2Tq517go/Icv4BPgmpyBhb8ZccE+vZBboBIsWPgg==
      """)
  private static let s4 = ZlibSample(
    name: "codes of its own without copies",
    bytes: Base64.bytes(
      """
      YWNkYWFhY2JhYmJhYmFiY2FiYmFhYWFiYWJiYWNkY2JkYmJhYWFkYWFhYWFhYWFhYWNiZGFhYmFhYWRiY2FhY2Fh
      YWFjY2FhY2FiYWRhYWFiYWFhYWJhYWJhYWFiYWNiYmFhY2RiYWJhYmFhYWRhYWFiYmFiYWFhYWFiY2FhYWRiYWRj
      Y2NjYmFhYWFhYWFhYmFhY2FjYWFhYWJiYWJhYmFiYmFiZGFiYWNhYWFhYWFhYWFhYmFiYmJkYWJhY2FiYWJjYmJj
      YmJhYmFhYmFiYmJhYWFiYWRhYmFkZGFhYmFhYmFiYWNiY2FiYWJjYWNkYWJjYWFhYWFiY2RhYWFhYmFjZGJiZGJi
      YWNiYmJhYmFhYWNiYmNhYWFhYWJjYWFjYWJjY2FhYWNjYmFhZGJhYWFhYWNiYmFhYWNjYmJjYWFhY2FjYWFhYmFj
      YmFkYWNkYWFiYWJhYWFhYWNiZGFkYmFhYmFjYmFhY2FjZGFjYWJjYWNhY2FiYWJjYWFhYmFhYWJkYWRiYmFhYWFh
      ZGFhYQ==
      """),
    packed: """
      eAEFwQEBAAAIw6Cs7PbPINhhKWkKUnbrCgfAOsI1BhuTQxAhK3ZJOJRAw+W2LYCYQUlKJwMg1cmk1UqkQk7uiGRN
      mp0G2kF2dWWVsBpoTBu2uMAKWw0zZDk7EljnIovZmWYmDaFzBQ4PoQ6Yvw==
      """)
  private static let s5 = ZlibSample(
    name: "runs",
    bytes: [UInt8](repeating: 0, count: 3000),
    packed: "eAHtwTEBAAAAwiD7p14ND2AAAMC9AAu4AAE=")
  private static let s6 = ZlibSample(
    name: "a small window",
    bytes: Base64.bytes(
      """
      bWVtYmVyIHNob3AgYmFsYW5jZSB0aWVyIG1lbWJlciBjYXJkIHBvaW50IHRpZXIgbWVtYmVyIHN0cmlwZSBtZW1i
      ZXIgYmFsYW5jZSBjYXJkIGV4cGlyeSBleHBpcnkgZXhwaXJ5IGJhbGFuY2UgZXhwaXJ5IGZhY2UgbWVtYmVyIGJh
      bGFuY2UgcG9pbnQgZXhwaXJ5IG1lbWJlciBjYXJkIHRpY2tldCBzdHJpcGUgYmFsYW5jZSBleHBpcnkgYmFsYW5j
      ZSBwb2ludCB0aWNrZXQgcG9pbnQgcG9pbnQgYmFsYW5jZSBmYWNlIGJhbGFuY2UgcG9pbnQgY2FyZCBzaG9wIG1l
      bWJlciBwb2ludCBleHBpcnkgc3RyaXBlIG1lbWJlciBmYWNlIHRpZXIgZmFjZSBwb2ludCBzdHJpcGUgY2FyZCBl
      eHBpcnkgbWVtYmVyIHRpZXIgZmFjZSBleHBpcnkgZmFjZSBleHBpcnkgdGlja2V0IHN0cmlwZQ==
      """),
    packed: """
      GNNlj0sOgCAMRK/C1RBrbBQk0IXeXtNPpLqBtrzpMBnyBC309ahhinssCQLhM8nykGKbQz2wkBt3aljBOhMyDGfF
      dn0uI7RdYvqJxUSB0Z0wbUBm+dnk1YpKI6cBbOlp3s7J1c59wUdkOaFVQioyxlb8JcfEWrtANyLFj4I=
      """)
  private static let s7 = ZlibSample(
    name: "blocks of all kinds",
    bytes: Base64.bytes(
      """
      bWVtYmVyIHNob3AgYmFsYW5jZSB0aWVyIG1lbWJlciBjYXJkIHBvaW50IHRpZXIgbWVtYmVyIHN0cmlwZSBtZW1i
      ZXIgYmFsYW5jZSBjYXJkIGV4cGlyeSBleHBpcnkgZXhwaXJ5IGJhbGFuY2UgZXhwaXJ5IGZhY2UgbWVtYmVyIGJh
      bGFuY2UgcG9pbnQgZXhwaXJ5IG1lbWJlciBjYXJkIHRpY2tldCBzdHJpcGUgYmFsYW5jZSBleHBpcnkgYmFsYW5j
      ZSAhM3EqllqsZTcaHVpXp5d89TgqRm1lbWJlciBzaG9wIGJhbGFuY2UgdGllciBtZW1iZXIgY2FyZCBwb2ludCB0
      aWVyIG1lbWJlciBzdHJpcGUgbWVtYmVyIGJhbGFuY2UgY2FyZCBleHBpcnkgZXhwaXJ5IGV4cGlyeSBiYWxhbmNl
      IGV4cGlyeSBmYWNlIG1lbWJlciBiYWxhbmNlIHBvaW50IGV4cGlyeSBtZW1iZXIgY2FyZCB0aWNrZXQgc3RyaXBl
      IGJhbGFuY2UgZXhwaXJ5IGJhbGFuY2Ug
      """),
    packed: """
      eNpkjUsOgDAIRK/C1ShiJNqWUBZ6e42WROuKvPkwmXNig7ZUhYQbFmJwuZT8GIQ2gVYp/pGbmygHRfEO865ix3Ai
      0XFG+pWfkR54r7vQyh6Tw6fAEwAA//9SNC7Umha1JtVcSjYqfPn0mq8WWm4AAAAA//9ljUsOgDAIRK/C1ShiJNqW
      UBZ6e42WROuKvPkwmXNig7ZUhYQbFmJwuZRuENoEWqX4R25uohwUxTvMu4odw4lExxnpV35GeuC97kIre0wOnwJP
      nuWcZQ==
      """)

  static let all = [s0, s1, s2, s3, s4, s5, s6, s7]
}
