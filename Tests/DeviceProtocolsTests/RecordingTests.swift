import DeviceCatalog
import DeviceProtocols
import Foundation
import Raster
import Testing

/// The recordings of the repository, each with the exchange it is of and what it comes to:
/// `star-tcp300/read-blank.exchange`.
private let recordings: [String] = {
  let folder = repository.appendingPathComponent("Firmware-Protocols").resolvingSymlinksInPath()
  do {
    return try FileManager.default.subpathsOfDirectory(atPath: folder.path)
      .filter { $0.hasSuffix(".exchange") }.sorted()
  } catch {
    return []
  }
}()

private func recording(_ name: String) throws -> Recording {
  let file = repository.appendingPathComponent("Firmware-Protocols/\(name)")
  return try Recording(try String(contentsOf: file, encoding: .utf8))
}

/// How the device's bytes between two of ours are fed.
enum Feeding: Hashable, CustomStringConvertible {
  case asRecorded, atOnce, oneByOne
  /// In two parts, the first of so many bytes.
  case cut(Int)

  var description: String {
    switch self {
    case .asRecorded: "as recorded"
    case .atOnce: "at once"
    case .oneByOne: "one by one"
    case .cut(let place): "cut at \(place)"
    }
  }

  func parts(of lines: [[UInt8]]) -> [[UInt8]] {
    let all = lines.flatMap { $0 }
    switch self {
    case .asRecorded: return lines
    case .atOnce: return [all]
    case .oneByOne: return all.map { [$0] }
    case .cut(let place):
      return [Array(all.prefix(place)), Array(all.dropFirst(place))].filter { !$0.isEmpty }
    }
  }
}

/// Plays the device's part of a recording to an exchange and tells what it came to.
private func play<Outcome: Sendable>(
  _ recording: Recording, to exchange: any Exchange<Outcome>, _ feeding: Feeding,
  _ describe: (Outcome) -> String
) throws -> String {
  var exchange = exchange
  var lines = recording.lines[...]
  var written: [UInt8] = []
  var expected: [UInt8] = []
  var pending: [[UInt8]] = []
  var event = LinkEvent.began
  while true {
    var asked: [Recording.Line] = []
    var rests = false
    do throws(DeviceFailure) {
      for step in try exchange.next(event) {
        switch step {
        case .write(let bytes): written += bytes
        case .control(let request): asked.append(.control(request, nil))
        case .endOfWriting: asked.append(.endOfWriting)
        case .reconnect: asked.append(.reconnect)
        case .pause: rests = true
        case .discardInput, .wait, .keepWaiting: break
        case .finish(let outcome):
          for case .host(let bytes) in lines { expected += bytes }
          #expect(written == expected, "\(feeding)")
          return describe(outcome)
        }
      }
    } catch {
      return "failed \(error.code)"
    }
    if !pending.isEmpty {
      event = .bytes(pending.removeFirst())
      continue
    }
    if rests {
      // a rest reads nothing, so a recording does not show it
      event = .timedOut
      continue
    }
    let (recorded, answer) = takeHost(&lines, &expected)
    #expect(written == expected && asked == recorded, "\(feeding)")
    if case .control? = recorded.last {
      event = .control(answer)
      continue
    }
    var device: [[UInt8]] = []
    while case .device(let bytes)? = lines.first {
      device.append(bytes)
      lines.removeFirst()
    }
    if !device.isEmpty {
      pending = feeding.parts(of: device)
      event = .bytes(pending.removeFirst())
    } else if let line = lines.popFirst() {
      switch line {
      case .silence: event = .timedOut
      case .endOfStream: event = .endOfStream
      default: event = .cancelled
      }
    } else {
      return "not ended"
    }
  }
}

extension Recording.Line {
  fileprivate var isHosts: Bool {
    switch self {
    case .host, .endOfWriting, .reconnect, .control: true
    case .device, .silence, .cancel, .endOfStream: false
    }
  }
}

/// Takes the host's lines off the front: its bytes, then what else it asked and the answer to that.
private func takeHost(
  _ lines: inout ArraySlice<Recording.Line>, _ bytes: inout [UInt8]
) -> (asked: [Recording.Line], answer: [UInt8]?) {
  var asked: [Recording.Line] = []
  while let line = lines.first, line.isHosts {
    lines.removeFirst()
    switch line {
    case .host(let written): bytes += written
    case .control(let request, let answer): return (asked + [.control(request, nil)], answer)
    default: asked.append(line)
    }
  }
  return (asked, nil)
}

