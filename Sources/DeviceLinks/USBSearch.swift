import CLibUSB
import DeviceCatalog
import Platform

/// Finds a device on USB, opens it and claims the interface that is spoken to.
struct USBSearch {
  let identities: [USBIdentity]
  /// Nil: of whatever serial number, as long as there is one such device only.
  let serial: String?
  /// The address, for messages.
  let address: String

  /// Most devices of one identity that are looked at.
  private static let deviceLimit = 64

  /// A device that is open and claimed. The kernel's driver (usblp) was taken off the interface and
  /// comes back when it is released.
  struct Claim {
    let context: USBContext
    let handle: OpaquePointer
    let interface: USBInterface
  }

  /// - Throws: `.notFound`; `.noPermission` with whose node it is; `.busy` with who has it;
  ///   `.unusable` when it has no interface that can be spoken to, or when several devices answer
  ///   to the address.
  func claim() throws(LinkError) -> Claim {
    let context = try on { () throws(USBFailure) in try USBContext() }
    let found = try on { () throws(USBFailure) in try find(context) }
    defer { for device in found { libusb_unref_device(device) } }
    let (device, handle) = try choose(found)
    do throws(LinkError) {
      return Claim(context: context, handle: handle, interface: try claim(device, handle))
    } catch {
      libusb_close(handle)
      guard error.kind == .busy else { throw error }
      // asked once we ourselves have it open no more
      throw LinkError(.busy, address: address, reason: Self.holder(of: device) ?? error.reason)
    }
  }

  @discardableResult
  private func on<Result>(
    _ body: () throws(USBFailure) -> Result
  ) throws(LinkError) -> Result {
    do throws(USBFailure) {
      return try body()
    } catch {
      throw LinkError(error, address: address)
    }
  }

  // MARK: Finding

  /// The devices of the identities, each with a reference of ours.
  private func find(_ context: USBContext) throws(USBFailure) -> [OpaquePointer] {
    var list: UnsafeMutablePointer<OpaquePointer?>?
    let count = libusb_get_device_list(context.raw, &list)
    guard count >= 0, let list else { throw USBFailure("list", Int32(count)) }
    defer { libusb_free_device_list(list, 1) }
    var found: [OpaquePointer] = []
    for index in 0..<count {
      guard let device = list[index], let identity = Self.identity(of: device),
        identities.contains(identity), found.count < Self.deviceLimit
      else { continue }
      found.append(libusb_ref_device(device))
    }
    return found
  }

  /// What a device calls itself; from libusb's memory, so that it may be asked in a callback.
  static func identity(of device: OpaquePointer) -> USBIdentity? {
    var descriptor = libusb_device_descriptor()
    guard libusb_get_device_descriptor(device, &descriptor) == 0 else { return nil }
    return USBIdentity(vendor: descriptor.idVendor, product: descriptor.idProduct)
  }

  private var names: String { identities.map(\.text).joined(separator: ", ") }

  /// The one device that is meant, opened.
  private func choose(
    _ found: [OpaquePointer]
  ) throws(LinkError) -> (OpaquePointer, handle: OpaquePointer) {
    guard let first = found.first else {
      throw LinkError(.notFound, address: address, reason: "no device \(names) is plugged in")
    }
    if serial == nil, found.count == 1 { return (first, try open(first)) }
    var others: [String] = []
    var refusal: LinkError?
    for device in found {
      let handle: OpaquePointer
      do throws(LinkError) {
        handle = try open(device)
      } catch {
        refusal = error
        continue
      }
      let number = Self.serial(of: device, handle)
      if let number, number == serial { return (device, handle) }
      libusb_close(handle)
      others.append(number ?? "none")
    }
    let listed = others.joined(separator: ", ")
    guard serial != nil else {
      throw LinkError(
        .unusable, address: address,
        reason: "\(found.count) devices \(names) are plugged in; say which by its serial number, "
          + "usb:VVVV:PPPP:SERIAL\(listed.isEmpty ? "" : ": there are \(listed)")")
    }
    // the one that is meant may be among those that could not be asked
    if let refusal { throw refusal }
    throw LinkError(
      .notFound, address: address, reason: "of \(names) only these are plugged in: \(listed)")
  }

