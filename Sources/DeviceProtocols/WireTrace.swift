/// Bytes of a line beside what they mean, row by row.
package struct WireTrace: Sendable {
  /// Some bytes that passed, or something else that happened.
  package struct Row: Hashable, Sendable {
    /// When, as it is known; empty: it is not.
    package var time: String
    /// `>` host, `<` device, and the other marks of recordings.
    package var mark: String
    /// Two digits a byte.
    package var hex: String
    /// What became clear with these bytes.
    package var meaning: String
  }

  /// Bytes in one row.
  private static let width = 16
  /// Bytes that are too few to hold anything personal.
  private static let shortest = 6

  private let newReader: @Sendable () -> any WireReader
  private var reader: any WireReader
  /// Bytes of the device since the host last spoke.
  private var heard = 0

  /// - Parameter newReader: the family's.
  package init(_ newReader: @escaping @Sendable () -> any WireReader) {
    self.newReader = newReader
    reader = newReader()
  }

  /// The rows of what passed next.
  ///
  /// - Parameters:
  ///   - time: when, for the first row of it.
  ///   - hidden: bytes behind those given that are not there; the reader goes on behind them.
  ///   - isConfidential: whether only the first bytes are shown; the reader gets all of them.
  package mutating func rows(
    of line: Recording.Line, at time: String = "", hidden: Int = 0, isConfidential: Bool = false
  ) -> [Row] {
    switch line {
    case .host(let bytes) where isConfidential && bytes.count > Self.shortest:
      heard = 0
      return [masked(bytes, .host, time)]
    case .device(let bytes) where isConfidential:
      defer { heard += bytes.count }
      // answers come in pieces of any length: their first bytes are shown once
      return [masked(bytes, .device, time, shown: max(0, 2 - heard))]
    case .host(let bytes):
      heard = 0
      return rows(bytes, .host, time, hidden)
    case .device(let bytes): return rows(bytes, .device, time, hidden)
    case .silence: return [event(time, "~", "nothing came in time")]
    case .cancel: return [event(time, "!", "called off")]
    case .endOfWriting: return [event(time, ")", "the host writes no more")]
    case .reconnect: return [event(time, "(", "a new connection")]
    case .endOfStream: return [event(time, ".", "the device ends the connection")]
    case .control(let request, let answer):
      let setup: [UInt8] = [request.kind, request.request]
      let sent = setup + request.data
      return [
        Row(
          time: time, mark: "?", hex: Self.hex(sent[...]),
          meaning: Self.meaning(request, answer))
      ]
    }
  }

  private func event(_ time: String, _ mark: String, _ meaning: String) -> Row {
    Row(time: time, mark: mark, hex: "", meaning: meaning)
  }

  /// Only the two bytes that name what is said.
  private mutating func masked(
    _ bytes: [UInt8], _ side: WireSide, _ time: String, shown: Int = 2
  ) -> Row {
    var meanings = reader.read(bytes, from: side)
    let isWhole = bytes.count <= shown
    if !isWhole { meanings.append("\(bytes.count) bytes, not shown") }
    let hex = Self.hex(bytes.prefix(shown))
    return Row(
      time: time, mark: side == .host ? ">" : "<",
      hex: isWhole ? hex : hex + (hex.isEmpty ? "…" : " …"),
      meaning: meanings.joined(separator: "; "))
  }

  private mutating func rows(
    _ bytes: [UInt8], _ side: WireSide, _ time: String, _ hidden: Int
  ) -> [Row] {
    var rows: [Row] = []
    for start in stride(from: 0, to: bytes.count, by: Self.width) {
      let part = bytes[start..<min(start + Self.width, bytes.count)]
      let meanings = reader.read(Array(part), from: side)
      rows.append(
        Row(
          time: start == 0 ? time : "", mark: side == .host ? ">" : "<", hex: Self.hex(part),
          meaning: meanings.joined(separator: "; ")))
    }
    if hidden > 0 {
      rows.append(
        Row(time: rows.isEmpty ? time : "", mark: "", hex: "", meaning: "\(hidden) bytes not shown")
      )
      // whether they end what they belong to is not known
      reader = newReader()
    }
    return rows
  }

  private static func hex(_ bytes: ArraySlice<UInt8>) -> String {
    bytes.map { VirtualCard.hex([$0]) }.joined(separator: " ")
  }

  private static func meaning(_ request: ControlRequest, _ answer: [UInt8]?) -> String {
    let name: String
    switch (request.kind, request.request) {
    case (0xa1, 0): name = "GET_DEVICE_ID"
    case (0xa1, 1): name = "GET_PORT_STATUS"
    case (0x21, 2): name = "SOFT_RESET"
    default: name = "control request"
    }
    guard let answer else { return "\(name): refused" }
    guard request.isRead else { return name }
    if name == "GET_DEVICE_ID", answer.count > 2, answer.allSatisfy({ $0 < 0x7f || $0 == 0xff }) {
      return "\(name): " + String(decoding: answer.dropFirst(2), as: UTF8.self)
    }
    return "\(name): " + hex(answer.prefix(width)) + (answer.count > width ? " …" : "")
  }
}

/// Lines of a log at the level `wire`, as stations write them.
package enum WireLog {
  package struct Entry: Hashable, Sendable {
    /// `08:15:00.250`, as the line has it; empty when it has none.
    package var time: String
    package var line: Recording.Line
    /// Bytes that were not written down.
    package var hidden: Int
    /// Whose line it is; empty when it does not say.
    package var station: String
  }

  /// The entries of a log's text; lines of other kinds are passed over.
  package static func entries(_ text: String) -> [Entry] {
    text.split(separator: "\n").compactMap { entry(String($0)) }
  }

  private static func entry(_ line: String) -> Entry? {
    let shown = /(?:^|[ >])([<>]) ((?:[0-9a-f]{2} )*[0-9a-f]{2})(?: and ([0-9]+) bytes)?(?: |$)/
    // of a piece in the middle of an answer nothing is shown
    let unshown = /(?:^|[ >])([<>]) and ([0-9]+) bytes(?: |$)/
    // the journal's own form begins with a priority in brackets
    let body = line.firstMatch(of: /^<[0-7]>/).map { String(line[$0.range.upperBound...]) } ?? line
    let piece = body.firstMatch(of: unshown)
    let match = body.firstMatch(of: shown)
    guard let range = match?.range ?? piece?.range, let mark = match?.1 ?? piece?.1,
      let bytes = VirtualCard.bytes(joined(match?.2 ?? ""))
    else { return nil }
    let hidden = match == nil ? piece?.2 : match?.3
    let head = body[..<range.lowerBound]
    let time = head.firstMatch(of: /[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?/).map { String($0.0) }
    let tail = body[range.upperBound...]
    let station = tail.firstMatch(of: /station=(?:"([^"]*)"|([^ ]+))/).map {
      String($0.1 ?? $0.2 ?? "")
    }
    return Entry(
      time: time ?? "", line: mark == ">" ? .host(bytes) : .device(bytes),
      hidden: hidden.flatMap { Int($0) } ?? 0, station: station ?? "")
  }

  private static func joined(_ hex: Substring) -> String { String(hex.filter { $0 != " " }) }
}