/// The driver that a recording is for: its `model` (Star's if it names none) on its `link`.
private func driver(_ recording: Recording) throws -> any DeviceDriver {
  let id = recording["model"] ?? "star-tcp300/tcp300ii"
  let model = try #require(try catalogue.get().model(id))
  let link = try recording["link"].map { try #require(LinkKind(rawValue: $0)) }
  return try #require(DeviceFamilies.driver(for: model, on: link))
}

private func play(_ recording: Recording, _ feeding: Feeding) throws -> String {
  let driver = try driver(recording)
  let words = (recording["exchange"] ?? "").split(separator: " ").map(String.init)
  func reading(_ reading: StripeReading) -> String {
    switch reading {
    case .record(let text): "record \(text)"
    case .blank: "blank"
    case .unreadable(let fault): "unreadable \(fault.rawValue)"
    case .paymentCard: "payment card"
    case .uid(let uid): "uid \(uid)"
    case .unknowable: "unknowable"
    }
  }
  func situation(_ situation: DeviceSituation) -> String {
    situation.position.rawValue + (situation.isCoverOpen ? ", cover open" : "")
  }
  switch words.first {
  case "situation": return try play(recording, to: driver.situation(), feeding, situation)
  case "begin": return try play(recording, to: driver.begin(), feeding, situation)
  case "recover": return try play(recording, to: driver.recover(), feeding, situation)
  case "discharge": return try play(recording, to: driver.discharge(), feeding, situation)
  case "read": return try play(recording, to: driver.read(), feeding, reading)
  case "awaitCard":
    return try play(recording, to: driver.awaitCard(within: nil), feeding) {
      if case .read(let stripe) = $0 { reading(stripe) } else { "no card" }
    }
  case "encode":
    return try play(recording, to: driver.encode(words[1]), feeding) { "done" }
  case "print":
    let elements =
      words.count == 1 ? [] : [line(words[4], x: Int(words[2])!, y: Int(words[3])!)]
    return try play(recording, to: driver.rewrite(FaceJob(elements)), feeding) { "done" }
  case "service":
    let service = try #require(DeviceService(rawValue: words[1]))
    return try play(recording, to: driver.service(service), feeding) { report in
      report.facts.map { "\($0.name) \($0.value)" }.joined(separator: ", ")
    }
  default: return "no exchange of that name"
  }
}

struct RecordingTests {
  @Test func `there are recordings`() {
    #expect(recordings.count > 50)
  }

  @Test(arguments: recordings)
  func `a recorded exchange comes to what was recorded, however its bytes are cut`(
    name: String
  ) throws {
    let recording = try recording(name)
    let expected = try #require(recording["expect"])
    for feeding in [Feeding.asRecorded, .atOnce, .oneByOne] {
      #expect(try play(recording, feeding) == expected, "\(feeding)")
    }
    // every place between two of our writes at which the device's bytes can be cut
    var longest = 0
    var run = 0
    for line in recording.lines {
      if case .device(let bytes) = line { run += bytes.count } else { run = 0 }
      longest = max(longest, run)
    }
    for place in 1..<max(2, longest) {
      #expect(try play(recording, .cut(place)) == expected, "cut at \(place)")
    }
  }

  @Test(arguments: recordings)
  func `a recording's text reads back`(name: String) throws {
    let recording = try recording(name)
    #expect(try Recording(recording.text).lines == recording.lines)
    #expect(try Recording(recording.text)["expect"] == recording["expect"])
  }

  @Test(arguments: [
    ("> 0", 1), ("# fine\n> 02 5", 2), ("> ", 1), ("< \"abc", 1), ("> 02\nexchange: late", 2),
    ("nonsense", 1), ("> GG", 1),
  ])
  func `a malformed recording is refused with its line`(text: String, line: Int) {
    do throws(RecordingError) {
      _ = try Recording(text)
      Issue.record("it is malformed")
    } catch {
      #expect(error.line == line)
    }
  }

  @Test func `remarks, texts in quotes and facts are read`() throws {
    let recording = try Recording(
      "# remark\nsource: a: b\n\n> 02 \"AB\" 03 # remark\n~\n!\n< 0d\n")
    #expect(recording["source"] == "a: b")
    #expect(
      recording.lines == [.host([2, 0x41, 0x42, 3]), .silence, .cancel, .device([0x0d])])
  }
}
