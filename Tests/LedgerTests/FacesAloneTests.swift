import Ledger
import LoyaltyRules
import Testing

/// Faces without stripes, stripes without faces, and stripes that say nothing of their faces.
struct FacesAloneTests {
  /// A card that both nodes know, with "record 1" on it and a sale behind its face.
  private struct Desk {
    let a: Shop
    let b: Shop
    let card: String

    init() async throws {
      a = try await Shop()
      b = try await Shop(node: "TPE02")
      card = try await a.card().card
    }

    func check(_ body: (CardIssue) -> Bool) async throws {
      try await b.fetch(from: a)
      for shop in [a, b] {
        let known = try await shop.known(card)
        #expect(body(known), "\(known)")
        #expect(try await shop.failing() == [])
      }
    }

    func printFace() async throws {
      let card = card
      try await a.ledger.submit { writer in
        let face = try writer.beginFace(card, issue: 1)
        try writer.facePrinted(face, actor: "test")
      }
    }

    func fail(heated: Bool) async throws {
      let card = card
      try await a.ledger.submit { writer in
        let face = try writer.beginFace(card, issue: 1)
        try writer.faceFailed(face, reason: "device.jam", heated: heated, actor: "test")
      }
    }

    func write(provesFace: Bool, isPrinted: Bool = true, hasFace: Bool = true) async throws {
      let card = card
      try await a.ledger.submit { writer in
        let reading = CardReading(ctc: 1, digest: recordDigest("record 1"))
        let write = try writer.beginWrite(
          card, issue: 1, read: reading, provesFace: provesFace, actor: "test"
        ) { "record \($0)" }
        guard isPrinted else {
          return try writer.faceFailed(
            write.encode, reason: "interrupted", heated: true, actor: "test")
        }
        try writer.facePrinted(write.encode, hasFace: hasFace, actor: "test")
      }
    }
  }

  @Test func `a face alone is counted, and the stripe stays what it was`() async throws {
    let desk = try await Desk()
    try await desk.printFace()
    try await desk.check { $0.faceVersion == 2 && $0.rewrites == 2 && $0.highestCTC == 1 }
    for shop in [desk.a, desk.b] {
      #expect(try await shop.swipe(desk.card, ctc: 1, record: "record 1") == .current)
    }
    #expect(try await desk.a.stale() == [])
  }

  @Test func `a face alone that failed is listed until one succeeds`() async throws {
    let desk = try await Desk()
    try await desk.fail(heated: true)
    #expect(try await desk.a.stale().map(\.failed) == ["device.jam"])
    try await desk.check { $0.failed == "device.jam" && $0.rewrites == 2 && $0.faceVersion == 1 }
    try await desk.printFace()
    #expect(try await desk.a.stale() == [])
    try await desk.check { $0.failed == nil && $0.rewrites == 3 && $0.faceVersion == 2 }
  }

  @Test(arguments: [true, false])
  func `a stripe alone proves no face, and mends only what did not touch the face`(
    heated: Bool
  ) async throws {
    let desk = try await Desk()
    try await desk.fail(heated: heated)
    try await desk.write(provesFace: false, hasFace: false)
    try await desk.check {
      $0.faceVersion == 1 && $0.rewrites == (heated ? 2 : 1)
        && $0.failed == (heated ? "device.jam" : nil) && $0.proven == recordDigest("record 2")
    }
    #expect(try await desk.a.swipe(desk.card, ctc: 2, record: "record 2") == .current)
    #expect(try await desk.a.swipe(desk.card, ctc: 1, record: "record 1") == .ancestor)
  }

  @Test(arguments: [true, false])
  func `a swipe proves the face only where the face was printed first`(
    provesFace: Bool
  ) async throws {
    let desk = try await Desk()
    try await desk.write(provesFace: provesFace, isPrinted: false)
    #expect(try await desk.a.swipe(desk.card, ctc: 2, record: "record 2") == .proven)
    #expect(try await desk.a.stale().map(\.failed) == (provesFace ? [] : ["interrupted"]))
    try await desk.check { $0.faceVersion == (provesFace ? 2 : 1) }
  }

  @Test func `what another thing than the stripe told is recorded and judges nothing`()
    async throws
  {
    let desk = try await Desk()
    let card = desk.card
    try await desk.a.ledger.submit {
      try $0.observe(card, issue: 1, by: "uid", station: "s", actor: "test")
    }
    try await desk.check { $0.proven == recordDigest("record 1") }
  }
}
