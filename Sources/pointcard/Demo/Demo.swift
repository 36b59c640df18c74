import CounterAPI
import DeviceProtocols
import LoyaltyRules
import Platform
import Raster

/// What `pointcard demo` was asked for.
struct DemoArguments: Sendable {
  /// The folder; nil: a temporary one, which stays so that its pictures can be looked at.
  var data: String?
  /// A file of tickets; nil: the excerpt that comes with the program.
  var tickets: String?
  /// Percent of a real device's times; 0: none.
  var pace = 0
  var seed: UInt64 = 1
  /// How often the daemon is killed.
  var kills = 0
  /// Whether it is left running at the end.
  var serves = false
}

/// The main job from end to end: real tickets, a real daemon, a real database, a virtual device.
enum Demo {
  /// - Returns: 0 when every card and the ledger agree, 1 when not.
  static func run(_ arguments: DemoArguments) async throws -> Int32 {
    let folder = try arguments.data ?? temporaryFolder()
    try Files.makeFolders(folder)
    let show = DemoShow()
    let shop = try DemoShop(
      folder: try Files.resolved(folder), pace: StarPace(percent: arguments.pace))
    let story = try DemoStory(arguments: arguments, shop: shop, show: show)
    let agree = try story.play()
    if arguments.serves {
      show.say("The counter stays open: POINTCARD_SOCKET=\(shop.folder)/socket; Ctrl-C ends it.")
      _ = Signals.wait(for: [.interrupt, .terminate])
    }
    try shop.stop()
    return agree ? 0 : 1
  }

  private static func temporaryFolder() throws -> String {
    let name = RandomBytes.system(4).map { String($0, radix: 36) }.joined()
    let root = Environment["TMPDIR"] ?? "/tmp"
    return "\(root)/pointcard-demo-\(name)"
  }
}
