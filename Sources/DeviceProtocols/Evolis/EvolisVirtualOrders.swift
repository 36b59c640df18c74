import CardTracks
import Raster

/// What takes a virtual printer time.
enum EvolisTask: Hashable, Sendable {
  case takeIn, takeInAndEject, readStripe, writeStripe, print, printOnce, eject, clean, reset

  /// Milliseconds of a real printer. None is documented: such that a card takes some seconds.
  var milliseconds: Int64 {
    switch self {
    case .takeIn, .eject: 1500
    case .takeInAndEject, .readStripe, .writeStripe: 3000
    case .print, .printOnce: 9000
    case .clean: 20_000
    case .reset: 5000
    }
  }
}

/// What a host has set; gone with the power.
struct EvolisVirtualSettings: Hashable, Sendable {
  /// Once `Prw` has come.
  var rewriteType: String?
  var wantsClaim = false
  var isClaimed = false
  var ejects = true
  var inputTray = ""
  var coercivity = "h"
  var formats: [Int: TrackEncoding] = [:]
  var data: [Int: String] = [:]
  /// What the last read found, or why nothing.
  var found: [Int: String] = [:]
  /// Whether `Sr` has come since the last print.
  var hasBegun = false
  var printed: Bitmap?
  var erased: Bitmap?
  var lastAnswer = "OK"
  var cards = 0
}

extension EvolisVirtualDevice {
  /// Does one command or begins its work.
  mutating func obey(_ command: EvolisCommand) {
    let text = isOld && !Self.old.contains(command.name) ? nil : order(command)
    switch text ?? .answer("ERROR CDE") {
    case .answer(let text):
      if command.name != "Rlr" { settings.lastAnswer = text }
      answer(text)
    case .begin(let task): begin(task)
    }
  }

  enum Order: Hashable, Sendable {
    case answer(String)
    case begin(EvolisTask)

    static let done = Order.answer("OK")
    static let wrong = Order.answer("ERROR PARAMETRES")
  }

  /// The commands that the dialect of 2004 has.
  private static let old: Set = [
    "Pr", "Pmi", "Pc", "Pdt", "Mr", "Ppws", "Ss", "Sv", "Sr", "Db", "Dbc", "Se", "Pmc", "Pmt",
    "Pmd", "Pml", "Pmbs", "Pmtc", "Dm", "Smw", "Smr", "Rmb", "Si", "Sib", "Sie", "Sce", "Ser",
    "Sis", "Sic", "Scp", "Rco", "Rlr", "Wt", "Wb", "Wl", "Pem",
  ]

  /// Nil: it is no command.
  private mutating func order(_ command: EvolisCommand) -> Order? {
    let parameters = command.parameters
    switch command.name {
    case "Psid":
      guard parameters.count == 2, let number = UInt16(parameters[0]),
        let seconds = Int(parameters[1]), (1...86_400).contains(seconds)
      else { return .wrong }
      reserve(number, seconds: seconds)
      return .done
    case "Rem": return .answer("0")
    case "Rtp": return .answer(parameters == ["d"] ? "Virtual Printer" : "VIRTUAL")
    case "Rfv": return .answer("1.0")
    case "Rsn": return .answer("0000000001")
    case "Rkn": return .answer("VIRTUAL KIT")
    case "Rpst": return .answer("")
    case "Rco": return .answer("\(settings.cards)")
    case "Rlr": return .answer(settings.lastAnswer)
    case "Scs":
      error = EvolisFlags(0)
      if isJammed { error[.mechanical] = true }
      waiting = nil
      return .done
    case "Pem", "Psync", "Psmgr", "Ppws", "Ppmode", "Pwres", "Psk", "Pcem", "Pcrm", "Pps", "Mr",
      "Pr", "Pmi", "Pdt", "Pml", "Pmbs", "Pmtc", "Pmd":
      return parameters.isEmpty ? .wrong : .done
    case "Pcla", "Pneab", "Prw", "Pcim", "Pc", "Ps": return set(command)
    case "Pmc", "Pmt", "Dm", "Rmb": return stripeOrder(command)
    case "Ss", "Sv", "Sr", "Db", "Dbc": return faceOrder(command)
    default: return motion(command)
    }
  }

  private mutating func set(_ command: EvolisCommand) -> Order {
    let parameters = command.parameters
    switch (command.name, parameters.last ?? "") {
    case ("Pcla", "1"): settings.wantsClaim = true
    case ("Pcla", "0"):
      settings.wantsClaim = false
      if work?.task != .print { settings.isClaimed = false }
    case ("Pneab", "0") where parameters == ["A", "0"]: settings.ejects = false
    case ("Pneab", "1") where parameters == ["A", "1"]: settings.ejects = true
    case ("Prw", let type) where ["mblack", "mblue", "custom"].contains(type):
      settings.rewriteType = type
    case ("Pcim", let tray) where tray.utf8.count == 1: settings.inputTray = tray
    case ("Pc", let value) where isSetting(parameters, ["k", "e"], 1...20): _ = value
    case ("Ps", let value) where isSetting(parameters, ["k", "o"], 1...10): _ = value
    default: return .wrong
    }
    return .done
  }

