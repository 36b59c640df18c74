import Ledger
import LoyaltyRules

/// What stands on a stripe.
struct StripeText: Sendable, Equatable {
  var text: String
  var ctc: Int64
  var writer: String
  var day: Day

  var digest: String { recordDigest(text) }
  var reading: CardReading {
    CardReading(ctc: ctc, digest: digest, writer: writer, writtenOn: day)
  }
}

/// How a write ends, as seen from outside.
enum WriteEnd: CaseIterable, Sendable {
  case good
  /// Face wiped, stripe as before; recorded as failed.
  case beforeEncoding
  /// The stripe cannot be read any more; recorded as failed.
  case torn
  /// The stripe is written, nobody recorded it.
  case unconfirmed
  /// Nothing happened after the entry, nobody recorded it.
  case crashed
}

/// A write as it really was, for the auditor.
struct WriteTruth: Sendable {
  /// The record it was written over as the entry says; nil on a blank.
  var from: String?
  var wasUnread: Bool
  var to: String
  var encode: EntryName
  /// How far its node held the other's journal then.
  var held: Int64
  /// Entries that prove it.
  var proofs: [EntryName]
}

/// A swipe that read a record and was no alarm.
struct Sighting: Sendable {
  var entry: EntryName
  var digest: String
  var held: Int64
}

/// One card's life: what its pieces of plastic really carry, and what was really done to them.
struct Story: Sendable {
  var card: String
  /// One; two after it was copied. Nil where the stripe cannot be read.
  var plastics: [StripeText?]
  var writes: [WriteTruth]
  var sightings: [Sighting] = []
  /// Earlier contents of the stripe, the newest last.
  var past: [StripeText] = []
  var isPlanted = false
  var isFound = false
  /// A repair wrote over what was put back before anybody could tell it.
  var isHidden = false
  /// Since it was planted.
  var swipes = 0
}

/// One visit of one piece of plastic at a node.
struct Visit: Sendable {
  var story: Int
  var plastic: Int
  var card: String
  var reading: CardReading?
  /// Nil: the card is only read.
  var end: WriteEnd?
  var node: String
  var day: Day
}

struct VisitResult: Sendable {
  var verdict: SwipeVerdict?
  var observe: EntryName?
  var encode: EntryName?
  var printed: EntryName?
  var from: String?
  var written: StripeText?
}

extension LedgerWriter {
  /// Does what a counter does when a card is put in.
  func perform(_ visit: Visit) throws -> VisitResult {
    var result = VisitResult()
    var lacks = false
    if let reading = visit.reading {
      let (verdict, entry) = try observe(
        visit.card, issue: 1, reading: reading, provesFace: true, station: "s", actor: "sim")
      result.verdict = verdict
      result.observe = entry
      guard verdict.mayBeServed else { return result }
      lacks = verdict == .ahead
    }
    guard let end = visit.end else { return result }
    result.from = try visit.reading?.digest ?? view.issue(of: visit.card, 1)?.proven
    var text = StripeText(text: "", ctc: 0, writer: visit.node, day: visit.day)
    let write = try beginWrite(
      visit.card, issue: 1, read: visit.reading, lacks: lacks, actor: "sim"
    ) { ctc in
      text.ctc = ctc
      text.text = "\(visit.card) \(ctc) \(visit.node) \(visit.day)"
      return text.text
    }
    result.encode = write.encode
    result.written = text
    switch end {
    case .good:
      try facePrinted(write.encode, actor: "sim")
      result.printed = lastEntry
    case .beforeEncoding, .torn:
      try faceFailed(write.encode, reason: "device.fault", heated: true, actor: "sim")
    case .unconfirmed, .crashed: break
    }
    return result
  }
}

extension Story {
  /// Notes what a visit really did.
  ///
  /// - Parameter held: how far its node holds the other's journal.
  mutating func note(_ visit: Visit, _ result: VisitResult, held: Int64) {
    if let reading = visit.reading, let observe = result.observe {
      if result.verdict?.mayBeServed ?? false {
        sightings.append(Sighting(entry: observe, digest: reading.digest, held: held))
      }
      for index in writes.indices where writes[index].to == reading.digest {
        writes[index].proofs.append(observe)
      }
    }
    guard let encode = result.encode, let text = result.written, let end = visit.end else { return }
    let happened = end == .good || end == .unconfirmed
    writes.append(
      WriteTruth(
        from: result.from, wasUnread: visit.reading == nil, to: text.digest, encode: encode,
        held: held, proofs: result.printed.map { [$0] } ?? []))
    if happened || end == .torn {
      if let old = plastics[visit.plastic] { past.append(old) }
      plastics[visit.plastic] = happened ? text : nil
      if visit.reading == nil, isPlanted, plastics.count == 1 { isHidden = true }
    }
  }

