import DeviceCatalog

/// What a virtual USB device says of itself: one configuration with one interface and a bulk pair.
package struct USBPersona: Hashable, Sendable {
  package var identity: USBIdentity
  package var manufacturer: String
  package var product: String
  /// Nil: it tells no serial number.
  package var serial: String?
  /// The bulk endpoints' addresses; that of `input` has bit 7 set.
  package var input: UInt8
  package var output: UInt8
  /// Whether it is a high-speed device, with packets of 512 bytes, or a full-speed one, with 64.
  package var isHighSpeed: Bool
  /// `bcdUSB` and `bcdDevice`.
  package var usbVersion: UInt16
  package var release: UInt16
  /// 7: the printer class, both ways; 255: a vendor's own.
  package var interfaceClass: UInt8

  package init(
    identity: USBIdentity, manufacturer: String, product: String, serial: String? = nil,
    input: UInt8, output: UInt8, isHighSpeed: Bool = false, usbVersion: UInt16 = 0x0200,
    release: UInt16 = 0x0100, interfaceClass: UInt8 = 7
  ) {
    precondition(input & 0x80 != 0 && output & 0x80 == 0, "an endpoint's bit 7 is its direction")
    self.identity = identity
    self.manufacturer = manufacturer
    self.product = product
    self.serial = serial
    self.input = input
    self.output = output
    self.isHighSpeed = isHighSpeed
    self.usbVersion = usbVersion
    self.release = release
    self.interfaceClass = interfaceClass
  }

  package var packetSize: Int { isHighSpeed ? 512 : 64 }
}

/// The descriptors of USB 2.0, chapter 9.6.
extension USBPersona {
  /// The texts, each once; a descriptor names one by its place, counted from 1.
  private var texts: [String] {
    var texts: [String] = []
    for text in [manufacturer, product] + (serial.map { [$0] } ?? []) where !texts.contains(text) {
      texts.append(text)
    }
    return texts
  }

  private func index(of text: String?) -> UInt8 {
    text.flatMap { texts.firstIndex(of: $0) }.map { UInt8($0 + 1) } ?? 0
  }

  /// 18 bytes.
  package var deviceDescriptor: [UInt8] {
    [18, 1] + Self.word(usbVersion) + [0, 0, 0, isHighSpeed ? 64 : 8]
      + Self.word(identity.vendor) + Self.word(identity.product) + Self.word(release)
      + [index(of: manufacturer), index(of: product), index(of: serial), 1]
  }

  /// The configuration with its interface and two endpoints, 32 bytes.
  package var configurationDescriptor: [UInt8] {
    let isPrinter = interfaceClass == 7
    let interface: [UInt8] = [
      9, 4, 0, 0, 2, interfaceClass, isPrinter ? 1 : 0xff, isPrinter ? 2 : 0xff, 0,
    ]
    var endpoints: [UInt8] = []
    for pipe in [output, input] {
      endpoints += [7, 5, pipe, 2] + Self.word(UInt16(packetSize)) + [0]
    }
    let body = interface + endpoints
    return [9, 2] + Self.word(UInt16(9 + body.count)) + [1, 1, 0, 0xc0, 0] + body
  }

  /// The text of a place; 0 are the languages, of which there is one. Nil: there is none.
  func stringDescriptor(_ index: Int) -> [UInt8]? {
    guard index > 0 else { return [4, 3, 0x09, 0x04] }
    guard index <= texts.count else { return nil }
    let units = texts[index - 1].utf16.prefix(126)
    return [UInt8(2 + units.count * 2), 3] + units.flatMap { Self.word($0) }
  }

  private static func word(_ value: UInt16) -> [UInt8] { [UInt8(value & 0xff), UInt8(value >> 8)] }
}
