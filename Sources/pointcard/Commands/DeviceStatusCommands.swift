import CardStation
import Configuration
import CounterAPI
import CounterService
import DeviceCatalog
import DeviceLinks
import DeviceProtocols
import Platform

/// How a device is, and how that changes.
enum DeviceStatusCommands {
  static let all = [status, watch]

  private static let status = Command(
    path: ["device", "status"], options: DeviceTarget.either, groups: [DeviceTarget.group],
    reach: .read, summary: Words("where the card is and what is wrong", "卡片位置與卡機狀況"),
    detail: Words(
      "It only asks: nothing is moved. Exit code 1 when the device needs something.",
      "只詢問，不會移動卡片。卡機需要處理時，結束代碼為 1。"),
    holdsSignals: { $0.has("address") }
  ) { invocation in
    if let station = invocation["station"] {
      let bytes = try await CounterClient(invocation).ask(
        .stationDevice, station: station, within: .seconds(60))
      return try Command.present(bytes, invocation, ofStation)
    }
    let device = try DirectDevice(
      invocation, catalogue: try CounterResources.load().catalogue)
    let (look, report) = try await device.converse { conversation in
      let look = try Look(device.driver, conversation)
      return (look, look.isAnswered ? Self.identity(device.driver, conversation) : DeviceReport())
    }
    if invocation.has("json") {
      var fields = look.fields
      fields.insert(("model", .string(device.model.id)), at: 0)
      fields.append(("report", DeviceWords.json(report)))
      Console.data(JSON.object(fields))
    } else {
      show(look, report, device, Page(language: invocation.language))
    }
    return look.isFine ? ExitCode.done : ExitCode.differences
  }

  /// What a daemon says of the devices of a station.
  private static let ofStation: @Sendable (Answer, Page) -> Int32 = { answer, page in
    let devices = answer["devices"].list
    for device in devices {
      var fields = [
        (Label.device, "\(device["device"].shown)  \(device["model"].shown)"),
        (Label.cardState, device["cardState"].shown),
      ]
      if let code = device["code"].text {
        fields.append((Words("failure", "狀況"), code))
        fields.append((Label.message, Sentence.text(code, [], page.language)))
      }
      fields += device["report"].members.map { (DeviceWords.fact($0.key), $0.value.shown) }
      page.fields(fields)
    }
    let cleaning = answer["cleaning"]
    page.fields([
      (Words("cards since cleaning", "清潔後張數"), cleaning["cards"].shown),
      (Words("cleaned", "清潔時間"), cleaning["cleanedAt"].minute),
    ])
    let isFine = devices.allSatisfy { $0["works"].flag == true } && cleaning["due"].flag != true
    return isFine ? ExitCode.done : ExitCode.differences
  }

  /// Who the device says it is; nothing where it does not tell.
  static func identity(
    _ driver: any DeviceDriver, _ conversation: DeviceConversation
  ) -> DeviceReport {
    do {
      return try conversation.ask(try driver.service(.identify))
    } catch {
      return DeviceReport()
    }
  }

  private static func show(
    _ look: Look, _ report: DeviceReport, _ device: DirectDevice, _ page: Page
  ) {
    var fields = [(Label.device, "\(device.model.id)  \(device.address)")]
    switch look {
    case .seen(let situation):
      fields.append(
        (Label.cardState, DeviceWords.cardState(situation.position.state)(page.language)))
      fields.append(
        (Words("cover", "上蓋"), DeviceWords.cover(isOpen: situation.isCoverOpen)(page.language)))
      if situation.isCoverOpen {
        fields.append((Words("remedy", "處理"), DeviceWords.remedy(.cover)(page.language)))
      }
    case .failed(let failure):
      fields.append(
        (Words("failure", "狀況"), "\(failure.code)  \(DeviceWords.facts(failure))"))
      fields.append((Words("remedy", "處理"), DeviceWords.remedy(failure.kind)(page.language)))
    }
    for fact in report.facts { fields.append((DeviceWords.fact(fact.name), fact.value)) }
    page.fields(fields)
  }

