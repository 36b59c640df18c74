/// How a face shows the member's name. A card is lost more easily than a telephone, so the default
/// hides what a finder could use.
package enum NameStyle: String, CaseIterable, Sendable {
  /// As it is; only by the member's wish.
  case full
  /// 王○明, A*** W***.
  case masked
  /// Not at all.
  case none

  /// The name as the face shows it.
  package func text(_ name: String) -> String {
    switch self {
    case .full: name
    case .masked: maskedName(name)
    case .none: ""
    }
  }
}

/// A name with most of its letters hidden, so that its owner knows it and a finder does not.
///
/// * Han, kana and other letters that are no Latin ones: the first and the last stay, each between
///   them becomes ○ (歐陽小明 → 歐○○明, 谷辣斯‧尤達卡 → 谷○○‧○○卡). Of two the first stays
///   (王明 → 王○): the given name is what a finder lacks. A single one stays as it is.
/// * A word of Latin letters becomes its initial and three asterisks, whatever its length
///   (ALEXANDER WOLFESCHLEGEL → A*** W***); a word of one letter stays. The letters of a masked
///   Latin name are few on purpose: it is what fits a card.
/// * Points, hyphens and blanks between the parts stay where they are; outer blanks go.
///
/// Works on what a reader takes for one letter: a letter with its accents or its variation is kept
/// or hidden whole.
package func maskedName(_ name: String) -> String {
  let words = name.split(whereSeparator: \.isWhitespace)
  let others = words.joined().filter { !isLatin($0) && !isSeparator($0) }.count
  var seen = 0
  let masked = words.map { word -> String in
    var text = ""
    var latin: Substring = ""
    for character in word {
      if isLatin(character) || (!latin.isEmpty && character.isNumber) {
        latin.append(character)
        continue
      }
      text += initial(latin)
      latin = ""
      if isSeparator(character) {
        text.append(character)
      } else {
        seen += 1
        let stays = seen == 1 || (seen == others && others > 2)
        text.append(stays ? character : "○")
      }
    }
    return text + initial(latin)
  }
  return masked.joined(separator: " ")
}

private func initial(_ word: Substring) -> String {
  word.count > 1 ? "\(word.prefix(1))***" : String(word)
}

/// A letter of the Latin scripts, with or without accents.
private func isLatin(_ character: Character) -> Bool {
  guard let first = character.unicodeScalars.first, first.properties.isAlphabetic else {
    return false
  }
  return first.value < 0x250 || (0x1e00..<0x1f00).contains(first.value)
    || (0xff21...0xff3a).contains(first.value) || (0xff41...0xff5a).contains(first.value)
}

/// What stands between the parts of a name.
private func isSeparator(_ character: Character) -> Bool {
  "‧·・･•.-‐’'，、,．=＝".contains(character)
}
