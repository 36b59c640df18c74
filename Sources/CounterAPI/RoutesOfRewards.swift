extension Route {
  /// Path and line for the manual of the routes about rewards, notices, and a member's estate.
  var ofRewards: (path: [String], summary: String) {
    switch self {
    case .pointsExpiring:
      (["v1", "points", "expiring"], "points that end before a day, their value, and who was told")
    case .noticeDue: (["v1", "notices", "due"], "notices to members that fell due")
    case .noticeSent: (["v1", "notices", "sent"], "that a notice was sent, and how")
    case .memberEstate:
      (["v1", "members", "estate"], "what becomes of the points of a member who has died")
    case .rewardList:
      (["v1", "rewards", "list"], "rewards, and which of them somebody can have now")
    case .rewardDue: (["v1", "rewards", "due"], "rewards that wait for their members")
    case .rewardGive: (["v1", "rewards", "give"], "hand a reward out")
    case .rewardVoid:
      (["v1", "rewards", "void"], "take a reward back, or let one lapse that was due")
    default: preconditionFailure("\(rawValue) is no route about rewards")
    }
  }
}
