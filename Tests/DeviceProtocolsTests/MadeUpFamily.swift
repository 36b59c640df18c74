import CardTracks
import DeviceCatalog
import DeviceProtocols
import Raster

/// The pattern of a family: data, commands and replies, conversations, driver, virtual unit. This
/// one exists in tests only; `Firmware-Protocols/README.md` tells what each part is for.
///
/// `LF <verb><data>* LF` goes out, `<verb><data> LF` comes back: S where the card is, T take a card
/// and read it, R read, W write, P print, E put out, X call a wait off and say where the card is.
enum MadeUp {
  static let family = """
    { format: 1, family: "made-up", order: "printThenEncode", ratedCycles: 300, tries: 1,
      link: { speed: 19200, dataBits: 8, parity: "none", stopBits: 1 },
      milliseconds: { acknowledge: 500, betweenBytes: 500, answer: 500, motion: 1000, heat: 2000,
        presenceCheck: 200, removalCheck: 40, recoveryCheck: 20 } }
    """
  static let model = """
    { format: 1, model: "one", name: "Made Up One", evidence: 1, recordTrack: 2,
      tracks: [{ number: 2, encoding: "jis2", direction: "reverse" }],
      print: { width: 64, height: 32, tenthDotsPerMillimetre: 80, isDotSizeInferred: true } }
    """
  static let descriptor = DeviceFamily(
    name: "made-up", links: [.serial], driver: { model, _ in MadeUpDriver(model: model) },
    virtualDevice: { _ in MadeUpDevice() })
}

/// One line out and one back. With `callsOff` its wait ends by X, whose answer is nothing to it.
private struct MadeUpCall<Outcome: Sendable>: Exchange {
  var line: String
  var within: Duration?
  var isConfidential = false
  var callsOff: Outcome?
  let read: @Sendable (String) throws(DeviceFailure) -> Outcome
  var isCallingOff = false
  var heard: [UInt8] = []

  private func say(_ line: String) -> Step<Outcome> { .write(Array("\n\(line)*\n".utf8)) }

  mutating func next(_ event: LinkEvent) throws(DeviceFailure) -> [Step<Outcome>] {
    switch event {
    case .began: return [.discardInput, say(line), .wait(within: within)]
    case .cancelled, .timedOut:
      guard callsOff != nil, !isCallingOff else {
        throw DeviceFailure(event == .cancelled ? .cancelled : .noAnswer, during: line)
      }
      isCallingOff = true
      return [say("X"), .wait(within: .milliseconds(500))]
    case .endOfStream, .control: throw DeviceFailure(.absent, during: line)
    case .bytes(let bytes): heard += bytes
    }
    guard heard.count <= 8192 else { throw DeviceFailure(.garbled, during: line) }
    while let end = heard.firstIndex(of: 0x0a) {
      let answer = String(decoding: heard[..<end], as: UTF8.self)
      heard.removeSubrange(...end)
      if answer == "!" { throw DeviceFailure(.noCard, during: line) }
      if answer.first == line.first { return [.finish(try read(String(answer.dropFirst())))] }
      if isCallingOff, answer.hasPrefix("X"), let callsOff { return [.finish(callsOff)] }
    }
    return [.keepWaiting]
  }

  func cleanUp(after failure: ConversationFailure) -> any Exchange<DeviceSituation> {
    MadeUpDriver.settle
  }
}

struct MadeUpDriver: DeviceDriver {
  let model: DeviceModel
  static let settle: any Exchange<DeviceSituation> = situation("X")
  private static func situation(_ line: String) -> any Exchange<DeviceSituation> {
    MadeUpCall(line: line, within: .seconds(1)) { text throws(DeviceFailure) in
      guard let digit = Int(text), CardPosition.allCases.indices.contains(digit) else {
        throw DeviceFailure(.garbled, during: line)
      }
      return DeviceSituation(position: CardPosition.allCases[digit], isCoverOpen: false)
    }
  }
  private static func done(_ line: String) -> any Exchange<Void> {
    MadeUpCall(line: line, within: .seconds(2), isConfidential: true) { _ throws(DeviceFailure) in }
  }

