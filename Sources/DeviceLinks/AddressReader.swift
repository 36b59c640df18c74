import DeviceCatalog
import DeviceProtocols
import Platform

/// Reads the text of a device's address.
struct AddressReader {
  let text: String
  private var example = LinkAddressError.examples[0]

  /// Longest address, in bytes.
  private static let sizeLimit = 1024
  /// Longest name of a host, as the DNS has it, in bytes.
  private static let hostLimit = 253
  /// Longest serial number that a USB string descriptor can hold, in UTF-16 units.
  private static let serialLimit = 126

  init(text: String) { self.text = text }

  mutating func read(_ defaults: LinkAddress.Defaults) throws(LinkAddressError) -> LinkAddress {
    guard text.utf8.count <= Self.sizeLimit else {
      throw LinkAddressError(
        text: String(decoding: text.utf8.prefix(40), as: UTF8.self) + "…",
        problem: "is longer than \(Self.sizeLimit) bytes")
    }
    guard !text.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7f }) else {
      throw fault("holds a control character")
    }
    let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2 else { throw fault("begins with no kind of line") }
    let rest = parts[1]
    switch parts[0] {
    case "serial": return try serial(rest, defaults)
    case "tcp":
      example = LinkAddressError.examples[1]
      return try tcp(rest, defaults)
    case "usb":
      example = LinkAddressError.examples[2]
      return try usb(rest, defaults)
    case "virtual":
      example = LinkAddressError.examples[3]
      return try virtual(rest)
    default: throw fault("\"\(parts[0])\" is none of serial, tcp, usb, virtual")
    }
  }

  private func fault(_ problem: String) -> LinkAddressError {
    LinkAddressError(text: text, problem: problem, example: example)
  }

  // MARK: Serial

  private func serial(
    _ rest: Substring, _ defaults: LinkAddress.Defaults
  ) throws(LinkAddressError) -> LinkAddress {
    guard rest.hasPrefix("/") else { throw fault("does not begin with serial:/") }
    let parts = rest.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
    var settings = defaults.settings
    var seen: Set<Substring> = []
    let options =
      parts.count == 2 ? parts[1].split(separator: "&", omittingEmptySubsequences: false) : []
    for option in options {
      let pair = option.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard pair.count == 2, let isRight = Self.set(pair[0], to: String(pair[1]), in: &settings)
      else {
        throw fault(
          "\"\(option)\" is no option: there are speed, dataBits, parity, stopBits and flow")
      }
      guard isRight, settings.isValid else {
        throw fault("a line cannot be set to \"\(option)\": \(Self.choices(pair[0]))")
      }
      guard seen.insert(pair[0]).inserted else { throw fault("\"\(pair[0])\" stands twice") }
    }
    // a model's own line may be one that this machine's lines do not have
    guard settings.isValid else { throw fault("the model's speed is none that a line here has") }
    return .serial(path: String(parts[0]), settings)
  }

  /// Whether the value is one of the option's; nil: there is no such option.
  private static func set(
    _ key: Substring, to value: String, in settings: inout SerialSettings
  ) -> Bool? {
    switch key {
    case "speed": settings.speed = Int(value) ?? 0
    case "dataBits": settings.dataBits = Int(value) ?? 0
    case "stopBits": settings.stopBits = Int(value) ?? 0
    case "parity":
      guard let parity = SerialSettings.Parity(rawValue: value) else { return false }
      settings.parity = parity
    case "flow":
      guard let flow = SerialSettings.Flow(rawValue: value) else { return false }
      settings.flow = flow
    default: return nil
    }
    return true
  }

  private static func choices(_ key: Substring) -> String {
    let values: [String] =
      switch key {
      case "speed": SerialSettings.speeds.map(String.init)
      case "dataBits": ["7", "8"]
      case "stopBits": ["1", "2"]
      case "parity": SerialSettings.Parity.allCases.map(\.rawValue)
      default: SerialSettings.Flow.allCases.map(\.rawValue)
      }
    return values.joined(separator: ", ")
  }

  // MARK: TCP

  private func tcp(
    _ rest: Substring, _ defaults: LinkAddress.Defaults
  ) throws(LinkAddressError) -> LinkAddress {
    var host: Substring
    var port: Substring?
    if rest.hasPrefix("[") {
      let parts = rest.dropFirst().split(
        separator: "]", maxSplits: 1, omittingEmptySubsequences: false)
      guard parts.count == 2, parts[1].isEmpty || parts[1].hasPrefix(":") else {
        throw fault("a bracket does not end, or is not followed by a port")
      }
      host = parts[0]
      port = parts[1].isEmpty ? nil : parts[1].dropFirst()
      guard host.contains(":") else { throw fault("brackets stand round an IPv6 address only") }
    } else {
      let parts = rest.split(separator: ":", omittingEmptySubsequences: false)
      guard parts.count <= 2 else { throw fault("an IPv6 address stands in brackets") }
      host = parts[0]
      port = parts.count == 2 ? parts[1] : nil
    }
    guard !host.isEmpty, host.utf8.count <= Self.hostLimit else {
      throw fault("a host's name has 1 to \(Self.hostLimit) bytes")
    }
    guard host.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f && $0 != UInt8(ascii: "/") }) else {
      throw fault("\"\(host)\" is no name or address of a host")
    }
    if let port {
      // a sign would pass for a number
      guard port.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = UInt16(port),
        number > 0
      else { throw fault("\"\(port)\" is no port: 1 to 65535") }
      return .tcp(host: String(host), port: number)
    }
    guard let number = defaults.tcpPort.flatMap({ UInt16(exactly: $0) }) else {
      throw fault("the port is missing, and none is known for this model")
    }
    return .tcp(host: String(host), port: number)
  }

  // MARK: USB and virtual devices

  private func usb(
    _ rest: Substring, _ defaults: LinkAddress.Defaults
  ) throws(LinkAddressError) -> LinkAddress {
    if rest.isEmpty {
      guard !defaults.usb.isEmpty else { throw fault("no USB identity is known for this model") }
      return .usb(defaults.usb, serial: nil)
    }
    let parts = rest.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
    guard parts.count >= 2, let vendor = Self.fourDigits(parts[0]),
      let product = Self.fourDigits(parts[1])
    else { throw fault("a USB identity is twice four hexadecimal digits") }
    let identity = USBIdentity(vendor: vendor, product: product)
    guard parts.count == 3 else { return .usb([identity], serial: nil) }
    guard !parts[2].isEmpty, parts[2].utf16.count <= Self.serialLimit else {
      throw fault("a serial number has 1 to \(Self.serialLimit) characters")
    }
    return .usb([identity], serial: String(parts[2]))
  }

  private static func fourDigits(_ text: Substring) -> UInt16? {
    guard text.utf8.count == 4, text.first != "+", text.first != "-" else { return nil }
    return UInt16(text, radix: 16)
  }

  private func virtual(_ rest: Substring) throws(LinkAddressError) -> LinkAddress {
    let parts = rest.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2, parts.allSatisfy({ !$0.isEmpty }) else {
      throw fault("a model is named by its family and itself")
    }
    return .virtual(model: String(rest))
  }
}
