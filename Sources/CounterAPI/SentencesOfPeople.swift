extension Sentence {
  /// About who acts, who approves, and members as persons.
  static let people = callers + approvals + operators + persons

  private static let callers = [
    Sentence(
      code: "caller.unknown", chinese: "請先登入，沒有任何更動。",
      english: "Please sign in first; nothing was changed."),
    Sentence(
      code: "caller.setUp", chinese: "本店還沒有建立操作人員，請由系統管理者先建立第一位店長。",
      english: "No operator was entered yet: let whoever runs the daemon enter the first manager."),
    Sentence(
      code: "pin.needed", chinese: "請輸入「{name}」的密碼，沒有任何更動。",
      english: "The PIN of {name} is needed; nothing was changed."),
    Sentence(
      code: "pin.wrong", chinese: "姓名或密碼不對，沒有任何更動，請再輸入一次。",
      english: "The name or the PIN is wrong and nothing was changed: try again."),
    Sentence(
      code: "pin.locked", chinese: "密碼錯誤太多次，請 {minutes} 分鐘後再試，或請店長重設密碼。",
      english: "Too many wrong PINs: try again in {minutes} minutes, or have the manager set a new "
        + "one."),
    Sentence(
      code: "signIn.ended", chinese: "登入已經過期，沒有任何更動，請重新登入。",
      english: "This sign-in has ended and nothing was changed: sign in again."),
    Sentence(
      code: "right.missing", chinese: "您沒有這項權限，沒有任何更動，請找店長。",
      english: "You may not do this and nothing was changed: ask the manager."),
    Sentence(
      code: "right.scope", chinese: "這不是您的收銀機或門市，沒有任何更動。",
      english: "This is not your till or store; nothing was changed."),
    Sentence(
      code: "account.own", chinese: "這是您本人或家人的帳戶，點數沒有變動，請由其他同事處理。",
      english: "This account is your own or your household's and no points moved: let a colleague "
        + "do it."),
    Sentence(
      code: "goodwill.cap", chinese: "補償點數超過上限 {cap} 點（還可以給 {left} 點），點數沒有變動，請由總部處理。",
      english: "This is more goodwill than the {cap} points allowed ({left} left) and nothing was "
        + "changed: let head office do it."),
  ]

  private static let approvals = [
    Sentence(
      code: "approval.needed", chinese: "{points} 點需要第二人核准，沒有任何更動，請店長輸入密碼或送出待核准。",
      english:
        "{points} points need a second person and nothing was changed: let the manager sign, "
        + "or send it for approval."),
    Sentence(
      code: "approval.pending", chinese: "已送出待核准，點數還沒有變動；請打電話給總部，唸出 {code}，再輸入總部回覆的六個數字。",
      english: "Kept for approval, no points have moved: call head office, read out {code}, and "
        + "enter the six digits they answer."),
    Sentence(
      code: "approval.self", chinese: "不能自己核准自己的作業，沒有任何更動，請找另一個人。",
      english: "Nobody approves their own command and nothing was changed: ask somebody else."),
    Sentence(
      code: "approval.notFound", chinese: "查不到這筆待核准的作業，可能已經處理或過期。",
      english: "No such command is waiting: it was done already or has lapsed."),
    Sentence(
      code: "approval.late", chinese: "核准代碼已經過期，點數沒有變動，請重新送出。",
      english: "The code has expired and nothing was changed: send the command again."),
    Sentence(
      code: "approval.wrong", chinese: "核准數字不對，點數沒有變動，請核對後再輸入。",
      english: "The six digits are wrong and nothing was changed: check them."),
    Sentence(
      code: "approval.full", chinese: "待核准的作業太多，沒有任何更動，請先處理。",
      english: "Too many commands are waiting and nothing was changed: deal with those first."),
    Sentence(
      code: "approval.given", chinese: "已核准並完成。", english: "Approved and done."),
  ]

  private static let operators = [
    Sentence(
      code: "operator.added", chinese: "操作人員「{name}」已建立。",
      english: "The operator {name} was entered."),
    Sentence(
      code: "operator.changed", chinese: "操作人員「{name}」的資料已更新。",
      english: "The operator {name} was changed."),
    Sentence(
      code: "operator.ended", chinese: "「{name}」已離職，不能再登入；這個名稱不會再使用。",
      english: "{name} no longer works here; the name is never used again."),
    Sentence(
      code: "operator.exists", chinese: "「{name}」這個名稱用過了，沒有任何更動，請換一個名稱。",
      english: "The name {name} was used before and nothing was changed: choose another."),
    Sentence(
      code: "operator.notFound", chinese: "沒有「{name}」這位操作人員，請核對名稱。",
      english: "There is no operator {name}: check the name."),
    Sentence(
      code: "operator.first", chinese: "第一位操作人員要能建立其他人：請用店長或總部的角色。",
      english:
        "The first operator must be able to enter others: make them a manager or head office."
    ),
    Sentence(
      code: "operator.full", chinese: "操作人員太多，沒有任何更動。",
      english: "There are too many operators; nothing was changed."),
    Sentence(
      code: "till.added", chinese: "收銀機「{name}」的金鑰只顯示這一次，請立即設定到收銀機。",
      english: "The token of the till {name} is shown only this once: enter it there now."),
    Sentence(
      code: "till.exists", chinese: "收銀機「{name}」已經有了，沒有任何更動；或選擇更換金鑰。",
      english:
        "The till {name} is there already and nothing was changed: --renew gives a new token."
    ),
    Sentence(
      code: "till.stationTaken", chinese: "卡機「{station}」旁已有收銀機「{name}」，沒有任何更動；多台收銀機合用時，請把卡機設為合用。",
      english:
        "The station {station} has the till {name} beside it already and nothing was changed: "
        + "several tills need the role shared."),
    Sentence(
      code: "till.notFound", chinese: "沒有「{name}」這台收銀機，請核對名稱。",
      english: "There is no till {name}: check the name."),
  ]

  private static let persons = [
    Sentence(
      code: "member.duplicate", chinese: "這個電話已經是會員「{name}」，沒有任何更動，請用原會員，或選擇電話換人使用。",
      english: "This number belongs to the member {name} and nothing was changed: use that member, "
        + "or say that the number was taken over."),
    Sentence(
      code: "member.changed", chinese: "會員資料已更新。", english: "The member's record was changed."),
    Sentence(
      code: "member.guardian", chinese: "未成年會員要填監護人，沒有任何更動。",
      english: "A minor needs a guardian's name; nothing was changed."),
    Sentence(
      code: "member.deceased", chinese: "已登記會員過世：停止聯絡，卡片已停用，點數都還在帳戶裡。",
      english:
        "Recorded: contacts have stopped, the cards are suspended, the points are still in the "
        + "account."),
    Sentence(
      code: "member.erased", chinese: "會員的個人資料已全部刪除，帳目不變。",
      english: "Everything personal about this member is gone; the books are unchanged."),
    Sentence(
      code: "member.joinedAccount", chinese: "會員已加入共用帳戶，餘額 {balance} 點。",
      english: "The member has joined the account; balance {balance}."),
    Sentence(
      code: "member.leftAccount", chinese: "會員已離開共用帳戶，改用自己的新帳戶；原帳戶的點數與卡片不變動。",
      english: "The member has left for an account of their own; the points stay where they were."),
    Sentence(
      code: "member.joined", chinese: "會員已經在這個帳戶裡，沒有任何更動。",
      english: "The member has this account already; nothing was changed."),
    Sentence(
      code: "member.alone", chinese: "這個帳戶只有這一位會員，沒有任何更動。",
      english: "Nobody else shares this account; nothing was changed."),
    Sentence(
      code: "account.left", chinese: "會員原帳戶還有 {balance} 點或使用中的卡，沒有任何更動，請先移轉點數並停用卡片，或改為合併帳戶。",
      english:
        "The member's own account still has {balance} points or a card in use and nothing was "
        + "changed: move them first, or merge the accounts."),
    Sentence(
      code: "redeem.checkLocked", chinese: "生日核對錯誤太多次，點數沒有變動，請 {minutes} 分鐘後再試，或插入會員卡。",
      english: "Too many wrong days of birth and nothing was changed: try again in {minutes} "
        + "minutes, or insert the card."),
    Sentence(
      code: "redeem.locked", chinese: "會員已鎖定折抵，累點不受影響，點數沒有變動。",
      english: "The member has locked redeeming; earning is not affected and nothing was changed."),
    Sentence(
      code: "redeem.pin", chinese: "折抵點數請會員輸入密碼，點數沒有變動。",
      english: "To redeem, let the member enter their PIN; nothing was changed."),
    Sentence(
      code: "consent.given", chinese: "已登記同意。", english: "The consent is recorded."),
    Sentence(
      code: "consent.withdrawn", chinese: "已登記不同意，立即停止。",
      english: "The withdrawal is recorded and holds at once."),
    Sentence(
      code: "consent.minor", chinese: "未成年會員不能同意行銷，沒有任何更動。",
      english: "A minor gets no marketing; nothing was changed."),
    Sentence(
      code: "notice.needed", chinese: "請選擇會員看過的告知事項，沒有任何更動。",
      english: "Say which notice the member was shown; nothing was changed."),
    Sentence(
      code: "notice.notFound", chinese: "沒有這份告知事項，沒有任何更動，請核對。",
      english: "There is no such notice and nothing was changed: check it."),
  ]
}
