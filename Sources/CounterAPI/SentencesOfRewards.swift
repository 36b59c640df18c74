extension Sentence {
  /// About rewards, notices to members, and the points of those who have died.
  static let rewards = [
    Sentence(
      code: "reward.given", chinese: "已兌換「{reward}」，扣 {points} 點，餘額 {balance} 點。",
      english: "{reward} is given: {points} points taken, balance {balance}."),
    Sentence(
      code: "reward.voided", chinese: "贈品已取消，退回 {points} 點，餘額 {balance} 點。",
      english: "The reward is taken back: {points} points returned, balance {balance}."),
    Sentence(
      code: "reward.notFound", chinese: "目前沒有「{reward}」這項贈品，沒有任何更動，請查看贈品清單。",
      english: "There is no reward {reward} now and nothing was changed: look at the list."),
    Sentence(
      code: "reward.notDue", chinese: "會員目前沒有「{reward}」可領，沒有任何更動。",
      english: "{reward} does not wait for this member; nothing was changed."),
    Sentence(
      code: "reward.limit", chinese: "「{reward}」每位會員限兌 {limit} 次，已經兌完，點數沒有變動。",
      english: "Each member can have {reward} {limit} times and has had it; no points moved."),
    Sentence(
      code: "reward.stock", chinese: "本店的「{reward}」已經兌完，點數沒有變動，請改選其他贈品。",
      english: "This store has no {reward} left and no points moved: choose another reward."),
    Sentence(
      code: "reward.store", chinese: "本店不提供「{reward}」，點數沒有變動，請到指定門市兌換。",
      english: "This store does not give {reward} and no points moved: other stores do."),
    Sentence(
      code: "reward.ended", chinese: "這項贈品已經領取、取消或過期，沒有任何更動。",
      english: "This reward was given, taken back or has lapsed already; nothing was changed."),
    Sentence(
      code: "reward.waiting", chinese: "會員有贈品可領，請查看待領贈品。",
      english: "A gift waits for this member: look at what is due."),
    Sentence(
      code: "card.swap", chinese: "會員等級已變更，請為會員換發新等級的卡片。",
      english: "The member's tier has a card of its own: exchange the card."),
    Sentence(
      code: "notice.sent", chinese: "已記錄通知寄出。", english: "It is noted that the notice was sent."),
    Sentence(
      code: "redeem.deceased", chinese: "會員已登記過世，點數都在帳戶裡，請店長辦理繼承。",
      english: "The member has died and the points are in the account: let the manager see to the "
        + "heirs."),
    Sentence(
      code: "estate.settled", chinese: "過世會員的 {points} 點已處理，原帳戶餘額 {balance} 點。",
      english: "{points} points of the member who has died are settled, balance {balance}."),
    Sentence(
      code: "estate.alive", chinese: "這位會員沒有登記過世，點數沒有變動，請先登記。",
      english: "It was not recorded that this member has died and no points moved: record it first."
    ),
    Sentence(
      code: "estate.shared", chinese: "帳戶還有其他會員，點數留給他們，沒有任何更動。",
      english: "Others share the account and keep the points; nothing was changed."),
    Sentence(
      code: "estate.lapses", chinese: "依方案規定，過世會員的點數不能繼承，點數沒有變動。",
      english: "By the programme the points of who has died lapse and are not inherited; nothing "
        + "was changed."),
  ]
}
