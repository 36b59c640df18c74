import DeviceProtocols

/// The messages of the USB/IP protocol, version 1.1.1, as the Linux kernel documents it
/// (Documentation/usb/usbip_protocol). All numbers are big-endian.
enum USBIP {
  static let version: UInt16 = 0x0111
  /// Longest transfer that is taken, in bytes.
  static let transferLimit = 1 << 20

  /// A transfer that the client asks for.
  struct Submit: Hashable, Sendable {
    var sequence: UInt32
    /// 0–15.
    var endpoint: UInt8
    var isInput: Bool
    /// How many bytes are asked for, or sent.
    var length: Int
    /// The eight bytes of a control transfer's first stage.
    var setup: [UInt8]
    /// What is sent.
    var data: [UInt8] = []

    /// The endpoint with the direction in bit 7.
    var address: UInt8 { endpoint | (isInput ? 0x80 : 0) }

    /// A control transfer as a request.
    var request: ControlRequest {
      func word(_ at: Int) -> UInt16 { UInt16(setup[at]) | UInt16(setup[at + 1]) << 8 }
      return ControlRequest(
        kind: setup[0], request: setup[1], value: word(2), index: word(4), data: data,
        length: isInput ? length : 0)
    }
  }

  enum Request: Hashable, Sendable {
    case listDevices
    case importDevice(bus: String)
    case submit(Submit)
    case unlink(sequence: UInt32, target: UInt32)
  }

  /// Bytes that are no message.
  struct Malformed: Error, Hashable { var what: String }

  /// Cuts what a client sends into messages.
  struct Reader: Sendable {
    /// Whether a device was imported: then transfers follow.
    var isImported = false
    private var bytes: [UInt8] = []
    private var start = 0

    mutating func take(_ more: [UInt8]) {
      bytes.removeFirst(start)
      start = 0
      bytes += more
    }

    /// The next message; nil until it is there in full.
    mutating func next() throws(Malformed) -> Request? {
      isImported ? try transfer() : try operation()
    }

    private var available: Int { bytes.count - start }

    private func word(_ at: Int) -> UInt32 {
      bytes[(start + at)..<(start + at + 4)].reduce(0) { $0 << 8 | UInt32($1) }
    }

    private mutating func operation() throws(Malformed) -> Request? {
      guard available >= 8 else { return nil }
      let head = word(0)
      guard head >> 16 == UInt32(version) else { throw Malformed(what: "another version") }
      switch head & 0xffff {
      case 0x8005:
        start += 8
        return .listDevices
      case 0x8003:
        guard available >= 40 else { return nil }
        let name = bytes[(start + 8)..<(start + 40)].prefix { $0 != 0 }
        start += 40
        return .importDevice(bus: String(decoding: name, as: UTF8.self))
      default: throw Malformed(what: "no operation")
      }
    }

    private mutating func transfer() throws(Malformed) -> Request? {
      guard available >= 48 else { return nil }
      let sequence = word(4)
      switch word(0) {
      case 1:
        let length = Int(word(24))
        let isInput = word(12) == 1
        guard length <= transferLimit, word(12) <= 1, word(16) <= 15 else {
          throw Malformed(what: "no transfer")
        }
        let whole = 48 + (isInput ? 0 : length)
        guard available >= whole else { return nil }
        defer { start += whole }
        return .submit(
          Submit(
            sequence: sequence, endpoint: UInt8(word(16)), isInput: isInput, length: length,
            setup: Array(bytes[(start + 40)..<(start + 48)]),
            data: Array(bytes[(start + 48)..<(start + whole)])))
      case 2:
        defer { start += 48 }
        return .unlink(sequence: sequence, target: word(20))
      default: throw Malformed(what: "no command")
      }
    }
  }

  // MARK: What is answered

  static func words(_ values: [UInt32]) -> [UInt8] {
    values.flatMap {
      [UInt8($0 >> 24), UInt8($0 >> 16 & 0xff), UInt8($0 >> 8 & 0xff), UInt8($0 & 0xff)]
    }
  }

  private static func padded(_ text: String, _ count: Int) -> [UInt8] {
    let bytes = Array(text.utf8.prefix(count - 1))
    return bytes + [UInt8](repeating: 0, count: count - bytes.count)
  }

  /// A device as both operations describe it, 312 bytes.
  static func device(_ persona: USBPersona, bus: String) -> [UInt8] {
    let descriptor = persona.deviceDescriptor
    // low, full, high speed are 1, 2, 3
    return padded("/sys/devices/virtual/\(bus)", 256) + padded(bus, 32)
      + words([1, 2, persona.isHighSpeed ? 3 : 2])
      + [8, 10, 12].flatMap { [descriptor[$0 + 1], descriptor[$0]] } + [0, 0, 0, 1, 1, 1]
  }

  static func deviceList(_ persona: USBPersona, bus: String) -> [UInt8] {
    let interface = Array(persona.configurationDescriptor[14...16])
    return words([UInt32(version) << 16 | 0x0005, 0, 1]) + device(persona, bus: bus) + interface
      + [0]
  }

  /// - Parameter persona: nil: no such device.
  static func imported(_ persona: USBPersona?, bus: String) -> [UInt8] {
    let head = words([UInt32(version) << 16 | 0x0003, persona == nil ? 1 : 0])
    return head + (persona.map { device($0, bus: bus) } ?? [])
  }

  /// The end of a transfer.
  ///
  /// - Parameters:
  ///   - status: 0, or a negative errno.
  ///   - moved: how many bytes the device took, or those that it sends.
  static func ended(
    _ submit: Submit, status: Int32 = 0, moved: Int = 0, data: [UInt8] = []
  ) -> [UInt8] {
    let count = UInt32(submit.isInput ? data.count : moved)
    return words([3, submit.sequence, 0, 0, 0, UInt32(bitPattern: status), count, 0, 0, 0, 0, 0])
      + data
  }

  /// - Parameter status: of the transfer that was called off; 0: it had ended.
  static func unlinked(_ sequence: UInt32, status: Int32) -> [UInt8] {
    words([4, sequence, 0, 0, 0, UInt32(bitPattern: status), 0, 0, 0, 0, 0, 0])
  }
}
