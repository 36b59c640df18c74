import Configuration
import SQLiteStore

/// A person, as the register keeps them. All of it is personal data; there is no field for a
/// national identity number.
package struct Member: Sendable, Equatable {
  /// A random id; journals name it.
  package var id: String
  /// The account the member belongs to.
  package var account: String
  /// As it is printed when unmasked: family name first in Chinese and Japanese.
  package var name: String
  /// Digits only, as `0912345678`; nil when none was given.
  package var phone: String?
  package var email: String?
  /// As `1990-02-28`.
  package var birthday: String?
  /// Who answers for a minor.
  package var guardian: String?
  /// What the member was told on joining; nil: joined before there was a notice.
  package var joining: Joining?
  /// When it was recorded that the member has died, milliseconds since 1970.
  package var deceasedAt: Int64?
  package var redeemLock = RedeemLock.open

  package init(id: String, account: String, name: String, phone: String?) {
    self.id = id
    self.account = account
    self.name = name
    self.phone = phone
  }

  var content: JSON {
    var pairs: [(String, JSON)] = [
      ("account", .string(account)), ("name", .string(name)), ("phone", .optional(phone)),
    ]
    func add(_ key: String, _ text: String?) {
      if let text { pairs.append((key, .string(text))) }
    }
    add("email", email)
    add("birthday", birthday)
    add("guardian", guardian)
    add("redeemLock", redeemLock.text)
    if let deceasedAt { pairs.append(("deceasedAt", .integer(deceasedAt))) }
    if let joining {
      pairs.append(
        (
          "joining",
          [
            "notice": .optional(joining.notice), "at": .integer(joining.at),
            "place": .optional(joining.place), "form": .optional(joining.form),
          ]
        ))
    }
    return .object(pairs)
  }

  init(_ row: RegisterRow) throws(StoreError) {
    let tree = try row.tree()
    do throws(ConfigurationError) {
      var object = try tree.object()
      self.init(
        id: row.id, account: try object.required("account").text(),
        name: try object.required("name").text(), phone: try object.optional("phone")?.text())
      email = try object.optional("email")?.text()
      birthday = try object.optional("birthday")?.text()
      guardian = try object.optional("guardian")?.text()
      redeemLock = RedeemLock(try object.optional("redeemLock")?.text())
      deceasedAt = try object.optional("deceasedAt")?.integer()
      if var given = try object.optional("joining")?.object() {
        joining = Joining(
          notice: try given.optional("notice")?.text(), at: try given.required("at").integer(),
          place: try given.optional("place")?.text(), form: try given.optional("form")?.text())
      }
    } catch {
      throw row.unreadable
    }
  }
}

/// How a member joined: proof that they were told what is done with their data.
package struct Joining: Sendable, Equatable {
  /// The notice's id, as `privacy-zh-Hant.2`; nil: none was in force.
  package var notice: String?
  /// Milliseconds since 1970.
  package var at: Int64
  package var place: String?
  /// The number of the paper form.
  package var form: String?

  package init(notice: String?, at: Int64, place: String?, form: String?) {
    self.notice = notice
    self.at = at
    self.place = place
    self.form = form
  }
}

/// What a member set against strangers who hold the card.
package enum RedeemLock: Sendable, Equatable {
  case open
  /// Nothing is redeemed until the member opens it.
  case closed
  /// Redeeming wants the member's PIN, kept as crypt(3) keeps it.
  case pin(String)

  init(_ text: String?) {
    self =
      switch text {
      case nil: .open
      case "closed": .closed
      case .some(let hash): .pin(hash)
      }
  }

  var text: String? {
    switch self {
    case .open: nil
    case .closed: "closed"
    case .pin(let hash): hash
    }
  }

  /// For people: `open`, `closed` or `pin`.
  package var name: String {
    switch self {
    case .open: "open"
    case .closed: "closed"
    case .pin: "pin"
    }
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

extension Registers {
  /// Every birthday that was ever written down for a member.
  package func birthdays(of id: String) throws(StoreError) -> Set<String> {
    var found: Set<String> = []
    for row in try versions(.member, id) where row.content != nil {
      if let birthday = try Member(row).birthday { found.insert(birthday) }
    }
    return found
  }
}
