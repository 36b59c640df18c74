import CardTracks
import DeviceCatalog
import Raster

/// What a command means to a unit, once its parameters are understood.
enum StarOrder: Hashable, Sendable {
  /// Done while it was read.
  case answered(StarStatus, [UInt8])
  case card(StarTask)
  case reset, cancelInsertion, cancelRemoval
}

/// Work on a card.
enum StarTask: Hashable, Sendable {
  /// `format` nil: by the start sentinel.
  case read(track: Int, format: StarFormat?, waits: Bool)
  case write(tracks: [Int], waits: Bool)
  case heat(eject: Bool, erase: Bool, print: Bool)
  case discharge(reuse: Bool)
  case idle
  case clean
  case reset

  var waitsForCard: Bool {
    switch self {
    case .read(_, _, let waits), .write(_, let waits): waits
    case .heat, .idle, .clean: true
    case .discharge, .reset: false
    }
  }

  /// Whether a card that waits for removal becomes a target again by it.
  var takesBack: Bool { self == .idle }
  var isDischarge: Bool { if case .discharge = self { true } else { false } }
}

extension StarVirtualDevice {
  /// The order of a command; nil: its parameters are malformed, it is withdrawn from.
  mutating func order(_ command: UInt8, _ data: [UInt8]) -> StarOrder? {
    switch command {
    case 0x21...0x23, 0x25...0x27: return autoRead(command, data)
    case 0x24, 0x28: return explicitRead(data, waits: command == 0x24)
    case 0x29...0x2b:
      let track = Int(command - 0x28)
      guard data.isEmpty, hasTrack(track) else { return nil }
      return .answered(.normal, readBuffer[track] ?? [])
    case 0x35...0x3d: return setWriteData(command, data)
    case 0x31, 0x32: return write(data, waits: command == 0x31)
    case 0x40...0x49, 0x4d: return faceOrder(command, data)
    case 0x4b: return .answered(.badImageFile, [])
    case 0x50:
      guard data == [0x30] || data == [0x31] else { return nil }
      return .card(.discharge(reuse: data == [0x30]))
    default:
      return unitOrder(command, data)
    }
  }

  private func unitOrder(_ command: UInt8, _ data: [UInt8]) -> StarOrder? {
    if command == 0x5a { return isSignal(data) ? .answered(.normal, []) : nil }
    guard data.isEmpty else {
      return [0x90, 0x91].contains(command) ? .answered(.invalidCommand, []) : nil
    }
    switch command {
    case 0x51, 0x53: return .card(.idle)
    case 0x52: return .card(.clean)
    case 0x54: return .cancelInsertion
    case 0x55: return .cancelRemoval
    case 0x58: return .answered(.normal, Array("VIRTUAL".utf8))
    case 0x59: return .answered(.normal, sensors)
    case 0x5f: return .reset
    case 0x95: return .answered(.normal, Array(String(transports).utf8))
    case 0x96: return .answered(.normal, Array(String(prints).utf8))
    default: return .answered(.invalidCommand, [])
    }
  }

  private var sensors: [UInt8] {
    let inlet: Character =
      switch mouth {
      case .empty: "0"
      case .target: "1"
      case .waiting: "2"
      }
    let path = inside == nil ? "000" : "100"
    return Array("\(inlet)\(path)\(isCoverOpen ? 1 : 0)0".utf8)
  }

  private func isSignal(_ data: [UInt8]) -> Bool {
    let codes = Set(" 01234".utf8)
    return data.count == 3 && Set("G1O3R2".utf8).contains(data[0]) && codes.contains(data[1])
      && codes.contains(data[2])
  }

  private func hasTrack(_ number: Int) -> Bool { tracks.contains { $0.number == number } }

  private func autoRead(_ command: UInt8, _ data: [UInt8]) -> StarOrder? {
    let waits = command < 0x25
    let track = Int(command - (waits ? 0x20 : 0x24))
    guard data.isEmpty, hasTrack(track) else { return nil }
    return .card(.read(track: track, format: nil, waits: waits))
  }

  private func explicitRead(_ data: [UInt8], waits: Bool) -> StarOrder? {
    guard data.count == 3, data[1] == 0x2c, (0x31...0x33).contains(data[0]),
      let format = StarFormat(rawValue: Int(data[2]) - 0x30), hasTrack(Int(data[0]) - 0x30)
    else { return nil }
    return .card(.read(track: Int(data[0]) - 0x30, format: format, waits: waits))
  }

  private mutating func setWriteData(_ command: UInt8, _ data: [UInt8]) -> StarOrder? {
    let track = Int(command - 0x35) % 3 + 1
    guard hasTrack(track) else { return nil }
    let format: StarFormat
    switch command {
    case 0x35...0x37: format = .reverseJIS
    case 0x38...0x3a: format = .jis
    default: format = tracks.count == 1 ? .iso1 : [.iso1, .iso2, .iso3][track - 1]
    }
    do {
      writeBuffer[track] = VirtualStripe(
        encoding: format.encoding, direction: format.direction,
        characters: try format.encoding.encode(data))
    } catch {
      return nil
    }
    return .answered(.normal, [])
  }

  private func write(_ data: [UInt8], waits: Bool) -> StarOrder? {
    guard data.count == 1, (0x31...0x37).contains(data[0]) else { return nil }
    let mask = Int(data[0]) - 0x30
    let chosen = (1...3).filter { mask >> ($0 - 1) & 1 == 1 }
    guard chosen.allSatisfy({ hasTrack($0) && writeBuffer[$0] != nil }) else { return nil }
    return .card(.write(tracks: chosen, waits: waits))
  }

