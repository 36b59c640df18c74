import CardTracks
import DeviceCatalog

/// An encoder as a value: the other side of the wire. A card put in is drawn through and is at once
/// in the hand again.
///
/// Where the sources are silent it does what PROTOCOL.md lists under "The virtual unit".
package struct MSRVirtualDevice: VirtualDevice {
  /// How a track was written.
  package struct Writing: Hashable, Sendable {
    package var isHiCo: Bool
    package var density: MSRDensity
    package var leadingZeros: Int

    package init(isHiCo: Bool, density: MSRDensity, leadingZeros: Int) {
      self.isHiCo = isHiCo
      self.density = density
      self.leadingZeros = leadingZeros
    }
  }

  /// What waits for a swipe.
  enum Pending: Hashable, Sendable {
    case read(isRaw: Bool)
    case write(isRaw: Bool, [[UInt8]])
    case erase([Int])
    case sensorTest
  }

  private let isMostSignificantFirst: Bool
  private let percent: Int
  private var reader = MSROrderReader()
  private var noise = LineNoise()
  private var pending: Pending?
  private var drawn: VirtualCard?
  /// What is to be said, and when.
  private var due: (bytes: [UInt8], at: Duration)?
  private var hasPower = true
  private var faults: [VirtualFault] = []
  private var reaction = VirtualReaction()
  package private(set) var isHiCo = true
  package private(set) var density: [MSRDensity] = [.bits210, .bits75, .bits210]
  package private(set) var bits = [7, 5, 5]
  package private(set) var leadingZeros: [UInt8] = [0x3d, 0x16]
  package private(set) var light = MSRLight.off
  /// How the tracks of the cards were written last, by number.
  package private(set) var writings: [Int: Writing] = [:]

  package init(model: DeviceModel, percent: Int = 0) {
    precondition(model.family == MSR.family, "this device is of its own family")
    isMostSignificantFirst = model.setting("rawMostSignificantFirst") == 1
    self.percent = percent
  }

  package var card: VirtualCard? { drawn }
  package var offersCard: Bool { drawn != nil }

  package mutating func receive(_ bytes: [UInt8], at now: Duration) -> VirtualReaction {
    guard hasPower else { return finished() }
    advance(to: now)
    for byte in bytes {
      guard let order = reader.take(noise.damaged(byte)) else { continue }
      obey(order)
    }
    return finished()
  }

  package mutating func wake(at now: Duration) -> VirtualReaction {
    advance(to: now)
    return finished()
  }

  private mutating func advance(to now: Duration) {
    guard let due, due.at <= now else { return }
    send(due.bytes)
    self.due = nil
  }

  private mutating func finished() -> VirtualReaction {
    var result = reaction
    reaction = VirtualReaction()
    result.bytes = hasPower ? result.bytes.map { noise.damaged($0) } : []
    result.wakeAt = hasPower ? due?.at : nil
    return result
  }

  private mutating func send(_ bytes: [UInt8]) { reaction.bytes += bytes }

  private mutating func answer(_ status: MSRStatus) { send([0x1b, status.rawValue]) }

  // MARK: The hand

  package mutating func hand(
    _ act: VirtualAct, at now: Duration
  ) throws(VirtualActRefused) -> VirtualReaction {
    advance(to: now)
    switch act {
    case .insert(let card):
      guard drawn == nil else { throw VirtualActRefused(reason: "another card is in the hand") }
      draw(card, at: now)
    case .load: throw VirtualActRefused(reason: "this device has no feeder")
    case .jam: throw VirtualActRefused(reason: "nothing can be stuck in a slot")
    case .openCover, .closeCover: throw VirtualActRefused(reason: "this device has no cover")
    case .noise(let perMille):
      guard (0...1000).contains(perMille) else {
        throw VirtualActRefused(reason: "noise is from 0 to 1000 of a thousand bytes")
      }
      noise.perMille = perMille
    case .powerOff: losePower()
    case .powerOn:
      hasPower = true
      restart()
    case .plan(let fault):
      guard fault.effect != .jam else {
        throw VirtualActRefused(reason: "nothing can be stuck in a slot")
      }
      faults.append(fault)
    }
    advance(to: now)
    return finished()
  }

  package mutating func take(at now: Duration) -> (card: VirtualCard?, VirtualReaction) {
    advance(to: now)
    defer { drawn = nil }
    return (drawn, finished())
  }

  private mutating func losePower() {
    hasPower = false
    pending = nil
    due = nil
    reader.reset()
    reaction.events.append(.powerLost)
  }

  private mutating func restart() {
    isHiCo = true
    density = [.bits210, .bits75, .bits210]
    bits = [7, 5, 5]
    leadingZeros = [0x3d, 0x16]
    light = .off
  }

  // MARK: Orders

  private mutating func obey(_ order: MSROrder) {
    switch order {
    case .command(0x61, _):
      pending = nil
      due = nil
    // a unit that waits for a swipe hears nothing but the reset
    case _ where pending != nil || due != nil: return
    case .malformed: answer(.commandFormat)
    case .write(let isRaw, let tracks):
      let fits = isRaw || zip(tracks, [TrackEncoding.iso1, .iso2, .iso3]).allSatisfy(Self.fits)
      fits ? wait(for: .write(isRaw: isRaw, tracks)) : answer(.commandFormat)
    case .command(let letter, let operands): obey(letter, operands)
    }
  }

  private static func fits(_ text: [UInt8], on encoding: TrackEncoding) -> Bool {
    text.count <= encoding.capacity && text.allSatisfy(encoding.holds)
  }

  private mutating func wait(for work: Pending) {
    pending = work
    reaction.events.append(.waitsForCard)
  }

  private mutating func obey(_ letter: UInt8, _ operands: [UInt8]) {
    switch letter {
    case 0x65: send([0x1b, 0x79])
    case 0x86: wait(for: .sensorTest)
    case 0x87: answer(.done)
    case 0x81...0x85: light = MSRLight(rawValue: letter) ?? light
    case 0x72: wait(for: .read(isRaw: false))
    case 0x6d: wait(for: .read(isRaw: true))
    case 0x74: send([0x1b, 0x33, 0x53])
    case 0x76: send([0x1b] + Array("REVH0.00".utf8))
    case 0x63:
      guard operands[0] <= 7 else { return answer(.failed) }
      let mask = operands[0] == 0 ? 1 : operands[0]
      wait(for: .erase((1...3).filter { mask >> UInt8($0 - 1) & 1 == 1 }))
    default: set(letter, operands)
    }
  }

  private mutating func set(_ letter: UInt8, _ operands: [UInt8]) {
    switch letter {
    case 0x78, 0x79:
      isHiCo = letter == 0x78
      answer(.done)
    case 0x64: send([0x1b, isHiCo ? 0x48 : 0x4c])
    case 0x7a:
      leadingZeros = operands
      answer(.done)
    case 0x6c: send([0x1b] + leadingZeros)
    case 0x6f:
      guard operands.allSatisfy({ (5...8).contains($0) }) else { return answer(.failed) }
      bits = operands.map { Int($0) }
      send([0x1b, 0x30] + operands)
    case 0x62:
      switch operands[0] {
      case 0xa0: density[0] = .bits75
      case 0xa1: density[0] = .bits210
      case 0x4b: density[1] = .bits75
      case 0xd2: density[1] = .bits210
      case 0xc0: density[2] = .bits75
      case 0xc1: density[2] = .bits210
      default: return answer(.failed)
      }
      answer(.done)
    default: answer(.invalidCommand)
    }
  }

  // MARK: The swipe

  private mutating func draw(_ card: VirtualCard, at now: Duration) {
    reaction.events.append(.cardIn)
    drawn = card
    if hasPower, let work = pending {
      pending = nil
      if let bytes = carryOut(work) {
        due = (bytes, now + .milliseconds(Int64(4 * percent)))
      }
    }
    reaction.events.append(.cardOut)
  }

  /// What a swipe is answered with; nil: nothing, the power is gone.
  private mutating func carryOut(_ work: Pending) -> [UInt8]? {
    let before: VirtualFault.Moment = if case .read = work { .beforeRead } else { .beforeEncode }
    if work != .sensorTest, let effect = faults.due(before)?.effect { return struck(effect, work) }
    switch work {
    case .sensorTest: return [0x1b, 0x30]
    case .read(let isRaw): return block(isRaw: isRaw)
    case .write, .erase: break
    }
    let old = drawn?.stripes ?? [:]
    let isUpsideDown = drawn?.isUpsideDown == true
    if !isUpsideDown { write(work) }
    if let effect = faults.due(.duringEncode)?.effect {
      for (track, stripe) in drawn?.stripes ?? [:] where old[track] != stripe {
        drawn?.stripes[track]?.characters.removeLast(stripe.characters.count / 2)
      }
      return struck(effect, work)
    }
    if isUpsideDown { return [0x1b, MSRStatus.stripe.rawValue] }
    reaction.events.append(.encoded)
    if let effect = faults.due(.afterEncode)?.effect { return struck(effect, work) }
    return [0x1b, MSRStatus.done.rawValue]
  }

  private mutating func struck(_ effect: VirtualFault.Effect, _ work: Pending) -> [UInt8]? {
    guard case .status(let status) = effect else {
      losePower()
      return nil
    }
    let answer = [0x1b, UInt8(truncatingIfNeeded: status)]
    guard case .read(let isRaw) = work else { return answer }
    let nothing = (1...3).flatMap { track -> [UInt8] in
      [0x1b, UInt8(track)] + (isRaw ? [0] : [0x1b, 0x2a])
    }
    return [0x1b, 0x73] + nothing + [0x3f, 0x1c] + answer
  }

  private mutating func write(_ work: Pending) {
    switch work {
    case .write(let isRaw, let tracks):
      for (place, data) in tracks.enumerated() where !data.isEmpty {
        let stripe =
          isRaw
          ? MSRVirtualStripe.stripe(bits: rawBits(data, place), track: place + 1)
          : MSRVirtualStripe.stripe(text: data, track: place + 1)
        drawn?.stripes[place + 1] = stripe
        writings[place + 1] = Writing(
          isHiCo: isHiCo, density: density[place],
          leadingZeros: Int(leadingZeros[place == 1 ? 1 : 0]))
      }
    case .erase(let tracks):
      for track in tracks { drawn?.stripes[track] = nil }
    case .read, .sensorTest: return
    }
  }

  private func rawBits(_ bytes: [UInt8], _ place: Int) -> [UInt8] {
    bytes.flatMap { byte in
      (0..<bits[place]).map {
        byte >> UInt8(isMostSignificantFirst ? bits[place] - 1 - $0 : $0) & 1
      }
    }
  }

  private func block(isRaw: Bool) -> [UInt8] {
    var status = MSRStatus.done
    var bytes: [UInt8] = [0x1b, 0x73]
    for track in 1...3 {
      let stripe = drawn?.isUpsideDown == true ? nil : drawn?.stripes[track]
      bytes += [0x1b, UInt8(track)]
      if isRaw {
        let raw = MSRVirtualStripe.rawBytes(
          stripe, width: bits[track - 1], mostSignificantFirst: isMostSignificantFirst)
        bytes += [UInt8(raw.count)] + raw
        continue
      }
      let text = MSRVirtualStripe.text(stripe, track: track)
      bytes += text
      if text == [0x1b, 0x2a] { status = .stripe }
    }
    return bytes + [0x3f, 0x1c, 0x1b, status.rawValue]
  }
}

