import CardStation
import Configuration
import DeviceCatalog

/// The card devices of one counter.
package struct StationConfiguration: Sendable {
  /// Who works at a station.
  package enum Role: String, CaseIterable, Sendable {
    /// One till, as it was bound to it.
    case till
    /// Several tills, one after the other: each claims it and waits for its turn.
    case shared
    /// The manager's desk: cards are issued, replaced and printed again; tickets are not posted.
    case desk
  }

  /// 1 to 20 letters, digits, `-`; unique.
  package var name: String
  package var main: DeviceConfiguration
  /// A separate reader or encoder beside it; nil: there is none.
  package var reader: DeviceConfiguration?
  package var role: Role
  /// How long a claim of a shared station lasts without a ticket, in seconds; 10 to 3,600.
  package var claimSeconds: Int64
  /// Whether an encoder through which cards are swiped writes the stripe after every ticket: two
  /// swipes more. Default: only when a card is issued, repaired or wiped.
  package var rewritesOnSwipe: Bool
  /// After how many cards the manager is reminded to clean the device; nil: never.
  package var cleaningEveryCards: Int64?

  package var device: String { main.device }
  package var address: String { main.address }
}

/// One device of a station.
package struct DeviceConfiguration: Sendable {
  /// A model of the catalogue: `star-tcp300/tcp300ii`.
  package var device: String
  /// Where it is: `serial:/dev/serial/by-id/…?speed=9600`.
  package var address: String
  /// What is set otherwise than the model's file has it, to be looked at with the model at hand.
  private var settings: [Node.Member] = []
  private var times: [Node.Member] = []
  private let node: Node

  /// Reads the keys that every device has; the rest of the object is the caller's.
  init(_ object: inout ObjectReader) throws(ConfigurationError) {
    node = object.node
    device = try object.required("device").text()
    address = try object.required("address").text()
    settings = try DeviceConfiguration.members(object.optional("settings"))
    times = try DeviceConfiguration.members(object.optional("milliseconds"))
  }

  private static func members(_ node: Node?) throws(ConfigurationError) -> [Node.Member] {
    guard let node else { return [] }
    guard case .object(let members) = node.kind else {
      throw node.error("is no object", remedy: "write it as { name: value }")
    }
    return members
  }

  /// The model as this station has it: with its settings and times.
  ///
  /// - Throws: a device that is not known, a setting that it does not have, a value out of range.
  package func model(in catalogue: Catalogue) throws(ConfigurationError) -> DeviceModel {
    guard var model = catalogue.model(device) else {
      throw node.error(
        "the model \(device) is not known",
        remedy: "known are \(catalogue.models.map(\.id).joined(separator: ", "))")
    }
    for member in settings {
      guard let setting = model.settings[member.key] else {
        let known = model.settings.keys.sorted().joined(separator: ", ")
        throw member.value.error(
          "\(device) has no setting \(member.key)",
          remedy: known.isEmpty ? "it has none" : "it has \(known)")
      }
      let range = Int64(setting.range.lowerBound)...Int64(setting.range.upperBound)
      model.settings[member.key]?.value = Int(try member.value.integer(in: range))
    }
    for member in times {
      guard let path = DeviceConfiguration.time(member.key) else {
        throw member.value.error(
          "\(member.key) is no time of a device",
          remedy: "one of \(DeviceConfiguration.timeNames.joined(separator: ", "))")
      }
      model.times[keyPath: path] = .milliseconds(
        try member.value.integer(in: DeviceConfiguration.timeRange))
    }
    return model
  }

  /// 10 ms to 10 minutes.
  private static let timeRange: ClosedRange<Int64> = 10...600_000
  private static let timeNames = [
    "acknowledge", "betweenBytes", "answer", "motion", "heat", "presenceCheck", "removalCheck",
    "recoveryCheck",
  ]

  private static func time(_ name: String) -> WritableKeyPath<DeviceTimes, Duration>? {
    switch name {
    case "acknowledge": \.acknowledge
    case "betweenBytes": \.betweenBytes
    case "answer": \.answer
    case "motion": \.motion
    case "heat": \.heat
    case "presenceCheck": \.presenceCheck
    case "removalCheck": \.removalCheck
    case "recoveryCheck": \.recoveryCheck
    default: nil
    }
  }
}

extension StationConfiguration {
  init(_ node: Node) throws(ConfigurationError) {
    var object = try node.object()
    name = try CounterConfiguration.word(
      try object.required("name"), length: 1...20, extra: "-")
    main = try DeviceConfiguration(&object)
    reader = try object.optional("reader").map { (node) throws(ConfigurationError) in
      var object = try node.object()
      let device = try DeviceConfiguration(&object)
      try object.finish()
      return device
    }
    role = try object.value("role", default: .till) { (node) throws(ConfigurationError) in
      try node.choice(of: Role.self)
    }
    claimSeconds = try object.value("claimSeconds", default: 120) {
      (node) throws(ConfigurationError) in try node.integer(in: 10...3_600)
    }
    rewritesOnSwipe = false
    if let stripe = try object.optional("stripe")?.object() {
      var stripe = stripe
      rewritesOnSwipe = try stripe.optional("rewriteOnSwipe")?.flag() ?? false
      try stripe.finish()
    }
    if let cleaning = try object.optional("cleaning")?.object() {
      var cleaning = cleaning
      cleaningEveryCards = try cleaning.required("everyCards").integer(in: 1...1_000_000)
      try cleaning.finish()
    }
    try object.finish()
  }

  /// What goes through the configuration's file while the models are at hand.
  ///
  /// - Throws: what is wrong with a device's settings.
  package func models(
    in catalogue: Catalogue
  ) throws(ConfigurationError) -> (main: DeviceModel, reader: DeviceModel?) {
    let first = try main.model(in: catalogue)
    let second = try reader.map { (entry) throws(ConfigurationError) in
      try entry.model(in: catalogue)
    }
    return (first, second)
  }
}
