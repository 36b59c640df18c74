import CounterAPI

/// The words at the heads of tables and lists.
enum Label {
  static let account = Words("account", "帳戶")
  static let at = Words("time", "時間")
  static let available = Words("available", "可用點數")
  static let balance = Words("balance", "餘額")
  static let card = Words("card", "卡號")
  static let cards = Words("cards", "卡片")
  static let cardState = Words("card", "卡片位置")
  static let check = Words("check", "檢查")
  static let count = Words("found", "筆數")
  static let counter = Words("counter", "寫卡次數")
  static let device = Words("device", "卡機型號")
  static let entry = Words("entry", "帳目")
  static let expiring = Words("expires next", "最近到期")
  static let face = Words("face", "卡面")
  static let file = Words("file", "檔案")
  static let issue = Words("issue", "版次")
  static let lastUsable = Words("usable until", "可用至")
  static let language = Words("language", "語言")
  static let line = Words("line", "線路")
  static let lineTime = Words("line time", "線路時間")
  static let member = Words("member", "會員")
  static let message = Words("message", "訊息")
  static let name = Words("name", "姓名")
  static let node = Words("node", "節點")
  static let phone = Words("phone", "電話")
  static let points = Words("points", "點數")
  static let reason = Words("reason", "原因")
  static let result = Words("result", "結果")
  static let rewrites = Words("rewrites", "改寫次數")
  static let state = Words("state", "狀態")
  static let station = Words("station", "卡機")
  static let tier = Words("tier", "等級")
  static let type = Words("type", "類別")
  static let what = Words("what holds", "內容")

  /// The word for an entry's type on a statement.
  static func entryType(_ type: String) -> Words {
    switch type {
    case "AWARD": Words("earned", "累點")
    case "REDEEM": Words("redeemed", "折抵")
    case "AWARD_REFUND": Words("taken back", "退貨扣回")
    case "REDEEM_REFUND": Words("given back", "折抵退回")
    case "ADJUST": Words("adjusted", "調整")
    case "AWARD_BONUS": Words("bonus", "贈點")
    case "TRANSFER": Words("moved", "移轉")
    case "CONVERT": Words("converted", "轉換")
    case "FORFEIT": Words("forfeited", "失效")
    case "OPENING": Words("opening", "期初")
    case "EXPIRY": Words("expired", "到期")
    case "REWARD_GIVEN": Words("reward", "兌換贈品")
    case "VOID": Words("void, given before", "重複，無效")
    default: Words(type, type)
    }
  }

  /// The word for a card issue's state.
  static func cardState(_ state: String) -> Words {
    switch state {
    case "issued": Words("not written yet", "尚未寫卡")
    case "active": Words("active", "使用中")
    case "suspended": Words("suspended", "掛失中")
    case "ended": Words("ended", "已停用")
    default: Words(state, state)
    }
  }

  /// Why a face is stale, in a word.
  static func staleReason(_ reason: String) -> Words {
    switch reason {
    case "movedOn": Words("points have moved on", "點數已變動")
    case "interrupted": Words("printing was interrupted", "列印中斷")
    case "device.jam": Words("jam", "卡片卡住")
    case "device.absent": Words("device off", "卡機沒有連線")
    case "device.cover": Words("cover open", "上蓋未關")
    case "device.fault": Words("device fault", "卡機故障")
    case "device.feeder": Words("no cards left", "卡匣沒有卡")
    case "device.stacker": Words("tray full", "出卡匣滿")
    case "device.attention": Words("device asks for attention", "卡機需要處理")
    case "face.notVerified": Words("not verified", "卡面沒有印好")
    case "face.unprintable": Words("cannot be printed", "有字印不出來")
    default: Words(reason, reason)
    }
  }

  static let yes = Words("in order", "正常")
  static let no = Words("FAILED", "未通過")
  static let slow = Words("too slow", "太慢")
}
