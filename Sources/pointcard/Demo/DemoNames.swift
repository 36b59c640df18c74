import Platform

/// Invented names, the same for the same seed.
struct DemoNames {
  private static let families = Array(
    "陳林黃張李王吳劉蔡楊許鄭謝洪郭邱曾廖賴徐周葉蘇莊呂江何蕭羅高潘簡朱鍾游彭詹胡施沈余盧梁趙顏柯翁魏孫戴范方宋鄧杜傅侯曹薛丁卓馬董溫唐藍石")
  private static let given = Array(
    "志明俊傑建宏家豪淑芬美惠雅婷怡君冠宇宗翰佳穎欣怡承恩柏翰品妤子晴詠晴思妤宥廷睿恩喆堃筠彥峯瑩玥")
  private static let other = [
    "谷辣斯‧尤達卡", "さくら ヴィクトリア", "WILHELMINA MONTGOMERY-PE", "堃喆", "黃彥筠", "José Núñez",
  ]

  private var random: SplitMix64
  private var count = 0

  init(seed: UInt64) { random = SplitMix64(seed: seed) }

  /// The next name: mostly of three Han characters, now and then one that is hard to print.
  mutating func next() -> String {
    count += 1
    if count % 9 == 4 { return Self.other[count / 9 % Self.other.count] }
    let family = Self.families[Int.random(in: 0..<Self.families.count, using: &random)]
    let first = Self.given[Int.random(in: 0..<Self.given.count, using: &random)]
    let second = Self.given[Int.random(in: 0..<Self.given.count, using: &random)]
    return String([family, first, second])
  }

  /// A telephone number of nobody.
  mutating func phone() -> String {
    "09" + String(10_000_000 + count)
  }
}
