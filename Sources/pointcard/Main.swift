import Platform

@main
struct Main {
  static func main() async {
    Signals.block([.interrupt, .terminate])
    Signals.ignorePipe()
    do {
      var a = DemoArguments()
      let args = CommandLine.arguments
      if let i = args.firstIndex(of: "--tickets") { a.tickets = args[i + 1] }
      if let i = args.firstIndex(of: "--kill") { a.kills = Int(args[i + 1])! }
      if let i = args.firstIndex(of: "--seed") { a.seed = UInt64(args[i + 1])! }
      if let i = args.firstIndex(of: "--data") { a.data = args[i + 1] }
      CurrentProcess.exit(try await Demo.run(a))
    } catch {
      StandardStream.error.print("pointcard: \(error)")
      CurrentProcess.exit(5)
    }
  }
}
