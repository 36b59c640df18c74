/// A template file: one face, laid out for each kind and size of device.
package struct FaceTemplates: Hashable, Sendable {
  /// At least one.
  package var layouts: [FaceTemplate]

  /// - Precondition: there is a layout.
  package init(layouts: [FaceTemplate]) {
    precondition(!layouts.isEmpty, "a template has a layout")
    self.layouts = layouts
  }

  /// One layout for every device.
  package init(_ template: FaceTemplate) { self.init(layouts: [template]) }

  package var name: String { layouts[0].name }
  package var medium: CardMedium? { layouts[0].medium }

  /// The layout for a surface: of those made for its kind the largest that it holds, else of those
  /// made for any kind; when it holds none the smallest, whose check then names what is outside.
  package func template(on surface: FaceSurface) -> FaceTemplate {
    let surface = medium?.surface(surface) ?? surface
    let own = layouts.filter { $0.devices == surface.kind }
    let any = layouts.filter { $0.devices == nil }
    func largest(_ layouts: [FaceTemplate]) -> FaceTemplate? {
      layouts.filter { $0.fits(surface) }.max { $0.area < $1.area }
    }
    func smallest(_ layouts: [FaceTemplate]) -> FaceTemplate? {
      layouts.min { $0.area < $1.area }
    }
    return largest(own) ?? largest(any) ?? smallest(own) ?? smallest(any) ?? layouts[0]
  }

  /// Whether it is made for such a device: its kind and its size.
  package func suits(_ surface: FaceSurface) -> Bool {
    let template = template(on: surface)
    let read = medium.map { $0.surface(surface) } ?? surface
    guard let read else { return false }
    return (template.devices ?? read.kind) == read.kind && template.fits(read)
  }

  /// The same faces with days written in another way.
  package func writing(_ dates: FaceDates) -> FaceTemplates {
    FaceTemplates(
      layouts: layouts.map { layout in
        var layout = layout
        layout.dates = dates
        return layout
      })
  }
}

extension FaceTemplate {
  fileprivate var area: Double { width * height }

  /// Whether the surface is large enough; a dot more or less is rounding.
  fileprivate func fits(_ surface: FaceSurface) -> Bool {
    let dots = surface.dotsPerMillimetre
    return width * dots < Double(surface.width) + 1 && height * dots < Double(surface.height) + 1
  }
}
