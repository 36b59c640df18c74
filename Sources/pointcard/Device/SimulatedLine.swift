import CounterAPI
import DeviceLinks
import DeviceProtocols
import Platform

/// The lines on which a virtual device can be played. Each is one option of `device simulate`, one
/// case here and one way to serve it; nothing else of the simulator knows them.
enum SimulatedLine: Sendable {
  /// A pseudo-terminal with a link to it.
  case terminal(link: String)

  static let options = [
    Option(
      "link", .file("PATH"), Words("where programs find it", "裝置路徑"), isRequired: true)
  ]

  init(_ invocation: Invocation) {
    self = .terminal(link: invocation.required("link"))
  }

  /// The kind of line that the device believes itself on.
  var kind: LinkKind {
    switch self {
    case .terminal: .serial
    }
  }

  /// What it is called when it cannot be made, and when it is ready.
  var place: String {
    switch self {
    case .terminal(let link): link
    }
  }

  /// Plays `device` on it.
  func host(
    _ device: any VirtualDevice, onEvent: @escaping @Sendable (VirtualEvent) -> Void
  ) throws(SystemError) -> VirtualDeviceHost {
    switch self {
    case .terminal(let link): try VirtualDeviceHost(device, link: link, onEvent: onEvent)
    }
  }
}
