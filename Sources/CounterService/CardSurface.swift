import CardFace
import DeviceCatalog
import LoyaltyRules

extension FaceSurface {
  /// What a model offers for a face; nil for one that does not print.
  package init?(of model: DeviceModel) {
    guard let geometry = model.geometry else { return nil }
    self.init(
      width: geometry.width, height: geometry.height,
      dotsPerMillimetre: Double(geometry.tenthDotsPerMillimetre) / 10,
      text: model.text.map { text in
        DeviceText(
          repertoire: TextRepertoire(text.repertoire), factors: text.factors, isGrid: text.isGrid,
          // families that register characters have their number as a setting of this name
          glyphs: model.settings["glyphSlots"]?.value)
      })
  }
}

extension TextRepertoire {
  init(_ repertoire: TextOffer.Repertoire) {
    self =
      switch repertoire {
      case .shiftJIS: .shiftJIS
      case .windows31J: .windows31J
      }
  }
}

extension FaceLocale {
  /// The language that a programme wants on faces.
  package init(_ locale: FaceRule.Locale) {
    self =
      switch locale {
      case .zhHant: .zhHant
      case .en: .en
      case .ja: .ja
      }
  }

  /// What the last ticket is called on a face.
  package var saleWord: String {
    switch self {
    case .zhHant: "消費"
    case .en: "Purchase"
    case .ja: "お買い物"
    }
  }
}

extension FaceDates {
  init(_ dates: FaceRule.Dates) {
    self =
      switch dates {
      case .short: .short
      case .long: .long
      case .roc: .roc
      case .rocShort: .rocShort
      }
  }
}

extension NameStyle {
  /// How a programme lets names stand on faces.
  init(_ name: FaceRule.Name) {
    self =
      switch name {
      case .full: .full
      case .masked: .masked
      case .none: .none
      }
  }
}
