extension Sentence {
  /// What is said about a card's life, stock and journals.
  static let life = [
    Sentence(
      code: "card.forged", chinese: "這張卡的資料不是本店寫的，卡片沒有任何更動，請改輸入手機號碼並通知店長。",
      english: "What stands on this card was not written by us; nothing on it was changed, so key "
        + "in the phone number and tell the manager."),
    Sentence(
      code: "card.wrongKey", chinese: "本店的金鑰檔和這張卡不符，卡片沒有任何更動，請改輸入手機號碼並通知店長。",
      english: "This store's key file does not fit the card; nothing on it was changed, so key in "
        + "the phone number and tell the manager."),
    Sentence(
      code: "card.unknownKey", chinese: "本店還沒有這張卡的金鑰，卡片沒有任何更動，請改輸入手機號碼並通知店長。",
      english: "This store lacks the key of this card; nothing on it was changed, so key in the "
        + "phone number and tell the manager."),
    Sentence(
      code: "card.notBound", chinese: "這張舊卡還沒有對應的會員，卡片沒有任何更動，請改輸入手機號碼或到服務台。",
      english: "This old card is no member's yet; nothing on it was changed, so key in the phone "
        + "number or go to the service desk."),
    Sentence(
      code: "card.limited", chinese: "別店的紀錄還沒送到，可以累點，折抵暫時有上限。",
      english: "Entries of another store are still to come: it earns, and redeems up to a limit."),
    Sentence(
      code: "card.full", chinese: "這張卡不能再寫入，點數都在帳戶裡，請店長換發新卡。",
      english: "This card can be written no more; the points are safe in the account, so have the "
        + "manager replace it."),
    Sentence(
      code: "alarm.unknownKey", chinese: "卡片用了這裡沒有的金鑰號碼，請把新的金鑰檔送到這家店。",
      english: "Signed with a key number that is not held here: bring the newer key file there."),
    Sentence(
      code: "alarm.wrongKey", chinese: "卡片是我們寫的，這裡的金鑰檔卻不符，請還原正確的金鑰檔。",
      english: "We wrote this, and the key file there does not confirm it: restore the right one."),
    Sentence(
      code: "alarm.altered", chinese: "卡片的紀錄被改過，請請會員出示卡片，查明後換發。",
      english: "The record of this card was altered: see the card, look into it and replace it."),
    Sentence(
      code: "alarm.forgedNumber", chinese: "卡片的號碼沒有發過，也沒有金鑰能證實，請查明來源。",
      english: "A number never given out, and no key confirms it: find out where it comes from."),
    Sentence(
      code: "alarm.ahead", chinese: "卡片的紀錄比這裡新，請把其他店的帳本送來。",
      english: "The card knows more than is known there: bring in the other stores' journals."),
    Sentence(
      code: "alarm.lost", chinese: "寫這張卡的那家店少了一段帳本，請還原它的備份或補送帳本。",
      english: "The store that wrote this lost a part of its ledger: restore its backup or bring "
        + "the rest of its journal."),
    Sentence(
      code: "alarm.ancestor", chinese: "卡片顯示已被蓋過的舊紀錄，是複製或回復的卡，請換發新卡。",
      english: "A record that was overwritten: the card was copied or rolled back, so replace it."),
    Sentence(
      code: "alarm.copied", chinese: "同一張卡有兩份各自寫過，請查明後換發新卡。",
      english: "Two copies of this card were both written: look into it and replace the card."),
    Sentence(
      code: "card.nowBlocked", chinese: "這張卡已鎖定，點數都在帳戶裡。",
      english: "The card is blocked; the points are safe in the account."),
    Sentence(
      code: "card.unblocked", chinese: "這張卡已解除鎖定，可以使用。",
      english: "The block is ended; the card can be used."),
    Sentence(
      code: "card.retired", chinese: "這張卡已清除並停用，點數都在帳戶裡。",
      english: "The card is wiped and out of use; the points are safe in the account."),
    Sentence(
      code: "card.insertToWipe", chinese: "請把要清除的卡插入卡機。",
      english: "Insert the card that is to be wiped."),
    Sentence(
      code: "card.wiping", chinese: "卡片清除中，請稍候。", english: "The card is being wiped."),
    Sentence(
      code: "card.exchanging", chinese: "舊卡已停用，正在清除；退出後請把空白卡插入卡機。",
      english: "The old card is out of use and being wiped: when it is out, insert a blank card."),
    Sentence(
      code: "card.registered", chinese: "這張卡已登記給會員，原來的點數都已併入。",
      english: "The card is registered to the member, with the points that were on it."),
    Sentence(
      code: "card.anonymous", chinese: "這張卡沒有登記會員，遺失不能補發，沒有任何更動。",
      english: "This card was never registered, so it cannot be restored when it is lost; nothing "
        + "was changed."),
    Sentence(
      code: "card.witness", chinese: "無法清除的卡要由兩個人確認銷毀，沒有任何更動，請加上第二位。",
      english: "A card that cannot be wiped is counted as destroyed by two persons; nothing was "
        + "changed, so name the second one."),
    Sentence(
      code: "card.numberTaken", chinese: "這個卡號已經發出，沒有任何更動，請核對卡面號碼。",
      english: "This number is given out already and nothing was changed: check the card."),
    Sentence(
      code: "number.exhausted", chinese: "本店的卡號已經用完，沒有任何更動，請向總部申請號段。",
      english: "This store has no card numbers left and nothing was changed: ask head office for a "
        + "range."),
    Sentence(
      code: "number.range", chinese: "號段 {first} 到 {last} 不能使用或已發給別店，沒有任何更動。",
      english: "The range {first} to {last} cannot be given or belongs to another store already; "
        + "nothing was changed."),
    Sentence(
      code: "number.given", chinese: "號段 {first} 到 {last} 已發給 {store}。",
      english: "The numbers {first} to {last} are {store}'s now."),
    Sentence(
      code: "stock.booked", chinese: "{design} 現有 {quantity} 張。",
      english: "{design}: {quantity} cards are there now."),
    Sentence(
      code: "stock.insufficient", chinese: "庫存只有 {quantity} 張，沒有任何更動，請先盤點。",
      english: "Only {quantity} cards are there and nothing was changed: count them first."),
    Sentence(
      code: "stock.quantity", chinese: "張數 {quantity} 不在可接受的範圍，沒有任何更動，請重新輸入。",
      english: "{quantity} cards are out of range and nothing was changed; please enter it again."),
    Sentence(
      code: "journal.merged", chinese: "已匯入 {node} 的 {added} 筆，發現 {found} 項矛盾。",
      english: "{added} entries of {node} were taken in, {found} contradictions came to light."),
    Sentence(
      code: "finding.mended", chinese: "這項矛盾已由 {entry} 處理。",
      english: "The contradiction is mended by {entry}."),
  ]
}
