/// Where a text may go on in the next line: the rules that JIS X 4051 and CLREQ have in common,
/// and of both those that the other does not forbid.
enum LineBreaking {
  /// What may not begin a line: closing brackets, stops, commas, dots in the middle, marks of
  /// question and repetition, small kana, and units that belong to the number before.
  private static let notFirst: Set<Character> = Set(
    "」』）】〕》〉］｝｠〗〙〟’”»›)]}"
      + "，、；：。．？！‼⁇⁈⁉,.;:?!｡､"
      + "・·‧･／/‐゠–〜～…‥—ヽヾゝゞ々〻ーｰ"
      + "ぁぃぅぇぉっゃゅょゎゕゖァィゥェォッャュョヮヵヶㇰㇱㇲㇳㇴㇵㇶㇷㇸㇹㇺㇻㇼㇽㇾㇿ"
      + "ｧｨｩｪｫｯｬｭｮﾞﾟ゛゜％‰%℃°′″點点元円圓")
  /// Of these only what follows a figure: 12 點 stays together, while 點 begins a word elsewhere.
  private static let units: Set<Character> = Set("點点元円圓")
  /// What may not end a line: opening brackets, and signs that belong to the number behind.
  private static let notLast: Set<Character> = Set("「『（【〔《〈［｛｟〖〘〝‘“«‹([{＄$￥¥£€＃#№＋+－−")
  /// Of these, neighbours of one kind stay together.
  private static let pairs: Set<Character> = Set("—…‥")

  /// The text in lines at most `room` wide and at most `most` of them; nil when it does not fit.
  /// Blanks at a break are left out, other characters never are.
  ///
  /// - Parameter width: the width of a character.
  static func lines(
    _ text: [Character], room: Int, most: Int, width: (Character) -> Int
  ) -> [[Character]]? {
    var lines: [[Character]] = []
    var start = 0
    while start < text.count {
      guard lines.count < most else { return nil }
      var end = start
      var used = 0
      var lastBreak: Int?
      while end < text.count {
        let more = width(text[end])
        guard used + more <= room else { break }
        used += more
        end += 1
        if end < text.count, mayBreak(text, before: end) { lastBreak = end }
      }
      if end < text.count {
        if text[end] == " " { lastBreak = end }
        guard let lastBreak, lines.count + 1 < most else { return nil }
        end = lastBreak
      }
      var line = text[start..<end]
      while end < text.count, line.last == " " { line.removeLast() }
      lines.append(Array(line))
      start = end
      while start < text.count, text[start] == " " { start += 1 }
    }
    return lines
  }

  /// Whether a line may end before `text[index]`.
  static func mayBreak(_ text: [Character], before index: Int) -> Bool {
    let (left, right) = (text[index - 1], text[index])
    if left == " " { return !isBound(text, before: index) }
    guard right != " ", !isBound(text, before: index) else { return false }
    return isWide(left) || isWide(right)
  }

  /// Whether the sign before and that behind belong together, whatever blanks are between.
  private static func isBound(_ text: [Character], before index: Int) -> Bool {
    var before = index - 1
    while before >= 0, text[before] == " " { before -= 1 }
    guard before >= 0 else { return false }
    let (left, right) = (text[before], text[index])
    if pairs.contains(left), left == right { return true }
    if isFullFigure(left), isFullFigure(right), before == index - 1 { return true }
    if units.contains(right) { return left.isNumber && left.isASCII }
    // behind a blank a Latin stop or dash is a word of its own
    if notFirst.contains(right) { return before == index - 1 || isWide(right) }
    return notLast.contains(left) && before == index - 1
  }

  private static func isFullFigure(_ character: Character) -> Bool {
    ("０"..."９").contains(character)
  }

  /// Whether lines may end beside it without a blank: Han, kana, hangul and what is set with them.
  static func isWide(_ character: Character) -> Bool {
    guard let value = character.unicodeScalars.first?.value else { return false }
    return (0x2e80...0xa4cf).contains(value) || (0xac00...0xd7ff).contains(value)
      || (0xf900...0xfaff).contains(value) || (0xfe30...0xfe4f).contains(value)
      || (0xff01...0xff9f).contains(value) || (0xffe0...0xffe6).contains(value)
      || (0x20000...0x3ffff).contains(value) || (0x2500...0x26ff).contains(value)
      || "…‥—‧".contains(character)
  }
}
