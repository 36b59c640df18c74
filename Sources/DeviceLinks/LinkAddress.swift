import Platform

/// Where a device is, as configurations write it: `serial:/dev/ttyUSB0?speed=9600`.
///
/// Options after the `?`, joined by `&`: `speed`, `dataBits`, `parity`, `stopBits`, `flow`.
package struct LinkAddress: Sendable, Equatable, CustomStringConvertible {
  package var path: String
  package var settings: SerialSettings

  package init(path: String, settings: SerialSettings = SerialSettings()) {
    self.path = path
    self.settings = settings
  }

  /// Reads an address.
  ///
  /// - Parameter settings: what holds for options that are left out.
  /// - Throws: what is wrong with the text.
  package init(
    _ text: String, settings: SerialSettings = SerialSettings()
  ) throws(LinkAddressError) {
    guard text.hasPrefix("serial:/"), text.utf8.count <= 1024 else {
      throw LinkAddressError(text: text, problem: "does not begin with serial:/")
    }
    let parts = text.dropFirst("serial:".count).split(
      separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
    path = String(parts[0])
    self.settings = settings
    guard parts.count == 2 else { return }
    var seen: Set<Substring> = []
    for option in parts[1].split(separator: "&", omittingEmptySubsequences: false) {
      let pair = option.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard pair.count == 2, seen.insert(pair[0]).inserted, set(pair[0], to: String(pair[1])) else {
        throw LinkAddressError(text: text, problem: "\"\(option)\" is no option, or stands twice")
      }
    }
    guard self.settings.isValid else {
      throw LinkAddressError(text: text, problem: "a line cannot be set like this")
    }
  }

  private mutating func set(_ key: Substring, to value: String) -> Bool {
    switch key {
    case "speed": settings.speed = Int(value) ?? 0
    case "dataBits": settings.dataBits = Int(value) ?? 0
    case "stopBits": settings.stopBits = Int(value) ?? 0
    case "parity":
      guard let parity = SerialSettings.Parity(rawValue: value) else { return false }
      settings.parity = parity
    case "flow":
      guard let flow = SerialSettings.Flow(rawValue: value) else { return false }
      settings.flow = flow
    default: return false
    }
    return true
  }

  /// The address with what differs from 9600 8N1 without flow control.
  package var description: String {
    let usual = SerialSettings()
    var options: [String] = []
    if settings.speed != usual.speed { options.append("speed=\(settings.speed)") }
    if settings.dataBits != usual.dataBits { options.append("dataBits=\(settings.dataBits)") }
    if settings.parity != usual.parity { options.append("parity=\(settings.parity.rawValue)") }
    if settings.stopBits != usual.stopBits { options.append("stopBits=\(settings.stopBits)") }
    if settings.flow != usual.flow { options.append("flow=\(settings.flow.rawValue)") }
    return "serial:\(path)" + (options.isEmpty ? "" : "?" + options.joined(separator: "&"))
  }

  /// Opens the line.
  package func open() throws(LinkError) -> any DeviceLink {
    try SerialLink(self)
  }
}

/// An address that cannot be read.
package struct LinkAddressError: Error, Hashable, Sendable, CustomStringConvertible {
  package var text: String
  package var problem: String

  package var description: String {
    "\"\(text)\": \(problem); an address is like serial:/dev/ttyUSB0?speed=9600"
  }
}
