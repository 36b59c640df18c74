import DeviceCatalog
import Raster

/// The kinds of line that a device can be on.
package enum LinkKind: String, Hashable, Sendable, CaseIterable { case serial, usb, tcp }

/// A family of devices that speak one language.
package struct DeviceFamily: Sendable {
  /// What its data folder is called.
  package let name: String
  /// The kinds of line that it is known on, the usual one first.
  package let links: [LinkKind]
  /// What asking a stranger for its situation may do to it.
  package let probing: Probing
  package let lineCheck: LineCheck
  /// The driver of one of its models, on one of its `links`.
  package let driver: @Sendable (DeviceModel, LinkKind) -> any DeviceDriver
  /// A virtual device of one of its models.
  package let virtualDevice: @Sendable (VirtualSetup) -> any VirtualDevice

  package init(
    name: String, links: [LinkKind], probing: Probing = .whenNamed,
    lineCheck: LineCheck = .none,
    driver: @escaping @Sendable (DeviceModel, LinkKind) -> any DeviceDriver,
    virtualDevice: @escaping @Sendable (VirtualSetup) -> any VirtualDevice
  ) {
    self.name = name
    self.links = links
    self.probing = probing
    self.lineCheck = lineCheck
    self.driver = driver
    self.virtualDevice = virtualDevice
  }
}

/// What a family's own words carry against damage on the line. USB and TCP have their checks; on a
/// serial line without any, damage shows only where something is read back.
package enum LineCheck: String, Hashable, Sendable, CaseIterable {
  /// The exclusive or of a block's bytes behind it: one damaged block in 256 passes.
  case exclusiveOr
  case none
}

/// Whether a family's `situation` is asked of a device of which nothing is known.
package enum Probing: String, Hashable, Sendable, CaseIterable {
  /// Its first words move and heat nothing, and mean nothing to devices of other families.
  case harmless
  /// Only if somebody says that the device is of this family: its words could make another move,
  /// print or forget.
  case whenNamed
}

/// What a virtual device is to be.
package struct VirtualSetup: Sendable {
  package var model: DeviceModel
  package var link: LinkKind
  /// How long everything takes, of a real unit's times; 0: no time at all.
  package var percent: Int
  /// What the unit's own font gives for a character, by the width of its cell, 12 or 24.
  package var font: @Sendable (Character, Int) -> Bitmap?

  package init(
    model: DeviceModel, link: LinkKind = .serial, percent: Int = 0,
    font: @escaping @Sendable (Character, Int) -> Bitmap? = { _, _ in nil }
  ) {
    self.model = model
    self.link = link
    self.percent = percent
    self.font = font
  }
}

/// The families that are known.
package enum DeviceFamilies {
  package static let all = [
    StarTCP300.descriptor, SanwaCRP.descriptor, Magicard.descriptor, Evolis.descriptor,
    EasyPrinterS3.descriptor, MSR.descriptor,
  ]

  /// The family of a model; nil for one that this build does not know.
  package static func family(of model: DeviceModel) -> DeviceFamily? {
    all.first { $0.name == model.family }
  }

  /// The driver of a model; nil for a family that this build does not know.
  ///
  /// - Parameter link: what it is on; nil: the family's usual kind of line.
  package static func driver(
    for model: DeviceModel, on link: LinkKind? = nil
  ) -> (any DeviceDriver)? {
    family(of: model).map { $0.driver(model, link ?? $0.links[0]) }
  }
}
