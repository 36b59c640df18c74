extension Sentence {
  /// Every outcome that a cashier can meet, in both languages.
  package static let all: [Sentence] =
    cards + devices + points + commands + engine + people + life + nights + rewards + stations

  private static let cards = [
    Sentence(
      code: "card.ready", chinese: "{name}，目前 {balance} 點，可以結帳。",
      english: "{name}: {balance} points; go on with the sale."),
    Sentence(
      code: "card.unreadable", chinese: "卡片讀不到，請依圖示方向再插一次；仍不行請改輸入卡號或手機號碼。",
      english: "The card could not be read: insert it again as pictured, or key in the card or "
        + "phone number."),
    Sentence(
      code: "card.foreign", chinese: "這不是本店的會員卡，卡片沒有任何更動，請交還顧客並改用會員卡。",
      english:
        "This is not one of our member cards; nothing on it was changed, so hand it back and "
        + "ask for the member card."),
    Sentence(
      code: "card.payment", chinese: "這不是會員卡，卡片沒有任何更動，請交還顧客並改用會員卡。",
      english: "This is not a member card; nothing on it was changed, so hand it back and ask for "
        + "the member card."),
    Sentence(
      code: "card.otherProgramme", chinese: "這是別家店的會員卡，卡片沒有任何更動，請交還顧客並改用本店的卡。",
      english: "This member card belongs to another shop; nothing on it was changed, so hand it "
        + "back and ask for ours."),
    Sentence(
      code: "card.blank", chinese: "這是一張空白卡，卡片沒有任何更動，請由店長發卡後再使用。",
      english: "This card is blank and nothing on it was changed: have the manager issue it first."
    ),
    Sentence(
      code: "card.notBlank", chinese: "這張卡不是空白卡，卡片沒有任何更動，請換一張空白卡。",
      english: "This card is not blank; nothing on it was changed, so take a blank one."),
    Sentence(
      code: "card.unknown", chinese: "這張會員卡在本店還沒有資料，卡片沒有任何更動，請改輸入手機號碼或到服務台。",
      english: "This member card is not known here yet; nothing on it was changed, so key in the "
        + "phone number or go to the service desk."),
    Sentence(
      code: "card.suspended", chinese: "這張卡已停用或已換新卡，點數都在帳戶裡，請改用新卡或到服務台辦理。",
      english: "This card is no longer in use; the points are safe in the account, please use the "
        + "new card or go to the service desk."),
    Sentence(
      code: "card.ended", chinese: "這張卡已停用或已換新卡，點數都在帳戶裡，請改用新卡或到服務台辦理。",
      english: "This card is no longer in use; the points are safe in the account, please use the "
        + "new card or go to the service desk."),
    Sentence(
      code: "card.outdated", chinese: "這張卡的紀錄不是最新的，點數都在帳戶裡，請改輸入手機號碼或到服務台辦理。",
      english: "The record on this card is not the latest; the points are safe in the account, so "
        + "key in the phone number or go to the service desk."),
    Sentence(
      code: "card.blocked", chinese: "這張卡已被鎖定，點數都在帳戶裡，請到服務台辦理。",
      english: "This card is blocked; the points are safe in the account, please go to the service "
        + "desk."),
    Sentence(
      code: "card.worn", chinese: "這張卡的卡面快要印不清楚，點數都在帳戶裡，請店長換發新卡。",
      english: "This card's face is nearly worn out; the points are safe, please have the manager "
        + "replace the card."),
    Sentence(
      code: "card.insertBlank", chinese: "資料已建立，請把空白卡插入卡機。",
      english: "The card is prepared: insert a blank card."),
    Sentence(
      code: "card.insert", chinese: "請把要重寫的卡插入卡機。",
      english: "Insert the card that is to be written anew."),
    Sentence(
      code: "card.resumed", chinese: "這張卡已恢復使用，可以交給顧客。",
      english: "The card is in use again; hand it to the customer."),
    Sentence(
      code: "card.issued", chinese: "新卡已寫好，請取出交給顧客。",
      english: "The new card is ready: take it out and hand it over."),
    Sentence(
      code: "card.notFound", chinese: "查不到這個卡號，請核對後再輸入。",
      english: "No card has this number: check it and try again."),
    Sentence(
      code: "card.number", chinese: "卡號有誤，沒有任何更動，請核對每一個數字後再輸入。",
      english: "The card number is mistyped and nothing was changed: check each digit."),
    Sentence(
      code: "card.state", chinese: "這張卡目前的狀態不能這樣做，沒有任何更動，請先查詢卡片。",
      english:
        "The card's present state does not allow this and nothing was changed: look the card "
        + "up first."),
    Sentence(
      code: "card.limit", chinese: "這個卡號已經換發 99 次，請改發新卡號。",
      english: "This number was issued 99 times: give the member a new number."),
    Sentence(
      code: "station.cardWaiting", chinese: "上一位顧客（{name}）的卡還在卡機口，請先取出交還，再服務下一位。",
      english:
        "The previous customer's card ({name}) is still in the slot: take it out and hand it "
        + "back before serving the next customer."),
    Sentence(
      code: "station.ready", chinese: "請插入會員卡。", english: "Please insert the member card."),
    Sentence(
      code: "station.noCard", chinese: "卡機裡沒有會員卡，點數尚未入帳，請先插卡或改輸入卡號或手機號碼。",
      english: "There is no member card in the device and nothing was posted: insert it, or key in "
        + "the card or phone number."),
    Sentence(
      code: "station.notFound", chinese: "沒有這個卡機名稱，請核對設定。",
      english: "No station has this name: check the settings."),
    Sentence(
      code: "station.busy", chinese: "卡機正在處理另一張卡，請等卡片退出後再試。",
      english: "The device is busy with another card: wait until it comes out."),
    Sentence(
      code: "session.ended", chinese: "卡片已經退出，這筆點數尚未入帳，請再插一次卡或改輸入手機號碼。",
      english: "The card is out and this ticket is not posted yet: insert the card again or key in "
        + "the phone number."),
  ]

  private static let devices = [
    Sentence(
      code: "device.jam", chinese: "卡片卡住了，點數已入帳（餘額 {balance} 點），請打開上蓋取出卡片，卡面下次再更新。",
      english: "The card is jammed but the points are posted (balance {balance}): open the cover, "
        + "take the card out; its face will be updated next time."),
    Sentence(
      code: "device.absent", chinese: "卡機沒有連線或上蓋未關，點數照常累積，請先結帳，卡面下次補印。",
      english: "The card device is off or its cover is open; points are posted as usual, so carry "
        + "on and the face will be printed next time."),
    Sentence(
      code: "device.cover", chinese: "卡機沒有連線或上蓋未關，點數照常累積，請先結帳，卡面下次補印。",
      english: "The card device is off or its cover is open; points are posted as usual, so carry "
        + "on and the face will be printed next time."),
    Sentence(
      code: "device.fault", chinese: "卡機故障，點數照常累積，請先結帳並通知店長，卡面下次補印。",
      english: "The card device is out of order; points are posted as usual, so carry on and tell "
        + "the manager; the face will be printed next time."),
    Sentence(
      code: "station.printsNothing", chinese: "這個櫃檯的卡機不能列印卡面。",
      english: "The device of this station does not print faces."),
    Sentence(
      code: "device.feeder", chinese: "卡機的卡匣沒有卡了，點數照常累積，請補卡，卡面下次補印。",
      english: "The card device has no cards left to take; points are posted as usual: load cards, "
        + "the face will be printed next time."),
    Sentence(
      code: "device.stacker", chinese: "卡機的出卡匣滿了，點數照常累積，請取走卡片，卡面下次補印。",
      english: "The card device's tray is full; points are posted as usual: empty the tray, the "
        + "face will be printed next time."),
    Sentence(
      code: "device.attention", chinese: "卡機需要處理（看卡機的顯示），點數照常累積，請先結帳並通知店長，卡面下次補印。",
      english:
        "The card device asks for attention (see its display); points are posted as usual, so "
        + "carry on and tell the manager; the face will be printed next time."),
    Sentence(
      code: "face.updating", chinese: "卡面更新中，請稍候。", english: "The face is being printed."),
    Sentence(
      code: "face.updated", chinese: "卡面已更新，請取出卡片交還顧客。",
      english: "The face is up to date: take the card out and hand it back."),
    Sentence(
      code: "face.notVerified", chinese: "點數已入帳，卡面沒有印好，請再插一次卡片。",
      english: "The points are posted but the face did not print well; please insert the card once "
        + "more."),
    Sentence(
      code: "face.unprintable", chinese: "「{characters}」在卡面印不出來，沒有任何更動，請改用別的寫法。",
      english: "{characters} cannot be printed on a card and nothing was changed: write it another "
        + "way."),
    Sentence(
      code: "card.returned", chinese: "卡片已退出，沒有任何更動，請取出交還顧客。",
      english: "The card is out and unchanged: take it and hand it back."),
  ]

  private static let points = [
    Sentence(
      code: "points.insufficient", chinese: "目前可用 {available} 點，本次最多折抵 {max} 點，請重新輸入點數。",
      english: "{available} points can be used now and at most {max} on this ticket; please enter "
        + "the points again."),
    Sentence(
      code: "points.range", chinese: "點數 {points} 不在可接受的範圍，沒有任何更動，請重新輸入。",
      english: "{points} points are out of range and nothing was changed; please enter them again."
    ),
    Sentence(
      code: "amount.range", chinese: "金額 {amount} 不在可接受的範圍，沒有任何更動，請重新輸入。",
      english: "The amount {amount} is out of range and nothing was changed; please enter it again."
    ),
    Sentence(
      code: "redeem.needsCard", chinese: "用手機號碼可以累點，折抵點數請插入會員卡。",
      english: "A phone number is enough to earn; to redeem, please insert the member card."),
    Sentence(
      code: "redeem.needsAccount", chinese: "折抵點數要先有會員，點數沒有變動，請插入會員卡。",
      english:
        "Points are redeemed from a member and nothing was changed: please insert the member "
        + "card."),
    Sentence(
      code: "redeem.minimum", chinese: "每次至少折抵 {minimum} 點，點數沒有變動，請重新輸入。",
      english: "At least {minimum} points are redeemed at a time and nothing was changed; please "
        + "enter the points again."),
    Sentence(
      code: "redeem.multiple", chinese: "折抵點數要是 {multiple} 的倍數，點數沒有變動，請重新輸入。",
      english:
        "Points are redeemed in multiples of {multiple} and nothing was changed; please enter "
        + "the points again."),
    Sentence(
      code: "redeem.offlineLimit", chinese: "暫時連不到總部，累點不受影響，本次最多折抵 {limit} 點。",
      english: "Head office cannot be reached just now; earning is not affected and up to {limit} "
        + "points may be redeemed."),
    Sentence(
      code: "ticket.posted", chinese: "累 {earned} 點、折抵 {redeemed} 點，餘額 {balance} 點。",
      english: "{earned} points earned, {redeemed} redeemed, balance {balance}."),
    Sentence(
      code: "return.posted", chinese: "退貨完成，扣回 {reversed} 點、退回 {givenBack} 點，餘額 {balance} 點。",
      english: "Returned: {reversed} points taken back, {givenBack} given back, balance {balance}."
    ),
    Sentence(
      code: "points.adjusted", chinese: "點數已調整，餘額 {balance} 點。",
      english: "The points are adjusted, balance {balance}."),
    Sentence(
      code: "member.added", chinese: "會員已建立，可以發卡了。",
      english: "The member is registered; a card can be issued now."),
    Sentence(
      code: "ticket.alreadyPosted", chinese: "這筆交易 {time} 已累 {points} 點，不會重複計算，不用再做任何動作。",
      english: "This ticket was already posted at {time} for {points} points and is not counted "
        + "twice; nothing more to do."),
    Sentence(
      code: "ticket.notFound", chinese: "查不到原來的交易，點數沒有變動，請核對交易號碼。",
      english: "The original ticket is not known and nothing was changed: check its number."),
    Sentence(
      code: "return.exceeds", chinese: "退貨超過原交易金額 {sold}，點數沒有變動，請重新輸入。",
      english:
        "More comes back than the {sold} that was sold and nothing was changed; please enter "
        + "it again."),
    Sentence(
      code: "return.shortfall", chinese: "這筆退貨要扣回 {points} 點，餘額不足 {short} 點，退款將減少 {amount}。",
      english: "This return takes back {points} points; {short} are missing, so the refund is "
        + "reduced by {amount}."),
    Sentence(
      code: "account.notFound", chinese: "查不到這個帳戶，點數沒有變動，請核對後再輸入。",
      english: "There is no such account and nothing was changed: check it and try again."),
    Sentence(
      code: "member.notFound", chinese: "查不到這個號碼，請核對後再輸入，或先結帳。",
      english: "No member has this number: check it, or finish the sale first."),
    Sentence(
      code: "member.ambiguous", chinese: "這個號碼有 {count} 位會員，點數沒有變動，請改用會員卡或卡號。",
      english: "{count} members have this number and nothing was changed: use the card or its "
        + "number."),
  ]

  private static let commands = [
    Sentence(
      code: "key.reused", chinese: "這個交易代碼用過在別的內容，點數沒有變動，請換一個代碼。",
      english: "This key was used for something else and nothing was changed: use another key."),
    Sentence(
      code: "key.missing", chinese: "缺少交易代碼，沒有任何更動，請由收銀機補上。",
      english: "The Idempotency-Key is missing and nothing was changed: let the till add one."),
    Sentence(
      code: "field.invalid", chinese: "輸入的資料有誤，沒有任何更動，請修改後再送。",
      english: "A field is wrong and nothing was changed: correct it and try again."),
    Sentence(
      code: "amount.fraction", chinese: "金額不能有小數，沒有任何更動，請重新輸入。",
      english: "The amount has a fraction that the currency lacks and nothing was changed; please "
        + "enter it again."),
    Sentence(
      code: "points.fraction", chinese: "點數不能分得這麼細，沒有任何更動，請重新輸入。",
      english: "Points are not divided that finely and nothing was changed; please enter them "
        + "again."),
    Sentence(
      code: "clock.behind", chinese: "電腦的時間不對，點數暫停入帳，請店長校正時間後再試。",
      english: "The computer's clock is wrong and posting has stopped: have the manager set it."),
    Sentence(
      code: "programme.missing", chinese: "還沒有啟用點數方案，請店長先啟用。",
      english: "No programme is in force yet: have the manager activate one."),
    Sentence(
      code: "programme.conflict", chinese: "這份方案與使用中的方案不符，沒有任何更動，請總部核對。",
      english: "This programme does not follow the one in force and nothing was changed: ask head "
        + "office."),
    Sentence(
      code: "programme.decimals",
      chinese: "點數有 {places} 位小數，帳上和卡上都是，不能改成 {wanted} 位，沒有任何更動，請改回來。",
      english: "Points have {places} decimals in every entry and on every card and cannot have "
        + "{wanted}; nothing was changed: set points.decimals back."),
    Sentence(
      code: "face.notWanted", chinese: "這張卡片沒有待印的卡面，不用再做任何動作。",
      english: "No face is waiting to be printed; nothing more to do."),
    Sentence(
      code: "account.readOnly", chinese: "這個帳戶有新版程式寫入的紀錄（第 {edition} 版），目前只能查詢，請先更新程式。",
      english: "A newer program (edition {edition}) wrote to this account: it can be read only; "
        + "update the program first."),
    Sentence(
      code: "finding.notFound", chinese: "查不到這個待處理的矛盾，沒有任何更動，請先列出清單核對。",
      english: "There is no such open finding and nothing was changed: list the findings first."),
    Sentence(
      code: "journal.damaged", chinese: "這份帳本檔案不完整或被改過，沒有任何更動，請重新取得。",
      english: "This journal is damaged or was changed, and nothing was taken in: fetch it again."),
    Sentence(
      code: "journal.unsigned", chinese: "這份帳本不是已知節點 {node} 簽署的，沒有任何更動，請核對金鑰。",
      english: "This journal is not signed by the node {node} as known here, and nothing was "
        + "taken in: check the keys."),
    Sentence(
      code: "journal.gap", chinese: "這份帳本前面還缺 {wanted}，沒有任何更動，請先匯入前面的部分。",
      english: "Entries from {wanted} on are missing before this journal and nothing was taken "
        + "in: bring those in first."),
    Sentence(
      code: "journal.forked", chinese: "帳本 {entry} 與這裡的紀錄不同，沒有任何更動，請通知總部。",
      english: "{entry} differs from what is here and nothing was taken in: tell head office."),
    Sentence(
      code: "journal.stopped", chinese: "有別的資料庫用本店名義寫過 {entry}，已停止寫入，請店長還原備份後再繼續。",
      english: "Another database wrote {entry} under this node's name; nothing more is written "
        + "until a backup is restored."),
    Sentence(
      code: "storage.unavailable", chinese: "系統暫時無法存檔，請用同一筆交易再送一次。",
      english: "The system cannot store anything just now: send the same ticket once more."),
    Sentence(
      code: "route.notFound", chinese: "沒有這個功能，沒有任何更動，請核對網址。",
      english: "There is no such function and nothing was changed: check the address."),
    Sentence(
      code: "route.method", chinese: "這個功能不能這樣呼叫，沒有任何更動。",
      english: "This function is not called like that and nothing was changed."),
    Sentence(
      code: "internal.failure", chinese: "系統發生問題，請用同一筆交易再送一次，並通知店長。",
      english: "Something went wrong: send the same ticket once more and tell the manager."),
  ]
}
