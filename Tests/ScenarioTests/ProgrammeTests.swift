import Configuration
import Platform
import Testing

/// A programme file that was changed while the daemon was off, with the real programs.
@Suite(.offPool)
struct ProgrammeTests {
  @Test func `a daemon starts by the terms in force when its file has worse ones, and tells it`()
    throws
  {
    let shop = try Shop()
    try shop.open()
    try shop.close()
    let configured = try shop.text(of: shop.configuration)
    let path = try #require(configured.after("programme: \"")).prefix { $0 != "\"" }
    let worse = try shop.text(of: String(path))
      .replacing("perAmount: 100", with: "perAmount: 200")
    try Files.writeAtomically(Array(worse.utf8), to: shop.folder("worse.json5"))
    try Files.writeAtomically(
      Array(configured.replacing(path, with: shop.folder("worse.json5")).utf8),
      to: shop.configuration)
    try shop.open()
    let health = try shop.run("health")
    #expect(health.code == 0 && health.error.contains("programme activate"), "\(health)")
    #expect(health.error.contains("earn.perAmount: 1 per 100 → 1 per 200"), "\(health)")
    #expect(try shop.text(of: shop.folder("log")).contains("worse terms"))
    let sold = try shop.run(
      "ticket", "post", "--ticket", "1", "--terminal", "T1", "--amount", "1000", "--json")
    #expect(sold.code == 0, "\(sold)")
    // at once it takes a second person, also while the shop is set up
    let early = try shop.run("programme", "activate", shop.folder("worse.json5"))
    #expect(early.code == 4 && early.error.contains("(programme.worse"), "\(early)")
    try shop.close()
  }
}
