import DeviceCatalog
import Raster

extension EasyVirtualDevice {
  private var isMoving: Bool { busy != nil }

  private var flags: UInt8 {
    var flags: UInt8 = 0
    let isPrinting = busy?.task == .print
    if inside != nil, !isMoving { flags |= 0x09 }
    if front != nil { flags |= 0x02 }
    if isPrinting { flags |= 0x10 }
    if isPrinted { flags |= 0x20 }
    if isError { flags |= 0x80 }
    return flags
  }

  mutating func obey(_ order: EasyOrder, at now: Duration) {
    switch order {
    case .state:
      send([flags])
      if busy?.task == .print { hasToldPrinting = true }
    case .print: print(at: now)
    case .text(let text): page.take(text: text)
    case .command(let bytes): obey(bytes, at: now)
    case .unknown: return
    }
  }

  private mutating func obey(_ command: [UInt8], at now: Duration) {
    switch command[1] {
    case 0x61: send(Array("EP000226\n".utf8))
    case 0x31: feed(from: .front)
    case 0x63: feed(from: .hopper)
    case 0x32: awaited = nil
    case 0x33: eject(at: now)
    case 0x6a, 0x6b:
      guard inside != nil, !isMoving else { return }
      send([0x06])
    case 0x25 where command[2] == 0x6f: send(Array("VIRTUAL-1\r\n".utf8))
    case 0x24: obeyDollar(command, at: now)
    default: page.take(command)
    }
  }

  private mutating func obeyDollar(_ command: [UInt8], at now: Duration) {
    switch Array(command[2...].prefix(2)) {
    case [0x52]: start(at: now)
    case [0x44, 0x30]: display = nil
    case [0x44, 0x31]: display = String(decoding: command[4...], as: UTF8.self)
    default: readUID()
    }
  }

  private mutating func readUID() {
    let fault = faults.due(.beforeRead)
    if let fault, fault.effect != .status(fault.status) {
      return strike(fault)
    }
    guard fault == nil, let uid = inside?.uid, !isMoving else { return send([0x45, 0x0d]) }
    send([0x53, 0x20] + Array(uid.utf8) + [0x0d])
  }

  private mutating func feed(from feeder: EasyFeederName) {
    guard inside == nil, !isMoving else { return }
    awaited = feeder
    tell(.waitsForCard)
  }

  private mutating func eject(at now: Duration) {
    guard inside != nil, !isMoving, !fails(.beforeDischarge) else { return }
    guard !isJammed else { return jammed() }
    busy = (.eject, now + time(of: .eject))
  }

  private mutating func print(at now: Duration) {
    guard inside != nil, !isMoving else {
      page = EasyVirtualPage(geometry: geometry)
      return
    }
    guard !fails(.beforePrint) else { return }
    guard !isJammed else { return jammed() }
    isPrinted = false
    hasToldPrinting = false
    busy = (.print, now + time(of: .print))
  }

  /// Ends what is due, and begins what waited for it.
  mutating func advance(to now: Duration) {
    guard hasPower else { return }
    while let current = busy, current.until <= now {
      guard current.task != .print || hasToldPrinting else { return }
      busy = nil
      finish(current.task)
      startFeed(at: now)
    }
    startFeed(at: now)
    if let current = busy, current.until <= now, current.task == .feed { advance(to: now) }
  }

  /// Draws in the card that is waited for, if it is there.
  private mutating func startFeed(at now: Duration) {
    guard let feeder = awaited, inside == nil, busy == nil else { return }
    switch feeder {
    case .front:
      guard let card = front, !card.isOut else { return }
      inside = card.card
      front = nil
    case .hopper:
      guard let card = hopper.popLast() else { return }
      inside = card
    }
    awaited = nil
    isPrinted = false
    busy = (.feed, now + time(of: .feed))
  }

  private mutating func finish(_ task: Chore) {
    switch task {
    case .boot: break
    case .feed:
      tell(.cardIn)
      if isJammed { jammed() }
    case .eject:
      guard let card = inside else { return }
      guard front == nil else {
        isError = true
        return
      }
      inside = nil
      isPrinted = false
      front = Front(card: card, isOut: true)
      tell(.cardOut)
    case .print: finishPrint()
    }
  }

  private mutating func finishPrint() {
    guard var card = inside else { return }
    card.fit(width: geometry.width, height: geometry.height)
    let fault = faults.due(.duringPrint)
    page.print(on: &card.face, half: fault != nil)
    if page.heats { card.wear += 1 }
    page = EasyVirtualPage(geometry: geometry)
    inside = card
    if let fault { return strike(fault) }
    isPrinted = true
    tell(.printed)
    if let fault = faults.due(.afterPrint) { strike(fault) }
  }

  /// Whether a planned fault strikes now; it then has.
  private mutating func fails(_ moment: VirtualFault.Moment) -> Bool {
    guard let fault = faults.due(moment) else { return false }
    strike(fault)
    return true
  }

  /// Of a status the line has one bit only.
  private mutating func strike(_ fault: VirtualFault) {
    switch fault.effect {
    case .jam:
      isJammed = true
      jammed()
    case .powerLoss: losePower()
    case .status: isError = true
    }
  }
}

extension VirtualFault {
  /// The status of its effect; 0 for another effect.
  fileprivate var status: UInt32 {
    if case .status(let status) = effect { status } else { 0 }
  }
}
