import CardTracks
import DeviceCatalog
import Raster

/// Work that takes time.
enum SanwaTask: Hashable, Sendable {
  case start(ejects: Bool)
  case takeIn
  /// Tracks from 1.
  case read([Int])
  case dump
  case write([Int: VirtualStripe])
  case print
  case erase
  case eject
  case clean
  case dispense
  case shutter(opens: Bool)

  /// Whether it is done to a card inside, which comes from the mouth when there is none.
  var takesCard: Bool {
    switch self {
    case .takeIn, .read, .dump, .write, .print, .erase, .clean: true
    case .start, .eject, .dispense, .shutter: false
    }
  }

  /// Whether it waits for a card.
  var waits: Bool {
    switch self {
    case .takeIn, .read, .dump, .write, .clean: true
    case .start, .print, .erase, .eject, .dispense, .shutter: false
    }
  }
}

/// What a command means, once its parameters are understood.
enum SanwaOrder: Hashable, Sendable {
  case done(problem: UInt8, state: UInt8, [UInt8])
  case job(SanwaTask)

  static let done = SanwaOrder.done(problem: 0x30, state: 0x30, [])
}

// MARK: Orders

extension SanwaVirtualDevice {
  /// The order of a command; nil: it cannot run.
  mutating func order(_ command: UInt8, _ parameters: [UInt8]) -> SanwaOrder? {
    switch command {
    case 0x10: return startOrder(parameters)
    case 0x20: return parameters.isEmpty ? .done : nil
    case 0x33: return readOrder(parameters)
    case 0x35: return parameters.isEmpty ? .job(.dump) : nil
    case 0x53: return writeOrder(parameters)
    case 0x7a: return page.register(parameters) ? .done : nil
    case 0x7c: return printOrder(parameters)
    case 0x7d: return parameters.isEmpty ? .job(.erase) : nil
    case 0x80: return parameters.isEmpty && inside != nil ? .job(.eject) : nil
    case 0xa0: return parameters.isEmpty ? .job(.clean) : nil
    case 0xb0: return dispenserOrder(parameters)
    case 0xc1:
      guard parameters.count == 1, (0x31...0x39).contains(parameters[0]) else { return nil }
      return .done
    case 0xd0:
      guard isBR, parameters == [0x30] || parameters == [0x31] else { return nil }
      return .job(.shutter(opens: (parameters == [0x31]) == page.unknowns.opensWith31))
    case 0xf0: return parameters.isEmpty ? .done(problem: 0x30, state: 0x30, Self.version) : nil
    case 0xf5:
      guard parameters.isEmpty else { return nil }
      return .done(problem: isBatteryLow ? 0x40 : 0x30, state: 0x30, [])
    default: return nil
    }
  }

  private static let version = Array("VIRTUAL".utf8)

  private func startOrder(_ parameters: [UInt8]) -> SanwaOrder? {
    guard (1...2).contains(parameters.count), (0x30...0x32).contains(parameters[0]) else {
      return nil
    }
    return .job(.start(ejects: parameters[0] == 0x31))
  }

  private func dispenserOrder(_ parameters: [UInt8]) -> SanwaOrder? {
    guard parameters == [0x31] || parameters == [0x32] else { return nil }
    guard let stock else { return .done(problem: 0x30, state: 0x36, []) }
    guard !stock.isEmpty else { return .done(problem: 0x30, state: 0x35, []) }
    guard parameters == [0x31] else { return .done }
    return inside == nil ? .job(.dispense) : nil
  }

  private static let trackChoices: [UInt8: [Int]] = [
    0x30: [1], 0x31: [2], 0x32: [3], 0x33: [1, 2], 0x34: [1, 3], 0x35: [2, 3], 0x36: [1, 2, 3],
  ]

  private func readOrder(_ parameters: [UInt8]) -> SanwaOrder? {
    if parameters.first == 0x32 { return .job(.takeIn) }
    guard parameters.count == 3, parameters[0] == 0x30, parameters[1] == 0x30,
      let chosen = Self.trackChoices[parameters[2]]
    else { return nil }
    return .job(.read(chosen))
  }

  private func writeOrder(_ parameters: [UInt8]) -> SanwaOrder? {
    guard parameters.count >= 3, parameters[0] == 0x30, parameters[1] == 0x30,
      let chosen = Self.trackChoices[parameters[2]], parameters.count == 3 + 0x45 * chosen.count
    else { return nil }
    var stripes: [Int: VirtualStripe] = [:]
    for (place, number) in chosen.enumerated() {
      guard let setting = tracks.first(where: { $0.number == number }) else { return nil }
      let start = 3 + 0x45 * place
      let text = parameters[start..<start + 0x45].prefix { $0 != 0 }
      do {
        stripes[number] = VirtualStripe(
          encoding: .jis2, direction: setting.direction == .forward ? .forward : .reverse,
          characters: try TrackEncoding.jis2.encode(Array(text)))
      } catch {
        return nil
      }
    }
    return .job(.write(stripes))
  }

