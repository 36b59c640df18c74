import Configuration
import CounterAPI
import DeviceLinks
import DeviceProtocols

/// What is said of devices to whoever stands before one.
enum DeviceWords {
  /// What is wrong and what to do, for people.
  static func remedy(_ kind: DeviceFailure.Kind) -> Words {
    switch kind {
    case .jam:
      Words("A card is stuck: open the cover and take it out.", "卡片卡住了：請打開上蓋取出卡片。")
    case .cover: Words("The cover is open: close it.", "上蓋沒有關：請關上。")
    case .motor, .printer, .fault:
      Words(
        "A part is out of order: switch it off and on; if it stays, call service.",
        "機件故障：請關機再開機，仍不行請報修。")
    case .noCard: Words("There is no card in the device: put one in.", "卡機裡沒有卡片：請插卡。")
    case .read: Words("The stripe cannot be read: try another card.", "磁條讀不到：請換一張卡試試。")
    case .write, .mismatch:
      Words("The stripe does not keep what is written: try another card.", "磁條寫不進去：請換一張卡試試。")
    case .rejected:
      Words("It refuses what it is told: is it this model?", "卡機不接受指令：請確認型號是否正確。")
    case .noAnswer:
      Words(
        "It does not answer: check power, cable and speed; device reset may help.",
        "卡機沒有回應：請檢查電源、線路與速率，或試試 device reset。")
    case .garbled:
      Words("What it says is damaged: check cable and speed.", "收到的資料有誤：請檢查線路與速率。")
    case .absent: Words("It is not there: check power and cable.", "找不到卡機：請檢查電源與線路。")
    case .cancelled: Words("It was called off.", "已取消。")
    case .unprintable: Words("This device cannot print that.", "這台卡機印不出這個內容。")
    case .feeder: Words("There is no card to take: load cards.", "卡匣沒有卡：請補卡。")
    case .stacker: Words("The tray is full: empty it.", "出卡匣滿了：請取走卡片。")
    case .attention:
      Words("The device asks for something: see below and its display.", "卡機需要處理：請看下方說明與卡機顯示。")
    case .unsupported:
      Words("This device cannot do that, or no source tells how.", "這台卡機做不到，或沒有資料說明做法。")
    }
  }

  /// A card's state for people, behind UnifiedPOS's name.
  static func cardState(_ state: CardState) -> Words {
    switch state {
    case .noCard: Words("NOCARD, no card", "NOCARD，沒有卡片")
    case .remaining: Words("REMAINING, a card at the mouth", "REMAINING，卡片在入口")
    case .inDevice: Words("INRW, a card inside", "INRW，卡片在機內")
    }
  }

  static func cover(isOpen: Bool) -> Words { isOpen ? Words("open", "開著") : Words("closed", "關著") }

  static func support(_ support: Support) -> Words {
    switch support {
    case .works: Words("works", "可以")
    case .cannot: Words("device cannot", "卡機不能")
    case .notKnown: Words("not known", "不明")
    }
  }

  static func path(_ path: CardPath) -> Words {
    switch path {
    case .held: Words("held inside between reading and printing", "讀卡後留在機內，再改寫卡面")
    case .passed: Words("passed through by a job, not read first", "工作時直接通過，不能先讀卡")
    case .swiped: Words("drawn through a slot by hand", "手動刷過卡槽")
    }
  }

  static let lineCheck = Words("line check", "線路檢查碼")

  static func check(_ check: LineCheck) -> Words {
    switch check {
    case .exclusiveOr: Words(AbilityTable.word(check), "8 位元 XOR")
    case .none: Words(AbilityTable.word(check), "無")
    }
  }

  static func ability(_ ability: Ability) -> Words {
    let english = AbilityTable.title(ability)
    return switch ability {
    case .insert: Words(english, "進卡")
    case .read: Words(english, "讀取")
    case .write: Words(english, "寫入")
    case .verify: Words(english, "驗證")
    case .erase: Words(english, "清除卡面")
    case .print: Words(english, "列印")
    case .partialErase: Words(english, "局部清除")
    case .eject: Words(english, "退卡")
    case .clean: Words(english, "清潔")
    case .status: Words(english, "狀態")
    case .hotplug: Words(english, "插拔")
    }
  }

  /// The label of a fact that devices report; what is not known here keeps its own name.
  static func fact(_ name: String) -> Words {
    switch name {
    case "model": Words("model", "型號")
    case "serialNumber": Words("serial number", "序號")
    case "firmware": Words("firmware", "韌體版本")
    case "cardsPrinted": Words("cards printed", "列印張數")
    case "transports": Words("transports", "走卡次數")
    case "card": Words("card", "卡片位置")
    default: Words(name, name)
    }
  }

  // MARK: Failures

  /// The line to a device cannot be opened, or broke.
  static func failure(_ error: LinkError) -> CommandFailure {
    let sentence: Words =
      switch error.kind {
      case .notFound: Words("Nothing is at this address.", "這個位址沒有裝置。")
      case .noPermission:
        Words("You may not open this device: are you in its group?", "沒有權限開啟裝置：請確認是否在群組內。")
      case .busy:
        Words(
          "Another program has this device; if it is pointcardd, use --station.",
          "裝置正由其他程式使用；若是 pointcardd，請用 --station。")
      case .gone: Words("The device is gone: check power and cable.", "裝置不見了：請檢查電源與線路。")
      case .timedOut: Words("The line takes nothing: check the cable.", "線路送不出資料：請檢查線路。")
      case .unusable, .strayed: Words("This is no line to a device.", "這個位址不能當作卡機線路。")
      }
    let code =
      switch error.kind {
      case .busy: "device.busy"
      case .noPermission: "device.noPermission"
      case .unusable, .strayed: "device.unusable"
      case .notFound, .gone, .timedOut: "device.absent"
      }
    return CommandFailure(
      exit: ExitCode.refused, sentence: sentence, code: code, detail: error.description)
  }

  /// A device did not do what it was told.
  static func failure(_ failure: DeviceFailure) -> CommandFailure {
    let exit =
      switch failure.kind {
      case .unsupported, .unprintable, .absent, .cancelled: ExitCode.refused
      default: ExitCode.differences
      }
    return CommandFailure(
      exit: exit, sentence: remedy(failure.kind), code: failure.code, detail: facts(failure))
  }

  /// What programmers want to know: `EPCRW_JAM, status 38, during 46h`.
  static func facts(_ failure: DeviceFailure) -> String {
    var parts = [failure.pointCardError.rawValue]
    if let status = failure.status { parts.append("status \(String(status, radix: 16))") }
    if !failure.during.isEmpty { parts.append("during \(failure.during)") }
    if !failure.detail.isEmpty { parts.append(failure.detail) }
    return parts.joined(separator: ", ")
  }

  static func json(_ failure: DeviceFailure) -> JSON {
    [
      "code": .string(failure.code), "error": .string(failure.pointCardError.rawValue),
      "extended": failure.pointCardError.extendedCode.map { .integer(Int64($0)) } ?? .null,
      "status": failure.status.map { .integer(Int64($0)) } ?? .null,
      "during": .string(failure.during), "detail": .string(failure.detail),
    ]
  }

  static func json(_ report: DeviceReport) -> JSON {
    .object(report.facts.map { ($0.name, .string($0.value)) })
  }
}

extension Console {
  /// A value as one line of JSON.
  static func data(_ json: JSON) { data(String(decoding: json.text, as: UTF8.self)) }
}
