import DeviceCatalog
import Raster
import Testing

@testable import DeviceProtocols

/// The other end of a line that says whatever it likes, with a clock of its own.
///
/// Every event costs 20 ms, so that what a conversation waits for ends in time, if at all.
private struct HostileLine {
  enum Manner {
    /// Bytes, silence and ends of the connection, as they come.
    case mixed
    /// It never stops talking.
    case chatty
  }

  var random: Seeded
  let manner: Manner
  let isTCP: Bool
  let reply: (inout Seeded) -> [UInt8]
  /// Replies given so far.
  var replies = 0
  private var now = Duration.zero

  init(
    _ seed: UInt64, _ manner: Manner, isTCP: Bool = false,
    reply: @escaping (inout Seeded) -> [UInt8]
  ) {
    random = Seeded(state: seed)
    self.manner = manner
    self.isTCP = isTCP
    self.reply = reply
  }

  /// Runs a conversation to an outcome or a failure of the device; called off at `patience`.
  ///
  /// - Returns: nil when it has come to neither at `limit`.
  mutating func run<Outcome: Sendable>(
    _ first: any Exchange<Outcome>, patience: Int? = nil, limit: Int = 60_000
  ) -> Result<Outcome, DeviceFailure>? {
    var exchange = first
    // one that talks without end must be given up without anybody calling off
    let patience = patience ?? (manner == .mixed ? 400 : .max)
    var event = LinkEvent.began
    var deadline: Duration?
    var wasCalledOff = false
    for count in 0..<limit {
      let steps: [Step<Outcome>]
      do throws(DeviceFailure) {
        steps = try exchange.next(event)
      } catch {
        return .failure(error)
      }
      var answer: LinkEvent?
      for step in steps {
        switch step {
        case .wait(let time): deadline = time.map { now + $0 }
        case .pause(let time):
          now += time
          answer = .timedOut
        case .control: answer = .control(Bool.random(using: &random) ? [0x18] : nil)
        case .finish(let outcome): return .success(outcome)
        default: break
        }
      }
      if count >= patience, !wasCalledOff {
        wasCalledOff = true
        event = .cancelled
      } else {
        event = answer ?? nextEvent(deadline)
      }
    }
    return nil
  }

  private mutating func nextEvent(_ deadline: Duration?) -> LinkEvent {
    now += .milliseconds(20)
    if let deadline, now >= deadline { return .timedOut }
    if manner == .mixed {
      let dice = Int.random(in: 0..<20, using: &random)
      if isTCP, dice < 8 { return .endOfStream }
      if dice == 19, let deadline {
        now = deadline
        return .timedOut
      }
    }
    replies += 1
    return .bytes(reply(&random))
  }

  /// Runs everything that a driver can say, and what is said after it has failed.
  ///
  /// - Returns: the names of what came to no end.
  mutating func everything(of driver: any DeviceDriver, face: [PrintElement]?) -> [String] {
    var endless: [String] = []
    func note<Outcome>(_ name: String, _ result: Result<Outcome, DeviceFailure>?) {
      if result == nil { endless.append(name) }
    }
    note("begin", run(driver.begin()))
    note("situation", run(driver.situation()))
    note("awaitCard", run(driver.awaitCard(within: nil), patience: 400))
    note("awaitCard in time", run(driver.awaitCard(within: .seconds(10)), patience: .max))
    note("read", run(driver.read()))
    note("discharge", run(driver.discharge()))
    note("recover", run(driver.recover()))
    note("clean up", run(driver.read().cleanUp(after: .device(DeviceFailure(.garbled)))))
    for service in DeviceService.allCases {
      do throws(DeviceFailure) {
        note(service.rawValue, run(try driver.service(service)))
      } catch {
        if error.kind != .unsupported { endless.append("\(service): \(error)") }
      }
    }
    do throws(DeviceFailure) {
      note("encode", run(try driver.encode("P1TEXT")))
    } catch {
      if error.kind != .unsupported { endless.append("encode: \(error)") }
    }
    guard let face else { return endless }
    do throws(DeviceFailure) {
      note("rewrite", run(try driver.rewrite(FaceJob(face))))
    } catch {
      if error.kind != .unsupported { endless.append("rewrite: \(error)") }
    }
    return endless
  }
}

/// Replies of a family: right ones, damaged ones, and noise.
private func damaged(_ bytes: [UInt8], _ random: inout Seeded) -> [UInt8] {
  var bytes = bytes
  switch Int.random(in: 0..<8, using: &random) {
  case 0: bytes = Array(bytes.prefix(Int.random(in: 0...bytes.count, using: &random)))
  case 1 where !bytes.isEmpty:
    bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(
      in: 0...255, using: &random)
  case 2:
    bytes = (0..<Int.random(in: 1...40, using: &random)).map { _ in
      UInt8.random(in: 0...255, using: &random)
    }
  default: break
  }
  return bytes.isEmpty ? [0] : bytes
}

private func evolisReply(_ random: inout Seeded) -> [UInt8] {
  let texts = ["", "", "OK", "OK", "P1RECORD", "ERROR XYZ", ";"]
  let known = EvolisTextError.allCases.map(\.rawValue)
  let text =
    (Int.random(in: 0..<4, using: &random) == 0 ? known : texts)
    .randomElement(using: &random) ?? ""
  var bytes = Array(text.utf8) + [0, 0, 0, 16]
  let bits: [UInt32] = [
    0, 0, 0, 0x0200_0000, 0x8000_0000, 0x0002_0000, 0x0100_0000, 1, 0xffff_ffff,
  ]
  for _ in 0..<4 {
    let word = bits.randomElement(using: &random) ?? 0
    bytes += [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: word >> UInt32($0)) }
  }
  bytes += [2, 0, Bool.random(using: &random) ? 0 : 7]
  return damaged(bytes, &random)
}

