extension Route {
  /// Path and line for the manual of the routes about a card's life, stock and journals.
  var ofCards: (path: [String], summary: String) {
    switch self {
    case .cardBlock: (["v1", "cards", "block"], "take a card out of all use")
    case .cardUnblock: (["v1", "cards", "unblock"], "end a block")
    case .cardRetire:
      (["v1", "cards", "retire"], "end a card for good: wiped at a station, or destroyed")
    case .cardExchange:
      (["v1", "cards", "exchange"], "the old card in the device for a new one, in one command")
    case .cardRegister:
      (["v1", "cards", "register"], "a member takes over a card that was nobody's")
    case .cardAlarms: (["v1", "cards", "alarms"], "swipes that somebody must look into")
    case .stockBook: (["v1", "stock"], "receive, move, count or spoil blank cards")
    case .stockList: (["v1", "stock"], "blank cards by store and design, ranges of numbers")
    case .rangeGive: (["v1", "stock", "ranges"], "give a store a range of card numbers")
    case .journalList: (["v1", "journals"], "how far each journal is held here")
    case .journalExport: (["v1", "journals", "export"], "a signed run of a journal")
    case .journalMerge: (["v1", "journals", "merge"], "take a run of another journal in")
    case .findingList: (["v1", "ledger", "findings"], "contradictions between journals")
    case .findingMend: (["v1", "ledger", "findings", "mend"], "mend a contradiction by an entry")
    default: preconditionFailure("\(rawValue) is no route about cards")
    }
  }
}
