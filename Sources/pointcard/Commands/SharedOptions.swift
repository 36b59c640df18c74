/// Options that stand in several rows.
enum SharedOptions {
  static let phone = Option(
    "phone", .text("PHONE"), Words("the member's phone number", "會員的電話號碼"))
  static let member = Option("member", .text("ID"), Words("the member's id", "會員代碼"))
  static let account = Option("account", .text("ID"), Words("the account's id", "帳戶代碼"))
  static let card = Option("card", .text("NUMBER"), Words("the card number", "卡號"))
  static let station = Option(
    "station", .text("NAME"), Words("the card in this station's device", "這台卡機裡的卡片"))
  static let session = Option(
    "session", .integer("N", 1...Int64.max),
    Words("only if the station is still at this card", "只在卡機仍是這張卡時才入帳"))

  /// Who is meant, when nobody stands at a device.
  static let keyedSubjects = [card, phone, member, account]
  static let subjects = [station] + keyedSubjects

  static func oneOf(_ options: [Option], isRequired: Bool) -> Command.Group {
    Command.Group(names: options.map(\.name), isRequired: isRequired)
  }

  /// The second person of a command that is more than one may do alone.
  static let approval = [
    Option(
      "approver", .word("NAME", limit: 32),
      Words("the second person, who signs with a PIN", "第二位核准人，以密碼簽核")),
    Option(
      "approver-pin-file", .file("FILE"),
      Words("where the second person's PIN stands; default: asked for", "核准人密碼的檔案；預設會詢問"),
      isField: false),
    Option(
      "later", .flag,
      Words("keep it until somebody approves it", "先送出，等待核准")),
    Option(
      "remark", .text("TEXT"),
      Words("free text beside the entry", "備註，不寫入帳目")),
  ]

  /// The same where nothing is kept beside the entry.
  static let plainApproval = Array(approval.dropLast())
  /// The same where the second person must stand by.
  static let presentApproval = Array(approval.prefix(2))

  /// For points that are locked.
  static let memberPIN = Option(
    "member-pin-file", .file("FILE"),
    Words("where the PIN stands that opens a member's lock", "會員折抵密碼的檔案"), isField: false)

  static let ticket = Option(
    "ticket", .text("N"), Words("the till's number of the sale", "銷售的交易號碼"), isRequired: true)
  static let terminal = Option(
    "terminal", .text("T"), Words("the till", "收銀機"), isRequired: true)
  static let amount = Option(
    "amount", .number("A"), Words("the amount, in the currency's units", "金額"), isRequired: true)
  static let date = Option(
    "date", .text("DAY"), Words("the business day; default: of the time", "營業日；預設依時間"))
  static let points = Option(
    "points", .points("P", 1...1_000_000_000), Words("how many points", "點數"), isRequired: true)

  /// Where a new or repaired card is written, and how long the plastic is waited for.
  static let writingStation = Option(
    "station", .text("NAME"), Words("write it on the next plastic put in there", "在這台卡機寫卡"))
  static let wait = Option(
    "wait", .integer("SECONDS", 0...3_600),
    Words("how long to wait for the plastic; default 120", "等候插卡的秒數；預設 120"), isField: false)
}
