import CounterAPI

/// A text of the command line in both languages.
struct Words: Sendable, Equatable {
  var english: String
  var chinese: String

  init(_ english: String, _ chinese: String) {
    self.english = english
    self.chinese = chinese
  }

  /// The text in a language.
  func callAsFunction(_ language: Language) -> String {
    language == .english ? english : chinese
  }
}

extension Language {
  /// The language of a locale's name, as `zh_TW.UTF-8`: Chinese for zh, English for all others.
  init(locale: String?) {
    self = (locale ?? "").lowercased().hasPrefix("zh") ? .traditionalChinese : .english
  }
}
