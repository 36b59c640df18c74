import CLibUSB

/// The interface of a device that a link speaks to, and its two pipes.
struct USBInterface: Hashable, Sendable {
  /// `bInterfaceNumber`.
  var number: UInt8
  /// `bAlternateSetting`.
  var alternate: UInt8
  /// The configuration it is part of, `bConfigurationValue`.
  var configuration: UInt8
  /// Whether it is none of the printer class, so that a message whose length is a multiple of the
  /// packet's is ended by an empty packet. (The printer class has no messages, only a stream.)
  var isVendorSpecific: Bool
  /// Bulk endpoint addresses; that of `input` has bit 7 set.
  var input: UInt8
  var output: UInt8
  /// Largest packet of each pipe, in bytes.
  var inputPacket: Int
  var outputPacket: Int

  /// One of the settings that a device offers.
  struct Offer: Hashable, Sendable {
    var interface: USBInterface
    /// 0 is the best.
    var rank: Int
  }

  private static let printerClass: UInt8 = 7
  private static let vendorClass: UInt8 = 0xff

  /// The interface to use: the printer class in both directions, else a vendor's own with a bulk
  /// pair. Nil: there is none.
  static func best(of configuration: libusb_config_descriptor) -> USBInterface? {
    var offers: [Offer] = []
    for index in 0..<Int(configuration.bNumInterfaces) {
      let interface = configuration.interface[index]
      for setting in 0..<Int(interface.num_altsetting) {
        if let offer = offer(interface.altsetting[setting], configuration.bConfigurationValue) {
          offers.append(offer)
        }
      }
    }
    return offers.min { $0.rank < $1.rank }?.interface
  }

  private static func offer(
    _ setting: libusb_interface_descriptor, _ configuration: UInt8
  ) -> Offer? {
    guard let rank = rank(setting) else { return nil }
    var input: (address: UInt8, packet: Int)?
    var output: (address: UInt8, packet: Int)?
    for index in 0..<Int(setting.bNumEndpoints) {
      let endpoint = setting.endpoint[index]
      guard endpoint.bmAttributes & 3 == UInt8(LIBUSB_TRANSFER_TYPE_BULK.rawValue) else { continue }
      // the two bits above say how many packets fit into one microframe, of other kinds of pipes
      let packet = Int(endpoint.wMaxPacketSize & 0x7ff)
      guard packet > 0 else { continue }
      if endpoint.bEndpointAddress & 0x80 != 0 {
        input = input ?? (endpoint.bEndpointAddress, packet)
      } else {
        output = output ?? (endpoint.bEndpointAddress, packet)
      }
    }
    guard let input, let output else { return nil }
    return Offer(
      interface: USBInterface(
        number: setting.bInterfaceNumber, alternate: setting.bAlternateSetting,
        configuration: configuration,
        isVendorSpecific: setting.bInterfaceClass == vendorClass, input: input.address,
        output: output.address, inputPacket: input.packet, outputPacket: output.packet),
      rank: rank)
  }

  /// The printer class' protocols are 1 one way, 2 both ways, 3 IEEE 1284.4, 4 IPP: the last two
  /// wrap what is sent into packets of their own and are not spoken here.
  private static func rank(_ setting: libusb_interface_descriptor) -> Int? {
    switch (setting.bInterfaceClass, setting.bInterfaceProtocol) {
    case (printerClass, 2): 0
    case (printerClass, 3), (printerClass, 4): nil
    case (printerClass, _): 1
    case (vendorClass, _): 2
    default: nil
    }
  }
}
