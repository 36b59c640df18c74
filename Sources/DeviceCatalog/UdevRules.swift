/// The text of the udev rules, made from the catalogue so that the two cannot differ.
package enum UdevRules {
  /// The rules that say which device is which: a line a USB identity.
  package static func identify(_ catalogue: Catalogue) -> String {
    var lines = [
      "# Names the card devices that the catalogue knows by a USB identity of their own.",
      "# Made from Firmware-Protocols; a test compares the two. Devices behind a generic serial",
      "# bridge are named by their path in the configuration and never claimed here.",
      "ACTION==\"remove\", GOTO=\"pointcard_identify_end\"",
    ]
    for model in catalogue.models {
      for identity in model.usb {
        lines.append(
          "SUBSYSTEM==\"usb|tty\", ATTRS{idVendor}==\"\(identity.vendorText)\", "
            + "ATTRS{idProduct}==\"\(identity.productText)\", "
            + "ENV{POINTCARD_FAMILY}=\"\(model.family)\", ENV{POINTCARD_MODEL}=\"\(model.model)\"")
      }
    }
    lines.append("LABEL=\"pointcard_identify_end\"")
    return lines.joined(separator: "\n") + "\n"
  }

  /// The rule that gives the devices so named to the daemon's group.
  package static let grant = """
    # Gives the devices that 70-pointcard-identify.rules has named to the group of the daemon.
    ACTION!="remove", ENV{POINTCARD_FAMILY}=="?*", GROUP="pointcard", MODE="0660"

    """

  /// The USB identities that a rules text claims, in order.
  package static func claims(in rules: String) -> [USBIdentity] {
    rules.split(separator: "\n").filter { !$0.hasPrefix("#") }.compactMap { line in
      guard let vendor = value(of: "ATTRS{idVendor}==", in: line),
        let product = value(of: "ATTRS{idProduct}==", in: line)
      else { return nil }
      return USBIdentity(vendor: vendor, product: product)
    }
  }

  private static func value(of key: String, in line: Substring) -> UInt16? {
    guard let range = line.firstRange(of: key + "\"") else { return nil }
    return UInt16(line[range.upperBound...].prefix(4), radix: 16)
  }
}
