import Configuration

/// A person, as the register keeps them. All of it is personal data.
package struct Member: Sendable, Equatable {
  /// A random id; journals name it.
  package var id: String
  /// The account the member belongs to.
  package var account: String
  /// As it is printed when unmasked: family name first in Chinese and Japanese.
  package var name: String
  /// Digits only, as `0912345678`; nil when none was given.
  package var phone: String?

  package init(id: String, account: String, name: String, phone: String?) {
    self.id = id
    self.account = account
    self.name = name
    self.phone = phone
  }

  var content: JSON {
    [
      "account": .string(account), "name": .string(name),
      "phone": phone.map { .string($0) } ?? .null,
    ]
  }
}

/// Phone numbers as people type them.
package enum PhoneNumber {
  /// The digits of a number: full-width digits, blanks, dashes and +886 are normalised, so that
  /// `+886 912-345-678` and `０９１２３４５６７８` are `0912345678`. Nil when what is left is no
  /// number of 8 to 15 digits.
  package static func normalised(_ text: String) -> String? {
    var digits = ""
    for character in text {
      if let value = character.wholeNumberValue, (0...9).contains(value), character.isNumber {
        digits += String(value)
      } else if character == "+" || character == "＋" {
        guard digits.isEmpty else { return nil }
        digits = "+"
      } else if !" -()\u{3000}－（）".contains(character) {
        return nil
      }
    }
    if digits.hasPrefix("+886") {
      digits = "0" + digits.dropFirst(4)
    } else if digits.hasPrefix("+") {
      digits = String(digits.dropFirst())
    }
    return (8...15).contains(digits.count) ? digits : nil
  }

  /// For screens before a member has proven who they are: `0912-***-678`.
  package static func masked(_ phone: String) -> String {
    guard phone.count >= 8 else { return "***" }
    return "\(phone.prefix(4))-***-\(phone.suffix(3))"
  }
}
