import CardFace
import CounterService
import LoyaltyRules

/// Invented members of a programme, one for each tier.
struct FaceSamples {
  let programme: Programme
  let shop: String
  let locale: FaceLocale

  init(_ programme: Programme, shop: String?, locale: FaceLocale?) {
    self.programme = programme
    self.locale = locale ?? FaceLocale(programme.face.locale)
    self.shop = shop ?? FaceSamples.shops[self.locale] ?? ""
  }

  private static let shops: [FaceLocale: String] = [
    .zhHant: "幸福商店", .en: "Corner Store", .ja: "しあわせ商店",
  ]

  private static let names: [FaceLocale: [String]] = [
    .zhHant: ["王小明", "黃彥筠", "歐陽美瑩", "谷辣斯‧尤達卡"],
    .en: ["Jane Smith", "Li Wei", "Alexander Wolf", "Zoë O’Brien"],
    .ja: ["山田花子", "さくら", "ヴィクトリア", "佐藤太郎"],
  ]

  /// The member of a tier: the lowest comes for the first time, the next has a birthday.
  func content(tier: Int) -> FaceContent {
    let levels = programme.tiers.levels
    let names = FaceSamples.names[locale] ?? []
    let scale: Int64 = [1, 10, 100][programme.points.decimals]
    let balances: [Int64] = [3, 128, 2_468, 12_345, 98_760]
    var content = FaceContent(
      shop: shop, name: NameStyle.masked.text(names[tier % names.count]), number: "8800001234",
      tier: levels[tier].name, tierCode: levels[tier].code,
      balance: balances[min(tier, balances.count - 1)] * scale,
      decimals: programme.points.decimals, unit: programme.points.name)
    content.last = FaceContent.Transaction(
      day: FaceDay(year: 2026, month: 11, day: 21), text: locale.saleWord, points: 18 * scale)
    content.day = content.last?.day
    if tier > 0 {
      content.expiring = FaceContent.Expiring(
        points: 32 * scale, lastDay: FaceDay(year: 2026, month: 12, day: 31), daysLeft: 40)
    }
    if tier + 1 < levels.count {
      let share: [Int] = [140, 755, 592, 310]
      let whole = levels[tier + 1].from
      let done = whole / 1000 * Int64(share[tier % share.count])
      content.progress = FaceContent.Progress(
        tier: levels[tier + 1].name,
        missing: FaceContent.Progress.missing(
          whole - done, programme.tiers.measure, programme, locale),
        share: share[tier % share.count])
    }
    content.isFirstVisit = tier == 0
    content.isBirthdayMonth = tier == 1
    content.campaign = tier == 2 ? programme.face.campaign : ""
    return content
  }
}
