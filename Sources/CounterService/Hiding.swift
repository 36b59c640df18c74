import Configuration
import CounterAPI
import Ledger
import Platform
import Registers

/// What somebody keyed to name a member enters a command's hash only under a salt that goes when
/// the member is erased: a journal is never erased, and a telephone number is guessed from a hash
/// with a key that stays.
extension CounterRoutes {
  /// Does a command once for its key.
  ///
  /// - Parameters:
  ///   - command: its canonical form without `subject`.
  ///   - subject: who was named.
  ///   - card: what `keyed` found for it, where the caller has asked already.
  ///   - part: of several commands in one call, what sets this one's key apart.
  func once(
    _ call: Call, _ command: [(String, JSON)], about subject: Subject?, card: KeyedCard? = nil,
    _ writer: LedgerWriter, part: String = "", _ body: () throws -> JSON
  ) throws -> CommandAnswer {
    let key = call.key + part
    let kept = try writer.view.keptAnswer(key)
    var named: JSON = .null
    if let subject {
      if subject.isKeyed {
        if let erased = kept?.erased { return erased }
        let whose = try owner(of: subject, card, writer.view)
        // nobody is known by it: what is refused needs no hash that lasts
        let salt =
          try whose.map { try Registers(writer.store).salt(of: $0) { counter.random(16) } }
          ?? counter.random(16)
        named = subject.canonical { Registers.hidden("\(key) \($0)", salt: salt) }
      } else {
        named = subject.canonical { _ in preconditionFailure("nothing was keyed") }
      }
    }
    return try writer.once(
      key: key, kept: kept, command: .object(command + [("subject", named)]), body)
  }

  /// The salt of a command that makes what it names, bound to the member; nobody's: it stays.
  func salt(
    _ key: String, of member: String?, _ writer: LedgerWriter
  ) throws -> [UInt8] {
    try Registers(writer.store).salt(key: key, fresh: counter.random(16), of: member)
  }

  /// The member whose number somebody keyed, or the account of a card that is nobody's; nil: it is
  /// not known.
  private func owner(
    of subject: Subject, _ known: KeyedCard?, _ view: LedgerView
  ) throws -> String? {
    let registers = Registers(view.store)
    switch subject {
    case .phone(let text): return try registers.find(text, limit: 1).first?.id
    case .card(let number):
      guard let card = try known ?? keyed(number, view) else { return nil }
      if let holder = card.holder { return holder }
      return try registers.members(of: card.account).first?.id ?? card.account
    case .station, .member, .account: return nil
    }
  }

  /// The card of a number that somebody keyed; nil when there is none.
  func keyed(_ number: String, _ view: LedgerView) throws -> KeyedCard? {
    try Registers(view.store).card(typed: number).flatMap { try view.keyedCard($0) }
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
