import CLibUSB
import Platform

/// One direction of a claimed interface: transfers one after the other, each of which can be
/// called off. All of it on the device's thread.
final class USBTransfer {
  /// What a transfer came to.
  enum End: Hashable {
    case done, timedOut, interrupted
    /// The endpoint is halted.
    case stalled
    case gone
    /// The device sent more than was asked for, or the line is disturbed.
    case failed
  }

  private let context: USBContext
  private let handle: OpaquePointer
  private let endpoint: UInt8
  /// Largest transfer, in bytes.
  let size: Int
  private let transfer: UnsafeMutablePointer<libusb_transfer>
  let buffer: UnsafeMutablePointer<UInt8>
  private let completed: UnsafeMutablePointer<Int32>
  /// Whether libusb never gave a transfer back: then its memory stays its own.
  private(set) var isStuck = false

  /// How long a transfer that was called off may take to come back.
  private static let cancelLimit = Duration.seconds(3)

  init(
    _ context: USBContext, _ handle: OpaquePointer, endpoint: UInt8, size: Int
  ) throws(USBFailure) {
    guard let transfer = libusb_alloc_transfer(0) else {
      throw USBFailure("transfer", LIBUSB_ERROR_NO_MEM)
    }
    self.context = context
    self.handle = handle
    self.endpoint = endpoint
    self.size = size
    self.transfer = transfer
    buffer = .allocate(capacity: size)
    completed = .allocate(capacity: 1)
    completed.initialize(to: 0)
  }

  deinit {
    guard !isStuck else { return }
    libusb_free_transfer(transfer)
    buffer.deallocate()
    completed.deallocate()
  }

  /// Moves `count` bytes between the buffer and the device.
  ///
  /// - Parameter isCalledOff: asked whenever libusb wakes; true ends the transfer as interrupted.
  /// - Returns: how it ended, and how many bytes were moved, which is not only 0 when it failed.
  func run(
    _ count: Int, until deadline: Deadline, endsMessage: Bool = false,
    isCalledOff: () -> Bool = { false }
  ) throws(USBFailure) -> (end: End, count: Int) {
    precondition(count <= size && !isStuck, "a transfer is as large as its buffer")
    completed.pointee = 0
    libusb_fill_bulk_transfer(
      transfer, handle, endpoint, buffer, Int32(count), transferEnded, completed, 0)
    transfer.pointee.flags =
      endsMessage ? UInt8(LIBUSB_TRANSFER_ADD_ZERO_PACKET.rawValue) : 0
    let submitted = libusb_submit_transfer(transfer)
    if submitted == LIBUSB_ERROR_NO_DEVICE.rawValue { return (.gone, 0) }
    try usb("submit", submitted)
    let cause = try awaitEnd(deadline, isCalledOff)
    guard !isStuck else { return (.gone, 0) }
    let moved = Int(transfer.pointee.actual_length)
    switch transfer.pointee.status {
    case LIBUSB_TRANSFER_COMPLETED: return (.done, moved)
    case LIBUSB_TRANSFER_CANCELLED, LIBUSB_TRANSFER_TIMED_OUT: return (cause, moved)
    case LIBUSB_TRANSFER_STALL: return (.stalled, moved)
    case LIBUSB_TRANSFER_NO_DEVICE: return (.gone, moved)
    default: return (.failed, moved)
    }
  }

  /// Handles events until the transfer is given back; why it was called off, if it was.
  private func awaitEnd(
    _ deadline: Deadline, _ isCalledOff: () -> Bool
  ) throws(USBFailure) -> End {
    var cause: End?
    var limit = deadline
    var failure: USBFailure?
    while completed.pointee == 0 {
      if cause == nil {
        if isCalledOff() {
          cause = .interrupted
        } else if deadline.hasPassed {
          cause = .timedOut
        }
        if cause != nil {
          // one that has ended already is no longer there to be called off
          _ = libusb_cancel_transfer(transfer)
          limit = .after(Self.cancelLimit)
        }
      } else if limit.hasPassed {
        isStuck = true
        break
      }
      do throws(USBFailure) {
        try context.handleEvents(within: limit.remaining ?? .seconds(60), until: completed)
      } catch {
        // the transfer must come back first
        guard failure == nil else {
          isStuck = true
          break
        }
        failure = error
        cause = .gone
        _ = libusb_cancel_transfer(transfer)
        limit = .after(Self.cancelLimit)
      }
    }
    if let failure { throw failure }
    return cause ?? .timedOut
  }

  /// Ends the halt of the endpoint.
  func clearHalt() throws(USBFailure) {
    try usb("clear halt", libusb_clear_halt(handle, endpoint))
  }
}

/// Called by libusb on the thread that handles its events.
private func transferEnded(_ transfer: UnsafeMutablePointer<libusb_transfer>?) {
  transfer?.pointee.user_data.assumingMemoryBound(to: Int32.self).pointee = 1
}
