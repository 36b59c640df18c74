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

  @Test func `a device of lines, one of whole cards and any other get templates of their own`()
    throws
  {
    let resources = try CounterResources.load()
    let templates = try resources.templates(nil)
    var kinds: Set<String> = []
    for model in resources.catalogue.models {
      guard let surface = FaceSurface(of: model) else { continue }
      let name = templates.template(on: surface).name
      let kind = model.text.map { $0.isGrid ? "grid" : "standard" } ?? "card"
      #expect(name == kind + ".zh-Hant", "\(model.id)")
      kinds.insert(name)
    }
    #expect(kinds.count == 3)
    let small = FaceSurface(width: 480, height: 320, dotsPerMillimetre: 8)
    #expect(templates.template(on: small).name == "standard.zh-Hant")
  }
}
