import CardFace
import DeviceCatalog

extension FaceSurface {
  /// What a model offers for a face.
  package init(of model: DeviceModel) {
    self.init(
      width: model.geometry.width, height: model.geometry.height,
      dotsPerMillimetre: Double(model.geometry.tenthDotsPerMillimetre) / 10,
      text: DeviceText(repertoire: .shiftJIS))
  }
}
