import Ledger
import Testing

struct JudgementTests {
  /// A row of the table: what is known, and what the swipe proves.
  struct Row: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var facts: SwipeFacts
    var verdict: SwipeVerdict

    init(_ name: String, _ verdict: SwipeVerdict, _ change: (inout SwipeFacts) -> Void) {
      testDescription = name
      self.verdict = verdict
      facts = SwipeFacts()
      facts.state = .active
      change(&facts)
    }
  }

  private static func written(_ isProven: Bool, rival: Bool = false) -> SwipeFacts.Write {
    SwipeFacts.Write(isProven: isProven, hasProvenRival: rival)
  }

  static let rows = [
    // the order of the questions: each row would be answered otherwise by a later one
    Row("no key of ours, whatever else", .foreign) {
      $0.isOurs = false
      $0.isOfProgramme = false
      $0.isNumberKnown = false
    },
    Row("a key that is not held, whatever else", .unknownKey) {
      $0.isKeyHeld = false
      $0.isConfirmed = false
      $0.write = written(true)
    },
    Row("not confirmed, though this ledger wrote it", .wrongKey) {
      $0.isConfirmed = false
      $0.write = written(true)
    },
    Row("not confirmed, and never written", .altered) { $0.isConfirmed = false },
    Row("not confirmed, and nobody's number", .forgedNumber) {
      $0.isConfirmed = false
      $0.isNumberKnown = false
    },
    Row("a layout without a counter", .noCounter) { $0.hasCounter = false },
    Row("a layout without a counter on a card that carries a record", .ancestor) {
      $0.hasCounter = false
      $0.isOverwritten = true
    },
    Row("another programme, whatever else", .otherProgramme) {
      $0.isOfProgramme = false
      $0.isNumberKnown = false
    },
    Row("a number that is not known, whatever else", .provisional) {
      $0.isNumberKnown = false
      $0.isBlocked = true
    },
    Row("blocked before ended", .blocked) {
      $0.isBlocked = true
      $0.state = .ended
    },
    Row("a later issue that is not known here", .ahead) { $0.state = nil },
    Row("an earlier issue that is not known here", .ended) {
      $0.state = nil
      $0.hasLaterIssue = true
    },
    Row("suspended, though its record is current", .suspended) {
      $0.state = .suspended
      $0.write = written(true)
    },
    Row("ended, though its record is current", .ended) {
      $0.state = .ended
      $0.write = written(true)
    },
    Row("suspended, though copied", .suspended) {
      $0.state = .suspended
      $0.isForked = true
    },
    // the chain
    Row("the last proven write", .current) { $0.write = written(true) },
    Row("the same on an issue that was never activated", .current) {
      $0.state = .issued
      $0.write = written(true)
    },
    Row("an attempt since", .proven) { $0.write = written(false) },
    Row("an attempt whose rival was proven", .copied) { $0.write = written(false, rival: true) },
    Row("a proven write beside a proven rival", .copied) {
      $0.write = written(true)
      $0.isForked = true
    },
    Row("a record that was overwritten", .ancestor) {
      $0.write = written(true)
      $0.isOverwritten = true
    },
    Row("an overwritten record that only another node's write names", .ancestor) {
      $0.isOverwritten = true
      $0.isWriterComplete = true
    },
    Row("an attempt that was overwritten", .ancestor) {
      $0.write = written(false)
      $0.isOverwritten = true
    },
    // what is not known
    Row("a write of a node that has not sent all", .ahead) { _ in },
    Row("a write of a node that has sent all", .lost) { $0.isWriterComplete = true },
    Row("a known write of a node that has sent all", .current) {
      $0.isWriterComplete = true
      $0.write = written(true)
    },
  ]

  @Test(arguments: rows) func `a swipe proves what I13 says`(row: Row) {
    #expect(row.facts.verdict == row.verdict)
  }

  @Test func `every verdict has its row, and each is an alarm or served or neither`() {
    #expect(Set(Self.rows.map(\.verdict)) == Set(SwipeVerdict.allCases))
    #expect(
      SwipeVerdict.allCases.filter(\.isAlarm)
        == [
          .unknownKey, .wrongKey, .altered, .forgedNumber, .copied, .ancestor, .ahead, .lost,
        ])
    #expect(
      SwipeVerdict.allCases.filter(\.mayBeServed)
        == [.provisional, .noCounter, .current, .proven, .ahead, .lost])
    for verdict in SwipeVerdict.allCases where verdict.isLimited {
      #expect(verdict.mayBeServed)
    }
  }
}
