import CardFace
import CardTracks
import Configuration
import DeviceCatalog
import DeviceLinks
import DeviceProtocols
import Platform

/// Plays a device on a pseudo-terminal, and the hands at it as its standard input says.
///
/// Every command is answered by one line that begins with `ok` or `error`; what can be seen of the
/// device comes as lines that begin with `event`.
final class DeviceSimulator: Sendable {
  private static let moments = VirtualFault.Moment.allCases.map(\.rawValue)

  static let manual = """
      insert CARDFILE     put a card in; a file that is not there makes a blank one
      load CARDFILE       put a card into the feeder
      remove [SECONDS]    take the card out, waiting until it is offered; it goes to its file
      card                show the card at the mouth or inside
      jam | clear         make the card stick | open the cover, take it out, close the cover
      cover open|close    open or close the cover
      unplug | replug     pull the cable | plug it in
      power off|on        switch the device off or on
      noise N             damage N of a thousand bytes on the line
      fault KIND MOMENT   a jam or powerLoss at a moment to come; moments are
                          \(moments.prefix(4).joined(separator: ", ")),
                          \(moments.dropFirst(4).joined(separator: ", "))
      quit                end; a card inside goes to its file
    """

  /// The largest card file.
  private static let fileLimit = 1 << 20

  private let host: VirtualDeviceHost
  /// The files of the cards in the device, the one that was put in first at the front.
  private let files = Guarded<[String]>([])

  private init(_ device: any VirtualDevice, _ line: SimulatedLine) throws(SystemError) {
    host = try line.host(device) { event in
      Console.data("event \(event.rawValue)")
    }
  }

  /// Serves until a signal or `quit`.
  static func run(
    _ model: DeviceModel, fonts: FaceFonts, line: SimulatedLine, speed: SimulationSpeed
  ) async throws -> Int32 {
    guard let family = DeviceFamilies.family(of: model), family.links.contains(line.kind) else {
      throw UsageError(
        problem: Words("\(model.id) cannot be simulated", "\(model.id) 不能模擬"),
        about: ["device", "simulate"])
    }
    let device = family.virtualDevice(
      VirtualSetup(model: model, link: line.kind, percent: speed.percent) { character, width in
        fonts.glyph(character, cellWidth: width)
      })
    let simulator: DeviceSimulator
    do throws(SystemError) {
      simulator = try DeviceSimulator(device, line)
    } catch {
      throw CommandFailure.file(line.place, error.description)
    }
    Console.data("ok \(model.id) at \(line.place)")
    let ended = Monitor(false)
    _ = try DedicatedThread(name: "signals") {
      _ = Signals.wait(for: [.terminate, .interrupt])
      ended.withLock { $0 = true }
    }
    _ = try DedicatedThread(name: "commands") {
      // when nobody gives commands any more, the device stays
      while let line = readLine() {
        let words = line.split(separator: " ", maxSplits: 1).map(String.init)
        guard let verb = words.first else { continue }
        if verb == "quit" {
          ended.withLock { $0 = true }
          return
        }
        Console.data(simulator.reply(to: verb, words.count == 2 ? words[1] : nil))
      }
    }
    ended.wait { $0 ? () : nil }
    simulator.stop()
    return ExitCode.done
  }

  /// Does what a line says.
  private func reply(to verb: String, _ argument: String?) -> String {
    do {
      return "ok" + (try act(verb, argument)).map { " " + $0 }.joined()
    } catch let error as VirtualActRefused {
      return "error: \(error.reason)"
    } catch let error as HandRefused {
      return "error: \(error.reason)"
    } catch {
      return "error: \(error)"
    }
  }

  private func act(_ verb: String, _ argument: String?) throws -> [String] {
    switch (verb, argument) {
    case ("insert", let file?): try put(file) { .insert($0) }
    case ("load", let file?): try put(file) { .load($0) }
    case ("remove", nil): return [try remove(within: .zero)]
    case ("remove", let text?):
      guard let seconds = Int(text), (0...3_600).contains(seconds) else { throw misfit(verb) }
      return [try remove(within: .seconds(seconds))]
    case ("card", nil): try show()
    case ("jam", nil): try host.act(.jam)
    case ("clear", nil):
      try host.act(.openCover)
      defer { closeCover() }
      return [try remove(within: .zero)]
    case ("cover", "open"): try host.act(.openCover)
    case ("cover", "close"): try host.act(.closeCover)
    case ("unplug", nil): host.unplug()
    case ("replug", nil): try host.replug()
    case ("power", "off"): try host.act(.powerOff)
    case ("power", "on"): try host.act(.powerOn)
    case ("noise", let text?):
      guard let perMille = Int(text) else { throw misfit(verb) }
      try host.act(.noise(perMille))
    case ("fault", let text?): try host.act(.plan(try fault(text)))
    default: throw misfit(verb)
    }
    return []
  }

  private func misfit(_ verb: String) -> HandRefused {
    HandRefused(reason: "\"\(verb)\" is not understood like this; known are\n\(Self.manual)")
  }

  private func fault(_ text: String) throws -> VirtualFault {
    let words = text.split(separator: " ").map(String.init)
    let effects = ["jam": VirtualFault.Effect.jam, "powerLoss": .powerLoss]
    guard words.count == 2, let effect = effects[words[0]],
      let moment = VirtualFault.Moment(rawValue: words[1])
    else { throw misfit("fault") }
    return VirtualFault(effect, moment)
  }

  private func closeCover() {
    do {
      try host.act(.closeCover)
    } catch {
      Console.remark("the cover was not closed: \(error)")
    }
  }

  // MARK: Cards

  private func put(_ file: String, _ act: (VirtualCard) -> VirtualAct) throws {
    var card = VirtualCard()
    if Files.exists(file) {
      let bytes = try Files.read(file, limit: Self.fileLimit)
      card = try VirtualCard(try Node.parse(bytes, source: file))
    }
    try host.act(act(card))
    files.withLock { $0.append(file) }
  }

  private func remove(within limit: Duration) throws -> String {
    guard let card = host.takeCard(within: limit) ?? host.takeNow(),
      let file = files.withLock({ $0.popLast() })
    else { throw HandRefused(reason: "no card can be taken now") }
    try Self.write(card, to: file)
    return file
  }

  private static func write(_ card: VirtualCard, to file: String) throws {
    try Files.writeAtomically(card.json.text + [UInt8(ascii: "\n")], to: file)
  }

  private func show() throws {
    guard let card = host.card else { throw HandRefused(reason: "no card is there") }
    FaceCommands.show(card.face)
    for track in card.stripes.keys.sorted() {
      do throws(TrackError) {
        Console.data("track \(track): \(try card.text(track: track) ?? "")")
      } catch {
        Console.data("track \(track): \(error)")
      }
    }
    Console.data("rewrites: \(card.wear)")
  }

  /// Ends it; a card that is still inside goes to its file as it is.
  private func stop() {
    let card = host.card
    host.stop()
    guard let card, let file = files.withLock({ $0.first }) else { return }
    do {
      try Self.write(card, to: file)
    } catch {
      Console.remark("\(file): \(error)")
    }
  }
}

/// A command at the device's standard input that cannot be done.
private struct HandRefused: Error {
  var reason: String
}
