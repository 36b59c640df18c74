import Configuration
import CounterAPI
import LoyaltyRules
import Registers

/// What a form says about a member; a field that is not given is nil, one given as "" is emptied.
struct MemberFields: Sendable {
  var name: String?
  var phone: String?
  var email: String?
  var birthday: String?
  var guardian: String?

  /// - Parameter today: no birthday lies behind it.
  init(_ object: inout ObjectReader, today: Day) throws(ConfigurationError) {
    if let node = object.optional("name") {
      let text = try node.text().split(separator: " ").joined(separator: " ")
      guard (1...40).contains(text.count), text.utf8.count <= 200 else {
        throw node.error("has \(text.count) characters", remedy: "1 to 40 are allowed")
      }
      name = text
    }
    if let node = object.optional("phone") {
      guard let number = PhoneNumber.normalised(try node.text()) else {
        throw node.error("is no telephone number", remedy: "8 to 15 digits, area code included")
      }
      phone = number
    }
    if let node = object.optional("email") {
      let text = try node.text()
      let parts = text.split(separator: "@", omittingEmptySubsequences: false)
      guard text.isEmpty || parts.count == 2 && parts.allSatisfy({ !$0.isEmpty }),
        text.utf8.count <= 120, text.utf8.allSatisfy({ (0x21...0x7e).contains($0) })
      else { throw node.error("is no address", remedy: "write it as name@example.org") }
      email = text
    }
    if let node = object.optional("birthday") {
      let text = try node.text()
      if !text.isEmpty {
        guard let day = Day(text), day.year >= 1900, day <= today else {
          throw node.error("is no birthday", remedy: "write it as 1990-02-28")
        }
      }
      birthday = text
    }
    if let node = object.optional("guardian") {
      let text = try node.text()
      guard text.count <= 40 else {
        throw node.error("has \(text.count) characters", remedy: "up to 40 are allowed")
      }
      guardian = text
    }
  }

  /// Puts what was given into a member.
  func apply(to member: inout Member) {
    if let name { member.name = name }
    if let phone { member.phone = phone }
    if let email { member.email = email.isEmpty ? nil : email }
    if let birthday { member.birthday = birthday.isEmpty ? nil : birthday }
    if let guardian { member.guardian = guardian.isEmpty ? nil : guardian }
  }

  /// Every field that was given, hidden for a command that is hashed.
  func canonical(salt: [UInt8]) -> [(String, JSON)] {
    [
      ("name", name), ("phone", phone), ("email", email), ("birthday", birthday),
      ("guardian", guardian),
    ].map { key, text in
      (key, text.map { .string(Registers.hidden($0, salt: salt)) } ?? .null)
    }
  }
}

extension CounterRoutes {
  var today: Day { counter.calendar.day(of: counter.now) }

  /// The last birthday of those who are of age today.
  var adultsBornBy: String {
    counter.calendar.day(
      today, addingMonths: -12 * Int(counter.configuration.limits.adultAge)
    ).description
  }

  func isMinor(_ member: Member) -> Bool {
    member.birthday.map { $0 > adultsBornBy } ?? false
  }

  /// A minor has somebody who answers for them.
  func checkGuardian(_ member: Member) throws(APIError) {
    guard !isMinor(member) || member.guardian != nil else {
      throw APIError(status: 422, code: "member.guardian")
    }
  }

  /// What to do with a telephone number that somebody else has.
  enum SharedPhone: Sendable {
    case refuse
    /// The other member no longer has it: the number was given to somebody new.
    case takeOver
    /// Two members use one telephone.
    case share

    init(_ object: inout ObjectReader) throws(ConfigurationError) {
      let takes = try object.optional("takeOver")?.flag() ?? false
      let shares = try object.optional("samePhone")?.flag() ?? false
      guard !(takes && shares) else {
        throw object.node.error("both takes the number over and shares it", remedy: "choose one")
      }
      self = takes ? .takeOver : shares ? .share : .refuse
    }
  }

  /// Sees to a number that others have, inside a command.
  ///
  /// - Throws: `member.duplicate` with those who have it.
  func settle(
    _ phone: String, for member: String?, _ wish: SharedPhone, _ registers: Registers,
    node: String, at milliseconds: Int64
  ) throws {
    let others = try registers.find(phone, limit: 10).filter { $0.id != member }
    guard !others.isEmpty else { return }
    switch wish {
    case .share: return
    case .refuse:
      throw APIError(
        status: 409, code: "member.duplicate",
        facts: [
          ("name", .string(NameStyleShown.masked(others[0].name))),
          ("members", .array(others.map { .string($0.id) })),
        ])
    case .takeOver:
      for var other in others {
        other.phone = nil
        try registers.put(other, node: node, at: milliseconds)
      }
    }
  }

  /// Reads what a joining member was shown; with a notice in force, one must be named.
  func joining(
    _ object: inout ObjectReader
  ) throws -> @Sendable (Registers, Int64) throws -> Joining {
    let noticeNode = object.optional("notice")
    let notice = try noticeNode?.text()
    let place = try object.optional("place").map { (node) throws(ConfigurationError) in
      try Call.word(node)
    }
    let form = try object.optional("form").map { (node) throws(ConfigurationError) in
      try CounterRoutes.formCode(node)
    }
    let store = counter.configuration.store
    return { registers, now in
      let known = try registers.notices().map(\.id)
      if let notice {
        guard known.contains(notice) else {
          throw APIError(
            status: 404, code: "notice.notFound", facts: [("notice", .string(notice))])
        }
      } else if !known.isEmpty {
        throw APIError(
          status: 422, code: "notice.needed", facts: [("notices", .array(known.map(JSON.string)))])
      }
      return Joining(notice: notice, at: now, place: place ?? store, form: form)
    }
  }
}
