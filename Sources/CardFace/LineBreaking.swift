/// Where a text may go on in the next line.
enum LineBreaking {
  /// What may not begin a line.
  private static let notFirst: Set<Character> = Set(
    "，。、；：？！」』）】〕》〉…‧·,.;:?!)]}％%゛゜ーァィゥェォッャュョぁぃぅぇぉっゃゅょ")
  /// What may not end one.
  private static let notLast: Set<Character> = Set("「『（【〔《〈([{＄$")

  /// The text in lines at most `room` wide and at most `most` of them; nil when it does not fit.
  /// Blanks at a break are left out, other characters never are.
  ///
  /// - Parameter width: the width of a character; 24 and more is a full-width one, beside which a
  ///   line may end.
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
      while end < text.count, used + width(text[end]) <= room {
        used += width(text[end])
        end += 1
        if end < text.count, mayBreak(text, before: end, width) { lastBreak = end }
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

  private static func mayBreak(
    _ text: [Character], before index: Int, _ width: (Character) -> Int
  ) -> Bool {
    let (left, right) = (text[index - 1], text[index])
    guard !notFirst.contains(right), !notLast.contains(left), right != " " else { return false }
    return left == " " || width(left) >= 24 || width(right) >= 24
  }
}
