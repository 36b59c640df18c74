import DeviceCatalog
import DeviceLinks
import DeviceProtocols
import EventLog
import Platform
import Raster

/// A device as it is given to a station.
package struct StationDevice: Sendable {
  package var model: DeviceModel
  package var driver: any DeviceDriver
  /// Where its coming is noticed, so that it is opened at once; nil: it is only tried again and
  /// again.
  package var watching: LinkAddress?
  /// Opens the line to it; called again whenever the line was lost.
  package var open: @Sendable () throws(LinkError) -> any DeviceLink

  package init(
    model: DeviceModel, driver: any DeviceDriver, watching: LinkAddress? = nil,
    open: @escaping @Sendable () throws(LinkError) -> any DeviceLink
  ) {
    self.model = model
    self.driver = driver
    self.watching = watching
    self.open = open
  }

  /// A device of a family that this build knows (`DeviceFamilies.all`), on one of its `links`; nil:
  /// the usual one.
  package init(
    model: DeviceModel, link: LinkKind? = nil, watching: LinkAddress? = nil,
    open: @escaping @Sendable () throws(LinkError) -> any DeviceLink
  ) {
    guard let family = DeviceFamilies.family(of: model),
      let driver = DeviceFamilies.driver(for: model, on: link)
    else { preconditionFailure("a station's model is of a family that is known") }
    precondition(
      link.map { family.links.contains($0) } ?? true,
      "a family's driver is made for a line that the family is known on")
    self.init(model: model, driver: driver, watching: watching, open: open)
  }

  /// A device where its configuration says; a virtual one is run here, at the pace of a real one.
  ///
  /// - Parameter font: what a virtual device's own font gives for a character, by its cell's width.
  /// - Throws: when there is no room for a virtual device's line.
  package init(
    line: StationLine, log: Log = .off,
    font: @escaping @Sendable (Character, Int) -> Bitmap? = { _, _ in nil }
  ) throws(SystemError) {
    let address = line.address
    guard let host = try line.virtualDevice(font: font, log: log) else {
      self.init(model: line.model, link: line.kind, watching: address) {
        () throws(LinkError) in try address.open()
      }
      return
    }
    log.notice("a virtual device is run", ["address": host.address ?? "memory"])
    self.init(model: line.model, link: line.kind) { () throws(LinkError) in try host.open() }
  }
}
