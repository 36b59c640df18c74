/// The commands as bytes; nothing frames, checks or acknowledges them. The sections named are those
/// of Firmware-Protocols/easyprinter-s3/PROTOCOL.md.
package enum EasyCommand {
  static let escape: UInt8 = 0x1b

  // "Questions"

  /// Answered by one byte of flags, see `EasyState`.
  package static let state: [UInt8] = [0x1a]
  /// Answered by 8 characters and a line feed.
  package static let firmware: [UInt8] = [0x1b, 0x61]
  /// Answered by a text that ends with white space.
  package static let serialNumber: [UInt8] = [0x1b, 0x25, 0x6f, 0x53]
  /// Answered by `S`, a byte, hexadecimal digits and 0Dh, or by what begins with `E`.
  package static let readUID: [UInt8] = [0x1b, 0x24, 0x24, 0x55]

  // "Card"

  package static let feedFront: [UInt8] = [0x1b, 0x31]
  package static let feedHopper: [UInt8] = [0x1b, 0x63]
  package static let abortFeed: [UInt8] = [0x1b, 0x32]
  package static let eject: [UInt8] = [0x1b, 0x33]
  package static let reboot: [UInt8] = [0x1b, 0x24, 0x52]

  /// Moves the card; that 6Ah is forward is inferred. Something is answered.
  package static func moveForward(microsteps: UInt16) -> [UInt8] {
    [0x1b, 0x6a, UInt8(microsteps >> 8), UInt8(microsteps & 0xff)]
  }
  /// The other way; see `moveForward`.
  package static func moveBackward(microsteps: UInt16) -> [UInt8] {
    [0x1b, 0x6b, UInt8(microsteps >> 8), UInt8(microsteps & 0xff)]
  }

  // "Display"

  package static let displayLines = 4
  package static let displayColumns = 20
  /// Shows the unit's own text again.
  package static let displayDefault: [UInt8] = [0x1b, 0x24, 0x44, 0x30]

  /// Shows up to four lines of up to twenty characters of ASCII.
  ///
  /// - Throws: `.unprintable` for more, or for another character.
  package static func display(_ lines: [String]) throws(DeviceFailure) -> [UInt8] {
    guard lines.count <= displayLines else {
      throw DeviceFailure(.unprintable, during: "display", detail: "line \(displayLines + 1)")
    }
    var text: [UInt8] = []
    for (place, line) in lines.enumerated() {
      let bytes = Array(line.utf8)
      guard bytes.count <= displayColumns, bytes.allSatisfy({ (0x20...0x7e).contains($0) }) else {
        throw DeviceFailure(.unprintable, during: "display", detail: "line \(place + 1)")
      }
      text += bytes + [UInt8](repeating: 0x20, count: displayColumns - bytes.count)
    }
    let rest = displayLines * displayColumns - text.count
    return [0x1b, 0x24, 0x44, 0x31] + text + [UInt8](repeating: 0x20, count: rest)
  }

  // "Document"

  /// Prints what is in the buffer; with no card in position what is there is thrown away.
  package static let print: [UInt8] = [0x0c]
  /// Turns the whole document by a half.
  package static let rotateCard: [UInt8] = [0x1b, 0x55]

  /// Limits printing to rows of the unit.
  package static func limitPrintArea(start: Int, end: Int) -> [UInt8] {
    [0x1b, 0x25, 0x64] + digits(start, 4) + digits(end, 4)
  }

  /// What is erased before printing, in the unit's own places.
  package static func eraseArea(_ area: EasyArea) -> [UInt8] {
    [0x1b, 0x4c, 0x31] + digits(area.startX, 2) + digits(area.startY, 4) + digits(area.endX, 2)
      + digits(area.endY, 4)
  }

  static func placeX(_ x: Int) -> [UInt8] { [0x1b, 0x25, 0x78] + digits(x, 2) }
  static func placeY(_ y: Int) -> [UInt8] { [0x1b, 0x25, 0x79] + digits(y, 4) }

  /// One row of dots, behind as many blank bytes as a row has in front of the card.
  static func row(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
    let blank = EasyPlace.firstX
    precondition(bytes.count <= 255 - blank, "a row's length is one byte")
    return [0x1b, 0x51, UInt8(blank + bytes.count)] + [UInt8](repeating: 0, count: blank) + bytes
  }

  private static func digits(_ value: Int, _ count: Int) -> [UInt8] {
    precondition(value >= 0, "the unit's places begin at 0")
    let text = Array(String(value).utf8)
    precondition(text.count <= count, "a place has \(count) digits")
    return [UInt8](repeating: 0x30, count: count - text.count) + text
  }
}

/// A rectangle in the unit's own places: `x` in bytes of 8 dots across its head, `y` in rows.
package struct EasyArea: Hashable, Sendable {
  package var startX: Int
  package var startY: Int
  package var endX: Int
  package var endY: Int

  package init(startX: Int, startY: Int, endX: Int, endY: Int) {
    self.startX = startX
    self.startY = startY
    self.endX = endX
    self.endY = endY
  }

  /// What a host program erases with every document.
  package static let document = EasyArea(startX: 0, startY: 100, endX: 96, endY: 1100)
  /// What it erases when it only erases.
  package static let everything = EasyArea(startX: 0, startY: 0, endX: 96, endY: 1100)
}

/// How the card lies under the head: the unit's rows run down the card's short side, its own first
/// row is the card's right end.
package enum EasyPlace {
  /// The unit's x of the card's upper edge.
  static let firstX = 13
  /// The unit's y of the card's right edge.
  static let firstY = 130
  /// Dots of one unit of x.
  static let dotsOfX = 8

  /// The unit's y of a logical X, which counts dots from the left edge.
  package static func y(logicalX: Int, width: Int) -> Int { abs(logicalX - width) + firstY }

  /// The unit's x of a logical Y, which counts units of 8 dots from the lower edge.
  package static func x(logicalY: Int, units: Int) -> Int { abs(logicalY - units) + firstX }
}

/// What 1Ah answers.
package struct EasyState: Hashable, Sendable {
  package let flags: UInt8
  /// What was set in any answer of the look that ended with `flags`.
  package let passing: UInt8

  package init(flags: UInt8, passing: UInt8 = 0) {
    self.flags = flags
    self.passing = passing | flags
  }

  /// A card at the front sensor.
  package var isAtFront: Bool { flags & 0x02 != 0 }
  /// A card that can be printed.
  package var isInPosition: Bool { flags & 0x08 != 0 }
  package var isPrinting: Bool { flags & 0x10 != 0 }
  /// Whether it was printing at some moment of the look.
  package var hasBeenPrinting: Bool { passing & 0x10 != 0 }
  package var isPrinted: Bool { flags & 0x20 != 0 }
  package var isError: Bool { flags & 0x80 != 0 }
  /// Whether any sensor behind the front one sees a card, or one is being printed.
  package var isInside: Bool { flags & 0x1d != 0 }

  /// A card at the front sensor may have been put in or out; it counts as put out, so that no card
  /// is drawn in again that a hand is about to take.
  package var situation: DeviceSituation {
    DeviceSituation(
      position: isInside ? .inside : isAtFront ? .waitingForRemoval : .none, isCoverOpen: false)
  }

  /// All that is known of an error is that there is one.
  func failure(during: String) -> DeviceFailure? {
    guard isError else { return nil }
    return DeviceFailure(
      .attention, status: UInt32(flags), during: during, detail: "error bit")
  }
}
