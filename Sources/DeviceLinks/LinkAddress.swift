import DeviceCatalog
import DeviceProtocols
import Platform

/// Where a device is, as configurations write it.
///
/// ```
/// serial:/dev/serial/by-id/usb-Star…?speed=9600&parity=even    a serial line
/// tcp:printer.shop:9100, tcp:[fe80::1%eth0]:9100, tcp:printer  a host; its port, or the model's
/// usb:0c1f:2800, usb:0c1f:2800:A123                            an identity, a serial number
/// usb:                                                         any of the model's identities
/// virtual:FAMILY/MODEL                                         a virtual device of that model
/// ```
/// Options of a serial line, joined by `&`: `speed`, `dataBits`, `parity`, `stopBits`, `flow`.
package enum LinkAddress: Hashable, Sendable, CustomStringConvertible {
  case serial(path: String, SerialSettings)
  case tcp(host: String, port: UInt16)
  /// A device of one of these identities; of this serial number, if one is given.
  case usb([USBIdentity], serial: String?)
  /// A virtual device of this model, which whoever opens stations runs itself.
  case virtual(model: String)

  package init(path: String, settings: SerialSettings = SerialSettings()) {
    self = .serial(path: path, settings)
  }

  /// What holds for what an address leaves out: a model's own line.
  package struct Defaults: Hashable, Sendable {
    package var settings: SerialSettings
    package var tcpPort: Int?
    package var usb: [USBIdentity]

    package init(
      settings: SerialSettings = SerialSettings(), tcpPort: Int? = nil, usb: [USBIdentity] = []
    ) {
      self.settings = settings
      self.tcpPort = tcpPort
      self.usb = usb
    }

    /// What a new unit of the model has.
    package init(_ model: DeviceModel) {
      self.init(
        settings: model.link.map(SerialSettings.init) ?? SerialSettings(), tcpPort: model.tcpPort,
        usb: model.usb)
    }
  }

  /// Reads an address.
  ///
  /// - Parameter settings: what holds for options of a serial line that are left out.
  /// - Throws: what is wrong with the text.
  package init(
    _ text: String, settings: SerialSettings = SerialSettings()
  ) throws(LinkAddressError) {
    try self.init(text, defaults: Defaults(settings: settings))
  }

  /// Reads an address of a device of a model, which gives what the text leaves out.
  package init(_ text: String, for model: DeviceModel) throws(LinkAddressError) {
    try self.init(text, defaults: Defaults(model))
  }

  package init(_ text: String, defaults: Defaults) throws(LinkAddressError) {
    var reader = AddressReader(text: text)
    self = try reader.read(defaults)
  }

  /// What kind of line it is; nil for a virtual device, which is on its family's usual one.
  package var kind: LinkKind? {
    switch self {
    case .serial: .serial
    case .tcp: .tcp
    case .usb: .usb
    case .virtual: nil
    }
  }

  /// The address as it can be read again. Of a serial line only what differs from 9600 8N1 without
  /// flow control; of several identities none, for they are the model's.
  package var description: String {
    switch self {
    case .serial(let path, let settings): "serial:\(path)" + Self.options(settings)
    case .tcp(let host, let port):
      host.contains(":") ? "tcp:[\(host)]:\(port)" : "tcp:\(host):\(port)"
    case .usb(let identities, let serial):
      if identities.count == 1 {
        "usb:\(identities[0].text)" + (serial.map { ":\($0)" } ?? "")
      } else {
        "usb:"
      }
    case .virtual(let model): "virtual:\(model)"
    }
  }

  private static func options(_ settings: SerialSettings) -> String {
    let usual = SerialSettings()
    var options: [String] = []
    if settings.speed != usual.speed { options.append("speed=\(settings.speed)") }
    if settings.dataBits != usual.dataBits { options.append("dataBits=\(settings.dataBits)") }
    if settings.parity != usual.parity { options.append("parity=\(settings.parity.rawValue)") }
    if settings.stopBits != usual.stopBits { options.append("stopBits=\(settings.stopBits)") }
    if settings.flow != usual.flow { options.append("flow=\(settings.flow.rawValue)") }
    return options.isEmpty ? "" : "?" + options.joined(separator: "&")
  }

  /// Opens the line.
  ///
  /// - Throws: `.unusable` for a virtual device: who runs it knows where it is.
  package func open() throws(LinkError) -> any DeviceLink {
    switch self {
    case .serial(let path, let settings): try SerialLink(path: path, settings: settings)
    case .tcp(let host, let port): try TCPLink(host: host, port: port)
    case .usb(let identities, let serial): try USBLink(identities, serial: serial)
    case .virtual:
      throw LinkError(
        .unusable, address: description, reason: "a virtual device must be run before it is opened")
    }
  }
}

extension SerialSettings {
  /// The line that a new unit speaks.
  package init(_ link: LinkDefaults) {
    let parity: Parity =
      switch link.parity {
      case .none: .none
      case .even: .even
      case .odd: .odd
      }
    self.init(
      speed: link.speed, dataBits: link.dataBits, parity: parity, stopBits: link.stopBits)
  }
}

/// An address that cannot be read.
package struct LinkAddressError: Error, Hashable, Sendable, CustomStringConvertible {
  package var text: String
  package var problem: String
  /// An address that can be read.
  package var example: String

  package init(text: String, problem: String, example: String = Self.examples[0]) {
    self.text = text
    self.problem = problem
    self.example = example
  }

  /// One address of each kind.
  package static let examples = [
    "serial:/dev/ttyUSB0?speed=9600", "tcp:192.0.2.7:9100", "usb:0c1f:2800",
    "virtual:FAMILY/MODEL",
  ]

  package var description: String { "\"\(text)\": \(problem); an address is like \(example)" }
}
