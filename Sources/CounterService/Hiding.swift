import Configuration
import CounterAPI
import Ledger
import Platform
import Registers

/// What somebody keyed to name a member enters a command's hash only under a salt of that command,
/// which goes when the member is erased: a journal is never erased, and a telephone number is
/// guessed from a hash with a key that stays.
extension CounterRoutes {
  /// Does a command once for its key.
  ///
  /// - Parameters:
  ///   - command: its canonical form without `subject`.
  ///   - subject: who was named.
  ///   - part: of several commands in one call, what sets this one's key apart.
  func once(
    _ call: Call, _ command: [(String, JSON)], about subject: Subject?, _ writer: LedgerWriter,
    part: String = "", _ body: () throws -> JSON
  ) throws -> CommandAnswer {
    let key = call.key + part
    var named: JSON = .null
    if let subject {
      if subject.isKeyed {
        if let erased = try writer.view.erasedAnswer(key) { return erased }
        let salt = try salt(key, of: owner(of: subject, writer.view), writer)
        named = subject.canonical { Registers.hidden($0, salt: salt) }
      } else {
        named = subject.canonical { _ in preconditionFailure("nothing was keyed") }
      }
    }
    return try writer.once(
      key: key, command: .object(command + [("subject", named)]), body)
  }

  /// The salt of a command's keyed fields, bound to the member whose they are; nobody's: it stays.
  func salt(
    _ key: String, of member: String?, _ writer: LedgerWriter
  ) throws -> [UInt8] {
    try Registers(writer.store).salt(key: key, fresh: counter.random(16), of: member)
  }

  /// The member whose number somebody keyed; nil: nobody's, or it is not known.
  private func owner(of subject: Subject, _ view: LedgerView) throws -> String? {
    let registers = Registers(view.store)
    switch subject {
    case .phone(let text): return try registers.find(text, limit: 1).first?.id
    case .card(let number):
      guard let card = try registers.card(number: number.filter { !" -".contains($0) }) else {
        return nil
      }
      if let holder = try view.holder(of: card) { return holder }
      return try view.account(ofCard: card).flatMap { try registers.members(of: $0).first?.id }
    case .station, .member, .account: return nil
    }
  }
}

extension Subject {
  /// Whether it is a number that somebody keyed, not a random id.
  var isKeyed: Bool {
    switch self {
    case .card, .phone: true
    case .station, .member, .account: false
    }
  }
}