  private mutating func printOrder(_ parameters: [UInt8]) -> SanwaOrder? {
    guard parameters.count >= 3, [0x30, 0x31].contains(parameters[0]),
      [0x30, 0x31].contains(parameters[1]), (1...0x14).contains(parameters[2]),
      page.set(
        Array(parameters[3...]), line: Int(parameters[2]), appends: parameters[1] == 0x31)
    else { return nil }
    return parameters[0] == 0x30 ? .job(.print) : .done
  }
}

// MARK: Work on the card

extension SanwaVirtualDevice {
  /// What happens when a job's time is over.
  mutating func finish(_ job: Job) {
    switch job.task {
    case .start(let ejects):
      page.forget()
      if ejects { putOut() }
      end(job.command)
    case .takeIn, .clean: end(job.command)
    case .read(let chosen): read(job, chosen)
    case .dump: read(job, tracks.map(\.number))
    case .write(let stripes): write(job, stripes)
    case .print: heat(job, page.picture)
    case .erase: heat(job, nil)
    case .eject:
      guard !fails(.beforeDischarge, job) else { return }
      guard mouth == .empty else { return end(job.command, problem: 0x33) }
      putOut()
      end(job.command)
    case .dispense:
      if let card = stock?.popLast() { inside = (card, .dispenser) }
      tell(.cardIn)
      end(job.command)
    case .shutter(let opens):
      isShutterOpen = opens
      end(job.command)
    }
  }

  private mutating func putOut() {
    guard let card = inside?.card, mouth == .empty else { return }
    inside = nil
    mouth = .leaving(card)
    tell(.cardOut)
  }

  private mutating func read(_ job: Job, _ chosen: [Int]) {
    guard !fails(.beforeRead, job), let card = inside?.card else { return }
    inside?.place = .head
    var data: [UInt8] = []
    var failed: [Int] = []
    for number in chosen {
      let text = text(of: card, track: number)
      if text == nil { failed.append(number) }
      data += text ?? []
      data += [UInt8](repeating: 0, count: 0x45 - (text?.count ?? 0))
    }
    switch failed {
    case []: end(job.command, data)
    case [1]: end(job.command, problem: 0x51)
    case [2]: end(job.command, problem: 0x52)
    case [3]: end(job.command, problem: 0x53)
    case [1, 2]: end(job.command, problem: 0x54)
    case [1, 3]: end(job.command, problem: 0x55)
    case [2, 3]: end(job.command, problem: 0x56)
    default: end(job.command, problem: 0x31)
    }
  }

  /// Nil: it cannot be read.
  private func text(of card: VirtualCard, track: Int) -> [UInt8]? {
    guard !card.isUpsideDown, let setting = tracks.first(where: { $0.number == track }),
      let bits = card.stripes[track]?.bits
    else { return nil }
    do {
      return try TrackEncoding.jis2.decode(
        bits: bits, direction: setting.direction == .forward ? .forward : .reverse)
    } catch {
      return nil
    }
  }

  private mutating func write(_ job: Job, _ stripes: [Int: VirtualStripe]) {
    guard !fails(.beforeEncode, job), inside != nil else { return }
    inside?.place = .head
    if inside?.card.isUpsideDown == true { return end(job.command, problem: 0x32) }
    for (track, stripe) in stripes { inside?.card.stripes[track] = stripe }
    if let fault = faults.due(.duringEncode) {
      for track in stripes.keys {
        let half = (inside?.card.stripes[track]?.characters.count ?? 0) / 2
        inside?.card.stripes[track]?.characters.removeLast(half)
      }
      return strike(fault, job)
    }
    tell(.encoded)
    guard !fails(.afterEncode, job) else { return }
    end(job.command)
  }

  /// Erases, and prints what is given.
  private mutating func heat(_ job: Job, _ picture: Bitmap?) {
    guard !fails(.beforePrint, job), var card = inside?.card else { return }
    card.face = picture ?? Bitmap(width: page.width, height: page.height)
    card.wear += 1
    if let fault = faults.due(.duringPrint) {
      let half = page.height / 2
      card.face.fill(x: 0, y: half, width: page.width, height: page.height - half, black: false)
      inside = (card, .thermal)
      return strike(fault, job)
    }
    inside = (card, .thermal)
    tell(.printed)
    guard !fails(.afterPrint, job) else { return }
    end(job.command)
  }

  /// Whether a planned fault strikes now; it then has.
  private mutating func fails(_ moment: VirtualFault.Moment, _ job: Job) -> Bool {
    guard let fault = faults.due(moment) else { return false }
    strike(fault, job)
    return true
  }

  /// A status below 100h is P alone, else P and S.
  private mutating func strike(_ fault: VirtualFault, _ job: Job) {
    switch fault.effect {
    case .jam:
      isJammed = true
      tell(.jammed)
      end(job.command, problem: 0x33)
    case .powerLoss: losePower()
    case .status(let status):
      let problem = status < 0x100 ? status : status >> 8
      let state = status < 0x100 ? 0x30 : status
      end(
        job.command, problem: UInt8(truncatingIfNeeded: problem),
        state: UInt8(truncatingIfNeeded: state))
    }
  }
}
