extension Route {
  /// Path and line for the manual of the routes about sessions by number, turns and devices.
  var ofStations: (path: [String], summary: String) {
    switch self {
    case .stationIdentify:
      (
        ["v1", "stations", "*", "identify"],
        "begin a session by a card's number; it counts as keyed"
      )
    case .stationClaim:
      (
        ["v1", "stations", "*", "claim"],
        "take one's turn at a shared station, or a place in its queue"
      )
    case .stationRelease:
      (["v1", "stations", "*", "release"], "give one's turn up, or one's place in the queue")
    case .stationDevice:
      (
        ["v1", "stations", "*", "device"],
        "what a station's devices say of themselves, cleaning too"
      )
    case .stationService:
      (["v1", "stations", "*", "service"], "identify, count, clean, test or reset a device")
    case .cardIdentifier:
      (["v1", "cards", "identifiers"], "bind a chip's number or a bar code to a card")
    default: preconditionFailure("\(rawValue) is no route about stations")
    }
  }
}
