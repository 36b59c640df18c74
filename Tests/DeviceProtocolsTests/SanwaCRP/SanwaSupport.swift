import CardTracks
import DeviceCatalog
import DeviceProtocols
import Raster
import Testing

/// The models, one of each way to tell where the card is first.
let sanwaModels = ["crp-1231lr-10nab", "crp-1231br-10", "abs-a31", "cr-s31r-10hs3"]

func sanwa(_ name: String = sanwaModels[0]) throws -> DeviceModel {
  try #require(try catalogue.get().model("sanwa-crp/\(name)"))
}

func sanwaUnit(
  _ name: String = sanwaModels[0], pace: SanwaPace = .instantly,
  unknowns: SanwaUnknowns = SanwaUnknowns()
) throws -> SanwaVirtualDevice {
  SanwaVirtualDevice(model: try sanwa(name), pace: pace, unknowns: unknowns, font: testFont)
}

/// A card of this family, its stripe written; nil: never.
func sanwaCard(_ text: String? = nil) throws -> VirtualCard {
  var card = VirtualCard()
  if let text { try card.encode(text, track: 1, direction: .forward) }
  return card
}

/// A unit with a card inside that carries `stripe`, and a printed face.
func sanwaHolding(
  _ stripe: String = "OLD", _ name: String = sanwaModels[0], pace: SanwaPace = .instantly,
  unknowns: SanwaUnknowns = SanwaUnknowns()
) throws -> Pump<SanwaVirtualDevice> {
  var pump = Pump(try sanwaUnit(name, pace: pace, unknowns: unknowns))
  var card = try sanwaCard(stripe)
  card.face = sanwaDrawn(sanwaOldFace)
  try pump.act(.insert(card))
  let driver = SanwaCRP(model: try sanwa(name))
  let arrival = try pump.run(driver.awaitCard(within: nil))
  #expect(arrival == .read(.record(stripe)))
  return pump
}

let sanwaOldFace = [line("OLD", x: 0, y: 0)]
let sanwaFace = [
  line("幸福", x: 0, y: 0, 2, 2), line("12,345", x: 96, y: 96, 2, 2), kanaLine("ﾃﾝ", x: 24, y: 168),
  line("2026/11/25", x: 12, y: 408),
]

/// A line of text, a half-width kana as narrow as ASCII, its voicing mark in a cell of its own.
func kanaLine(_ text: String, x: Int, y: Int) -> PrintElement {
  .text(
    TextRun(
      x: x, y: y,
      cells: text.unicodeScalars.map {
        .character(Character($0), width: SanwaCRP.cell(Character($0)))
      }))
}

extension SanwaCRP {
  static func cell(_ character: Character) -> Int {
    SanwaCharacterSet.width(of: character) ?? 24
  }
}

/// What a face looks like, drawn without any protocol.
func sanwaDrawn(_ elements: [PrintElement]) -> Bitmap {
  var page = Bitmap(width: 312, height: 480)
  for case .text(let run) in elements {
    var x = run.x
    for cell in run.cells {
      let picture: Bitmap =
        switch cell {
        case .character(let character, let width): testFont(character, width)!
        case .glyph(let glyph): glyph
        }
      page.draw(picture.scaled(factorX: run.widthFactor, factorY: run.heightFactor), x: x, y: run.y)
      x += cell.width * run.widthFactor
    }
  }
  return page
}

/// Where a unit's card is, as a hand sees it.
func position(of pump: Pump<SanwaVirtualDevice>) -> CardPosition {
  if pump.device.offersCard { return .waitingForRemoval }
  return pump.device.card == nil ? .none : .inside
}

/// Gives an exchange a `cancelled` before the event of that number, counted from 1.
struct CalledOff<Outcome: Sendable>: Exchange {
  var inner: any Exchange<Outcome>
  var before: Int
  private var events = 0

  init(_ inner: any Exchange<Outcome>, before: Int) {
    self.inner = inner
    self.before = before
  }

  mutating func next(_ event: LinkEvent) throws(DeviceFailure) -> [Step<Outcome>] {
    events += 1
    if events == before {
      let steps = try inner.next(.cancelled)
      if case .finish? = steps.last { return steps }
      precondition(steps.count == 1, "a call-off is answered by going on waiting")
    }
    return try inner.next(event)
  }

  func cleanUp(after failure: ConversationFailure) -> any Exchange<DeviceSituation> {
    inner.cleanUp(after: failure)
  }

  var isConfidential: Bool { inner.isConfidential }
}