  private func open(_ device: OpaquePointer) throws(LinkError) -> OpaquePointer {
    var handle: OpaquePointer?
    let result = libusb_open(device, &handle)
    if result == 0, let handle { return handle }
    let failure = USBFailure("open", result)
    let node = Self.node(of: device)
    let reason =
      failure.kind == .noPermission ? NodeAccess.advice(for: node) : failure.reason
    throw LinkError(failure.kind, address: address, reason: reason)
  }

  /// The serial number that a device tells; nil when it tells none.
  private static func serial(of device: OpaquePointer, _ handle: OpaquePointer) -> String? {
    var descriptor = libusb_device_descriptor()
    guard libusb_get_device_descriptor(device, &descriptor) == 0, descriptor.iSerialNumber != 0
    else { return nil }
    var text = [UInt8](repeating: 0, count: 256)
    let count = libusb_get_string_descriptor_ascii(
      handle, descriptor.iSerialNumber, &text, Int32(text.count))
    return count > 0 ? String(decoding: text.prefix(Int(count)), as: UTF8.self) : nil
  }

  // MARK: Claiming

  private func claim(
    _ device: OpaquePointer, _ handle: OpaquePointer
  ) throws(LinkError) -> USBInterface {
    var configuration: UnsafeMutablePointer<libusb_config_descriptor>?
    try on { () throws(USBFailure) in
      try usb("configuration", libusb_get_active_config_descriptor(device, &configuration))
    }
    guard let configuration else { preconditionFailure("libusb gives what it says it gives") }
    defer { libusb_free_config_descriptor(configuration) }
    guard let interface = USBInterface.best(of: configuration.pointee) else {
      throw LinkError(
        .unusable, address: address,
        reason: "it has neither a printer's interface nor a vendor's own with bulk pipes both ways")
    }
    let number = Int32(interface.number)
    try on { () throws(USBFailure) in
      // a system without this has no kernel drivers to take off
      _ = libusb_set_auto_detach_kernel_driver(handle, 1)
      try usb("claim", libusb_claim_interface(handle, number))
    }
    do throws(USBFailure) {
      if interface.alternate != 0 {
        let alternate = Int32(interface.alternate)
        try usb("setting", libusb_set_interface_alt_setting(handle, number, alternate))
      }
    } catch {
      libusb_release_interface(handle, number)
      throw LinkError(error, address: address)
    }
    return interface
  }

  /// Who has a device: a process that has its node open, or the kernel's driver.
  private static func holder(of device: OpaquePointer) -> String? {
    NodeAccess.holders(of: node(of: device))
      ?? kernelDriver(of: device).map { "the kernel's driver \($0) has it" }
  }

  /// The device's node, as udev makes it.
  private static func node(of device: OpaquePointer) -> String {
    func threeDigits(_ number: UInt8) -> String {
      String(String(1000 + Int(number)).dropFirst())
    }
    let bus = threeDigits(libusb_get_bus_number(device))
    return "/dev/bus/usb/\(bus)/\(threeDigits(libusb_get_device_address(device)))"
  }

  /// The driver that is bound to one of the device's interfaces.
  private static func kernelDriver(of device: OpaquePointer) -> String? {
    var ports = [UInt8](repeating: 0, count: 8)
    let count = libusb_get_port_numbers(device, &ports, Int32(ports.count))
    guard count > 0 else { return nil }
    let path = ports.prefix(Int(count)).map(String.init).joined(separator: ".")
    let name = "\(libusb_get_bus_number(device))-\(path)"
    for interface in 0..<8 {
      let link = "/sys/bus/usb/devices/\(name):1.\(interface)/driver"
      if let target = Files.readLink(link), let driver = target.split(separator: "/").last,
        driver != "usbfs"
      {
        return String(driver)
      }
    }
    return nil
  }
}
