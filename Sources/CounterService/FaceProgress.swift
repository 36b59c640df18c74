import CardFace
import Ledger
import LoyaltyRules

extension FaceContent.Progress {
  /// The way to the next tier; nil at the top.
  init?(_ tier: TierExplanation, _ programme: Programme, _ locale: FaceLocale) {
    guard let next = tier.next else { return nil }
    self.init(
      tier: next.name,
      missing: FaceContent.Progress.missing(
        tier.lacksForNext, tier.measure, programme, locale),
      share: FaceContent.Progress.share(tier.measured, of: next.from))
  }

  /// What is missing, as people read it.
  package static func missing(
    _ value: Int64, _ measure: TierRule.Measure, _ programme: Programme, _ locale: FaceLocale
  ) -> String {
    switch measure {
    case .spend:
      let amount = FaceNumber.text(value, decimals: programme.currency.decimals)
      return switch programme.currency.code {
      case "TWD": "NT$\(amount)"
      case "JPY": "¥\(amount)"
      case let code: "\(code) \(amount)"
      }
    case .visits:
      let word =
        switch locale {
        case .zhHant: "次"
        case .en: value == 1 ? "visit" : "visits"
        case .ja: "回"
        }
      return "\(value) \(word)"
    case .points:
      return
        "\(FaceNumber.text(value, decimals: programme.points.decimals)) \(programme.points.name)"
    }
  }

  /// The part that is done, in thousandths; 1000 only when nothing is missing.
  static func share(_ measured: Int64, of whole: Int64) -> Int {
    guard measured < whole else { return 1000 }
    guard measured > 0 else { return 0 }
    let share = measured.multipliedFullWidth(by: 1000)
    return min(999, Int(whole.dividingFullWidth(share).quotient))
  }
}

extension FaceCheck {
  /// The check of a shop's own words under a programme.
  package init(_ programme: Programme, shop: String) {
    let locale = FaceLocale(programme.face.locale)
    let decimals =
      switch programme.tiers.measure {
      case .spend: programme.currency.decimals
      case .points: programme.points.decimals
      case .visits: 0
      }
    let most = FaceContent.Progress.missing(
      9_999_999 * [1, 10, 100, 1000][decimals], programme.tiers.measure, programme, locale)
    self.init(
      shop: shop, tiers: programme.tiers.levels.map(\.name), unit: programme.points.name,
      decimals: programme.points.decimals, style: NameStyle(programme.face.name),
      lastTexts: [locale.saleWord],
      messages: programme.face.campaign.isEmpty ? [] : [programme.face.campaign],
      missing: [most])
  }
}
