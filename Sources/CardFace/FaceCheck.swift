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
    /// The value makes no symbol.
    case noSymbol(SymbolError)
    /// With it the face needs more characters that the device lacks than it takes as dots.
    case tooManyGlyphs(Int)
    /// The ink leaves the windows of the plastic.
    case outsideWindow
    /// The plastic lies turned in a device that cannot turn its letters.
    case turned
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
    case .noSymbol(let reason):
      return "box \"\(box)\": no symbol of\(shown): \(reason)"
    case .tooManyGlyphs(let most):
      return "box \"\(box)\": with\(shown) more than \(most) characters that the device lacks"
    case .outsideWindow:
      return "box \"\(box)\": with\(shown) its ink is not inside one window of the plastic"
    case .turned: return "the plastic lies turned, and the device cannot turn its letters"
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
  /// What may be missing to the next tier, as people read it.
  package var missing: [String]

  package init(
    shop: String, tiers: [String], unit: String, decimals: Int = 0, style: NameStyle = .masked,
    lastTexts: [String] = ["消費", "退貨扣回"], messages: [String] = [],
    missing: [String] = ["NT$9,999,999"]
  ) {
    self.shop = shop
    self.tiers = tiers
    self.unit = unit
    self.decimals = decimals
    self.style = style
    self.lastTexts = lastTexts
    self.messages = messages
    self.missing = missing
  }

  /// Names that are hard to set: long ones, rare characters, each script.
  package static let names = [
    "王小明", "黃彥筠", "堃喆", "歐陽峯瑩", "谷辣斯‧尤達卡", "さくら", "ヴィクトリア", "ﾔﾏﾀﾞ ﾊﾅｺ",
    "ALEXANDER WOLFESCHLEGEL", "WILHELMINA MONTGOMERY-PE", "José Núñez", "Zoë O’Brien",
    // 24 of the widest letters, which is the most that a name may have
    "WWWWWWWWWWW MMMMMMMMMMMM",
  ]

  /// The least and the greatest balance that a face must hold, in whole points.
  package static let balances: [Int64] = [0, 7, 12_345, 9_999_999, -9_999_999]
}
