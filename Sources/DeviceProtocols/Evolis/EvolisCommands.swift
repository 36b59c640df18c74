/// One command: `1B name[;parameter…][;data] 0D`.
///
/// Each is made by a function named for what it does; the sections named are those of
/// Firmware-Protocols/evolis/PROTOCOL.md.
package struct EvolisCommand: Hashable, Sendable {
  /// Whether it may be said again when no answer came.
  package enum Duty: Hashable, Sendable {
    /// Sets or asks something: saying it twice changes nothing.
    case quiet
    /// Moves the card or reads it.
    case motion
    /// Writes or heats.
    case work
  }

  /// `Psid`
  package let name: String
  package let parameters: [String]
  /// Counted bytes after the parameters; they may hold 0D and 1B.
  package let data: [UInt8]?
  package let duty: Duty

  init(_ name: String, _ parameters: [String] = [], data: [UInt8]? = nil, duty: Duty = .quiet) {
    self.name = name
    self.parameters = parameters
    self.data = data
    self.duty = duty
  }

  /// What goes over the line, the ending 0D included and the NUL after it not.
  package var bytes: [UInt8] {
    var bytes = [EvolisFrame.escape] + Array(name.utf8)
    for parameter in parameters { bytes += [EvolisFrame.divider] + Array(parameter.utf8) }
    if let data { bytes += [EvolisFrame.divider] + data }
    bytes.append(EvolisFrame.end)
    return bytes
  }
}

/// The bytes that hold commands and answers together.
enum EvolisFrame {
  static let escape: UInt8 = 0x1b
  static let end: UInt8 = 0x0d
  static let divider: UInt8 = 0x3b
  /// Ends a request; between commands it is padding.
  static let padding: UInt8 = 0
  /// The most bytes of one answer.
  static let answerLimit = 2048
}

// MARK: Session and identity

extension EvolisCommand {
  /// Reserves the printer for `id`, 1–65,535, for so many seconds.
  package static func reserve(_ id: Int, seconds: Int) -> EvolisCommand {
    EvolisCommand("Psid", ["\(id)", "\(seconds)"])
  }
  /// Gives the printer free.
  package static func release(seconds: Int) -> EvolisCommand {
    EvolisCommand("Psid", ["0", "\(seconds)"])
  }
  /// Whether it is one of `reserve`.
  var reserves: Bool { name == "Psid" && parameters.first != "0" }

  /// Asks who handles errors: 0 the printer, 2 software, 38 supervised.
  package static let askErrorHandling = EvolisCommand("Rem", ["1"])
  package static let handleErrors = EvolisCommand("Pem", ["2"])
  package static let leaveErrors = EvolisCommand("Pem", ["0"])
  package static let askModel = EvolisCommand("Rtp")
  package static let askDisplayName = EvolisCommand("Rtp", ["d"])
  package static let askFirmware = EvolisCommand("Rfv")
  package static let askSerialNumber = EvolisCommand("Rsn")
  package static let askHeadKit = EvolisCommand("Rkn")
  package static let clearErrors = EvolisCommand("Scs")
  package static let reset = EvolisCommand("Srs", duty: .motion)
  /// The 2004 dialect: what it answered last.
  package static let askLastAnswer = EvolisCommand("Rlr")
  /// The 2004 dialect: how much it has worked.
  package static let askCounters = EvolisCommand("Rco")
}

// MARK: One rewritable card

