import Platform

/// Why a device's node cannot be had, in words.
enum NodeAccess {
  /// Who has a node open: `pointcardd (412)`; nil when nobody is seen. Processes of other users
  /// are seen only by the superuser.
  static func holders(of node: String) -> String? {
    let holders = FileHolders.processes(holding: node)
    guard !holders.isEmpty else { return nil }
    let names = holders.prefix(4).map { "\($0.name) (process \($0.id))" }
    return "it is in use by " + names.joined(separator: ", ")
  }

  /// What to do so that a node may be opened.
  static func advice(for node: String) -> String {
    let owner = FileHolders.owner(of: node).map {
      "it belongs to \($0.user):\($0.group), mode \($0.mode); "
    }
    return (owner ?? "")
      + "install the rules of the folder udev, plug the device in again and run as a user of the "
      + "group that they name"
  }
}
