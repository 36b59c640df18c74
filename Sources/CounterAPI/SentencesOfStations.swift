extension Sentence {
  /// What is said about stations of several devices, turns and the care of devices.
  static let stations = [
    Sentence(
      code: "station.swipe", chinese: "請刷會員卡。", english: "Please swipe the member card."),
    Sentence(
      code: "station.identify", chinese: "請輸入卡號，卡片稍後放進印卡機。",
      english: "Key in the card number; the card goes into the printer afterwards."),
    Sentence(
      code: "station.deskReady", chinese: "這台卡機只辦發卡、換卡和補印。",
      english: "This station issues, replaces and reprints cards only."),
    Sentence(
      code: "station.desk", chinese: "這台卡機不能結帳，點數沒有變動，請到收銀台辦理。",
      english: "No tickets are posted at this station and nothing was changed: use a till."),
    Sentence(
      code: "station.claimed", chinese: "這台卡機正由 {till} 使用，點數尚未入帳，請等輪到再試。",
      english: "{till} is using this station and nothing was posted yet: wait for your turn."),
    Sentence(
      code: "station.notShared", chinese: "這台卡機不用排隊，沒有任何更動，請直接使用。",
      english: "This station is not shared and nothing was changed: use it as it is."),
    Sentence(
      code: "station.yourTurn", chinese: "輪到您使用這台卡機。", english: "It is your turn at this station."),
    Sentence(
      code: "station.waitTurn", chinese: "這台卡機有人使用，前面還有 {place} 位，請稍候。",
      english: "The station is in use; {place} before you."),
    Sentence(
      code: "station.released", chinese: "已讓出這台卡機。",
      english: "Your turn at the station is given up."),
    Sentence(
      code: "station.insertToPrint", chinese: "請把這張卡放進印卡機。",
      english: "Put this card into the printer."),
    Sentence(
      code: "station.insertToRead", chinese: "請把這張卡放進讀卡機。",
      english: "Put this card into the reader."),
    Sentence(
      code: "station.swipeToWrite", chinese: "請刷同一張卡，寫入新資料。",
      english: "Swipe the same card, to be written."),
    Sentence(
      code: "station.swipeToCheck", chinese: "請再刷一次同一張卡，核對寫入的資料。",
      english: "Swipe the same card once more, to check what was written."),
    Sentence(
      code: "station.swipeAgain", chinese: "沒有刷好，請再刷一次同一張卡。",
      english: "That swipe did not work: swipe the same card again."),
    Sentence(
      code: "station.printerMissing", chinese: "印卡機沒有連線或不能用，點數照常累積，請先結帳，卡面下次補印。",
      english:
        "The printer is off or out of order; points are posted as usual, so carry on and the "
        + "face will be printed next time."),
    Sentence(
      code: "station.readerMissing", chinese: "讀卡機沒有連線或不能用，點數照常累積，請改輸入卡號或手機號碼。",
      english: "The reader is off or out of order; points are posted as usual: key in the card or "
        + "phone number."),
    Sentence(
      code: "station.cardHeld", chinese: "印卡機裡還有一張卡，請先接好印卡機、取出卡片，再刷卡；也可改輸入卡號或手機號碼。",
      english:
        "A card is still inside the printer: have the printer back and take that card before "
        + "another is swiped, or key in the card or phone number."),
    Sentence(
      code: "station.notReady", chinese: "卡機目前沒有連線或不能用，沒有任何更動，請檢查後再試。",
      english:
        "The device is off or out of order and nothing was changed: look at it and try again."),
    Sentence(
      code: "station.cannotWipe", chinese: "這台卡機看不到卡片內容，不能清除，沒有任何更動，請換一台。",
      english:
        "This station cannot see what is on a card and wipes none; nothing was changed, so use "
        + "another."),
    Sentence(
      code: "station.cannotWrite", chinese: "這台卡機只能讀卡，沒有任何更動，請換一台。",
      english: "This station only reads cards; nothing was changed, so use another."),
    Sentence(
      code: "station.cleaningDue", chinese: "卡機該清潔了，請通知店長。",
      english: "The card device is due for cleaning: tell the manager."),
    Sentence(
      code: "station.badCable", chinese: "卡機的連線常出錯，卡片照常處理，請店長檢查或更換傳輸線。",
      english:
        "The line to the card device damages data; cards are served as usual, but have the "
        + "manager check or change the cable."),
    Sentence(
      code: "card.take", chinese: "請取走卡機出口的卡片，交還顧客。",
      english: "Take the card from the device's mouth and hand it back."),
    Sentence(
      code: "face.cannotPrint", chinese: "這張卡面印不出來，點數都在帳戶裡，請交還卡片並通知店長。",
      english:
        "This face cannot be printed; the points are safe in the account, so hand the card back "
        + "and tell the manager."),
    Sentence(
      code: "station.cleaned", chinese: "卡機已清潔，張數重新計算。",
      english: "The device is cleaned; its cards are counted anew."),
    Sentence(
      code: "station.serviced", chinese: "卡機已完成這項工作。", english: "The device has done this."),
    Sentence(
      code: "device.unsupported", chinese: "這台卡機不支援這項工作，沒有任何更動。",
      english: "This device does not offer this; nothing was changed."),
    Sentence(
      code: "device.serviceFailed", chinese: "卡機沒有完成這項工作，請檢查卡機後再試。",
      english: "The device did not finish this: look at it and try again."),
    Sentence(
      code: "session.closed", chinese: "這張卡已服務完畢，沒有任何更動，請交還顧客。",
      english: "This card is done with and unchanged: hand it back."),
    Sentence(
      code: "card.mixedUp", chinese: "刷到另一張卡，點數已入帳，卡片尚未寫好，請用原來的卡再試一次。",
      english:
        "Another card came; the points are posted but the card is not written: use the first "
        + "card and try again."),
    Sentence(
      code: "card.identifierTaken", chinese: "這個號碼已屬於另一張卡，沒有任何更動，請核對卡片。",
      english:
        "This number belongs to another card already and nothing was changed: check the card."),
    Sentence(
      code: "card.identifierBound", chinese: "這張卡以後可以用這個號碼辨認。",
      english: "The card can be told by this number from now on."),
  ]
}
