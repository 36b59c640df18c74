import CLibUSB
import DeviceCatalog
import Platform

/// What happened to a device that is plugged in.
package enum DeviceChange: String, Hashable, Sendable, CaseIterable {
  /// A device that may be the one meant has come. Its node may not yet be ours to open.
  case arrived
  /// A device that may be the one meant has gone.
  case departed
}

/// Watches whether the device at an address comes and goes.
///
/// Changes are hints, not facts: on USB a device is told by its identity and not by its serial
/// number, which cannot be asked in the moment of its arrival.
package final class DeviceWatch: Sendable {
  /// What happened, in order; for one consumer. It ends with `stop`.
  package let changes: AsyncStream<DeviceChange>
  private let source: any ChangeSource
  private let thread: DedicatedThread

  /// Changes that wait for a consumer, at most; beyond, the oldest are dropped.
  private static let limit = 64

  /// Starts to watch.
  ///
  /// - Parameter onChange: told besides, on the watch's thread: it must return at once.
  /// - Returns: nil for an address whose device's coming cannot be noticed: on TCP, a virtual one,
  ///   or USB where libusb has no notice of it.
  package convenience init?(
    _ address: LinkAddress, onChange: @escaping @Sendable (DeviceChange) -> Void = { _ in }
  ) throws(LinkError) {
    switch address {
    case .serial(let path, _):
      do throws(SystemError) {
        try self.init(NodeSource(path: path), onChange)
      } catch {
        throw LinkError(error, address: address.description)
      }
    case .usb(let identities, _):
      guard libusb_has_capability(LIBUSB_CAP_HAS_HOTPLUG.rawValue) != 0 else { return nil }
      do throws(USBFailure) {
        let source = try HotplugSource(identities)
        do throws(SystemError) {
          try self.init(source, onChange)
        } catch {
          throw USBFailure("watch", LIBUSB_ERROR_NO_MEM)
        }
      } catch {
        throw LinkError(error, address: address.description)
      }
    case .tcp, .virtual: return nil
    }
  }

  private init(
    _ source: any ChangeSource, _ onChange: @escaping @Sendable (DeviceChange) -> Void
  ) throws(SystemError) {
    let (changes, tell) = AsyncStream<DeviceChange>.makeStream(
      bufferingPolicy: .bufferingNewest(Self.limit))
    self.changes = changes
    self.source = source
    thread = try DedicatedThread(name: "device watch", stackSize: 256 << 10) {
      while let change = source.next() {
        tell.yield(change)
        onChange(change)
      }
      tell.finish()
    }
  }

  deinit { source.end() }

  /// Ends the watch; `onChange` is not called any more when it returns. Not from within it.
  package func stop() {
    source.end()
    thread.join()
  }
}

/// Where changes come from; `next` blocks its thread.
private protocol ChangeSource: Sendable {
  /// Nil: ended, or nothing can be noticed any more.
  func next() -> DeviceChange?
  func end()
}

/// A device node's coming and going.
private final class NodeSource: ChangeSource {
  private let watch: NodeWatch

  init(path: String) throws(SystemError) { watch = try NodeWatch(path: path) }

  func next() -> DeviceChange? {
    do throws(SystemError) {
      return try watch.next().map { $0 ? .arrived : .departed }
    } catch {
      // the back-off alone must do then
      return nil
    }
  }

  func end() { watch.end() }
}

/// libusb's notices, of devices of some identities.
private final class HotplugSource: ChangeSource {
  private let context: USBContext
  private let identities: [USBIdentity]
  private let state = Guarded(State())

  private struct State: Sendable {
    var changes: [DeviceChange] = []
    var isEnded = false
  }

  init(_ identities: [USBIdentity]) throws(USBFailure) {
    context = try USBContext()
    self.identities = identities
    let events =
      LIBUSB_HOTPLUG_EVENT_DEVICE_ARRIVED.rawValue
      | LIBUSB_HOTPLUG_EVENT_DEVICE_LEFT.rawValue
    // the thread that handles events keeps the source alive, and so the pointer
    let result = libusb_hotplug_register_callback(
      context.raw, Int32(events), 0, LIBUSB_HOTPLUG_MATCH_ANY, LIBUSB_HOTPLUG_MATCH_ANY,
      LIBUSB_HOTPLUG_MATCH_ANY, deviceChanged, Unmanaged.passUnretained(self).toOpaque(), nil)
    try usb("watch", result)
  }

  func next() -> DeviceChange? {
    while true {
      let (change, isEnded) = state.withLock { state in
        (state.changes.isEmpty ? nil : state.changes.removeFirst(), state.isEnded)
      }
      if isEnded { return nil }
      if let change { return change }
      do throws(USBFailure) {
        try context.handleEvents(within: .seconds(60))
      } catch {
        // the back-off alone must do then
        return nil
      }
    }
  }

  /// Called within libusb: nothing may be asked of a device here.
  func noted(_ device: OpaquePointer, _ event: libusb_hotplug_event) {
    guard let identity = USBSearch.identity(of: device), identities.contains(identity) else {
      return
    }
    let change: DeviceChange = event == LIBUSB_HOTPLUG_EVENT_DEVICE_ARRIVED ? .arrived : .departed
    state.withLock { $0.changes.append(change) }
  }

  func end() {
    state.withLock { $0.isEnded = true }
    context.interrupt()
  }
}

/// Called by libusb on the thread that handles the context's events.
private func deviceChanged(
  _ context: OpaquePointer?, _ device: OpaquePointer?, _ event: libusb_hotplug_event,
  _ source: UnsafeMutableRawPointer?
) -> Int32 {
  if let device, let source {
    Unmanaged<HotplugSource>.fromOpaque(source).takeUnretainedValue().noted(device, event)
  }
  return 0
}
