import CounterAPI
import DeviceCatalog
import DeviceLinks
import DeviceProtocols
import Platform

/// The lines on which a virtual device can be played. Each is one option of `device simulate`, one
/// case here and one way to serve it; nothing else of the simulator knows them.
enum SimulatedLine: Sendable {
  /// A pseudo-terminal with a link to it.
  case terminal(link: String)
  /// A TCP port of this machine.
  case tcp(port: UInt16)
  /// A USB device for clients of the USB/IP protocol, the kernel's among them.
  case usbip(USBPersona, SocketAddress)

  static let options = [
    Option(
      "link", .file("PATH"),
      Words("on a pseudo-terminal, where programs find it", "在虛擬終端機上的路徑")),
    Option(
      "tcp", .integer("PORT", 1...65_535), Words("on a TCP port of this machine", "本機的 TCP 埠")),
    Option(
      "usbip", .integer("PORT", 1...65_535),
      Words(
        "as a USB device, for usbip attach, on a TCP port of this machine",
        "當作 USB 裝置，供 usbip attach 連線的 TCP 埠")),
    Option(
      "identity", .text("VENDOR:PRODUCT"),
      Words(
        "the USB device's identity, where the model's is not known, as 0c1f:2800",
        "USB 識別碼（型號沒有時用），例如 0c1f:2800")),
  ]

  private static let about = ["device", "simulate"]

  /// - Throws: when none of the lines is named or more than one, or a USB device has no identity.
  init(_ invocation: Invocation, _ model: DeviceModel) throws(UsageError) {
    let named = ["link", "tcp", "usbip"].filter { invocation[$0] != nil }
    guard named.count == 1 else {
      throw UsageError(
        problem: Words(
          "one of --link, --tcp and --usbip is wanted", "要用 --link、--tcp、--usbip 其中一個"),
        about: Self.about)
    }
    if let link = invocation["link"] {
      self = .terminal(link: link)
    } else if let port = invocation.integer("tcp") {
      self = .tcp(port: UInt16(port))
    } else {
      let port = UInt16(invocation.integer("usbip") ?? 0)
      self = .usbip(
        try Self.persona(of: model, invocation["identity"]), .loopback(port: port))
    }
  }

  /// The endpoints are those of the one unit whose traffic is known; others are not known.
  private static func persona(
    of model: DeviceModel, _ text: String?
  ) throws(UsageError) -> USBPersona {
    let parts = text?.split(separator: ":", omittingEmptySubsequences: false) ?? []
    let told: USBIdentity? =
      if parts.count == 2, parts.allSatisfy({ $0.utf8.count == 4 }),
        let vendor = UInt16(parts[0], radix: 16), let product = UInt16(parts[1], radix: 16)
      { USBIdentity(vendor: vendor, product: product) } else { nil }
    guard text == nil || told != nil, let identity = told ?? model.usb.first else {
      throw UsageError(
        problem: Words(
          "--identity is wanted as 0c1f:2800: \(model.id) has no USB identity that is known",
          "要用 --identity 0c1f:2800 這種寫法：\(model.id) 的 USB 識別碼不明"), about: about)
    }
    return USBPersona(
      identity: identity, manufacturer: "pointcard", product: model.name, serial: "SIM0001",
      input: 0x82, output: 0x01, usbVersion: 0x0101)
  }

  /// The kind of line that the device believes itself on.
  var kind: LinkKind {
    switch self {
    case .terminal: .serial
    case .tcp: .tcp
    case .usbip: .usb
    }
  }

  /// What it is called when it cannot be made, and when it is ready.
  var place: String {
    switch self {
    case .terminal(let link): link
    case .tcp(let port): "tcp:127.0.0.1:\(port)"
    case .usbip(let persona, let socket): "usb:\(persona.identity.text) by USB/IP on \(socket)"
    }
  }

  /// Plays `device` on it.
  func host(
    _ device: any VirtualDevice, onEvent: @escaping @Sendable (VirtualEvent) -> Void
  ) throws(SystemError) -> VirtualDeviceHost {
    let place: VirtualPlace =
      switch self {
      case .terminal(let link): .terminal(link: link)
      case .tcp(let port): .tcp(port: port)
      case .usbip(let persona, let socket): .usb(persona, at: socket)
      }
    return try VirtualDeviceHost(device, at: place, onEvent: onEvent)
  }
}
