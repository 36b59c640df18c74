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

/// Which template a device's faces are made from.
package struct FaceTemplates: Sendable {
  /// For devices that place letters, or pictures, anywhere.
  package var free: FaceTemplate
  /// For devices that set whole lines of letters.
  package var grid: FaceTemplate
  /// For devices that print pictures over a whole card.
  package var card: FaceTemplate

  package init(free: FaceTemplate, grid: FaceTemplate, card: FaceTemplate) {
    self.free = free
    self.grid = grid
    self.card = card
  }

  /// One template for every device.
  package init(_ template: FaceTemplate) {
    self.init(free: template, grid: template, card: template)
  }

  package func template(on surface: FaceSurface) -> FaceTemplate {
    if let text = surface.text { return text.isGrid ? grid : free }
    let holds =
      Double(surface.width) >= card.width * surface.dotsPerMillimetre
      && Double(surface.height) >= card.height * surface.dotsPerMillimetre
    return holds ? card : free
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
