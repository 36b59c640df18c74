import DeviceProtocols
import Testing

/// A unit spoken to block by block.
struct Desk {
  var device: StarVirtualDevice
  var now = Duration.zero
  var events: [VirtualEvent] = []
  var wakeAt: Duration?

  init(_ name: String = "tcp300ii", pace: StarPace = .instantly) throws {
    device = StarVirtualDevice(model: try model(name), pace: pace, font: testFont)
  }

  private mutating func took(_ reaction: VirtualReaction) -> [UInt8] {
    events += reaction.events
    wakeAt = reaction.wakeAt
    return reaction.bytes
  }

  mutating func send(_ bytes: [UInt8]) -> [UInt8] { took(device.receive(bytes, at: now)) }

  /// The answer to a command: status and data, `DLE`, `NAK`, or `waits` when only the ACK came.
  mutating func ask(_ code: UInt8, _ parameters: String = "") -> String {
    let body = [code] + Array(parameters.utf8) + [3]
    return read(send([2] + body + [body.reduce(0, ^)]))
  }

  mutating func act(_ act: VirtualAct) throws -> String {
    read(took(try device.hand(act, at: now)))
  }

  mutating func take() -> VirtualCard? {
    let (card, reaction) = device.take(at: now)
    _ = took(reaction)
    return card
  }

  mutating func wake(at time: Duration) -> String {
    now = time
    return read(took(device.wake(at: now)))
  }

  private func read(_ bytes: [UInt8]) -> String {
    var rest = bytes[...]
    if rest.first == 0x06 { rest.removeFirst() }
    guard let first = rest.first else { return bytes.isEmpty ? "" : "waits" }
    if first == 0x10 { return "DLE" }
    if first == 0x15 { return "NAK" }
    let body = Array(rest.dropFirst().dropLast(2))
    guard first == 0x02, body.count > 1 else { return "noise" }
    let status = String(body[1], radix: 16)
    return body.count > 2 ? status + " " + String(decoding: body[2...], as: UTF8.self) : status
  }
}

func card(_ text: String? = nil) throws -> VirtualCard {
  var card = VirtualCard()
  if let text { try card.encode(text) }
  return card
}