  // MARK: Watch

  private static let watch = Command(
    path: ["device", "watch"], options: DeviceTarget.either, groups: [DeviceTarget.group],
    reach: .read, summary: Words("every change of a device, a line each", "持續顯示卡機的變化"),
    detail: Words(
      "It goes on until it is interrupted, also while the device is away.",
      "會一直執行到中斷為止，卡機離線時也會繼續等候。"),
    holdsSignals: { $0.has("address") }
  ) { invocation in
    if let station = invocation["station"] {
      return try await StationCommands.follow(invocation, station, isWatching: true)
    }
    let device = try DirectDevice(
      invocation, catalogue: try CounterResources.load().catalogue)
    let interruption = try Interruption()
    let (isJSON, language) = (invocation.has("json"), invocation.language)
    try await onThread {
      watch(device, interruption) { look in
        Console.data(
          isJSON
            ? String(decoding: JSON.object(look.fields).text, as: UTF8.self)
            : look.line(language))
      }
    }
    return ExitCode.done
  }

  /// Looks now and then until told to end; tells every look that differs from the one before.
  private static func watch(
    _ device: DirectDevice, _ interruption: Interruption, _ tell: (Look) -> Void
  ) {
    var last: Look?
    func saw(_ look: Look) {
      if look != last { tell(look) }
      last = look
    }
    var pause = Duration.milliseconds(100)
    while !interruption.isOver {
      do {
        let conversation = DeviceConversation(over: try device.open())
        defer { conversation.close() }
        interruption.attach(conversation)
        repeat {
          saw(try Look(device.driver, conversation))
          pause = .milliseconds(100)
        } while conversation.rest(device.model.times.removalCheck)
      } catch let error as LinkError {
        saw(.failed(DeviceFailure(.absent, during: "line", detail: error.kind.rawValue)))
      } catch let error as DeviceConversationError where !interruption.isOver {
        saw(.failed(error.failure))
      } catch {
        // called off
      }
      _ = interruption.rest(pause)
      pause = min(pause * 2, .seconds(5))
    }
  }
}

/// What one look at a device came to.
enum Look: Hashable, Sendable {
  case seen(DeviceSituation)
  case failed(DeviceFailure)

  /// Asks the device, and moves nothing.
  ///
  /// - Throws: when the line breaks or the look is called off.
  init(
    _ driver: any DeviceDriver, _ conversation: DeviceConversation
  ) throws(DeviceConversationError) {
    do throws(DeviceConversationError) {
      self = .seen(try conversation.ask(driver.situation()))
    } catch {
      guard case .device(let failure, _) = error, failure.kind != .cancelled else { throw error }
      self = .failed(failure)
    }
  }

  /// Whether the device said something that was understood.
  var isAnswered: Bool {
    switch self {
    case .seen: true
    case .failed(let failure): failure.kind != .noAnswer && failure.kind != .garbled
    }
  }

  var isFine: Bool {
    if case .seen(let situation) = self { !situation.isCoverOpen } else { false }
  }

  var fields: [(String, JSON)] {
    switch self {
    case .seen(let situation):
      [
        ("cardState", .string(situation.position.state.name)),
        ("position", .string(situation.position.rawValue)),
        ("coverOpen", .bool(situation.isCoverOpen)), ("failure", .null),
      ]
    case .failed(let failure):
      [
        ("cardState", .null), ("position", .null), ("coverOpen", .null),
        ("failure", DeviceWords.json(failure)),
      ]
    }
  }

  func line(_ language: Language) -> String {
    switch self {
    case .seen(let situation):
      let card = DeviceWords.cardState(situation.position.state)(language)
      return situation.isCoverOpen ? "\(card)  \(DeviceWords.remedy(.cover)(language))" : card
    case .failed(let failure):
      return "\(failure.code)  \(DeviceWords.remedy(failure.kind)(language))"
    }
  }
}
