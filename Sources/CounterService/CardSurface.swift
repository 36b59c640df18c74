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
      text: model.text.map { DeviceText(repertoire: .shiftJIS, factors: $0.factors) })
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
