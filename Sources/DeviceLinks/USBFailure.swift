import CLibUSB
import Platform

/// A call of libusb that failed.
struct USBFailure: Error, Hashable, Sendable {
  /// The call's name, `open`.
  var call: String
  /// One of libusb's negative numbers.
  var code: Int32

  init(_ call: String, _ code: Int32) {
    self.call = call
    self.code = code
  }

  init(_ call: String, _ error: libusb_error) {
    self.init(call, error.rawValue)
  }

  var kind: LinkError.Kind {
    switch code {
    case LIBUSB_ERROR_ACCESS.rawValue: .noPermission
    case LIBUSB_ERROR_NO_DEVICE.rawValue: .gone
    case LIBUSB_ERROR_NOT_FOUND.rawValue: .notFound
    case LIBUSB_ERROR_BUSY.rawValue: .busy
    case LIBUSB_ERROR_TIMEOUT.rawValue: .timedOut
    default: .unusable
    }
  }

  /// What failed and libusb's sentence for why.
  var reason: String {
    "\(call): " + String(cString: libusb_strerror(code))
  }
}

extension LinkError {
  init(_ failure: USBFailure, address: String) {
    self.init(failure.kind, address: address, reason: failure.reason)
  }
}

/// Throws what a call of libusb failed with; gives what it returned otherwise.
@discardableResult
func usb(_ call: String, _ result: Int32) throws(USBFailure) -> Int32 {
  guard result >= 0 else { throw USBFailure(call, result) }
  return result
}

/// A library context: one for each open device and one for each watch, so that none waits for
/// another's events.
final class USBContext: @unchecked Sendable {  // libusb's contexts are made for several threads
  let raw: OpaquePointer

  init() throws(USBFailure) {
    var raw: OpaquePointer?
    try usb("init", libusb_init(&raw))
    guard let raw else { throw USBFailure("init", LIBUSB_ERROR_OTHER) }
    self.raw = raw
  }

  deinit { libusb_exit(raw) }

  /// Handles events until `completed` is set, something happened, or the time is over.
  func handleEvents(
    within time: Duration, until completed: UnsafeMutablePointer<Int32>? = nil
  ) throws(USBFailure) {
    let microseconds = Int((time.wholeNanoseconds + 999) / 1000)
    var limit = timeval(
      tv_sec: microseconds / 1_000_000, tv_usec: microseconds % 1_000_000)
    let result = libusb_handle_events_timeout_completed(raw, &limit, completed)
    if result != LIBUSB_ERROR_INTERRUPTED.rawValue { try usb("handle events", result) }
  }

  /// Ends the handling of events under way, or the next one; from any thread.
  func interrupt() { libusb_interrupt_event_handler(raw) }
}
