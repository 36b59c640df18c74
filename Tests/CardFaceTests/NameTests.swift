import CardFace
import Testing

struct NameTests {
  @Test(arguments: [
    ("", ""), ("王", "王"), ("王明", "王○"), ("王小明", "王○明"), ("歐陽小明", "歐○○明"),
    ("  黃彥筠 ", "黃○筠"), ("堃喆", "堃○"), ("谷辣斯‧尤達卡", "谷○○‧○○卡"),
    ("さくら", "さ○ら"), ("山田 花子", "山○ ○子"), ("ヴィクトリア", "ヴ○○○○ア"),
    ("ﾔﾏﾀﾞ ﾊﾅｺ", "ﾔ○○ ○○ｺ"), ("𠮷田", "𠮷○"), ("か\u{3099}き子", "が○子"),
    ("ALEXANDER WOLFESCHLEGEL", "A*** W***"), ("Zoë O’Brien", "Z*** O’B***"), ("J Li", "J L***"),
    ("E\u{301}milie Du", "É*** D***"), ("MONTGOMERY-PE", "M***-P***"), ("王小明 David", "王○明 D***"),
    ("Ken王小明", "K***王○明"), ("김민준", "김○준"),
  ])
  func `a masked name keeps what its owner needs`(_ name: String, _ masked: String) {
    #expect(maskedName(name) == masked)
  }

  @Test func `a letter with its variation is hidden or kept whole`() {
    let variant = "葛\u{e0100}"
    #expect(
      maskedName(variant + "城恵").unicodeScalars.elementsEqual((variant + "○恵").unicodeScalars))
    #expect(maskedName("城" + variant + "恵") == "城○恵")
  }

  @Test func `the style decides`() {
    #expect(NameStyle.full.text("王小明") == "王小明")
    #expect(NameStyle.masked.text("王小明") == "王○明")
    #expect(NameStyle.none.text("王小明") == "")
  }

  @Test(arguments: [
    (Int64(0), 0, false, "0"), (7, 0, true, "+7"), (999, 0, false, "999"),
    (1_000, 0, false, "1,000"), (12_345, 0, false, "12,345"), (-50, 0, true, "-50"),
    (-9_999_999, 0, false, "-9,999,999"), (5, 2, false, "0.05"), (-123_456, 2, false, "-1,234.56"),
    (105, 1, true, "+10.5"), (0, 0, true, "0"), (.min, 0, false, "-9,223,372,036,854,775,808"),
  ])
  func `numbers have commas`(_ value: Int64, _ decimals: Int, _ sign: Bool, _ text: String) {
    #expect(FaceNumber.text(value, decimals: decimals, sign: sign) == text)
  }

  @Test func `days have four digits of a year`() {
    #expect("\(FaceDay(year: 2027, month: 1, day: 9))" == "2027/01/09")
  }
}