/// What stands on a stripe, from and to what passes on the line.
enum MSRVirtualStripe {
  private static func iso(_ track: Int) -> TrackEncoding { [.iso1, .iso2, .iso3][track - 1] }

  /// The stripe of a text without sentinels; nil when the track has no such characters.
  static func stripe(text: [UInt8], track: Int) -> VirtualStripe? {
    do throws(TrackError) {
      return VirtualStripe(
        encoding: iso(track), direction: .forward, characters: try iso(track).encode(text))
    } catch {
      return nil
    }
  }

  /// The stripe of these bits: as one of the encodings where they are one, else as they are.
  static func stripe(bits: [UInt8], track: Int) -> VirtualStripe {
    for encoding in [TrackEncoding.jis2, iso(track)] {
      for direction in TrackDirection.allCases {
        do throws(TrackError) {
          let text = try encoding.decode(bits: bits, direction: direction)
          return VirtualStripe(
            encoding: encoding, direction: direction, characters: try encoding.encode(text))
        } catch {
          continue
        }
      }
    }
    let characters = stride(from: 0, to: bits.count, by: 8).map { at in
      (at..<min(at + 8, bits.count)).reduce(UInt8(0)) { $0 | bits[$1] << UInt8($1 - at) }
    }
    return VirtualStripe(encoding: .jis2, direction: .forward, characters: characters)
  }

  /// What a read says of a track: its text with sentinels, or that there is none.
  static func text(_ stripe: VirtualStripe?, track: Int) -> [UInt8] {
    guard let stripe else { return [0x1b, 0x2b] }
    let encoding = iso(track)
    do throws(TrackError) {
      let text = try encoding.decode(bits: stripe.bits)
      return [encoding.startSentinel] + text + [encoding.endSentinel]
    } catch {
      return [0x1b, 0x2a]
    }
  }

  /// A track's bits from the first that is set, in bytes of `width` bits.
  static func rawBytes(
    _ stripe: VirtualStripe?, width: Int, mostSignificantFirst: Bool
  ) -> [UInt8] {
    guard let all = stripe?.bits, let first = all.firstIndex(of: 1),
      let last = all.lastIndex(of: 1)
    else { return [] }
    let bits = all[first...last]
    return stride(from: bits.startIndex, to: bits.endIndex, by: width).prefix(255).map { at in
      (0..<width).reduce(UInt8(0)) { byte, place in
        guard at + place < bits.endIndex else { return byte }
        let shift = mostSignificantFirst ? width - 1 - place : place
        return byte | bits[at + place] << UInt8(shift)
      }
    }
  }
}
