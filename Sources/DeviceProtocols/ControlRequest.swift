/// A request on a USB device's control pipe, as the standard has it.
package struct ControlRequest: Hashable, Sendable {
  /// `bmRequestType`: direction, kind and recipient.
  package var kind: UInt8
  package var request: UInt8
  package var value: UInt16
  package var index: UInt16
  /// What goes to the device with it; empty for a request that asks.
  package var data: [UInt8]
  /// The most bytes that are taken as its answer: 0–4,096.
  package var length: Int

  package init(
    kind: UInt8, request: UInt8, value: UInt16 = 0, index: UInt16 = 0, data: [UInt8] = [],
    length: Int = 0
  ) {
    self.kind = kind
    self.request = request
    self.value = value
    self.index = index
    self.data = data
    self.length = length
  }

  /// Whether the device is asked and not told.
  package var isRead: Bool { kind & 0x80 != 0 }
}

/// The control requests of the USB printer class.
///
/// The interface is filled in by the link, which knows the one that it has claimed.
extension ControlRequest {
  /// The IEEE 1284 device id: two bytes of length, most significant first, then text.
  package static let deviceID = ControlRequest(kind: 0xa1, request: 0, length: 1024)
  /// One byte: bit 3 no error, bit 4 selected, bit 5 paper empty.
  package static let portStatus = ControlRequest(kind: 0xa1, request: 1, length: 1)
  /// Empties the device's buffers and sets its pipes back.
  package static let softReset = ControlRequest(kind: 0x21, request: 2)
}
