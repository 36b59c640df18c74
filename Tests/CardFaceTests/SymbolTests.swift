import CardFace
import Raster
import Testing

struct SymbolTests {
  @Test func `a QR code takes as many whole dots a module as the place allows`() throws {
    // version 1: 21 modules and four at each side
    let symbol = try Symbol(.qr, "01234567")
    #expect(symbol.modules.width == 29 && symbol.modules.height == 29 && symbol.leastHeight == 29)
    for (width, height, module) in [(58, 58, 2), (86, 400, 2), (87, 87, 3), (480, 319, 11)] {
      let dots = try symbol.drawn(width: width, height: height)
      #expect(dots == symbol.modules.scaled(factorX: module, factorY: module))
    }
    #expect(throws: SymbolError.noRoom(width: 58, height: 58)) {
      try symbol.drawn(width: 57, height: 400)
    }
    #expect(throws: SymbolError.noRoom(width: 87, height: 87)) {
      try symbol.drawn(width: 86, height: 86, leastModule: 3)
    }
  }

  @Test func `bars go from the top to the foot, guard bars of EAN-13 five modules further`() throws
  {
    let symbol = try Symbol(.ean13, "400638133393")
    #expect(symbol.text == "4006381333931")
    #expect(symbol.modules.width == 113 && symbol.modules.height == 1)
    #expect(symbol.leastHeight == 20)
    let dots = try symbol.drawn(width: 400, height: 100)
    #expect(dots.width == 339 && dots.height == 100)
    for x in 0..<339 {
      let column = (0..<100).map { dots[x, $0] }
      let isDark = symbol.modules[x / 3, 0]
      let module = x / 3 - 11
      let isGuard = [0, 2, 46, 48, 92, 94].contains(module)
      #expect(column.prefix(85).allSatisfy { $0 == isDark })
      #expect(column.suffix(15).allSatisfy { $0 == isGuard })
      if isGuard { #expect(isDark) }
    }
  }

  @Test func `Code 128 goes over the whole height`() throws {
    let symbol = try Symbol(.code128, "1234567890")
    #expect(symbol.modules.width == 110 && symbol.leastHeight == 14)
    let dots = try symbol.drawn(width: 230, height: 41)
    #expect(dots == symbol.modules.scaled(factorX: 2, factorY: 41))
    // a low place narrows the bars, so that a reader's line still crosses all of them
    let low = try symbol.drawn(width: 480, height: 30)
    #expect(low.width == 220 && low.height == 30)
  }

  @Test func `the light modules around are counted in`() throws {
    for (kind, text, left, right) in [
      (Symbol.Kind.qr, "https://example.com/0017", 4, 4), (.code128, "PC0017", 10, 10),
      (.ean13, "400638133393", 11, 7),
    ] {
      let modules = try Symbol(kind, text).modules
      let dark = (0..<modules.width).filter { x in
        (0..<modules.height).contains { modules[x, $0] }
      }
      #expect(dark.first == left && dark.last == modules.width - 1 - right, "\(kind)")
      guard kind == .qr else { continue }
      let rows = (0..<modules.height).filter { y in (0..<modules.width).contains { modules[$0, y] }
      }
      #expect(rows.first == 4 && rows.last == modules.height - 5)
    }
  }

  @Test func `what a refusal says is needed is enough, and nothing less is`() throws {
    var numbers = Draws(51)
    for round in 0..<60 {
      let kind = Symbol.Kind.allCases[round % 3]
      let digits = (0..<12).map { _ in Int.random(in: 0...9, using: &numbers) }
      let symbol = try Symbol(kind, digits.map(String.init).joined())
      let least = Int.random(in: 1...5, using: &numbers)
      let error = #expect(throws: SymbolError.self) {
        try symbol.drawn(width: 1, height: 1, leastModule: least)
      }
      guard case .noRoom(let width, let height)? = error else {
        Issue.record("\(String(describing: error))")
        continue
      }
      let dots = try symbol.drawn(width: width, height: height, leastModule: least)
      #expect(dots.width == width && dots.height == height)
      #expect(dots.width / symbol.modules.width == max(2, least))
      for (less, low) in [(width - 1, height), (width, height - 1)] {
        #expect(throws: SymbolError.noRoom(width: width, height: height)) {
          try symbol.drawn(width: less, height: low, leastModule: least)
        }
      }
    }
  }

  @Test func `a symbol is refused for what its kind cannot hold`() {
    for kind in Symbol.Kind.allCases {
      #expect(throws: SymbolError.empty) { try Symbol(kind, "") }
    }
    #expect(throws: SymbolError.digits(count: 3)) { try Symbol(.ean13, "123") }
    #expect(throws: SymbolError.sign("王", place: 0)) { try Symbol(.code128, "王") }
    #expect(throws: SymbolError.self) { try Symbol(.qr, String(repeating: "王", count: 1000)) }
  }

  @Test func `a stronger correction may be asked for`() throws {
    let text = "https://example.com/m/0017"
    let plain = try Symbol(.qr, text, correction: .low)
    let strong = try Symbol(.qr, text, correction: .high)
    #expect(plain.modules.width < strong.modules.width)
  }
}
