import CardTracks
import DeviceCatalog

/// What can be set of a model: numbers within the limits of its data file, and its words.
struct EvolisSettings: Hashable, Sendable {
  /// 1–20.
  var printTemperature: Int
  /// 1–20.
  var eraseTemperature: Int
  /// 1–10.
  var printSpeed: Int
  /// 1–10.
  var eraseSpeed: Int
  /// Whether a face is erased before it is printed.
  var erases: Bool
  /// `h`, `l`, `a`.
  var coercivity: String
  /// `75`, `210`; empty: as the printer has it.
  var density: String
  /// Letters of trays; empty: as the printer has it.
  var inputTray: String
  var outputTray: String
  var rejectTray: String
  private var type: String

  init(_ model: DeviceModel) {
    printTemperature = model.setting("printTemperature")
    eraseTemperature = model.setting("eraseTemperature")
    printSpeed = model.setting("printSpeed")
    eraseSpeed = model.setting("eraseSpeed")
    erases = model.setting("erases") == 1
    coercivity = model.word("coercivity")
    density = model.word("density")
    inputTray = model.word("inputTray")
    outputTray = model.word("outputTray")
    rejectTray = model.word("rejectTray")
    type = model.word("rewriteType")
  }

  /// `mblack`, `mblue` or `custom`.
  ///
  /// - Throws: `.unsupported` for any other.
  func rewriteType() throws(DeviceFailure) -> String {
    guard ["mblack", "mblue", "custom"].contains(type) else {
      throw DeviceFailure(
        .unsupported, during: "Prw", detail: "rewriteType is mblack, mblue or custom")
    }
    return type
  }

  /// - Throws: `.unprintable` with the first place that the track cannot hold; `.unsupported` for
  ///   a coercivity or density that does not exist.
  func check(_ text: String, on track: TrackSetting?) throws(DeviceFailure) {
    guard ["h", "l", "a"].contains(coercivity), ["", "75", "210"].contains(density) else {
      throw DeviceFailure(
        .unsupported, during: "encode", detail: "coercivity is h, l or a; density 75 or 210")
    }
    guard let encoding = track?.encoding.trackEncoding else { return }
    let data = Array(text.utf8)
    // what a parameter with its divider inside means to a printer is not known
    let misfit = data.firstIndex { !encoding.holds($0) || $0 == EvolisFrame.divider }
    let place = data.count > encoding.capacity ? data.count : misfit
    if let place {
      throw DeviceFailure(.unprintable, during: "encode", detail: "character \(place)")
    }
  }
}