  func support(for ability: Ability) -> Support {
    ability == .partialErase || ability == .clean ? .notKnown : .works
  }
  func begin() -> any Exchange<DeviceSituation> { Self.settle }
  func situation() -> any Exchange<DeviceSituation> { Self.situation("S") }
  func discharge() -> any Exchange<DeviceSituation> { Self.situation("E") }
  func recover() -> any Exchange<DeviceSituation> { Self.settle }
  func awaitCard(within limit: Duration?) -> any Exchange<CardArrival> {
    MadeUpCall(
      line: "T", within: limit, isConfidential: true, callsOff: CardArrival.none
    ) { text throws(DeviceFailure) in .read(StripeReading(text: Array(text.utf8))) }
  }
  func read() -> any Exchange<StripeReading> {
    MadeUpCall(line: "R", within: .seconds(1), isConfidential: true) { text throws(DeviceFailure) in
      StripeReading(text: Array(text.utf8))
    }
  }
  func rewrite(_ face: FaceJob) throws(DeviceFailure) -> any Exchange<Void> {
    Self.done("P" + (try dots(face.elements)))
  }
  func lineTime(of elements: [PrintElement], bitsPerSecond: Int) throws(DeviceFailure) -> Duration {
    .nanoseconds(Int64(try dots(elements).utf8.count + 8) * 10_000_000_000 / Int64(bitsPerSecond))
  }
  func encode(_ text: String) throws(DeviceFailure) -> any Exchange<Void> {
    guard text.utf8.count <= 69, text.utf8.allSatisfy({ (0x20...0x7e).contains($0) && $0 != 0x2a })
    else { throw DeviceFailure(.unprintable, during: "W") }
    return Self.done("W" + text)
  }
  func wireReader() -> any WireReader { MadeUpReader() }

  private func dots(_ elements: [PrintElement]) throws(DeviceFailure) -> String {
    var page = Bitmap(width: 64, height: 32)
    for element in elements {
      guard case .picture(let x, let y, let picture) = element, x >= 0, y >= 0,
        x + picture.width <= 64, y + picture.height <= 32
      else { throw DeviceFailure(.unprintable, during: "P") }
      page.draw(picture, x: x, y: y)
    }
    return String((0..<2048).map { page[$0 % 64, $0 / 64] ? "1" : "0" })
  }
}

private struct MadeUpReader: WireReader {
  mutating func read(_ bytes: [UInt8], from side: WireSide) -> [String] { ["\(bytes.count) bytes"] }
}

/// The other side of the wire.
struct MadeUpDevice: VirtualDevice {
  private var mouth: VirtualCard?, inside: VirtualCard?, out: VirtualCard?
  private var waits = false
  private var heard: [UInt8] = []
  private var reaction = VirtualReaction()
  var card: VirtualCard? { inside ?? out ?? mouth }
  var offersCard: Bool { out != nil }

  mutating func receive(_ bytes: [UInt8], at now: Duration) -> VirtualReaction {
    for byte in bytes {
      if byte == 0x0a { obey() } else { heard.append(byte) }
    }
    return wake(at: now)
  }
  mutating func wake(at now: Duration) -> VirtualReaction {
    defer { reaction = VirtualReaction() }
    return reaction
  }
  mutating func hand(
    _ act: VirtualAct, at now: Duration
  ) throws(VirtualActRefused) -> VirtualReaction {
    guard case .insert(let card) = act, mouth == nil, out == nil else {
      throw VirtualActRefused(reason: "it has no such part, or the mouth is full")
    }
    mouth = card
    if waits { obey("T", "") }
    return wake(at: now)
  }
  mutating func take(at now: Duration) -> (card: VirtualCard?, VirtualReaction) {
    defer { (out, mouth) = (nil, nil) }
    return (out ?? mouth, wake(at: now))
  }

  /// The end of a line: what was heard is done if it is whole.
  private mutating func obey() {
    let line = String(decoding: heard, as: UTF8.self)
    heard = []
    guard line.hasSuffix("*"), let verb = line.first else { return }
    obey(verb, String(line.dropFirst().dropLast()))
  }
  private mutating func say(_ text: String) { reaction.bytes += Array(text.utf8) + [0x0a] }
  private var place: Int { inside != nil ? 2 : out != nil ? 3 : mouth != nil ? 1 : 0 }
  private mutating func obey(_ verb: Character, _ data: String) {
    if verb == "X" { waits = false }
    if verb == "S" || verb == "X" { return say("\(verb)\(place)") }
    if verb == "T", inside == nil { (inside, mouth) = (mouth, nil) }
    waits = verb == "T" && inside == nil
    guard !waits else { return reaction.events.append(.waitsForCard) }
    guard let card = inside else { return say("!") }
    do throws(TrackError) {
      switch verb {
      case "T", "R": return say("\(verb)\(try card.text() ?? "")")
      case "W": try inside?.encode(data)
      case "P" where data.utf8.count == 2048:
        inside?.face = Bitmap(width: 64, height: 32)
        for (at, dot) in data.utf8.enumerated() where dot == 0x31 {
          inside?.face[at % 64, at / 64] = true
        }
      case "E":
        (out, inside) = (card, nil)
        return say("E\(place)")
      default: return say("?")
      }
      say("\(verb)")
    } catch {
      say("?")
    }
  }
}
