import DeviceCatalog
import DeviceLinks
import DeviceProtocols
import EventLog
import Platform
import Raster

/// The line between a station and its device, as its address tells it, checked against what is
/// known of the model.
package struct StationLine: Hashable, Sendable {
  package let model: DeviceModel
  package let address: LinkAddress
  /// What the driver is made for.
  package let kind: LinkKind

  /// Reads the address of a device of a model.
  ///
  /// - Throws: what is wrong with the text; a kind of line that the family is not known on.
  package init(_ text: String, model: DeviceModel) throws(LinkAddressError) {
    let address = try LinkAddress(text, for: model)
    guard let family = DeviceFamilies.family(of: model) else {
      throw LinkAddressError(text: text, problem: "the family \(model.family) is not known")
    }
    if case .virtual(let named) = address, named != model.id {
      throw LinkAddressError(
        text: text, problem: "the station's device is \(model.id)",
        example: "virtual:\(model.id)")
    }
    let kind = address.kind ?? family.links[0]
    guard family.links.contains(kind) else {
      let known = family.links.map(\.rawValue).joined(separator: ", ")
      throw LinkAddressError(
        text: text, problem: "a \(model.name) is known on these lines only: \(known)",
        example: Self.example(family.links[0]))
    }
    self.model = model
    self.address = address
    self.kind = kind
  }

  /// A virtual device at this address, running; nil when the address is a real one's.
  ///
  /// One on USB is reached within the process only.
  func virtualDevice(
    font: @escaping @Sendable (Character, Int) -> Bitmap?, log: Log
  ) throws(SystemError) -> VirtualDeviceHost? {
    guard case .virtual = address, let family = DeviceFamilies.family(of: model) else { return nil }
    let device = family.virtualDevice(
      VirtualSetup(model: model, link: kind, percent: 100, font: font))
    let place: VirtualPlace =
      switch kind {
      case .serial: .terminal(link: nil)
      case .tcp: .tcp(port: 0)
      case .usb: .memory
      }
    return try VirtualDeviceHost(device, at: place, log: log)
  }

  private static func example(_ kind: LinkKind) -> String {
    switch kind {
    case .serial: LinkAddressError.examples[0]
    case .tcp: LinkAddressError.examples[1]
    case .usb: LinkAddressError.examples[2]
    }
  }
}
