import CardFace
import DeviceCatalog
import LoyaltyRules

extension FaceSurface {
  /// What a model offers for a face.
  package init(of model: DeviceModel) {
    self.init(
      width: model.geometry.width, height: model.geometry.height,
      dotsPerMillimetre: Double(model.geometry.tenthDotsPerMillimetre) / 10,
      text: DeviceText(repertoire: .shiftJIS))
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
