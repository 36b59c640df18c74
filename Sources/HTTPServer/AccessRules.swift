import HTTPMessages

/// Who may ask over loopback TCP, which every program and every web page on the machine can reach.
enum AccessRules {
  /// The answer that refuses `request`, nil when it may be served.
  ///
  /// A page from elsewhere that had its name resolved to this machine comes with its own host name,
  /// and a page that posts across sites with its own origin: both are refused.
  static func refusal(of request: HTTPRequest, from peer: HTTPPeer) -> HTTPResponse? {
    guard case .loopback = peer else { return nil }
    let host = request.headers["host"] ?? ""
    guard isLoopback(host) else { return .text(403, "the host is not this machine\n") }
    let origins = request.headers.values(of: "origin")
    guard origins.allSatisfy({ $0.lowercased() == "http://" + host.lowercased() }) else {
      return .text(403, "the origin is another site\n")
    }
    return nil
  }

  /// Whether `host` is a name of this machine, with or without a port.
  private static func isLoopback(_ host: String) -> Bool {
    let names = ["localhost", "127.0.0.1", "[::1]"]
    let host = host.lowercased()
    return names.contains { name in
      guard host.hasPrefix(name) else { return false }
      let rest = host.dropFirst(name.count)
      guard rest.first == ":" else { return rest.isEmpty }
      let port = rest.dropFirst()
      return !port.isEmpty && port.count <= 5 && port.allSatisfy { ("0"..."9").contains($0) }
    }
  }
}
