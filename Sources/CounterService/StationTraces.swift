import Configuration
import EventLog
import Ledger

/// What swipes leave in the ledger.
extension StationServer {
  func observeAlone(_ card: SwipedCard) async {
    do {
      let counter = counter
      let name = view.name
      guard card.reading != nil || card.isToldByDevice else { return }
      try await counter.ledger.submit { writer in
        try counter.observe(card, station: name, actor: "station", writer: writer)
      }
    } catch {
      log.error("a swipe could not be recorded", ["error": "\(error)"])
    }
  }

  /// A stranger's card leaves time, station and a keyed hash, nothing else.
  func keepTrace(of text: String) async {
    do {
      let hash = counter.faces.keys.foreignHash(text)
      let name = view.name
      try await counter.ledger.submit { writer in
        var draft = EntryDraft(.observe, actor: "station")
        draft.detail = [("foreign", .string(hash)), ("station", .string(name))]
        try writer.append(draft)
      }
    } catch {
      log.error("a stranger's card could not be recorded", ["error": "\(error)"])
    }
  }
}