  private func isSetting(
    _ parameters: [String], _ parts: Set<String>, _ range: ClosedRange<Int>
  ) -> Bool {
    guard parameters.count == 3, parts.contains(parameters[0]), parameters[1] == "=",
      let value = Int(parameters[2])
    else { return false }
    return range.contains(value)
  }

  private mutating func stripeOrder(_ command: EvolisCommand) -> Order? {
    guard hasHead else { return nil }
    let parameters = command.parameters
    if command.name == "Pmc" {
      guard parameters.count == 1, ["h", "l", "a"].contains(parameters[0]) else { return .wrong }
      settings.coercivity = parameters[0]
      return .done
    }
    guard let track = parameters.first.flatMap(Int.init), (1...3).contains(track) else {
      return .wrong
    }
    switch command.name {
    case "Pmt":
      let encodings: [String: TrackEncoding] = ["1": .iso1, "2": .iso2, "3": .iso3]
      guard parameters.count == 2, let encoding = encodings[parameters[1]] else { return .wrong }
      settings.formats[track] = encoding
      return .done
    case "Dm":
      guard parameters.count == 2 else { return .wrong }
      settings.data[track] = parameters[1]
      return .done
    default: return .answer(settings.found[track] ?? "ERROR BLANK TRACK")
    }
  }

  private mutating func faceOrder(_ command: EvolisCommand) -> Order? {
    switch command.name {
    case "Ss", "Sv":
      settings.formats = [:]
      settings.data = [:]
      return inside == nil ? .begin(.takeIn) : isStuck ? .answer(stuck()) : .done
    case "Sr":
      settings.hasBegun = true
      settings.printed = nil
      settings.erased = nil
      return .done
    default:
      guard settings.hasBegun, command.parameters.count >= 2, let data = command.data else {
        return .wrong
      }
      let lines = command.name == "Db" ? data : Self.expand(data)
      guard let lines, let picture = Self.unpack(lines) else { return .wrong }
      switch command.parameters[0] {
      case "k": settings.printed = picture
      case "o" where !isOld && settings.rewriteType != nil: settings.erased = picture
      default: return .wrong
      }
      return .done
    }
  }

  /// The lines of a compressed picture.
  private static func expand(_ data: [UInt8]) -> [UInt8]? {
    var lines: [UInt8] = []
    var rest = data[...]
    while let count = rest.popFirst() {
      switch count {
      case 0: lines += [UInt8](repeating: 0, count: EvolisBitmap.stride)
      case 0xff: lines += [UInt8](repeating: 0xff, count: EvolisBitmap.stride)
      case 1...UInt8(EvolisBitmap.stride):
        guard rest.count >= Int(count) else { return nil }
        lines += rest.prefix(Int(count))
        lines += [UInt8](repeating: 0, count: EvolisBitmap.stride - Int(count))
        rest = rest.dropFirst(Int(count))
      default: return nil
      }
    }
    return lines
  }

  private static let whiteLine = [UInt8](repeating: 0, count: EvolisBitmap.stride)

  private static func unpack(_ lines: [UInt8]) -> Bitmap? {
    guard lines.count == EvolisBitmap.size else { return nil }
    var picture = Bitmap(width: EvolisBitmap.width, height: EvolisBitmap.height)
    if lines == [UInt8](repeating: 0xff, count: lines.count) {
      picture.fill(x: 0, y: 0, width: picture.width, height: picture.height)
      return picture
    }
    for column in 0..<EvolisBitmap.width {
      let line = lines[column * EvolisBitmap.stride..<(column + 1) * EvolisBitmap.stride]
      // most lines are white, and comparing is quicker than looking at each byte
      if line == Self.whiteLine[...] { continue }
      for (place, byte) in line.enumerated() where byte != 0 {
        for bit in 0..<8 where byte & (0x80 >> UInt8(bit)) != 0 {
          picture[column, EvolisBitmap.height - 1 - place * 8 - bit] = true
        }
      }
    }
    return picture
  }

  private func motion(_ command: EvolisCommand) -> Order? {
    let tasks: [String: EvolisTask] = [
      "Si": .takeIn, "Sib": .takeIn, "Sie": .takeInAndEject, "Sce": .eject, "Ser": .eject,
      "Scp": .clean, "Srs": .reset,
    ]
    switch command.name {
    case "Si", "Sib", "Sie", "Sce", "Ser", "Scp", "Srs":
      return tasks[command.name].map { .begin($0) }
    case "Sis", "Sic": return inside == nil ? .answer("ERROR CARD") : .done
    case "Smr": return hasHead ? .begin(.readStripe) : nil
    case "Smw": return hasHead ? .begin(.writeStripe) : nil
    case "Se": return .begin(command.parameters == ["1"] ? .printOnce : .print)
    default: return nil
    }
  }

  var isStuck: Bool { isJammed || isCoverOpen }

  /// What it answers to a motion that cannot be, with its flags raised.
  mutating func stuck() -> String {
    if isCoverOpen {
      error[.coverOpen] = true
      return "ERROR MECA"
    }
    error[.mechanical] = true
    if inside != nil { tell(.jammed) }
    return "ERROR MECHANICAL"
  }
}
