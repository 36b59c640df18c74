import Raster

/// A face, placed: what is sent to the device and what the card then looks like, both as the card
/// lies in the device.
package struct FaceLayout: Hashable, Sendable {
  /// For a device with letters of its own: text runs and pictures. For any other: one picture.
  package var elements: [PrintElement]
  /// The whole face in dots, as large as the surface.
  package var dots: Bitmap
  /// Where the ink of each box that is shown stands, in the template's order.
  package var places: [Place]
  /// How many quarters it was turned clockwise for the device.
  package var quarters = 0

  /// The whole face as it is read.
  package var picture: Bitmap { dots.turned(quarters: -quarters) }

  /// The dots that a box's ink takes.
  package struct Place: Hashable, Sendable {
    package var box: String
    package var x: Int
    package var y: Int
    package var width: Int
    package var height: Int

    func meets(_ other: Place) -> Bool {
      x < other.x + other.width && other.x < x + width && y < other.y + other.height
        && other.y < y + height
    }
  }
}

extension FaceTemplate {
  /// Places what a face shows on a surface.
  ///
  /// - Throws: `.unprintable` with every character that has no glyph, before anything else;
  ///   `.overflow`, `.outside`, `.noPictures`, `.noSymbol`, `.line`, `.tooManyGlyphs` with the
  ///   first such box; `.turned` on a device that would have to turn its letters.
  ///   Nothing is dropped, cut or replaced.
  package func layout(
    _ content: FaceContent, on device: FaceSurface, fonts: FaceFonts
  ) throws(FaceError) -> FaceLayout {
    guard let surface = surface(device) else { throw .turned }
    let shown = boxes(on: surface).filter { $0.condition?.holds(for: content) ?? true }
    let texts = shown.map { text($0, content) }
    let printed = zip(shown, texts).filter { $0.0.isText }.map(\.1)
    let missing = fonts.unprintableCharacters(in: printed.joined(separator: " "))
    guard missing.isEmpty else { throw .unprintable(missing) }
    var elements: [PrintElement] = []
    var places: [FaceLayout.Place] = []
    var gathering = FaceGathering(surface.text)
    for (shown, text) in zip(shown, texts) {
      let box = shown.placed(behind: places, on: surface)
      let setter = BoxSetter(box: box, surface: surface, fonts: fonts)
      let parts = try setter.elements(text, content)
      try gathering.add(parts, box: box.name)
      elements += parts
      if let place = setter.place(parts) { places.append(place) }
    }
    let dots = FaceDots.draw(
      elements, width: surface.width, height: surface.height, fonts: fonts)
    var layout = FaceLayout(elements: elements, dots: dots, places: places)
    layout.turn(quarters: medium?.turn.quarters ?? 0)
    if surface.text == nil { layout.elements = [.picture(x: 0, y: 0, layout.dots)] }
    return layout
  }

  /// What a device offers to the template on its plastic; nil when the plastic lies turned in a
  /// device that cannot turn its letters.
  func surface(_ device: FaceSurface) -> FaceSurface? {
    guard let medium else { return device }
    return medium.surface(device)
  }
}

extension FaceLayout {
  /// Turns dots and places, not elements.
  fileprivate mutating func turn(quarters: Int) {
    for _ in 0..<quarters {
      let height = dots.height
      places = places.map {
        Place(
          box: $0.box, x: height - $0.y - $0.height, y: $0.x, width: $0.height, height: $0.width)
      }
      dots = dots.turnedRight()
    }
    self.quarters = quarters
  }
}

extension FaceTemplate {
  /// The boxes from the corner of a surface: on one that is larger than the template the face
  /// stands in the middle, on whole dots.
  func boxes(on surface: FaceSurface) -> [Box] {
    func offset(_ dots: Int, _ millimetres: Double) -> Double {
      let spare = dots - Int((millimetres * surface.dotsPerMillimetre).rounded())
      return Double(max(0, spare / 2)) / surface.dotsPerMillimetre
    }
    let across = offset(surface.width, width)
    let down = offset(surface.height, height)
    return boxes.map { box in
      var box = box
      if box.after == nil { box.x += across }
      box.y += down
      return box
    }
  }
}

extension FaceTemplate.Box {
  /// The box where the ink of the one before it leaves it; at the left edge when that shows
  /// nothing.
  func placed(behind places: [FaceLayout.Place], on surface: FaceSurface) -> Self {
    guard let after, let place = places.first(where: { $0.box == after }) else { return self }
    var box = self
    box.x += Double(place.x + place.width) / surface.dotsPerMillimetre
    return box
  }

  var isText: Bool { if case .text = ink { true } else { false } }

  /// Whether its ink may stand on or around that of other boxes.
  var isGround: Bool {
    switch ink {
    case .solid, .frame: true
    default: false
    }
  }
}
