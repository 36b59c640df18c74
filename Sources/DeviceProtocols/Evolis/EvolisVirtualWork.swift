import CardTracks
import Raster

// MARK: Work on the card

extension EvolisVirtualDevice {
  mutating func begin(_ task: EvolisTask) {
    guard work == nil || work?.task == .takeIn else { return answer("ERROR CDE") }
    if task == .reset {
      answer("OK")
      return start(task, answers: false)
    }
    guard !isStuck else { return answer(stuck()) }
    switch task {
    case .takeIn where inside != nil, .eject where inside == nil: return answer("OK")
    case .takeIn, .takeInAndEject, .clean:
      waiting = task
      tell(.waitsForCard)
      // the answer comes with the card; a host on TCP would wait for ever
      if !isOld { answer("OK") }
      takeWhatIsThere()
      if isOld, waiting != nil {
        waiting = nil
        answer("ERROR FEEDER")
      }
    case .readStripe, .writeStripe, .print, .printOnce:
      guard inside != nil || (isOld && drawIn()) else {
        error[.noCardInserted] = true
        return answer("ERROR CARD")
      }
      guard task != .print && task != .printOnce || settings.hasBegun else {
        return answer("ERROR PARAMETRES")
      }
      start(task, answers: answersAtEnd(task))
    case .eject, .reset: start(task, answers: answersAtEnd(task))
    }
  }

  /// A stripe's reading and writing is answered when it is done, other things at once.
  private mutating func answersAtEnd(_ task: EvolisTask) -> Bool {
    if task == .readStripe || task == .writeStripe || answersWhenDone || isOld { return true }
    if task == .print {
      settings.isClaimed = settings.wantsClaim
    }
    answer("OK")
    return false
  }

  private mutating func start(_ task: EvolisTask, answers: Bool) {
    if task == .print { settings.isClaimed = settings.wantsClaim }
    let time = Duration.microseconds(task.milliseconds * 10 * Int64(percent))
    // what is said while a card comes in is done afterwards
    work = Work(task: task, until: max(now, work?.until ?? now) + time, answers: answers)
  }

  /// Draws a card in for what waits for one.
  private mutating func takeWhatIsThere() {
    guard let task = waiting, work == nil, !isStuck, inside == nil else { return }
    guard drawIn() else { return }
    waiting = nil
    start(task, answers: isOld)
  }

  /// From the mouth, unless only the feeder is asked for; then from the feeder.
  private mutating func drawIn() -> Bool {
    if case .target(let card) = mouth, settings.inputTray != "F" {
      inside = card
      mouth = .empty
    } else if !feeder.isEmpty {
      inside = feeder.removeLast()
    } else {
      return false
    }
    tell(.cardIn)
    return true
  }

  /// Ends what is due, and begins what waited for it.
  mutating func advance(to time: Duration) {
    now = max(now, time)
    guard hasPower else { return }
    for _ in 0..<4 {
      if let current = work, current.until <= now {
        work = nil
        finish(current)
      }
      guard hasPower else { return }
      takeWhatIsThere()
    }
  }

  private mutating func finish(_ work: Work) {
    switch work.task {
    case .takeIn: reply(work, "OK")
    case .takeInAndEject: putOut(work)
    case .clean:
      putOut(work)
    case .eject:
      guard !fails(.beforeDischarge, work) else { return }
      putOut(work)
    case .readStripe: readStripe(work)
    case .writeStripe: writeStripe(work)
    case .print, .printOnce: print(work)
    case .reset: restart()
    }
  }

  /// Answers, when the command has not been answered yet.
  private mutating func reply(_ work: Work, _ text: String) {
    settings.lastAnswer = text
    if work.answers { answer(text) }
  }

  private mutating func putOut(_ work: Work) {
    guard let card = inside else { return reply(work, "OK") }
    guard mouth == .empty else {
      error[.cardNotRemoved] = true
      return reply(work, "ERROR MECA")
    }
    inside = nil
    mouth = .out(card)
    tell(.cardOut)
    reply(work, "OK")
  }

