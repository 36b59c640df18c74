import CounterAPI
import CounterService
import Ledger
import Platform

/// Kills the daemon at seeded moments and starts it again; keeps the client's own record of what
/// was acknowledged, outside the daemon.
final class DemoKills {
  private let count: Int
  private let shop: DemoShop
  private let show: DemoShow
  private let file: String
  private var random: SplitMix64
  private var acknowledged: [String] = []
  /// The last mark passed before each kill.
  private var hits: [String] = []
  private var failures: [String] = []

  var agree: Bool { failures.isEmpty }

  init(count: Int, seed: UInt64, shop: DemoShop, show: DemoShow, file: String) throws {
    self.count = count
    self.shop = shop
    self.show = show
    self.file = file
    random = SplitMix64(seed: seed)
  }

  /// Starts the daemon, to be killed after a seeded number of marks while kills are left.
  func startDaemon() throws {
    let after = hits.count < count ? Int.random(in: 2...60, using: &random) : nil
    try shop.start(killAfter: after)
  }

  /// Starts a daemon that was killed again and has it check its ledger.
  func revive(_ counter: DemoCounter) throws {
    repeat {
      hits.append(shop.lastMark())
      show.event("kill \(hits.count): after \(hits.last ?? "")")
      try startDaemon()
    } while !shop.isRunning
    try checkFile()
  }

  /// Checks the database as it is, beside the daemon.
  private func checkFile() throws {
    for result in try LedgerFile.check(shop.database, beside: ChecksBeside.run)
    where !result.passed {
      failures.append("after kill \(hits.count): \(result.check.rawValue): \(result.offences)")
    }
  }

  /// Notes an answer where no daemon can lose it.
  func acknowledge(_ ticket: DemoTicket, _ answer: JSONView) throws {
    guard count > 0 else { return }
    acknowledged.append("\(ticket.number)\t\(answer["entry"].text)")
    if acknowledged.count % 50 == 0 { try save() }
  }

  private func save() throws {
    let text = acknowledged.joined(separator: "\n") + "\n"
    try Files.writeAtomically(Array(text.utf8), to: file)
  }

  /// Compares what was acknowledged with the ledger: each ticket once, under its entry.
  func finish(_ counter: DemoCounter) throws {
    guard count > 0 else { return }
    try save()
    let posted = try LedgerFile.sales(shop.database)
    let kept = posted.map { "\($0.number)\t\($0.entry)" }
    if Set(kept).count != kept.count { failures.append("a ticket stands twice in the ledger") }
    let (mine, theirs) = (Set(acknowledged), Set(kept))
    for lost in mine.subtracting(theirs).sorted() { failures.append("lost: \(lost)") }
    for extra in theirs.subtracting(mine).sorted() { failures.append("never asked for: \(extra)") }
    if hits.count < count {
      failures.append("only \(hits.count) of \(count) kills took place: give more tickets")
    }
  }

  func summarise() {
    guard count > 0 else { return }
    let after = hits.count {
      [
        "ticket.committed", "face.printing", "face.printed",
        "stripe.encoding", "stripe.encoded", "stripe.readingBack", "stripe.verified",
      ].contains($0)
    }
    show.say("kills \(hits.count), of them between commit and FACE_PRINTED \(after)")
    let counts = Dictionary(grouping: hits, by: { $0 }).mapValues(\.count)
    for (mark, number) in counts.sorted(by: { $0.key < $1.key }) {
      show.say("  \(mark): \(number)")
    }
    show.say("acknowledged tickets \(acknowledged.count); see \(file)")
    for failure in failures.prefix(50) { show.say(failure) }
  }
}