  // MARK: What can be told

  /// Whether a proven write began from a record, or two from one, among the writes that `isKnown`
  /// lets through with their proofs.
  func hasFork(_ isKnown: (EntryName) -> Bool) -> Bool {
    let begun = writes.filter { !$0.wasUnread && isProven($0, isKnown) }.compactMap(\.from)
    return Set(begun).count < begun.count
  }

  func isOverwritten(_ digest: String, _ isKnown: (EntryName) -> Bool) -> Bool {
    writes.contains { $0.from == digest && isProven($0, isKnown) }
  }

  private func isProven(_ write: WriteTruth, _ isKnown: (EntryName) -> Bool) -> Bool {
    isKnown(write.encode) && write.proofs.contains(where: isKnown)
  }

  /// The first known write of the unbroken line that ends in a record: every later one was written
  /// over what it had just read.
  private func beginning(of digest: String, _ isKnown: (EntryName) -> Bool) -> WriteTruth? {
    var found: WriteTruth?
    var wanted: String? = digest
    while let text = wanted,
      let write = writes.first(where: { $0.to == text && isKnown($0.encode) })
    {
      found = write
      wanted = write.wasUnread ? nil : write.from
    }
    return found
  }

  /// Whether another line was written or seen on the plastic, by somebody who knew the line of
  /// `digest`: two lines that are both alive are two pieces of plastic.
  func isSucceeded(_ digest: String, _ isKnown: (EntryName) -> Bool) -> Bool {
    guard let own = beginning(of: digest, isKnown) else { return false }
    func knewOwn(_ entry: EntryName, _ held: Int64) -> Bool {
      entry.node == own.encode.node ? own.encode.seq < entry.seq : own.encode.seq <= held
    }
    let isOther = { (other: WriteTruth) in other.wasUnread && other.encode != own.encode }
    let isWritten = writes.contains {
      isOther($0) && isProven($0, isKnown) && knewOwn($0.encode, $0.held)
    }
    return isWritten
      || sightings.contains { sighting in
        isKnown(sighting.entry) && knewOwn(sighting.entry, sighting.held)
          && beginning(of: sighting.digest, isKnown).map(isOther) ?? false
      }
  }

  /// Earlier records that whoever knows everything can tell to be earlier.
  var superseded: [StripeText] {
    past.filter { old in
      writes.contains { !$0.wasUnread && $0.from == old.digest && !$0.proofs.isEmpty }
        || isSucceeded(old.digest) { _ in true }
    }
  }
}

/// What happened in worlds, in numbers.
struct SwipeTally: Sendable {
  var cards = 0
  var swipes = 0
  var writes = 0
  var failed = 0
  var unconfirmed = 0
  /// Writes over a stripe that could not be read.
  var repairs = 0
  var verdicts: [SwipeVerdict: Int] = [:]
  var planted = 0
  var hidden = 0
  /// By the how manieth swipe since planting; 0: by a merge.
  var found: [Int: Int] = [:]

  mutating func add(_ visit: Visit, _ result: VisitResult) {
    if visit.reading != nil { swipes += 1 }
    if let verdict = result.verdict { verdicts[verdict, default: 0] += 1 }
    guard result.encode != nil, let end = visit.end else { return }
    writes += 1
    if visit.reading == nil { repairs += 1 }
    switch end {
    case .good: break
    case .beforeEncoding, .torn: failed += 1
    case .unconfirmed, .crashed: unconfirmed += 1
    }
  }

  mutating func add(_ other: SwipeTally) {
    cards += other.cards
    swipes += other.swipes
    writes += other.writes
    failed += other.failed
    unconfirmed += other.unconfirmed
    repairs += other.repairs
    verdicts.merge(other.verdicts, uniquingKeysWith: +)
    planted += other.planted
    hidden += other.hidden
    found.merge(other.found, uniquingKeysWith: +)
  }

  /// In a sentence, for whoever runs many.
  func told(_ what: String) -> String {
    let verdicts = verdicts.sorted { $0.key.rawValue < $1.key.rawValue }
      .map { "\($0.key.rawValue) \($0.value)" }.joined(separator: ", ")
    var text = """
      \(what): \(cards) cards, \(swipes) swipes (\(verdicts)), \(writes) writes, of them \
      \(failed) failed, \(unconfirmed) unconfirmed, \(repairs) over unreadable stripes
      """
    if planted > 0 {
      let swipes = found.filter { $0.key > 0 }.sorted { $0.key < $1.key }
        .map { "\($0.value) at swipe \($0.key)" }.joined(separator: ", ")
      text +=
        "; planted \(planted), found \(swipes), \(found[0] ?? 0) by a merge, "
        + "written over before anybody could tell \(hidden)"
    }
    return text
  }
}
