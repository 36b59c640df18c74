import DeviceCatalog
import Raster

/// A face as the commands that put it on a card: clear, expand, erase and print.
package struct StarPrintJob: Hashable, Sendable {
  package let commands: [StarCommand]

  /// Bytes on the line, both directions: blocks, acknowledgements and answers without data.
  package var bytesOnWire: Int {
    commands.reduce(0) { $0 + $1.bytes.count + StarPrinting.handshake }
  }

  /// How long the line is busy with them, 10 bits a byte, nothing at the same time.
  package func lineTime(bitsPerSecond: Int) -> Duration {
    precondition(bitsPerSecond > 0, "a line has a speed")
    return .nanoseconds(Int64(bytesOnWire) * 10 * 1_000_000_000 / Int64(bitsPerSecond))
  }
}

/// Turns a face into the fewest bytes this family's commands allow.
///
/// Characters go as text with escape sequences. A cell that the font lacks goes as a registered
/// glyph (once, however often it stands) or as an image, whichever is less in all; pictures go as
/// images without their blank columns.
package enum StarPrinting {
  /// Bytes beside a command's block: its acknowledgement, an answer without data and ours for it.
  static let handshake = 1 + StarFrame.overhead + 1 + 1

  /// The longest block that the unit takes, in bytes.
  package static let longestFrame = StarFrame.dataLimit + StarFrame.overhead
  /// The shortest limit under which every face can still be said.
  package static let shortestFrame = 64

  /// - Parameter frameLimit: no block gets longer, in bytes: 64 to `longestFrame`. Short blocks
  ///   take longer in all; of a longer one damage passes the check byte more often.
  /// - Throws: `.unprintable` for a character that the font lacks or that has another width, a
  ///   cell or factor of a size that does not exist, anything beyond the printable area.
  package static func job(
    _ elements: [PrintElement], geometry: PrintGeometry, frameLimit: Int = longestFrame
  ) throws(DeviceFailure) -> StarPrintJob {
    precondition(
      (shortestFrame...longestFrame).contains(frameLimit), "a frame limit is 64 to 1,028 bytes")
    let dataLimit = frameLimit - StarFrame.overhead
    var runs: [TextRun] = []
    var pictures: [(x: Int, y: Int, picture: Bitmap)] = []
    for element in elements {
      switch element {
      case .text(let run):
        try check(run, geometry)
        runs.append(run)
      case .picture(let x, let y, let picture):
        guard x >= 0, y >= 0, x + picture.width <= geometry.width,
          y + picture.height <= geometry.height
        else { throw unprintable("picture beyond the printable area") }
        pictures.append((x, y, picture))
      }
    }
    var commands: [StarCommand] = [.clearText, .clearImages]
    commands += StarGlyphPlan.cheapest(runs, dataLimit: dataLimit)
    for picture in pictures {
      commands += StarImages.commands(
        picture.picture, x: picture.x, y: picture.y, dataLimit: dataLimit)
    }
    commands.append(.print(eject: false, erase: true, print: true))
    return StarPrintJob(commands: commands)
  }

  private static func check(_ run: TextRun, _ geometry: PrintGeometry) throws(DeviceFailure) {
    guard [1, 2, 4].contains(run.widthFactor), [1, 2, 4].contains(run.heightFactor) else {
      throw unprintable("size factor other than 1, 2, 4")
    }
    guard run.x >= 0, run.y >= 0, run.x + run.width <= geometry.width,
      run.y + run.height <= geometry.height
    else { throw unprintable("text beyond the printable area") }
    for (place, cell) in run.cells.enumerated() {
      switch cell {
      case .character(let character, let width):
        guard StarCharacterSet.width(of: character) == width else {
          throw unprintable("cell \(place) holds a character that the font lacks at this width")
        }
      case .glyph(let picture):
        guard picture.height == 24, picture.width == 12 || picture.width == 24 else {
          throw unprintable("cell \(place) is no glyph of 12 or 24 by 24 dots")
        }
      }
    }
  }

  private static func unprintable(_ detail: String) -> DeviceFailure {
    DeviceFailure(.unprintable, during: "print", detail: detail)
  }
}
