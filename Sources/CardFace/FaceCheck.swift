/// Something that a template does wrong on a surface, found before any card sees it.
package struct FaceFault: Hashable, Sendable, CustomStringConvertible {
  /// What is wrong.
  package enum Problem: Hashable, Sendable {
    /// The value does not fit, even at the smallest letters.
    case overflow
    /// These characters of the value have no glyph.
    case unprintable([Character])
    /// The box lies outside the printable dots.
    case outside
    /// The ink meets that of another box.
    case meets(String)
    /// The device prints letters only.
    case noPictures
    /// On a device that sets whole lines: it cannot stand beside that box.
    case line(String)
    /// With it the face needs more characters that the device lacks than it takes as dots.
    case tooManyGlyphs(Int)
  }

  package var box: String
  /// The text with which it happens; empty when the text does not matter.
  package var value: String
  package var problem: Problem

  package init(box: String, value: String, problem: Problem) {
    self.box = box
    self.value = value
    self.problem = problem
  }

  package var description: String {
    let shown = value.isEmpty ? "" : " \"\(value)\""
    switch problem {
    case .overflow: return "box \"\(box)\": the text\(shown) does not fit"
    case .unprintable(let missing):
      return "box \"\(box)\": no glyph for \(String(missing)) of\(shown)"
    case .outside: return "box \"\(box)\": lies outside the printable area"
    case .noPictures: return "box \"\(box)\": the device prints letters only"
    case .line(let other):
      return "box \"\(box)\": its letters\(shown) cannot stand beside box \"\(other)\""
    case .tooManyGlyphs(let most):
      return "box \"\(box)\": with\(shown) more than \(most) characters that the device lacks"
    case .meets(let other): return "box \"\(box)\": runs into box \"\(other)\" with\(shown)"
    }
  }
}

/// Proves that a template holds whatever a shop may print with it.
package struct FaceCheck: Sendable {
  /// The values that are a shop's own and known when the check runs.
  package var shop: String
  package var tiers: [String]
  package var unit: String
  package var decimals: Int
  package var style: NameStyle
  /// What the last ticket may be called.
  package var lastTexts: [String]
  package var messages: [String]

  package init(
    shop: String, tiers: [String], unit: String, decimals: Int = 0, style: NameStyle = .masked,
    lastTexts: [String] = ["消費", "退貨扣回"], messages: [String] = []
  ) {
    self.shop = shop
    self.tiers = tiers
    self.unit = unit
    self.decimals = decimals
    self.style = style
    self.lastTexts = lastTexts
    self.messages = messages
  }

  /// Names that are hard to set: long ones, rare characters, each script.
  package static let names = [
    "王小明", "黃彥筠", "堃喆", "歐陽峯瑩", "谷辣斯‧尤達卡", "さくら", "ヴィクトリア", "ﾔﾏﾀﾞ ﾊﾅｺ",
    "ALEXANDER WOLFESCHLEGEL", "WILHELMINA MONTGOMERY-PE", "José Núñez", "Zoë O’Brien",
  ]

  /// The least and the greatest balance that a face must hold, in whole points.
  package static let balances: [Int64] = [0, 7, 12_345, 9_999_999, -9_999_999]

  /// Everything that goes wrong, each once; empty when the template holds.
  package func faults(
    of template: FaceTemplate, on surface: FaceSurface, fonts: FaceFonts
  ) -> [FaceFault] {
    var faults: [FaceFault] = []
    for content in contents() {
      for fault in self.faults(of: template, content, on: surface, fonts: fonts)
      where !faults.contains(fault) {
        faults.append(fault)
      }
    }
    return faults
  }

  /// The faces that are tried: each name, balance, tier, text once beside the longest of the rest.
  func contents() -> [FaceContent] {
    let scale: Int64 = [1, 10, 100][decimals]
    let day = FaceDay(year: 2027, month: 12, day: 31)
    let longest = -9_999_999 * scale
    func longestOf(_ texts: [String]) -> String {
      texts.max { $0.utf8.count < $1.utf8.count } ?? ""
    }
    let base = FaceContent(
      shop: shop, name: style.text("ALEXANDER WOLFESCHLEGEL"), number: "0000 0000 0000 0000",
      tier: longestOf(tiers), balance: longest, decimals: decimals, unit: unit,
      expiring: FaceContent.Expiring(points: -longest, lastDay: day),
      last: FaceContent.Transaction(day: day, text: longestOf(lastTexts), points: longest),
      message: longestOf(messages))
    var all = [base]
    func add(_ change: (inout FaceContent) -> Void) {
      var content = base
      change(&content)
      all.append(content)
    }
    for name in FaceCheck.names { add { $0.name = style.text(name) } }
    for balance in FaceCheck.balances { add { $0.balance = balance * scale } }
    for tier in tiers { add { $0.tier = tier } }
    for text in lastTexts { add { $0.last?.text = text } }
    for message in messages { add { $0.message = message } }
    add {
      $0.expiring = nil
      $0.last = nil
    }
    return all
  }

  private func faults(
    of template: FaceTemplate, _ content: FaceContent, on surface: FaceSurface, fonts: FaceFonts
  ) -> [FaceFault] {
    var faults: [FaceFault] = []
    var places: [(place: FaceLayout.Place, value: String)] = []
    var gathering = FaceGathering(surface.text)
    for box in template.boxes(on: surface) where box.condition?.holds(for: content) ?? true {
      let value = box.text(content)
      func fault(_ problem: FaceFault.Problem) {
        faults.append(FaceFault(box: box.name, value: value, problem: problem))
      }
      let missing = fonts.unprintableCharacters(in: value)
      guard missing.isEmpty else {
        fault(.unprintable(missing))
        continue
      }
      let setter = BoxSetter(box: box, surface: surface, fonts: fonts)
      do {
        let elements = try setter.elements(value)
        guard let place = setter.place(elements) else { continue }
        if case .text = box.ink {
          if let other = places.first(where: { $0.place.meets(place) }) {
            fault(.meets(other.place.box))
          }
          places.append((place, value))
          try gathering.add(elements, box: box.name)
        }
      } catch .outside {
        faults.append(FaceFault(box: box.name, value: "", problem: .outside))
      } catch .noPictures {
        faults.append(FaceFault(box: box.name, value: "", problem: .noPictures))
      } catch .line(_, let other) {
        fault(.line(other))
      } catch .tooManyGlyphs(_, let most) {
        fault(.tooManyGlyphs(most))
      } catch {
        fault(.overflow)
      }
    }
    return faults
  }
}
