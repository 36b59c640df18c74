import Ledger
import LoyaltyRules
import Testing

extension Shop {
  static func key(_ node: String) -> [UInt8] { Array("the secret of \(node)".utf8) }

  /// How far this node holds a journal.
  func held(_ node: String, epoch: Int64 = 1) async throws -> Int64 {
    try await ledger.read { view in
      try view.versionVector().first { $0.node == node && $0.epoch == epoch }?.seq ?? 0
    }
  }

  /// A run of a journal as this node would send it.
  func segment(
    of node: String? = nil, epoch: Int64 = 1, from first: Int64 = 1, limit: Int = 20_000
  ) async throws -> [UInt8]? {
    let name = node ?? self.node
    return try await ledger.read {
      try $0.segment(
        of: name, epoch: epoch, from: first, limit: limit, key: Shop.key(name))
    }
  }

  @discardableResult
  func take(_ bytes: [UInt8]) async throws -> MergeOutcome {
    let segment = try JournalSegment(bytes)
    return try await ledger.merge(segment, key: Shop.key(segment.node), actor: "sync")
  }

  /// Takes in what `other` wrote since the last time, in segments of at most `limit` entries.
  @discardableResult
  func fetch(from other: Shop, epoch: Int64 = 1, limit: Int = 20_000) async throws -> [Finding] {
    var findings: [Finding] = []
    while let bytes = try await other.segment(
      epoch: epoch, from: try await held(other.node, epoch: epoch) + 1, limit: limit)
    {
      findings += try await take(bytes).findings
    }
    return findings
  }

  func findings() async throws -> [Finding] { try await ledger.read { try $0.findings() } }

  func caches() async throws -> [String] { try await ledger.read { try $0.caches() } }

  func rebuild() async throws { try await ledger.submit { try $0.rebuildCaches() } }
}

/// Everything a command could change, to see that it did not.
extension Shop {
  func everything() async throws -> [String] {
    let head = try await ledger.read { try $0.versionVector().map(\.description) }
    return try await caches() + head + ["\(try await entries())"]
      + (try await findings().map { "\($0)" })
  }
}
