import Configuration
import LoyaltyRules
import Platform
import Testing

struct ProfileTests {
  @Test(arguments: ["tw", "per-dollar", "stamps", "eu"])
  func `each profile that a programme can be made from is a right programme`(
    profile: String
  ) throws {
    let folder = try ResourceFolder.find(target: "CounterService", name: "Resources")
    let path = folder + "/profiles/\(profile).json5"
    let bytes = try Files.read(path, limit: 1 << 20)
    let programme = try Programme(try Node.parse(bytes, source: path))
    let sale = Sale(soldAt: Instant(milliseconds: 0), store: "S1", amount: 100_000)
    let accrual = programme.accrual(
      of: sale, pointsPart: 0, context: AccrualContext(), calendar: programme.calendar)
    #expect(accrual.points > 0)
  }
}
