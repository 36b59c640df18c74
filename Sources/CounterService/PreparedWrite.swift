import CardStation
import CardTracks
import Ledger
import LoyaltyRules
import Registers

/// What of a card a station writes.
struct WriteScope: Sendable, Equatable {
  var face: Bool
  var stripe: Bool
  /// Whether the stripe, once written, proves the face.
  var provesFace: Bool

  var isEmpty: Bool { !face && !stripe }
}

extension StationServer {
  nonisolated var abilities: StationAbilities { station.abilities }

  /// What is written of a card that is issued, repaired or wiped: all that can be.
  nonisolated var wholeScope: WriteScope {
    WriteScope(
      face: abilities.prints, stripe: abilities.encodes, provesFace: abilities.provesFace)
  }

  /// What is written after a ticket: no stripe for which the customer would have to swipe twice
  /// more, unless the shop wants that.
  nonisolated var ticketScope: WriteScope {
    var scope = wholeScope
    scope.stripe =
      scope.stripe && (!abilities.writesByHand || configuration.rewritesOnSwipe)
    return scope
  }
}

/// A write that the ledger holds, or will hold when it is done, and that a device may now do.
struct PreparedWrite: Sendable {
  /// The stripe's, with its face; nil: the stripe stays as it is.
  var write: StripeWrite?
  /// The face's, where no stripe is written with it.
  var face: FaceWrite?
  var print: CardPrint
  var scope: WriteScope
  var card: String
  var issue: Int64
}

extension Counter {
  /// Records a swipe and prepares the next write of the card, inside a running command.
  ///
  /// - Returns: nil when nothing of it is written here.
  func beginWrite(
    _ card: String, issue: Int64, swiped: SwipedCard?, scope: WriteScope, station: String,
    actor: String, writer: LedgerWriter
  ) throws -> PreparedWrite? {
    if let swiped { try observe(swiped, station: station, actor: actor, writer: writer) }
    guard !scope.isEmpty else { return nil }
    let now = try writer.now()
    let print = try faces.print(
      card: card, issue: issue, at: now, view: writer.view, isPartial: swiped?.isLimited ?? false)
    var prepared = PreparedWrite(print: print, scope: scope, card: card, issue: issue)
    guard scope.stripe else {
      prepared.face = try writer.beginFace(card, issue: issue)
      return prepared
    }
    prepared.write = try writer.beginWrite(
      card, issue: issue, read: swiped?.reading, lacks: swiped?.verdict == .ahead,
      provesFace: scope.provesFace, actor: actor
    ) { ctc in
      guard ctc <= StripeRecordA.lastCounter else { throw Refusal(.cardFull) }
      return try faces.record(print, ctc: ctc, programme: programme)
    }
    return prepared
  }

  /// Records that a card of ours was before a device; a number that was keyed leaves nothing.
  func observe(
    _ swiped: SwipedCard, station: String, actor: String, writer: LedgerWriter
  ) throws {
    if let reading = swiped.reading {
      try writer.observe(
        swiped.card, issue: swiped.issue, reading: reading, provesFace: true,
        station: station, actor: actor)
    } else if let identifier = swiped.identifier {
      try writer.observe(
        swiped.card, issue: swiped.issue, by: identifier.kind.rawValue,
        verdict: swiped.verdict, station: station, actor: actor)
    }
  }

  /// Records that what was prepared is on the card and right.
  func confirm(_ prepared: PreparedWrite, actor: String, writer: LedgerWriter) throws {
    if let write = prepared.write {
      try writer.facePrinted(write.encode, hasFace: prepared.scope.face, actor: actor)
    } else if let face = prepared.face {
      try writer.facePrinted(face, actor: actor)
    }
    if let issue = try writer.view.issue(of: prepared.card, prepared.issue),
      issue.state == .issued, !issue.activatesAtUse
    {
      try writer.activate(prepared.card, issue: prepared.issue, actor: actor)
    }
  }

  /// Records that what was prepared did not come to its good end.
  func fail(
    _ prepared: PreparedWrite, reason: String, heated: Bool, actor: String, writer: LedgerWriter
  ) throws {
    if let write = prepared.write {
      try writer.faceFailed(write.encode, reason: reason, heated: heated, actor: actor)
    } else if let face = prepared.face {
      try writer.faceFailed(face, reason: reason, heated: heated, actor: actor)
    }
  }
}
