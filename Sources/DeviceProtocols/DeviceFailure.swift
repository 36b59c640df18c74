/// What a device could not do: facts, for the station to decide by and the service to tell.
package struct DeviceFailure: Error, Hashable, Sendable {
  package enum Kind: String, Hashable, Sendable, CaseIterable {
    /// A card is stuck.
    case jam
    /// The cover or the transport path is open.
    case cover
    case motor
    /// A head, for printing or erasing, is out of order.
    case printer
    /// The device's memory or another part that only service can mend.
    case fault
    /// No card where one was needed.
    case noCard
    /// The stripe could not be read.
    case read
    /// The stripe did not read back as written.
    case write
    /// The device refuses what it was told: our bug, or a model that differs.
    case rejected
    /// Nothing came within the time allowed.
    case noAnswer
    /// What came was damaged more often than is tried again.
    case garbled
    /// The device is not there: unplugged, off, or its path does not exist.
    case absent
    /// Somebody called the conversation off.
    case cancelled
    /// What was read back is not what was written.
    case mismatch
    /// A text or picture that this device cannot print.
    case unprintable
    /// No card to take: the feeder or dispenser is empty.
    case feeder
    /// The output tray, hopper or stocker is full.
    case stacker
    /// It asks for something else at the device: a ribbon to be taken out, cleaning; see `detail`.
    case attention
    /// Asked for what this device cannot do, or what no source tells how to do.
    case unsupported
  }

  package var kind: Kind
  /// The device's own status, when it gave one: a byte, or a word of its flags.
  package var status: UInt32?
  /// What the device was doing, in the protocol's words: `46h`.
  package var during: String
  /// A further fact; never personal data.
  package var detail: String

  package init(
    _ kind: Kind, status: UInt32? = nil, during: String = "", detail: String = ""
  ) {
    self.kind = kind
    self.status = status
    self.during = during
    self.detail = detail
  }

  /// The stable code: `device.jam`.
  package var code: String { "device.\(kind.rawValue)" }

  /// The UnifiedPOS name.
  package var pointCardError: PointCardError {
    switch kind {
    case .jam: .jam
    case .cover: .cover
    case .motor: .motor
    case .printer: .printer
    case .fault, .garbled, .cancelled, .feeder, .stacker, .attention: .failure
    case .noCard: .noCard
    case .read: .read
    case .write: .write
    case .rejected, .unprintable, .unsupported: .illegal
    case .noAnswer: .timeout
    case .absent: .noHardware
    case .mismatch: .verify
    }
  }

  /// Whether a person must do something at the device before it can go on.
  package var needsHand: Bool {
    switch kind {
    case .jam, .cover, .motor, .printer, .fault, .absent, .feeder, .stacker, .attention: true
    default: false
    }
  }
}
