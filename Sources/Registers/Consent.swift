import Configuration
import SQLiteStore

/// What a member may be contacted for beyond service notices, which need no consent.
package enum ConsentPurpose: String, CaseIterable, Sendable {
  case marketing, profiling, thirdParty
}

package enum ContactChannel: String, CaseIterable, Sendable {
  case sms, email, line, phone, post
}

/// One statement of a member about one purpose and channel. Without any, the answer is no.
package struct Consent: Sendable, Equatable {
  package var member: String
  package var purpose: ConsentPurpose
  package var channel: ContactChannel
  /// Whether it was given; else it was withdrawn.
  package var isGiven: Bool
  /// The form's number or another code of what proves it.
  package var proof: String
  /// The notice that the member was shown.
  package var notice: String?
  package var place: String?
  /// The operator who recorded it.
  package var actor: String
  /// Milliseconds since 1970.
  package var at: Int64

  package init(
    member: String, purpose: ConsentPurpose, channel: ContactChannel, isGiven: Bool, proof: String,
    notice: String?, place: String?, actor: String, at: Int64
  ) {
    self.member = member
    self.purpose = purpose
    self.channel = channel
    self.isGiven = isGiven
    self.proof = proof
    self.notice = notice
    self.place = place
    self.actor = actor
    self.at = at
  }

  var id: String { "\(member)/\(purpose.rawValue)/\(channel.rawValue)" }

  /// - Parameter over: the version of the last withdrawal that whoever gave it knew; a withdrawal
  ///   that was made elsewhere meanwhile wins.
  func content(over: Int64) -> JSON {
    [
      "given": .bool(isGiven), "proof": .string(proof), "notice": .optional(notice),
      "place": .optional(place), "actor": .string(actor), "over": .integer(over),
    ]
  }
}

/// A consent as it stands.
package struct ConsentState: Sendable, Equatable {
  package var purpose: ConsentPurpose
  package var channel: ContactChannel
  package var isAlive: Bool
  /// The latest statement.
  package var last: Consent
}

extension Registers {
  /// Records a statement.
  package func put(_ consent: Consent, node: String) throws(StoreError) {
    let known = try versions(.consent, consent.id)
    try write(
      .consent, consent.id, consent.content(over: try Registers.lastWithdrawal(known)), node: node,
      at: consent.at)
  }

  /// What a member has said about every purpose and channel.
  package func consents(of member: String) throws(StoreError) -> [ConsentState] {
    var states: [ConsentState] = []
    for purpose in ConsentPurpose.allCases {
      for channel in ContactChannel.allCases {
        if let state = try consent(of: member, purpose, channel) { states.append(state) }
      }
    }
    return states
  }

  /// What a member has said about one; nil: nothing.
  package func consent(
    of member: String, _ purpose: ConsentPurpose, _ channel: ContactChannel
  ) throws(StoreError) -> ConsentState? {
    let id = "\(member)/\(purpose.rawValue)/\(channel.rawValue)"
    let rows = try versions(.consent, id).filter { $0.content != nil }
    let withdrawn = try Registers.lastWithdrawal(rows)
    var isAlive = false
    var last: Consent?
    for row in rows {
      let (consent, over) = try Registers.consent(row, member, purpose, channel)
      if consent.isGiven, over >= withdrawn { isAlive = true }
      last = consent
    }
    return last.map {
      ConsentState(purpose: purpose, channel: channel, isAlive: isAlive, last: $0)
    }
  }

  /// The highest version at which it was withdrawn; 0: never.
  private static func lastWithdrawal(_ rows: [RegisterRow]) throws(StoreError) -> Int64 {
    var last: Int64 = 0
    for row in rows where row.content != nil {
      let isGiven = try consent(row, "", .marketing, .sms).0.isGiven
      if !isGiven { last = max(last, row.version) }
    }
    return last
  }

  private static func consent(
    _ row: RegisterRow, _ member: String, _ purpose: ConsentPurpose, _ channel: ContactChannel
  ) throws(StoreError) -> (Consent, over: Int64) {
    let tree = try row.tree()
    do throws(ConfigurationError) {
      var object = try tree.object()
      let consent = Consent(
        member: member, purpose: purpose, channel: channel,
        isGiven: try object.required("given").flag(), proof: try object.required("proof").text(),
        notice: try object.optional("notice")?.text(), place: try object.optional("place")?.text(),
        actor: try object.required("actor").text(), at: row.changedAt)
      return (consent, try object.required("over").integer())
    } catch {
      throw row.unreadable
    }
  }

  /// Whether a member may be contacted for a purpose on a channel (I21), asked when it is sent.
  ///
  /// - Parameter adultsBornBy: the last birthday, as `2008-11-22`, of those who are of age; the
  ///   younger get no marketing.
  package func mayContact(
    _ member: String, for purpose: ConsentPurpose, on channel: ContactChannel, adultsBornBy: String
  ) throws(StoreError) -> Bool {
    guard let person = try self.member(member), person.deceasedAt == nil else { return false }
    if purpose == .marketing, let birthday = person.birthday, birthday > adultsBornBy {
      return false
    }
    return try consent(of: member, purpose, channel)?.isAlive ?? false
  }
}