extension EvolisCommand {
  package static let synchronize = EvolisCommand("Psync", ["1", "0"])
  package static let manageSettings = EvolisCommand("Psmgr", ["1"])
  package static func jobNumber(_ number: UInt32) -> EvolisCommand {
    EvolisCommand("Ppws", ["\(number)"])
  }
  package static func claim(_ isOn: Bool) -> EvolisCommand {
    EvolisCommand("Pcla", [isOn ? "1" : "0"])
  }
  package static let printMode = EvolisCommand("Ppmode", ["1"])
  package static func rewriteType(_ type: String) -> EvolisCommand { EvolisCommand("Prw", [type]) }
  package static let resolution = EvolisCommand("Pwres", ["300", "300", "1"])
  package static let skip = EvolisCommand("Psk", ["10"])
  package static func inputTray(_ tray: String) -> EvolisCommand { EvolisCommand("Pcim", [tray]) }
  package static func outputTray(_ tray: String) -> EvolisCommand { EvolisCommand("Pcem", [tray]) }
  package static func rejectTray(_ tray: String) -> EvolisCommand { EvolisCommand("Pcrm", [tray]) }
  /// Begins work on the front; takes a card in when none is inside.
  package static let startFront = EvolisCommand("Ss", duty: .motion)
  package static let startBack = EvolisCommand("Sv", duty: .motion)
  package static let monochrome = EvolisCommand("Mr", ["s"])
  package static let startPicture = EvolisCommand("Sr")
  package static func printTemperature(_ value: Int) -> EvolisCommand { setting("Pc", "k", value) }
  package static func printSpeed(_ value: Int) -> EvolisCommand { setting("Ps", "k", value) }
  package static func eraseTemperature(_ value: Int) -> EvolisCommand { setting("Pc", "e", value) }
  package static func eraseSpeed(_ value: Int) -> EvolisCommand { setting("Ps", "o", value) }

  private static func setting(_ name: String, _ part: String, _ value: Int) -> EvolisCommand {
    EvolisCommand(name, [part, "=", "\(value)"])
  }

  /// The picture to be printed: `EvolisBitmap.size` bytes.
  package static func printPicture(_ data: [UInt8]) -> EvolisCommand {
    EvolisCommand("Db", ["k", "2"], data: data)
  }
  /// What is to be erased: a 1 erases its dot.
  package static func erasePicture(_ data: [UInt8]) -> EvolisCommand {
    EvolisCommand("Db", ["o", "2"], data: data)
  }
  /// The picture to be printed in its compressed form.
  package static func compressedPicture(_ data: [UInt8]) -> EvolisCommand {
    EvolisCommand("Dbc", ["k", "2", "\(data.count)"], data: data)
  }
  /// Whether a card is put out when its job is done.
  package static func ejectsAfterwards(_ isOn: Bool) -> EvolisCommand {
    EvolisCommand("Pneab", ["A", isOn ? "1" : "0"])
  }
  package static let start = EvolisCommand("Se", duty: .work)

  // the 2004 dialect
  package static let ribbon = EvolisCommand("Pr", ["k"])
  package static let feeder = EvolisCommand("Pmi", ["F", "s"])
  package static let transfer = EvolisCommand("Pdt", ["DU"])
  package static let startOnce = EvolisCommand("Se", ["1"], duty: .work)
}

// MARK: Magnetic

extension EvolisCommand {
  /// `h`, `l` or `a`.
  package static func coercivity(_ letter: String) -> EvolisCommand {
    EvolisCommand("Pmc", [letter])
  }
  /// Format digits 1, 2, 3: ISO 1, 2, 3.
  package static func trackFormat(_ track: Int, _ digit: Int) -> EvolisCommand {
    EvolisCommand("Pmt", ["\(track)", "\(digit)"])
  }
  /// 75 or 210 bits an inch.
  package static func density(_ text: String) -> EvolisCommand { EvolisCommand("Pmd", [text]) }
  /// What is to be written; neither sentinels nor check characters.
  package static func trackData(_ track: Int, _ text: String) -> EvolisCommand {
    EvolisCommand("Dm", ["\(track)", text])
  }
  package static let writeStripe = EvolisCommand("Smw", duty: .work)
  package static let readStripe = EvolisCommand("Smr", duty: .motion)
  package static func askTrack(_ track: Int) -> EvolisCommand {
    EvolisCommand("Rmb", ["\(track)"])
  }
}

// MARK: Cards

extension EvolisCommand {
  package static let insert = EvolisCommand("Si", duty: .motion)
  package static let insertFromBack = EvolisCommand("Sib", duty: .motion)
  package static let insertAndEject = EvolisCommand("Sie", duty: .motion)
  package static let eject = EvolisCommand("Sce", duty: .motion)
  package static let reject = EvolisCommand("Ser", duty: .motion)
  package static let toContactStation = EvolisCommand("Sis", duty: .motion)
  package static let toContactless = EvolisCommand("Sic", duty: .motion)
  package static let clean = EvolisCommand("Scp", duty: .motion)
}
