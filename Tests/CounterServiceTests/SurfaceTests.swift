import CardFace
import CounterService
import DeviceCatalog
import DeviceProtocols
import Raster
import Testing

struct SurfaceTests {
  @Test func `what a face leaves to a device's own letters, its driver has at that width`() throws {
    let resources = try CounterResources.load()
    for model in resources.catalogue.models {
      guard let text = FaceSurface(of: model)?.text else { continue }
      let driver = try #require(DeviceFamilies.driver(for: model))
      var count = 0
      for value in UInt32(0x20)...0xffff {
        guard let scalar = UnicodeScalar(value),
          case .character(let character, let width)? =
            resources.fonts.cell(Character(scalar), repertoire: text.repertoire)
        else { continue }
        count += 1
        #expect(driver.width(of: character) == width, "\(model.id): \(value)")
      }
      #expect(count > 6000, "\(model.id)")
    }
  }

  @Test func `every template that comes with the product suits every model that prints`() throws {
    let resources = try CounterResources.load()
    #expect(resources.library.names == ["gold", "stamps", "standard"])
    var widths: Set<Double> = []
    for name in resources.library.names {
      for locale in FaceLocale.allCases {
        let templates = try #require(resources.library.template(name, locale))
        for model in resources.catalogue.models {
          guard let surface = FaceSurface(of: model) else { continue }
          #expect(templates.suits(surface), "\(model.id)")
          widths.insert(templates.template(on: surface).width)
        }
      }
    }
    #expect(widths.count == 3)
  }

  /// The areas of which there are golden faces.
  @Test func `the areas of the catalogue are those that golden faces are kept of`() throws {
    let areas = try CounterResources.load().surfaces.values.map { surface in
      "\(surface.kind.rawValue) \(surface.width)x\(surface.height)"
    }
    #expect(
      Set(areas) == [
        "letters 480x320", "cells 312x480", "pictures 1016x642", "pictures 1000x642",
        "pictures 1016x648", "pictures 960x560",
      ])
  }
}