private func easyReply(_ random: inout Seeded) -> [UInt8] {
  let states: [UInt8] = [0, 0x02, 0x08, 0x09, 0x10, 0x28, 0x80, 0xff]
  switch Int.random(in: 0..<6, using: &random) {
  case 0: return damaged(Array("S004A1B2C3D4E5F6\r".utf8), &random)
  case 1: return damaged(Array("E1\r".utf8), &random)
  case 2: return damaged(Array("EP000226\n".utf8), &random)
  case 3: return damaged(Array("12345  ".utf8), &random)
  default: return [states.randomElement(using: &random) ?? 0]
  }
}

private func msrReply(_ random: inout Seeded) -> [UInt8] {
  let status = MSRStatus.allCases.randomElement(using: &random)?.rawValue ?? 0x30
  let replies: [[UInt8]] = [
    [0x1b, 0x79], [0x1b, status], [0x1b, 0x48], [0x1b, 0x3d, 0x16],
    [0x1b] + Array("REVH0.00".utf8), [0x1b, 0x33, 0x53], [0x1b, 0x30, 7, 5, 5],
    [0x1b, 0x73, 0x1b, 1] + Array("%P1TEXT?".utf8) + [0x1b, 2, 0x1b, 0x2b, 0x1b, 3, 0x1b, 0x2a]
      + [0x3f, 0x1c, 0x1b, status],
    [0x1b, 0x73, 0x1b, 1, 3, 1, 2, 3, 0x1b, 2, 0, 0x1b, 3, 255],
    [0x1b, 0x73, 0x1b, 1, 0, 0x1b, 2, 0, 0x1b, 3, 0, 0x3f, 0x1c, 0x1b, status],
  ]
  return damaged(replies.randomElement(using: &random) ?? [], &random)
}

/// A family, a model of it, and what its devices might say.
struct Hostile: CustomStringConvertible, Sendable {
  var model: String
  var isTCP = false
  var settings: [String: Int] = [:]
  /// Its pictures are long: they are printed in some rounds only.
  var facesEvery = 1
  var reply: @Sendable (inout Seeded) -> [UInt8]

  var description: String { "\(model) \(isTCP ? "tcp" : "")\(settings)" }

  func driver() throws -> any DeviceDriver {
    let model = try DeviceProtocolsTests.model(model, setting: settings)
    return try #require(DeviceFamilies.driver(for: model, on: isTCP ? .tcp : .usb))
  }

  static let all = [
    Hostile(model: "evolis/primacy-2", facesEvery: 20, reply: evolisReply),
    Hostile(model: "evolis/primacy-2", isTCP: true, facesEvery: 20, reply: evolisReply),
    Hostile(model: "evolis/dualys-3", facesEvery: 20, reply: evolisReply),
    Hostile(model: "easyprinter-s3/s3", reply: easyReply),
    Hostile(model: "easyprinter-s3/s3", settings: ["hopper": 1], reply: easyReply),
    Hostile(model: "msr/msr605", reply: msrReply),
    Hostile(model: "msr/msr605", settings: ["raw": 1], reply: msrReply),
  ]
}

private let small = [
  PrintElement.picture(
    x: 0, y: 0, Bitmap(width: 8, height: 8, bytes: [255, 0, 255, 0, 1, 2, 3, 4])!)
]

struct HostileReplyTests {
  @Test(arguments: Hostile.all)
  func `whatever is replied, every conversation ends with an outcome or a failure`(
    hostile: Hostile
  ) throws {
    let driver = try hostile.driver()
    var line = HostileLine(ProcessSeed.value, .mixed, isTCP: hostile.isTCP, reply: hostile.reply)
    var round = 0
    while line.replies < 100_000 {
      let face = round % hostile.facesEvery == 0 ? small : nil
      let endless = line.everything(of: driver, face: face)
      #expect(endless.isEmpty, "round \(round), SEED=\(ProcessSeed.value)")
      guard endless.isEmpty else { return }
      round += 1
    }
  }

  @Test(arguments: Hostile.all)
  func `a device that never stops talking holds no conversation for ever`(
    hostile: Hostile
  ) throws {
    let driver = try hostile.driver()
    let noises: [[UInt8]] = [
      [0x41], [0], [0x1b], [0xff, 0xfe], [UInt8](repeating: 0x55, count: 64), [0x53, 0x0d],
      // an Evolis printer says its status whenever nothing else is pending
      [0, 0, 0, 16] + [UInt8](repeating: 0, count: 16) + [2, 0, 0],
    ]
    for noise in noises {
      var line = HostileLine(1, .chatty, isTCP: hostile.isTCP) { _ in noise }
      #expect(line.everything(of: driver, face: small).isEmpty, "\(noise)")
    }
  }

  @Test(arguments: Hostile.all)
  func `one damaged answer before a status without end holds no conversation for ever`(
    hostile: Hostile
  ) throws {
    let driver = try hostile.driver()
    let status = [0, 0, 0, 16] + [UInt8](repeating: 0, count: 16) + [2, 0, 0]
    var isFirst = true
    var line = HostileLine(1, .chatty, isTCP: hostile.isTCP) { _ in
      defer { isFirst = false }
      return isFirst ? [0, 0, 0, 17] : status
    }
    #expect(line.run(driver.situation()) != nil)
  }
}