  private mutating func readStripe(_ work: Work) {
    guard !fails(.beforeRead, work), let card = inside else { return }
    settings.found = [:]
    var worst = "OK"
    for (track, encoding) in settings.formats.sorted(by: { $0.key < $1.key }) {
      let text: String
      if card.isUpsideDown {
        text = raise(.magneticRead, .magnetic)
      } else if let bits = card.stripes[track]?.bits {
        do {
          let data = try encoding.decode(bits: bits)
          settings.found[track] = String(decoding: data, as: UTF8.self)
          continue
        } catch {
          text = raise(error)
        }
      } else {
        text = raise(.blankTrack, .blankTrack)
      }
      settings.found[track] = text
      worst = text
    }
    reply(work, worst)
  }

  private mutating func raise(_ flag: EvolisError, _ text: EvolisTextError) -> String {
    error[flag] = true
    return text.rawValue
  }

  private mutating func raise(_ problem: TrackError) -> String {
    switch problem {
    case .lrc, .trailing: raise(.magneticRead, .magneticCheck)
    case .parity, .illegalCharacter, .tooLong: raise(.magneticData, .magneticData)
    case .start, .end: raise(.magneticRead, .magnetic)
    }
  }

  private mutating func writeStripe(_ work: Work) {
    guard !fails(.beforeEncode, work), let card = inside else { return }
    var stripes = card.stripes
    for (track, text) in settings.data {
      guard let encoding = settings.formats[track] else { return reply(work, "ERROR PARAMETRES") }
      do {
        stripes[track] = VirtualStripe(
          encoding: encoding, direction: .forward,
          characters: try encoding.encode(Array(text.utf8)))
      } catch {
        return reply(work, raise(.magneticData, .magneticData))
      }
    }
    guard !card.isUpsideDown else { return reply(work, raise(.magneticWrite, .magnetic)) }
    inside?.stripes = stripes
    if let fault = faults.due(.duringEncode) {
      for track in settings.data.keys {
        let half = (stripes[track]?.characters.count ?? 0) / 2
        inside?.stripes[track]?.characters.removeLast(half)
      }
      return strike(fault, work)
    }
    tell(.encoded)
    guard !fails(.afterEncode, work) else { return }
    reply(work, "OK")
  }

  private mutating func print(_ work: Work) {
    guard !fails(.beforePrint, work), var card = inside else { return }
    let width = EvolisBitmap.width
    let height = EvolisBitmap.height
    card.fit(width: width, height: height)
    if let erased = settings.erased { card.face = card.face.without(erased) }
    if let printed = settings.printed {
      let half = faults.due(.duringPrint)
      let shown =
        half == nil ? printed : printed.cropped(x: 0, y: 0, width: width / 2, height: height)
      card.face.draw(shown, x: 0, y: 0)
      if let half {
        card.wear += 1
        inside = card
        return strike(half, work)
      }
    }
    if !isOld { card.wear += 1 }
    inside = card
    settings.hasBegun = false
    settings.cards += 1
    tell(.printed)
    guard !fails(.afterPrint, work) else { return }
    if !settings.wantsClaim { settings.isClaimed = false }
    guard settings.ejects || work.task == .printOnce else { return reply(work, "OK") }
    putOut(work)
  }

  // MARK: Faults

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
      error[.mechanical] = true
      tell(.jammed)
      reply(work, "ERROR MECHANICAL")
    case .powerLoss: losePower()
    case .status(let word):
      error = EvolisFlags(error.word | word)
      reply(work, error.known.isEmpty ? "ERROR CDE" : "OK")
    }
  }
}

extension Bitmap {
  /// The picture with every dot white that `eraser` has black.
  fileprivate func without(_ eraser: Bitmap) -> Bitmap {
    // black where either is, then turned over where the eraser is: both go by whole bytes
    var result = self
    result.draw(eraser, x: 0, y: 0)
    result.draw(eraser, x: 0, y: 0, mixing: .exclusiveOr)
    return result
  }
}