  private mutating func faceOrder(_ command: UInt8, _ data: [UInt8]) -> StarOrder? {
    switch command {
    case 0x40, 0x49:
      guard data.isEmpty else { return nil }
      expansion.clearText()
      if command == 0x49 { expansion.clearImages() }
      return .answered(.normal, [])
    case 0x41: return expansion.text(data).map { .answered($0, []) }
    case 0x43: return expansion.column(data) ? .answered(.normal, []) : nil
    case 0x4d: return expansion.block(data) ? .answered(.normal, []) : nil
    case 0x44: return expansion.register(data, isFullWidth: true) ? .answered(.normal, []) : nil
    case 0x45: return expansion.register(data, isFullWidth: false) ? .answered(.normal, []) : nil
    case 0x46, 0x47, 0x48: return heat(command, data)
    default: return nil  // 42h: no image is stored
    }
  }

  private func heat(_ command: UInt8, _ data: [UInt8]) -> StarOrder? {
    let fields = data.split(separator: 0x2c, omittingEmptySubsequences: false)
    guard fields.count <= (command == 0x46 ? 3 : 1) else { return nil }
    var flags = [true, command != 0x47, command != 0x48]
    for (place, field) in fields.enumerated() where !field.isEmpty {
      guard field.count == 1, let digit = field.first, digit == 0x30 || digit == 0x31 else {
        return nil
      }
      flags[place] = digit == 0x31
    }
    return .card(.heat(eject: flags[0], erase: flags[1], print: flags[2]))
  }
}

extension StarFormat {
  var encoding: TrackEncoding {
    switch self {
    case .jis, .reverseJIS: .jis2
    case .iso1: .iso1
    case .iso2: .iso2
    case .iso3: .iso3
    }
  }
  var direction: TrackDirection { self == .reverseJIS ? .reverse : .forward }
}

// MARK: Work on the card

extension StarVirtualDevice {
  /// What happens when a task's time is over.
  mutating func finish(_ work: Work) {
    switch work.task {
    case .reset:
      restart()
      if isJammed, inside != nil { return answer(work.command, .jam) }
      guard putOut(reuse: false) else { return answer(work.command, .jam) }
      answer(work.command, .normal)
    case .read(let track, let format, _): read(work, track, format)
    case .write(let tracks, _): write(work, tracks)
    case .heat(let eject, let erase, let print):
      heat(work, eject: eject, erase: erase, print: print)
    case .discharge(let reuse):
      guard !fails(.beforeDischarge, work) else { return }
      answer(work.command, putOut(reuse: reuse) ? .normal : .jam)
    case .idle, .clean: answer(work.command, .normal)
    }
  }

  private mutating func read(_ work: Work, _ track: Int, _ format: StarFormat?) {
    guard !fails(.beforeRead, work), let card = inside else { return }
    guard !card.isUpsideDown else { return answer(work.command, .noStripe) }
    guard let bits = card.stripes[track]?.bits else { return answer(work.command, .sentinel) }
    let formats = format.map { [$0] } ?? [.jis, .iso1, .iso2]
    var status = StarStatus.sentinel
    for format in formats {
      do {
        let text = try format.encoding.decode(bits: bits, direction: format.direction)
        readBuffer[track] = text
        return answer(work.command, .normal, text)
      } catch {
        if status == .sentinel { status = error.starStatus }
      }
    }
    answer(work.command, status)
  }

  private mutating func write(_ work: Work, _ tracks: [Int]) {
    guard !fails(.beforeEncode, work), let card = inside else { return }
    guard !card.isUpsideDown else { return answer(work.command, .noStripe) }
    for track in tracks { inside?.stripes[track] = writeBuffer[track] }
    if let fault = faults.due(.duringEncode) {
      for track in tracks {
        let half = (inside?.stripes[track]?.characters.count ?? 0) / 2
        inside?.stripes[track]?.characters.removeLast(half)
      }
      return strike(fault, work)
    }
    tell(.encoded)
    guard !fails(.afterEncode, work) else { return }
    answer(work.command, .normal)
  }

  private mutating func heat(_ work: Work, eject: Bool, erase: Bool, print: Bool) {
    guard !fails(.beforePrint, work), var card = inside else { return }
    card.fit(width: VirtualCard.faceWidth, height: VirtualCard.faceHeight)
    if erase { card.face = Bitmap(width: VirtualCard.faceWidth, height: VirtualCard.faceHeight) }
    if print {
      card.face = card.face.adding(expansion.page)
      prints += 1
    }
    if erase || print { card.wear += 1 }
    if let fault = faults.due(.duringPrint) {
      let half = VirtualCard.faceWidth / 2
      card.face.fill(
        x: half, y: 0, width: half, height: VirtualCard.faceHeight, black: false)
      inside = card
      return strike(fault, work)
    }
    inside = card
    tell(.printed)
    guard !fails(.afterPrint, work) else { return }
    if eject, !putOut(reuse: false) { return answer(work.command, .jam) }
    answer(work.command, .normal)
  }

  /// Whether a planned fault strikes now; it then has.
  private mutating func fails(_ moment: VirtualFault.Moment, _ work: Work) -> Bool {
    guard let fault = faults.due(moment) else { return false }
    strike(fault, work)
    return true
  }

  private mutating func strike(_ fault: VirtualFault, _ work: Work) {
    switch fault.effect {
    case .jam:
      isJammed = true
      tell(.jammed)
      answer(work.command, .jam)
    case .powerLoss: losePower()
    case .status(let status): answer(work.command, UInt8(truncatingIfNeeded: status))
    }
  }
}

extension TrackError {
  /// The status a unit gives for it.
  var starStatus: StarStatus {
    switch self {
    case .parity: .parity
    case .start, .end: .sentinel
    case .lrc, .trailing: .lrc
    case .illegalCharacter, .tooLong: .illegalCharacter
    }
  }
}
