import CardTracks
import DeviceCatalog
import Raster

// MARK: Work on a card

extension MagicardVirtualDevice {
  /// Begins and ends what is due.
  mutating func advance(to now: Duration) {
    while hasPower {
      if let current = busy {
        guard current.until <= now else { return }
        busy = nil
        finish(current.task, at: current.until)
      } else {
        guard trouble == nil, let task = queue.first else { return }
        begin(task, at: now)
      }
    }
  }

  /// Draws a card in for a job; without one, the job stays and waits for it.
  private mutating func begin(_ task: MagicardTask, at now: Duration) {
    if isCoverOpen { return fail(.cover, at: now) }
    if let problem = problem(of: task) {
      queue.removeFirst()
      return fail(problem, at: now)
    }
    guard draw(for: task) else { return fail(.notFed, at: now) }
    queue.removeFirst()
    tell(.cardIn)
    guard !isJammed else { return fail(.jam, at: now) }
    busy = (task, now + time(20_000))
  }

  private mutating func draw(for task: MagicardTask) -> Bool {
    if inside != nil { return true }
    if case .job(let order, _) = task, order.isHandFed {
      inside = slot
      slot = nil
    } else if !hopper.isEmpty {
      inside = hopper.removeFirst()
    } else {
      inside = slot
      slot = nil
    }
    return inside != nil
  }

  /// What makes a job impossible, whatever the card.
  private func problem(of task: MagicardTask) -> Trouble? {
    guard case .job(let order, let plane) = task, let geometry = model.geometry else { return nil }
    guard order.head == model.word("head") else { return .data }
    if !order.stripes.isEmpty, !hasEncoder { return .stripe }
    if order.sizes.isEmpty { return order.stripes.isEmpty ? .data : nil }
    let fits =
      order.width == geometry.width && order.height == geometry.height
      && plane.count == geometry.width * 96
    return fits ? nil : .data
  }

  private mutating func finish(_ task: MagicardTask, at now: Duration) {
    switch task {
    case .testCard:
      guard let geometry = model.geometry else { return }
      inside?.fit(width: geometry.width, height: geometry.height)
      inside?.face.fill(x: 0, y: 0, width: geometry.width, height: 10)
    case .job(let order, let plane):
      guard encode(order, at: now) else { return }
      if !order.sizes.isEmpty {
        guard print(order, plane, at: now) else { return }
      }
    }
    cards += 1
    guard !strikes(.beforeDischarge, at: now) else { return }
    putOut()
  }

  // MARK: Stripe

  private mutating func encode(_ order: MagicardOrder, at now: Duration) -> Bool {
    guard !order.stripes.isEmpty else { return true }
    guard !strikes(.beforeEncode, at: now) else { return false }
    for stripe in order.stripes {
      guard inside?.isUpsideDown == false, let written = written(stripe, order) else {
        fail(.stripe, at: now)
        return false
      }
      inside?.stripes[stripe.track] = written
    }
    if let fault = faults.due(.duringEncode) {
      for stripe in order.stripes {
        let half = (inside?.stripes[stripe.track]?.characters.count ?? 0) / 2
        inside?.stripes[stripe.track]?.characters.removeLast(half)
      }
      strike(fault, at: now)
      return false
    }
    tell(.encoded)
    return !strikes(.afterEncode, at: now)
  }

  /// What a track holds afterwards; nil: the data does not fit it.
  private func written(
    _ stripe: MagicardOrder.Stripe, _ order: MagicardOrder
  ) -> VirtualStripe? {
    let encoding: TrackEncoding
    switch (order.isJIS2, stripe.bitsPerCharacter, stripe.density) {
    case (true, _, _): encoding = .jis2
    case (false, 7, 210): encoding = .iso1
    case (false, 5, 75): encoding = .iso2
    case (false, 5, 210): encoding = .iso3
    default: return nil
    }
    guard stripe.data.count >= 2, stripe.data.first == encoding.startSentinel,
      stripe.data.last == encoding.endSentinel
    else { return nil }
    let setting = model.tracks.first { $0.number == stripe.track }
    let direction: TrackDirection = setting?.direction == .reverse ? .reverse : .forward
    do throws(TrackError) {
      return VirtualStripe(
        encoding: encoding, direction: direction,
        characters: try encoding.encode(Array(stripe.data.dropFirst().dropLast())))
    } catch {
      return nil
    }
  }

  // MARK: Face

  private mutating func print(
    _ order: MagicardOrder, _ plane: [UInt8], at now: Duration
  ) -> Bool {
    guard !strikes(.beforePrint, at: now), var card = inside else { return false }
    card.fit(width: order.width, height: order.height)
    if order.isErasing {
      let box = order.rectangle ?? [0, 0, order.width, order.height]
      card.face.fill(
        x: box[0], y: order.height - box[3], width: box[2] - box[0], height: box[3] - box[1],
        black: false)
    }
    let dots = picture(plane, order)
    let fault = faults.due(.duringPrint)
    if fault == nil {
      card.face.draw(dots, x: 0, y: 0)
    } else {
      let half = dots.cropped(x: 0, y: 0, width: order.width / 2, height: order.height)
      card.face.draw(half, x: 0, y: 0)
    }
    card.wear += 1
    inside = card
    if let fault {
      strike(fault, at: now)
      return false
    }
    tell(.printed)
    return !strikes(.afterPrint, at: now)
  }

  /// The dots that the head makes of a plane, as they lie on the card: line after line along it,
  /// across it from the lower edge.
  private func picture(_ plane: [UInt8], _ order: MagicardOrder) -> Bitmap {
    var picture = Bitmap(width: order.width, height: order.height)
    let swaps = model.word("wordOrder") == "bytesSwapped"
    let lowest = 65 - headPosition
    for (place, byte) in plane.enumerated() where byte != 0 {
      let inLine = place % 96
      // where in its word, lowest byte first, this byte stands
      let part = swaps ? 3 - inLine % 4 : inLine % 4
      for bit in 0..<8 where byte & (swaps ? 1 << bit : 0x80 >> bit) != 0 {
        let number = part * 8 + Int(bit)
        let pair = inLine / 4 * 16 + number / 2
        // even bits are the dots 0 to 287, six words in; odd ones those from 288 on
        let across = number % 2 == 0 ? pair - 96 : pair + 288
        picture[place / 96, order.height - 1 - (across - lowest)] = true
      }
    }
    return picture
  }

  // MARK: Faults

  /// Whether a planned fault strikes now; it then has.
  private mutating func strikes(_ moment: VirtualFault.Moment, at now: Duration) -> Bool {
    guard let fault = faults.due(moment) else { return false }
    strike(fault, at: now)
    return true
  }

  private mutating func strike(_ fault: VirtualFault, at now: Duration) {
    switch fault.effect {
    case .jam:
      isJammed = true
      fail(.jam, at: now)
    case .powerLoss: losePower()
    case .status(let status):
      fail(
        Trouble(major: Int(status >> 8), minor: Int(status & 0xff), text: "Virtual: as planned."),
        at: now)
    }
  }
}
