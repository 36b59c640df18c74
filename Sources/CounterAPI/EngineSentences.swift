extension Sentence {
  /// What the points engine answers beyond a plain sale and return.
  static let engine = [
    Sentence(
      code: "ticket.voided", chinese: "交易已作廢，扣回 {reversed} 點、退回 {givenBack} 點，餘額 {balance} 點。",
      english: "Voided: {reversed} points taken back, {givenBack} given back, balance {balance}."),
    Sentence(
      code: "ticket.corrected", chinese: "交易已更正，累 {earned} 點、折抵 {redeemed} 點，餘額 {balance} 點。",
      english: "Corrected: {earned} points earned, {redeemed} redeemed, balance {balance}."),
    Sentence(
      code: "ticket.exchanged",
      chinese: "換貨完成，扣回 {reversed} 點、累 {earned} 點，餘額 {balance} 點。",
      english: "Exchanged: {reversed} points taken back, {earned} earned, balance {balance}."),
    Sentence(
      code: "ticket.claimed", chinese: "已補登 {earned} 點，餘額 {balance} 點。",
      english: "{earned} points claimed for the earlier ticket, balance {balance}."),
    Sentence(
      code: "ticket.preview", chinese: "這是試算，沒有入帳：可累 {earned} 點、折抵 {redeemed} 點。",
      english: "A preview, nothing is posted: {earned} points to earn, {redeemed} to redeem."),
    Sentence(
      code: "ticket.ended", chinese: "這筆交易已退貨、作廢或更正，點數沒有變動，不用再做任何動作。",
      english: "This ticket has come back, or was voided or corrected; nothing was changed and "
        + "nothing more is to do."),
    Sentence(
      code: "claim.notOpen", chinese: "這筆交易已經有會員或已退貨，點數沒有變動，請核對發票。",
      english: "This ticket has a member already or has come back; nothing was changed, so check "
        + "the invoice."),
    Sentence(
      code: "claim.tooLate", chinese: "補登期限是 {days} 天，這筆交易已過期，點數沒有變動，請洽店長。",
      english: "Points are claimed within {days} days and this ticket is older; nothing was "
        + "changed, so ask the manager."),
    Sentence(
      code: "hold.placed", chinese: "已保留 {points} 點，餘額 {balance} 點。",
      english: "{points} points are reserved, balance {balance}."),
    Sentence(
      code: "hold.released", chinese: "保留的點數已放回，餘額 {balance} 點。",
      english: "The reserved points are free again, balance {balance}."),
    Sentence(
      code: "hold.notOpen", chinese: "這筆保留已結束，點數沒有變動，請重新保留。",
      english: "This reservation has ended and nothing was changed: reserve the points anew."),
    Sentence(
      code: "points.transferred", chinese: "已移轉 {points} 點，餘額 {balance} 點。",
      english: "{points} points are transferred, balance {balance}."),
    Sentence(
      code: "accounts.merged", chinese: "兩個帳戶已合併，餘額 {balance} 點。",
      english: "The two accounts are one now, balance {balance}."),
    Sentence(
      code: "accounts.unmerged", chinese: "帳戶已分開，餘額 {balance} 點。",
      english: "The accounts are apart again, balance {balance}."),
    Sentence(
      code: "points.converted", chinese: "點數已轉換，{before} 點成為 {after} 點。",
      english: "The points are converted: {before} became {after}."),
    Sentence(
      code: "points.extended", chinese: "{after} 點的期限已延長。",
      english: "{after} points live longer now."),
    Sentence(
      code: "tier.set", chinese: "等級已設定為 {tier}。", english: "The tier is set to {tier}."),
    Sentence(
      code: "tier.notFound", chinese: "沒有這個等級，沒有任何更動，請核對等級代碼。",
      english: "There is no such tier and nothing was changed: check its code."),
    Sentence(
      code: "tier.range", chinese: "等級的期限要在三年以內，沒有任何更動，請重新輸入。",
      english: "A tier is set for three years at most and nothing was changed; please enter the "
        + "end again."),
    Sentence(
      code: "line.notFound", chinese: "原交易沒有這個品項，點數沒有變動，請核對明細。",
      english: "The ticket has no such line and nothing was changed: check the lines."),
    Sentence(
      code: "lot.range", chinese: "點數的期限不對，點數沒有變動，請重新輸入。",
      english: "These points' dates make no sense and nothing was changed; please enter them "
        + "again."),
    Sentence(
      code: "batch.done", chinese: "處理 {accounts} 個帳戶、{lots} 批點數。",
      english: "{accounts} accounts and {lots} lots of points are done."),
    Sentence(
      code: "batch.refused", chinese: "有 {count} 行不能入帳，沒有任何更動，請依清單改正後再送。",
      english: "{count} lines are refused and nothing was changed: mend them as listed."),
    Sentence(
      code: "approval.present", chinese: "這項作業須由第二人當場核准，沒有任何更動，請第二人在場時再送。",
      english: "The second person must sign this in the same request and nothing was changed: send "
        + "it when they are present."),
    Sentence(
      code: "return.openLimit", chinese: "本店查不到原交易，憑收據最多可退回 {limit} 點，沒有任何更動，請洽原店或店長。",
      english: "The sale is not known here; by its receipt at most {limit} points can be given "
        + "back, so nothing was changed: ask the store that sold."),
    Sentence(
      code: "return.receipt", chinese: "收據內容有誤或與先前的退貨不符，沒有任何更動，請核對收據後再輸入。",
      english: "What the receipt says does not fit, or differs from an earlier return of it; "
        + "nothing was changed, so check the receipt."),
    Sentence(
      code: "return.open",
      chinese: "已憑收據退貨，扣回 {reversed} 點、退回 {givenBack} 點，餘額 {balance} 點，待原店帳目核對。",
      english: "Returned by its receipt: {reversed} points taken back, {givenBack} given back, "
        + "balance {balance}; it is settled when the sale's journal arrives."),
    Sentence(
      code: "merge.conflict", chinese: "這兩個帳戶不能合併或移轉，點數沒有變動，請核對帳戶。",
      english: "These accounts are one already, or none was merged; nothing was changed, so check "
        + "them."),
    Sentence(
      code: "redeem.amount", chinese: "這個金額不能用點數剛好折抵，點數沒有變動，請重新輸入。",
      english: "No number of points takes off just this amount and nothing was changed; please "
        + "enter it again."),
    Sentence(
      code: "redeem.identity", chinese: "這個方式不能折抵點數，點數沒有變動，請插入會員卡。",
      english: "Points are not redeemed this way and nothing was changed: please insert the "
        + "member card."),
    Sentence(
      code: "redeem.anonymous", chinese: "這張卡還沒有登記會員，每次最多折抵 {limit} 點，點數沒有變動。",
      english: "This card is registered to nobody yet: up to {limit} points may be redeemed at a "
        + "time; nothing was changed."),
    Sentence(
      code: "points.expiring", chinese: "有點數即將到期，可以提醒會員。",
      english: "Points are about to expire; the member may be told."),
    Sentence(
      code: "awards.many", chinese: "這個帳戶今天累點次數偏多，請留意。",
      english: "This account has earned unusually often today."),
    Sentence(
      code: "redeem.check", chinese: "請詢問會員生日的月日，核對後才能折抵，點數沒有變動。",
      english: "Ask the member for month and day of birth and enter it to redeem; nothing was "
        + "changed."),
    Sentence(
      code: "earn.identity", chinese: "這個方式不能累點，點數沒有變動，請插入會員卡。",
      english: "Points are not earned this way and nothing was changed: please insert the member "
        + "card."),
    Sentence(
      code: "return.amount", chinese: "退貨金額和品項不符，應為 {lines}，點數沒有變動，請重新輸入。",
      english: "The amount does not fit the lines, which make {lines}; nothing was changed, so "
        + "enter it again."),
    Sentence(
      code: "sale.future", chinese: "交易時間在未來，點數沒有變動，請校正收銀機時間。",
      english: "The ticket's time lies ahead and nothing was changed: set the till's clock."),
    Sentence(
      code: "sale.invalid", chinese: "交易內容前後不符，點數沒有變動，請由收銀機重新送出。",
      english: "The ticket contradicts itself and nothing was changed: let the till send it anew."),
    Sentence(
      code: "entry.invalid", chinese: "這筆資料超出帳本能記的範圍，點數沒有變動，請核對時間和數字後重送。",
      english: "The ledger cannot hold this and nothing was changed: check times and numbers, then "
        + "send it again."),
    Sentence(
      code: "journal.ahead", chinese: "另一台的紀錄時間在未來，尚未併入，請校正兩邊的時鐘後再試。",
      english: "The other node's entries lie ahead of this clock and were not taken in: set both "
        + "clocks and try again."),
    Sentence(
      code: "hold.exceeded", chinese: "折抵超過保留的 {held} 點，點數沒有變動，請重新輸入點數。",
      english: "More is redeemed than the {held} points reserved and nothing was changed: please "
        + "enter it again."),
    Sentence(
      code: "entry.notFound", chinese: "查不到這筆紀錄，請核對代碼。",
      english: "There is no such entry: check its name."),
    Sentence(
      code: "programme.activated", chinese: "方案已啟用，版本 {version}。",
      english: "The programme is in force as version {version}."),
    Sentence(
      code: "programme.known", chinese: "這份方案已經啟用過，版本 {version}，不用再做任何動作。",
      english: "This programme has been activated before, as version {version}; nothing more to "
        + "do."),
    Sentence(
      code: "programme.past", chinese: "方案不能從過去的日期開始，沒有任何更動，請重新輸入。",
      english: "A programme cannot begin in the past and nothing was changed; please enter the "
        + "date again."),
    Sentence(
      code: "programme.worse", chinese: "新方案對會員較不利，沒有任何更動，請提前公告或由第二人核准。",
      english: "The new terms are worse for members and nothing was changed: announce them in "
        + "time, or have a second person approve."),
  ]
}
