/// Something that a member gets for points, or for an occasion.
package struct RewardRule: Sendable, Equatable {
  package enum Occasion: String, CaseIterable, Sendable {
    /// Whenever a member has the points and wants it.
    case points
    /// When the first member joins an account.
    case welcome
    /// When a tier is reached.
    case tier
    /// At the first visit about a birthday.
    case birthday
  }
  /// 1 to 20 letters, digits and `-`: what entries call it, for ever.
  package var id: String
  /// What the cashier reads, up to 20 characters.
  package var name: String
  package var occasion: Occasion
  /// Points that are taken when it is given.
  package var points: Int64
  /// What the member pays for it at the till besides (加價購), in minor units.
  package var amount: Int64
  /// The code of the tier that is reached, where a tier is the occasion; otherwise nil.
  package var tier: String?
  /// Days after it fell due on which it is still given; nil: it waits for ever.
  package var days: Int?
  /// How often an account can have it; nil: as often as it likes.
  package var perMember: Int64?
  /// The stores that give it; empty: all.
  package var stores: Set<String>
  /// How many a store has of it; a store that is not named has as many as it wants.
  package var stock: [String: Int64]
}

/// What becomes of the points of a member who has died.
package struct EstateRule: Sendable, Equatable {
  package enum Points: String, CaseIterable, Sendable {
    /// They go to an heir's account, or lapse when nobody inherits.
    case heirs
    /// They lapse.
    case lapse
  }
  package var points: Points
}

/// Who takes the points. Points that are given free with a purchase are outside the rules for paid
/// vouchers; points of one that others take need an agreement that can be named.
package struct AcceptedBy: Sendable, Equatable {
  /// Names of legal entities; empty: the shop itself.
  package var entities: [String]
  /// Where the agreement between several is written down.
  package var reference: String?

  package init(entities: [String], reference: String?) {
    self.entities = entities
    self.reference = reference
  }
}

extension Programme {
  /// The first instant at which a reward is no longer given when it fell due at `instant`; nil: it
  /// waits for ever.
  package func lapse(
    of reward: RewardRule, after instant: Instant, calendar: BusinessCalendar
  ) -> Instant? {
    reward.days.map { days in
      start(
        of: calendar.day(businessDay(of: instant, calendar: calendar), adding: days + 1),
        calendar: calendar)
    }
  }

  /// The first instant of a shop's day.
  package func start(of day: Day, calendar: BusinessCalendar) -> Instant {
    calendar.start(of: day).adding(milliseconds: Int64(dayStarts) * 60_000)
  }

  /// The last of the shop's days on which something is usable that ends at an instant.
  package func lastDay(before end: Instant, calendar: BusinessCalendar) -> Day {
    businessDay(of: end.adding(milliseconds: -1), calendar: calendar)
  }

  package func reward(_ id: String) -> RewardRule? { rewards.first { $0.id == id } }

  /// What of rewards is worse for members than before.
  func compareRewards(_ old: Programme, _ note: (Bool, String, Any, Any) -> Void) {
    for before in old.rewards {
      guard let now = reward(before.id), now.occasion == before.occasion, now.tier == before.tier
      else {
        note(true, "rewards", before.id, "changed or gone")
        continue
      }
      note(
        now.points > before.points, "rewards.points", points.text(before.points),
        points.text(now.points))
      note(now.amount > before.amount, "rewards.amount", before.amount, now.amount)
      note(now.days ?? .max < before.days ?? .max, "rewards.days", before.days ?? 0, now.days ?? 0)
      note(
        now.perMember ?? .max < before.perMember ?? .max, "rewards.perMember",
        before.perMember ?? 0, now.perMember ?? 0)
      let isNarrower =
        !now.stores.isEmpty && (before.stores.isEmpty || !before.stores.isSubset(of: now.stores))
      note(
        isNarrower, "rewards.stores", before.stores.sorted().joined(separator: ", "),
        now.stores.sorted().joined(separator: ", "))
      for (store, count) in now.stock where count < before.stock[store] ?? .max {
        note(
          true, "rewards.stock", before.stock[store].map { "\(store) \($0)" } ?? "any",
          "\(store) \(count)")
      }
    }
    note(
      estate.points == .lapse && old.estate.points == .heirs, "deceased.points",
      old.estate.points, estate.points)
  }
}
