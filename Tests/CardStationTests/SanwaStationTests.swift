import CardStation
import CardTracks
import DeviceCatalog
import DeviceLinks
import DeviceProtocols
import Raster
import Testing

private let face = [line("ポイント", x: 24, y: 48), line("12,345", x: 96, y: 96, factor: 2)]

private func sanwaDrawn(_ elements: [PrintElement]) -> Bitmap {
  var page = Bitmap(width: 312, height: 480)
  page.draw(drawn(elements).cropped(x: 0, y: 0, width: 312, height: 320), x: 0, y: 0)
  return page
}

private func quickSanwa(_ name: String) throws -> DeviceModel {
  var model = try #require(try DeviceData.catalogue().model("sanwa-crp/\(name)"))
  model.times.acknowledge = .milliseconds(300)
  model.times.betweenBytes = .milliseconds(50)
  model.times.answer = .milliseconds(400)
  model.times.motion = .milliseconds(1500)
  model.times.heat = .milliseconds(3000)
  model.times.removalCheck = .milliseconds(100)
  model.times.recoveryCheck = .milliseconds(20)
  model.times.presenceCheck = .milliseconds(300)
  model.settings["enquiryMilliseconds"]?.value = 10
  return model
}

private func sanwaCard(_ text: String) throws -> VirtualCard {
  var card = VirtualCard()
  try card.encode(text, track: 1, direction: .forward)
  return card
}

private func sanwaBench(_ name: String, percent: Int = 0) async throws -> Bench {
  let model = try quickSanwa(name)
  return try await Bench(
    model: model,
    device: SanwaVirtualDevice(model: model, pace: SanwaPace(percent: percent), font: testFont))
}

@Suite(.timeLimit(.minutes(1)))
struct SanwaStationTests {
  @Test(arguments: ["crp-1231lr-10nab", "crp-1231br-10", "abs-a31", "cr-s31r-10hs3"], [0, 3])
  func `cards are served one after the other`(name: String, percent: Int) async throws {
    var bench = try await sanwaBench(name, percent: percent)
    let host = bench.host
    for number in 1...3 {
      // the BR's front sensor cannot tell a card put in early from one put out
      let waits = host.count(of: .waitsForCard)
      if number > 1 || name == "crp-1231br-10" {
        #expect(
          try await offPool { host.wait(for: .waitsForCard, beyond: waits, within: .seconds(10)) })
      }
      try host.insert(sanwaCard("OLD\(number)"))
      let read = try await bench.nextRead()
      #expect(read.1 == .record("OLD\(number)") && !read.foundInside)
      let outcome = await bench.station.rewrite(
        RewriteJob(session: read.session, elements: face, stripe: "NEW\(number)"))
      #expect(outcome == .verified(readBack: .record("NEW\(number)")))
      #expect(await bench.station.eject(session: read.session))
      let taken = try #require(try await offPool { host.takeCard(within: .seconds(10)) })
      #expect(try taken.text(track: 1) == "NEW\(number)")
      #expect(taken.face == sanwaDrawn(face) && taken.wear == 1)
    }
    await bench.end()
  }

  @Test func `a jam is told, and the station goes on when the card was taken out`() async throws {
    var bench = try await sanwaBench("crp-1231lr-10nab")
    let host = bench.host
    try host.insert(sanwaCard("OLD"))
    let read = try await bench.nextRead()
    try host.act(.plan(VirtualFault(.jam, .duringPrint)))
    let outcome = await bench.station.rewrite(
      RewriteJob(session: read.session, elements: face, stripe: "NEW"))
    guard case .failed(.printing, let failure) = outcome else {
      Issue.record("it is jammed: \(outcome)")
      return
    }
    #expect(failure.code == "device.jam")
    guard case .deviceFailed(let told) = await bench.next() else {
      Issue.record("a person is needed")
      return
    }
    #expect(told.code == "device.jam")
    try host.act(.openCover)
    #expect(host.takeNow() != nil)
    try host.act(.closeCover)
    #expect(await bench.next() == .deviceReady)
    await bench.end()
  }

  @Test func `on a noisy line every card is served or its failure told`() async throws {
    var bench = try await sanwaBench("crp-1231lr-10nab")
    try bench.host.act(.noise(1))
    var served = 0
    for number in 1...20 {
      try bench.host.insert(sanwaCard("CARD \(number)"))
      let read = try await bench.nextRead()
      #expect(read.1 == .record("CARD \(number)"), "noise must not make another record")
      let outcome = await bench.station.rewrite(
        RewriteJob(session: read.session, elements: face, stripe: "NEW \(number)"))
      if case .verified(let back) = outcome {
        served += 1
        #expect(back == .record("NEW \(number)"))
        #expect(bench.host.card?.face == sanwaDrawn(face))
      }
      while !bench.host.offersCard {
        await bench.station.eject()
        try await Task.sleep(for: .milliseconds(2))
      }
      #expect(bench.host.takeNow() != nil)
    }
    #expect(served > 10)
    await bench.end()
  }
}
