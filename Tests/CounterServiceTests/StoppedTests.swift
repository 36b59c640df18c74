import Configuration
import CounterAPI
import HTTPMessages
import Platform
import Testing

@testable import CounterService

/// A node that writes no more entries still forgets people.
struct StoppedTests {
  @Test func `a member is erased while the journal is stopped or the clock is behind`()
    async throws
  {
    let desk = try await Desk()
    let (first, second) = (
      try await desk.member(), try await desk.member("李大華", phone: "0987654321")
    )
    // the clock is far behind: nothing is written
    desk.time.withLock { $0 -= 10 * 60_000 }
    #expect(try await desk.code(.ticketPost, desk.sale("1"), as: "lin") == "clock.behind")
    #expect(try await desk.code(.memberErase, ["member": .string(first.member)], as: "dora") == "")
    desk.later(minutes: 10)
    #expect(
      try await desk.code(.ticketPost, desk.sale("2", ("card", .string(first.card))), as: "lin")
        == "card.notFound")

    // another database writes under this node's name
    let twin = try await CounterFixture()
    for number in 1...40 {
      _ = try await twin.ok(.ticketPost, twin.sale("\(number)", by: ("buyerId", false)))
    }
    let segment = try await twin.ok(.journalExport).text("segment")
    await twin.stop()
    #expect(
      try await desk.code(.journalMerge, ["segment": .string(segment)], as: "mei")
        == "journal.stopped")
    #expect(try await desk.code(.ticketPost, desk.sale("3"), as: "lin") == "journal.stopped")
    let erased = try await desk.ok(.memberErase, ["member": .string(second.member)], as: "dora")
    #expect(erased.integer("remnants") == 0)
    #expect(
      try await desk.code(.memberShow, ["member": .string(second.member)], as: "mei")
        == "member.notFound")
    // what a start does again finds its way too
    try await desk.counter.assembly.routes.counter.replayLists()
    await desk.stop()
  }
}
