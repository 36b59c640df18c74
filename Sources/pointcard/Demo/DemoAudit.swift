import Configuration
import CounterAPI
import DeviceProtocols
import Ledger
import Raster

/// Compares what cards show and carry with what the ledger says.
struct DemoAudit {
  let counter: DemoCounter

  /// What differs at one card; empty when nothing does.
  func differences(_ customer: DemoCustomer) throws -> [String] {
    guard let card = customer.card else { return ["card \(customer.number): is not in hand"] }
    let api = counter.shop.api
    let number = customer.number
    let reply = try counter.insist { try api.send(.faceRender, ["card": .string(number)]) }
    guard reply.isDone else { return ["card \(number): the ledger's face: \(reply.code)"] }
    var found: [String] = []
    let face = Difference(expected: try PBM.read(reply.body), found: card.face)
    if !face.isEmpty { found.append("card \(number): face: \(face.description)") }
    let state = try counter.insist { try api.ok(.cardShow, ["card": .string(number)]) }
    found += stripe(card, number: number, state: state).map { "card \(number): stripe: \($0)" }
    return found
  }

  /// The fields of a record stand where the interchange format has them (record A).
  private func stripe(_ card: VirtualCard, number: String, state: JSONView) -> [String] {
    let text: String
    do {
      guard let read = try card.text() else { return ["was never written"] }
      text = read
    } catch {
      return ["cannot be read: \(error)"]
    }
    guard text.utf8.count == 69 else { return ["has \(text.utf8.count) characters"] }
    func part(_ at: Int, _ count: Int) -> String {
      String(text.dropFirst(at).prefix(count)).filter { $0 != " " }
    }
    let issue = state["issues"].list.last
    let points = state["points"]
    let wanted: [(String, String, String)] = [
      ("number", part(6, 16), number),
      ("issue", "\(Int64(part(22, 2)) ?? -1)", "\(issue?["issue"].integer ?? 0)"),
      ("counter", "\(Int64(part(24, 5)) ?? -1)", "\(issue?["counter"].integer ?? 0)"),
      ("balance", "\(Int64(part(29, 10)) ?? .min)", "\(points["balance"].integer ?? 0)"),
      ("digest", recordDigest(text), issue?["proven"].text ?? ""),
    ]
    return wanted.filter { $0.1 != $0.2 }.map { "\($0.0) \($0.1), the ledger says \($0.2)" }
  }
}
