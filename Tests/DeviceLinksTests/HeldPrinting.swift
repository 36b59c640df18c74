import DeviceProtocols
import Platform

/// A device whose printing lasts until it is let go, however long that takes: its own time stands
/// still from the moment in which it is seen to print, and goes on from there.
struct HeldPrinting: VirtualDevice {
  private(set) var device: any VirtualDevice
  private let isPrinting: @Sendable (any VirtualDevice) -> Bool
  private let hold: Guarded<Hold>
  /// When its time stood still, by the host's.
  private var heldAt: Duration?
  /// How far its time is behind the host's since it went on.
  private var behind = Duration.zero

  enum Hold: Sendable { case awaited, holding, over }

  /// Between two looks whether it was let go.
  private static let look = Duration.milliseconds(5)

  init(
    _ device: any VirtualDevice, while isPrinting: @escaping @Sendable (any VirtualDevice) -> Bool,
    _ hold: Guarded<Hold>
  ) {
    self.device = device
    self.isPrinting = isPrinting
    self.hold = hold
  }

  var card: VirtualCard? { device.card }
  var offersCard: Bool { device.offersCard }

  /// The device's time.
  private mutating func time(_ now: Duration) -> Duration {
    guard let heldAt else { return now - behind }
    guard hold.withLock({ $0 == .over }) else { return heldAt }
    behind = now - heldAt
    self.heldAt = nil
    return now - behind
  }

  private mutating func after(_ reaction: VirtualReaction, at now: Duration) -> VirtualReaction {
    let begins =
      isPrinting(device)
      && hold.withLock { hold in
        guard hold == .awaited else { return false }
        hold = .holding
        return true
      }
    if begins { heldAt = now }
    var reaction = reaction
    reaction.wakeAt = heldAt == nil ? reaction.wakeAt.map { $0 + behind } : now + Self.look
    return reaction
  }

  mutating func receive(_ bytes: [UInt8], at now: Duration) -> VirtualReaction {
    after(device.receive(bytes, at: time(now)), at: now)
  }
  mutating func wake(at now: Duration) -> VirtualReaction {
    after(device.wake(at: time(now)), at: now)
  }
  mutating func hand(
    _ act: VirtualAct, at now: Duration
  ) throws(VirtualActRefused) -> VirtualReaction {
    after(try device.hand(act, at: time(now)), at: now)
  }
  mutating func take(at now: Duration) -> (card: VirtualCard?, VirtualReaction) {
    let (card, reaction) = device.take(at: time(now))
    return (card, after(reaction, at: now))
  }
  mutating func control(
    _ request: ControlRequest, at now: Duration
  ) -> (answer: [UInt8]?, VirtualReaction) {
    let (answer, reaction) = device.control(request, at: time(now))
    return (answer, after(reaction, at: now))
  }
  mutating func connected(at now: Duration) -> VirtualReaction {
    after(device.connected(at: time(now)), at: now)
  }
  mutating func hostEnded(at now: Duration) -> VirtualReaction {
    after(device.hostEnded(at: time(now)), at: now)
  }
}
