/// What the host tells a unit in a header, token by token. It is read here for the virtual unit and
/// the wire log; nothing of it is used to make headers.
struct MagicardOrder: Hashable, Sendable {
  struct Stripe: Hashable, Sendable {
    var track: Int
    var bitsPerCharacter: Int
    var density: Int
    var data: [UInt8]
  }

  /// Left, bottom, right, top.
  var rectangle: [Int]?
  var isErasing = false
  var startPower = 32_767
  var endPower = 32_767
  var writePower = 50
  var isJIS2 = false
  var verifies = false
  var coercivity = ""
  var isHandFed = false
  var head = ""
  var format = ""
  var width = 0
  var height = 0
  var stripes: [Stripe] = []
  /// In the order in which the planes follow.
  var sizes: [Size] = []

  struct Size: Hashable, Sendable {
    var letter: UInt8
    var bytes: Int
  }
  /// Tokens, those of stripe data as their number of bytes.
  var names: [String] = []

  /// Reads what stands between the first comma and the separator. Nil: malformed.
  init?(_ header: [UInt8]) {
    var tokens = header.split(separator: 0x2c, omittingEmptySubsequences: false).map(Array.init)[
      ...]
    while let token = tokens.popFirst() {
      let name = String(decoding: token, as: UTF8.self)
      if token.count == 4, name.hasPrefix("MAG") {
        guard let stripe = Self.stripe(token, &tokens) else { return nil }
        stripes.append(stripe)
        names.append("\(name) \(stripe.data.count) bytes")
      } else {
        guard take(name, &tokens) else { return nil }
        names.append(name)
      }
    }
    guard names.first?.hasPrefix("NOC") == true else { return nil }
  }

  private static func stripe(
    _ token: [UInt8], _ rest: inout ArraySlice<[UInt8]>
  ) -> Stripe? {
    guard (0x31...0x33).contains(token[3]) else { return nil }
    let track = Int(token[3]) - 0x30
    var stripe = Stripe(
      track: track, bitsPerCharacter: track == 1 ? 7 : 5, density: track == 2 ? 75 : 210, data: [])
    while let next = rest.popFirst() {
      let text = String(decoding: next, as: UTF8.self)
      switch text {
      case "MPC1": stripe.bitsPerCharacter = 1
      case "MPC5": stripe.bitsPerCharacter = 5
      case "MPC7": stripe.bitsPerCharacter = 7
      case "BPI75": stripe.density = 75
      case "BPI210": stripe.density = 210
      default:
        stripe.data = next
        return stripe
      }
    }
    return nil
  }

  private mutating func take(_ name: String, _ rest: inout ArraySlice<[UInt8]>) -> Bool {
    let value = Self.number(name.dropFirst(3))
    switch name.prefix(3) {
    case "ERA": isErasing = name == "ERAON"
    case "REA":
      guard let left = value, let others = Self.numbers(3, &rest) else { return false }
      rectangle = [left] + others
    case "EAS": startPower = value ?? startPower
    case "EAE": endPower = value ?? endPower
    case "EAW": writePower = value ?? writePower
    case "JIS": isJIS2 = name == "JIS2"
    case "MGV": verifies = name == "MGVON"
    case "COE": coercivity = name
    case "HFD": isHandFed = name == "HFDON"
    case "KGE", "KEE": head = name
    case "IMF": format = String(name.dropFirst(3))
    case "WID": width = value ?? 0
    case "HGT": height = value ?? 0
    case "PCT":
      guard value != nil, Self.numbers(3, &rest) != nil else { return false }
    case "SZB", "SZG", "SZR", "SZK":
      guard let value, let letter = name.utf8.dropFirst(2).first else { return false }
      sizes.append(Size(letter: letter, bytes: value))
    default: break
    }
    return true
  }

  private static func number(_ digits: some StringProtocol) -> Int? {
    guard (1...7).contains(digits.utf8.count),
      digits.utf8.allSatisfy({ (0x30...0x39).contains($0) })
    else { return nil }
    return Int(digits)
  }

