import Configuration
import Digest
import LoyaltyRules

/// An entry as it came from another journal: read, or kept as it is.
package struct TravelledEntry: Sendable {
  package var name: EntryName
  package var hash: [UInt8]
  /// The canonical text, byte by byte.
  package var text: [UInt8]
  /// The account it is about; also of an entry that cannot be read.
  var account: String?
  /// The type's name.
  var type: String
  /// What it says; nil when a later program wrote it and this one cannot read it.
  var entry: Entry?
}

extension TravelledEntry {
  /// Reads one canonical text.
  ///
  /// - Parameter previous: the hash that it must follow.
  /// - Throws: what is wrong, in a few words.
  init(
    reading text: [UInt8], node: String, epoch: Int64, seq: Int64, previous: [UInt8]
  ) throws(SegmentFault) {
    let root: Node
    do throws(ConfigurationError) {
      root = try Node.parse(text, source: "entry", dialect: .json)
      var object = try root.object()
      name = EntryName(
        node: try object.required("node").text(), epoch: try object.required("epoch").integer(),
        seq: try object.required("seq").integer())
      let follows = try object.required("previous").text()
      type = try object.required("type").text()
      account = try object.optional("account")?.text()
      guard name == EntryName(node: node, epoch: epoch, seq: seq) else {
        throw root.error("is \(name)", remedy: "\(node).\(epoch).\(seq) is wanted")
      }
      guard follows == hexadecimal(previous) else {
        throw root.error("does not follow the entry before it")
      }
    } catch {
      throw SegmentFault(seq: seq, problem: error.problem)
    }
    hash = SHA256.hash(text)
    self.text = text
    entry = nil
    do throws(ConfigurationError) {
      if let read = try Entry(root), read.canonical(previous: previous) == text { entry = read }
    } catch {
      throw SegmentFault(seq: seq, problem: "\(error.path) \(error.problem)")
    }
  }
}

extension Entry {
  /// Reads the canonical form; nil when its format or type is not known here.
  ///
  /// - Throws: when a field that is known has a value that no entry of this format can have.
  init?(_ node: Node) throws(ConfigurationError) {
    var object = try node.object()
    guard try object.required("format").integer() == Entry.format,
      let type = EntryType(rawValue: try object.required("type").text())
    else { return nil }
    let date = try object.required("date")
    guard let day = Day(try date.text()) else { throw date.error("is no day") }
    self.init(
      name: EntryName(
        node: try object.required("node").text(), epoch: try object.required("epoch").integer(),
        seq: try object.required("seq").integer()),
      type: type, store: try object.required("store").text(), businessDate: day,
      effectiveAt: try Entry.instant(try object.required("effective")),
      recordedAt: try Entry.instant(try object.required("recorded")),
      actor: try object.required("actor").text(),
      points: try object.required("points").integer(),
      detail: try object.optional("detail")?.text() ?? "{}")
    approver = try object.optional("approver")?.text()
    reason = try object.optional("reason")?.text()
    key = try object.optional("key")?.text()
    bodyHash = try object.optional("body").map(Entry.bytes)
    account = try object.optional("account")?.text()
    card = try object.optional("card")?.text()
    issue = try object.optional("issue")?.integer()
    names = try object.optional("names").map { (node) throws(ConfigurationError) in
      guard let name = EntryName(try node.text()) else { throw node.error("names no entry") }
      return name
    }
    rules = try object.optional("rules")?.integer()
    quantity = try object.optional("quantity")?.integer()
    count = try object.optional("count")?.integer()
    carry = try object.optional("carry")?.integer()
    starts = try object.optional("starts").map(Entry.instant)
    ends = try object.optional("ends").map(Entry.instant)
    if let fault = fault(try EntryFacts(reading: detail, name: name)) {
      throw node.error("\(fault.field) \(fault.value) \(fault.problem)", remedy: fault.remedy)
    }
  }

  private init(
    name: EntryName, type: EntryType, store: String, businessDate: Day, effectiveAt: Instant,
    recordedAt: Instant, actor: String, points: Int64, detail: String
  ) {
    self.name = name
    self.type = type
    self.store = store
    self.businessDate = businessDate
    self.effectiveAt = effectiveAt
    self.recordedAt = recordedAt
    self.actor = actor
    self.points = points
    self.detail = detail
  }

  private static func instant(_ node: Node) throws(ConfigurationError) -> Instant {
    Instant(milliseconds: try node.integer())
  }

  private static func bytes(_ node: Node) throws(ConfigurationError) -> [UInt8] {
    guard let bytes = hexadecimalBytes(try node.text()) else {
      throw node.error("is not hexadecimal")
    }
    return bytes
  }
}

/// The bytes of a hexadecimal text, or nil when it is none.
package func hexadecimalBytes(_ text: String) -> [UInt8]? {
  let digits = Array(text.utf8)
  guard digits.count.isMultiple(of: 2) else { return nil }
  var bytes: [UInt8] = []
  for start in stride(from: 0, to: digits.count, by: 2) {
    guard let byte = UInt8(String(decoding: digits[start..<start + 2], as: UTF8.self), radix: 16)
    else { return nil }
    bytes.append(byte)
  }
  return bytes
}
