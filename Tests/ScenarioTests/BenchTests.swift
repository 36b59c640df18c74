import Platform
import Testing

struct BenchTests {
  /// The bench itself compares what the ledger wrote with what the bare statements wrote, row by
  /// row, and fails when they differ; here it is only seen to come to its end.
  @Test func `the bench comes to its end with figures`() throws {
    let folder = try TemporaryFolder()
    let run = try Programs.pointcard([
      "bench", "ledger", "--members", "20", "--tickets", "100", "--runs", "1", "--callers", "8",
      "--entries", "200", "--data", folder.path,
    ])
    #expect(run.code == 0, "\(run.error)")
    for word in ["ledger, 8 callers", "API, 8 callers", "bare group commit, 8 callers", "look-up"] {
      #expect(run.output.contains(word), "\(word): \(run.output)")
    }
  }

  @Test func `very large accounts and checks are measured too`() throws {
    let folder = try TemporaryFolder()
    let run = try Programs.pointcard([
      "bench", "account", "--lots", "30", "--entries", "40", "--runs", "2", "--data", folder.path,
    ])
    #expect(run.code == 0, "\(run.error)")
    for word in ["over 30 lots", "explain its last award", "every check passes"] {
      #expect(run.output.contains(word), "\(word): \(run.output)")
    }
    let check = try Programs.pointcard(["bench", "check", folder.path + "/accounts.db"])
    #expect(check.code == 0 && check.output.contains("chains"), "\(check.output)\(check.error)")
    // what is no ledger is the caller's mistake, not ours
    try Files.writeAtomically(Array("no database".utf8), to: folder.path + "/other")
    let wrong = try Programs.pointcard(["bench", "check", folder.path + "/other"])
    #expect(wrong.code == 2 && wrong.error.contains("file.unusable"), "\(wrong.error)")
  }

  @Test func `counters of several families are measured side by side`() throws {
    let models = [
      "star-tcp300/tcp300ii", "sanwa-crp/crp-1231lr-10nab", "evolis/primacy-2",
      "easyprinter-s3/s3", "msr/msr605",
    ]
    let folder = try TemporaryFolder()
    let run = try Programs.pointcard([
      "bench", "counter", "--device", models.joined(separator: ","), "--cards", "2", "--data",
      folder.path,
    ])
    #expect(run.code == 0, "\(run.error)")
    #expect(run.output.contains("5 stations, 10 cards"), "\(run.output)")
    for model in models {
      #expect(run.output.contains("\(model), 2 cards"), "\(model): \(run.output)")
    }
  }

  @Test func `a device on USB only is refused by the counter's bench, with the reason`() throws {
    let run = try Programs.pointcard([
      "bench", "counter", "--device", "star-tcp300/tcp300ii,magicard/enduro", "--cards", "1",
    ])
    #expect(run.code == 2 && run.error.contains("USB/IP"), "\(run.code) \(run.error)")
  }
}