  private static func numbers(_ count: Int, _ rest: inout ArraySlice<[UInt8]>) -> [Int]? {
    var numbers: [Int] = []
    for _ in 0..<count {
      guard let token = rest.popFirst(), let value = number(String(decoding: token, as: UTF8.self))
      else { return nil }
      numbers.append(value)
    }
    return numbers
  }
}

/// Takes the host's side of a line apart. Planes are counted and never looked into.
struct MagicardIntake: Hashable, Sendable {
  enum Event: Hashable, Sendable {
    /// `ERR`, `INF`, …
    case request(String)
    case header(MagicardOrder)
    case plane(UInt8, [UInt8])
    /// The job whose header came is complete.
    case ended
    /// A header or a job that is none after all.
    case dropped(String)
  }

  private enum State: Hashable, Sendable {
    case idle
    case header([UInt8])
    /// Of the plane of that number so many bytes are to come.
    case plane(Int, missing: Int)
    /// So many bytes of the three behind a plane have come.
    case mark(Int, Int)
    /// Everything has come but the end.
    case end(request: String?)
  }

  private static let headerLimit = 4096

  private var state = State.idle
  private var order: MagicardOrder?
  private var plane: [UInt8] = []

  /// Whether something has begun and not ended.
  var isInside: Bool { state != .idle }

  mutating func take(_ bytes: [UInt8]) -> [Event] {
    var events: [Event] = []
    var at = 0
    while at < bytes.count {
      if case .plane(let number, let missing) = state {
        let end = min(bytes.count, at + missing)
        plane += bytes[at..<end]
        state = .plane(number, missing: missing - (end - at))
        if missing == end - at { state = .mark(number, 0) }
        at = end
      } else {
        if let event = take(bytes[at]) { events.append(event) }
        at += 1
      }
    }
    return events
  }

  private mutating func drop(_ reason: String, at byte: UInt8) -> Event {
    // the byte that is wrong here may begin the next
    state = byte == 0x01 ? .header([]) : .idle
    order = nil
    plane = []
    return .dropped(reason)
  }

  private mutating func take(_ byte: UInt8) -> Event? {
    switch state {
    case .idle:
      if byte == 0x01 { state = .header([]) }
      return nil
    case .header(let begun): return header(begun, byte)
    case .mark(let number, let count):
      guard let order else { preconditionFailure("a plane has a header") }
      let size = order.sizes[number]
      guard byte == [0x1c, size.letter, 0x3a][count] else { return drop("a plane's end", at: byte) }
      guard count == 2 else {
        state = .mark(number, count + 1)
        return nil
      }
      let dots = plane
      plane = []
      let next = number + 1
      state =
        next < order.sizes.count
        ? .plane(next, missing: order.sizes[next].bytes) : .end(request: nil)
      return .plane(size.letter, dots)
    case .end(let request):
      guard byte == 0x03 else { return drop("an end", at: byte) }
      state = .idle
      return request.map { .request($0) } ?? .ended
    case .plane: preconditionFailure("planes are taken as a whole")
    }
  }

  private mutating func header(_ begun: [UInt8], _ byte: UInt8) -> Event? {
    switch byte {
    case 0x01:
      state = .header([])
      return nil
    case 0x1c:
      return ended(header: begun.dropFirst())
    default:
      guard byte != 0x03, begun.count < Self.headerLimit, !begun.isEmpty || byte == 0x2c else {
        return drop("a header", at: byte)
      }
      state = .header(begun + [byte])
      return nil
    }
  }

  private mutating func ended(header: ArraySlice<UInt8>) -> Event? {
    if header.starts(with: "REQ,".utf8) {
      state = .end(
        request: String(decoding: header.dropFirst(4).prefix { $0 != 0x2c }, as: UTF8.self))
      return nil
    }
    guard let order = MagicardOrder(Array(header)), order.sizes.allSatisfy({ $0.bytes > 0 }) else {
      return drop("a header", at: 0x1c)
    }
    self.order = order
    plane = []
    state = order.sizes.isEmpty ? .end(request: nil) : .plane(0, missing: order.sizes[0].bytes)
    return .header(order)
  }
}
