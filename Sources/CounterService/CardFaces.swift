import CardFace
import CardTracks
import Ledger
import LoyaltyRules
import Raster
import Registers

/// Everything that a card shows and carries, at one state of the ledger.
package struct CardPrint: Sendable {
  package var content: FaceContent
  /// The template of the tier's faces.
  package var templates: FaceTemplates
  package var number: String
  package var issue: Int64
  package var balance: Int64
  package var tierCode: String
  package var day: Day
}

/// How cards of this counter look, and what stands on their stripes.
package struct CardFaces: Sendable {
  package let shop: String
  package let library: FaceLibrary
  package let fonts: FaceFonts
  /// What each model of the catalogue offers, by its id.
  package let surfaces: [String: FaceSurface]
  package let keys: CardKeys
  package let node: String
  /// The programme's days and months.
  package let calendar: BusinessCalendar

  package init(
    shop: String, library: FaceLibrary, fonts: FaceFonts,
    surfaces: [String: FaceSurface], keys: CardKeys, node: String, calendar: BusinessCalendar
  ) {
    self.shop = shop
    self.library = library
    self.fonts = fonts
    self.surfaces = surfaces
    self.keys = keys
    self.node = node
    self.calendar = calendar
  }

  /// What a card should show and carry at `instant`.
  ///
  /// - Parameter isPartial: whether a swipe has shown that entries are missing here: then the face
  ///   says up to which day it tells what this store knows.
  /// - Throws: `card.notFound`.
  package func print(
    card: String, issue: Int64, at instant: Instant, view: LedgerView, isPartial: Bool = false
  ) throws -> CardPrint {
    let registers = Registers(view.store)
    guard let number = try registers.number(ofCard: card),
      let account = try view.account(ofCard: card),
      let summary = try view.account(account, at: instant)
    else { throw Refusal(.cardNotFound) }
    let rules = try view.rules()
    let programme = rules.version(at: instant).programme
    let holder = try view.holder(of: card).flatMap { try registers.member($0) }
    let today = rules.businessDay(of: instant)
    let locale = FaceLocale(programme.face.locale)
    // a name that no strike can draw is left out; the card number stands for it
    let name = holder.map { NameStyle(programme.face.name).text($0.name) } ?? ""
    var content = FaceContent(
      shop: shop, name: fonts.unprintableCharacters(in: name).isEmpty ? name : "", number: number,
      tier: summary.tier.name, tierCode: summary.tier.code, balance: summary.balance,
      decimals: programme.points.decimals, unit: programme.points.name,
      campaign: programme.face.campaign,
      day: CardFaces.day(today))
    // points that end far ahead are no news yet
    let far = rules.calendar.day(today, adding: programme.face.expiringWithinDays)
    if let next = summary.expiring, next.lastUsableDay <= far {
      content.expiring = FaceContent.Expiring(
        points: next.points, lastDay: CardFaces.day(next.lastUsableDay),
        daysLeft: max(0, next.lastUsableDay.days(since: today)))
    }
    if let last = try view.lastSale(account) {
      content.last = FaceContent.Transaction(
        day: CardFaces.day(rules.calendar.day(of: last.at)), text: locale.saleWord,
        points: last.earned - last.redeemed)
    }
    content.progress = FaceContent.Progress(
      try view.explainTier(account, at: instant), programme, locale)
    content.isBirthdayMonth = holder?.birthday.flatMap { Day($0) }?.month == today.month
    content.isFirstVisit = try !view.hasSale(
      account, before: rules.days(at: instant).start(of: today))
    if try isPartial || view.lacksEntries(card, issue: issue) {
      content.message = CardFaces.message(asOf: CardFaces.day(rules.calendar.day(of: instant)))
    }
    return CardPrint(
      content: content,
      templates: try library.template(for: programme.face, tier: summary.tier.code), number: number,
      issue: issue, balance: summary.balance,
      tierCode: summary.tier.code, day: rules.calendar.day(of: instant))
  }

  /// The stripe record of a print under a counter, signed.
  package func record(_ print: CardPrint, ctc: Int64, programme: String) throws -> String {
    guard let code = Int(programme, radix: 36) else {
      preconditionFailure("a programme's code was checked when it was read")
    }
    let record = StripeRecordA(
      programme: code, cardNumber: print.number, issue: Int(print.issue), counter: Int(ctc),
      balance: print.balance, tier: print.tierCode, node: node,
      date: StripeDate(year: print.day.year, month: print.day.month, day: print.day.day))
    return try record.encode(key: keys.signing(on: print.day))
  }

  /// The face, placed on a device's surface.
  package func layout(
    _ print: CardPrint, on surface: FaceSurface
  ) throws(FaceError) -> FaceLayout {
    try print.templates.template(on: surface).layout(print.content, on: surface, fonts: fonts)
  }

  /// What a face says where more than this store knows may have happened.
  static func message(asOf day: FaceDay) -> String { "\(day)止" }

  private static func day(_ day: Day) -> FaceDay {
    FaceDay(year: day.year, month: day.month, day: day.day)
  }
}
