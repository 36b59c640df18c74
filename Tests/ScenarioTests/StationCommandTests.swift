import DeviceProtocols
import Platform
import Testing

/// Stations and their devices from the command line, through a real daemon.
@Suite(.offPool)
struct StationCommandTests {
  @Test func `the daemon's devices are asked, counted and set back by the name of their station`()
    throws
  {
    let shop = try Shop()
    try shop.open()
    let status = try shop.run("device", "status", "--station", "till1")
    #expect(status.code == 0 && status.output.contains("star-tcp300/tcp300ii"), "\(status)")
    #expect(status.output.contains("VIRTUAL"), "\(status)")
    let counters = try shop.run("device", "counters", "--station", "till1", "--json")
    #expect(counters.code == 0 && counters.output.contains("\"cardsPrinted\""), "\(counters)")
    let reset = try shop.run("device", "reset", "--station", "till1", "--device", "main")
    #expect(reset.code == 0 && reset.output.contains("The device has done this."), "\(reset)")
    // after an outage a clerk may ask again by the same key, and it is not done again
    for _ in 1...2 {
      let once = try shop.run("device", "reset", "--station", "till1", "--key", "reset-1")
      #expect(once.code == 0 && once.output.contains("The device has done this."), "\(once)")
    }
    let unknown = try shop.run("device", "test-card", "--station", "till1")
    #expect(unknown.code == 4 && unknown.error.contains("(device.unsupported)"), "\(unknown)")
    #expect(!unknown.error.contains("Put a blank card in."), "\(unknown)")
    let reader = try shop.run("device", "counters", "--station", "till1", "--device", "reader")
    #expect(reader.code == 4 && reader.error.contains("(station.notReady)"), "\(reader)")
    let nowhere = try shop.run("device", "reset")
    #expect(nowhere.code == 2 && nowhere.error.contains("--address, --station"), "\(nowhere)")
    let both = try shop.run(
      "device", "reset", "--station", "till1", "--address", "serial:/dev/null")
    #expect(both.code == 2, "\(both)")
    let audit = try shop.run("audit", "list", "--json")
    #expect(
      audit.output.contains("\"done reset\"") && audit.output.contains("\"till1\""), "\(audit)")
    #expect(audit.output.split(separator: "\"done reset\"").count == 3, "two were done: \(audit)")
    try shop.close()
  }

  @Test func `a number begins a session, during which the device is left alone`() throws {
    let shop = try Shop()
    try shop.open()
    let number = try shop.issue("王小明", phone: "0912345678", card: "card").number
    let begun = try shop.run("station", "identify", "till1", number)
    #expect(begun.code == 0 && begun.output.contains("王○明"), "\(begun)")
    let busy = try shop.run("device", "reset", "--station", "till1")
    #expect(busy.code == 4 && busy.error.contains("(station.busy)"), "\(busy)")
    #expect(try shop.run("station", "eject", "till1").code == 0)
    let nobody = try shop.run("station", "identify", "till1", "8800000000")
    #expect(nobody.code == 4, "\(nobody)")
    for word in ["claim", "release"] {
      let refused = try shop.run("station", word, "till1")
      #expect(refused.code == 4 && refused.error.contains("(station.notShared)"), "\(refused)")
    }
    try shop.close()
  }

  @Test func `a card is told by a bar code once that is bound to it`() throws {
    let shop = try Shop()
    try shop.open()
    let number = try shop.issue("王小明", phone: "0912345678", card: "card").number
    let sale = [
      "ticket", "post", "--ticket", "1", "--terminal", "T1", "--amount", "500", "--card", "TKW-77",
    ]
    #expect(try shop.run(sale).code == 4)
    let bound = try shop.run(
      "card", "identifier", number, "--kind", "barcode", "--value", "TKW-77")
    #expect(bound.code == 0, "\(bound)")
    let sold = try shop.run(sale)
    #expect(sold.code == 0, "\(sold)")
    try shop.close()
  }
}
