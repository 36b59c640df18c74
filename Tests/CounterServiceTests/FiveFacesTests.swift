import CardTracks
import Configuration
import CounterAPI
import CounterService
import DeviceProtocols
import Foundation
import Platform
import Raster
import Testing

/// One card of one member, printed by every family that prints.
///
/// `POINTCARD_FACES=FOLDER` writes the faces there, each in its device's dots, and one picture of
/// all five.
@Suite(.timeLimit(.minutes(2)))
struct FiveFacesTests {
  private static let folder = ProcessInfo.processInfo.environment["POINTCARD_FACES"]

  private func write(_ faces: [(name: String, face: Bitmap)]) throws {
    guard let folder = Self.folder else { return }
    let gap = 24
    let width = faces.reduce(gap) { $0 + $1.face.width + gap }
    let height = (faces.map(\.face.height).max() ?? 0) + 2 * gap
    var all = Bitmap(width: width, height: height)
    var x = gap
    for (name, face) in faces {
      try Data(PNG.write(face, frame: true)).write(
        to: URL(filePath: folder).appending(path: name + ".png"))
      all.fill(x: x - 2, y: gap - 2, width: face.width + 4, height: face.height + 4)
      all.fill(x: x, y: gap, width: face.width, height: face.height, black: false)
      all.draw(face, x: x, y: gap)
      x += face.width + gap
    }
    try Data(PNG.write(all)).write(to: URL(filePath: folder).appending(path: "five.png"))
  }

  /// What must hold after every ticket.
  private func check(
    _ row: PrinterRow, _ number: String, at station: String
  ) async throws -> Bitmap {
    let face = row.hand.withLock { $0 }.face
    let composed = try await row.composed(number, at: station)
    let difference = Difference(expected: composed, found: face)
    #expect(difference.isEmpty, "\(station): \(difference)")
    #expect(!face.isWhite)
    #expect(try await row.ok(.faceStale).list("faces").count == 0, "\(station)")
    let checks = try await row.ok(.ledgerCheck).list("checks")
    #expect(!checks.isEmpty && checks.allSatisfy { $0.flag("passed") }, "\(station)")
    return face
  }

  @Test func `one card is printed by five families and shows what the counter composed for each`()
    async throws
  {
    let row = try await PrinterRow()
    let body: JSON = ["name": "黃彥筠", "phone": "0912345678"]
    let member = try await row.ok(.memberAdd, body).text("member")
    var faces: [(name: String, face: Bitmap)] = []
    var number = ""
    var balance: Int64 = 12_300
    for post in PrinterRow.posts {
      let station = post.name
      if station == "star" {
        number = try await row.ok(
          .cardIssue, ["member": .string(member), "station": .string(station)]
        ).text("number")
        _ = try await row.ok(
          .pointsOpening, ["points": .integer(balance), "card": .string(number)])
      }
      if !post.hasEncoder {
        // a stripe of another make is no stripe here: the card is written for this station first
        if station != "star" {
          _ = try await row.ok(
            .cardRepair, ["card": .string(number), "station": .string(station)])
        }
        try row.insert(at: station)
        _ = try await row.says("card.issued", at: station)
        try await row.take(at: station)
        try row.insert(at: station)
      } else {
        // the encoder reads what the printer before has written
        #expect(try await row.swipe(at: station))
      }
      let ready = try await row.says("card.ready", at: station)
      #expect(ready.object("card")?.integer("balance") == balance)
      let ticket: JSON = [
        "ticket": .string(station), "terminal": "1", "amount": 1_000, "redeem": 0,
        "station": .string(station),
      ]
      let answer = try await row.ok(.ticketPost, ticket)
      balance += 10
      #expect(answer.text("face") == "updating" && answer.integer("balance") == balance)
      // a printer that was lost for a moment on a busy machine says that it is ready again
      try await row.serve(
        at: station, until: post.hasEncoder ? ["face.updated", "station.ready"] : ["face.updated"])
      if !post.hasEncoder { try await row.take(at: station) }
      faces.append((station, try await check(row, number, at: station)))
    }
    try write(faces)
    // the last stripe is the encoder's; the printer that shares its encoding knows the card
    try row.insert(at: "evolis")
    let ready = try await row.says("card.ready", at: "evolis")
    #expect(ready.object("card")?.text("number") == number)
    #expect(ready.object("card")?.integer("balance") == balance)
    #expect(ready.list("notices").isEmpty)
    _ = try await row.ok(.stationEject, at: "evolis")
    try await row.take(at: "evolis")
    await row.stop()
  }
}
