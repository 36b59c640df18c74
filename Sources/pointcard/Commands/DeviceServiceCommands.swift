import CardStation
import Configuration
import CounterAPI
import CounterService
import DeviceCatalog
import DeviceLinks
import DeviceProtocols

/// What is done with a device away from customers, and finding out what it is.
enum DeviceServiceCommands {
  static let all = [probe, clean, testCard, reset, counters]

  private static let clean = service(
    "clean", .clean, Words("run a cleaning card through", "用清潔卡清潔"),
    Words(
      "Take every other card out first, then put the cleaning card in when it is asked for.",
      "請先取出其他卡片，看到提示後插入清潔卡。"),
    prompt: Words("Put the cleaning card in now.", "請插入清潔卡。"))

  private static let testCard = service(
    "test-card", .testCard, Words("print the maker's own test card", "列印原廠測試卡"),
    Words("What is on the card's face is lost.", "卡面原有內容會被清除。"),
    prompt: Words("Put a blank card in.", "請放入空白卡。"))

  private static let reset = service(
    "reset", .reset, Words("set the device back", "重設卡機"),
    Words("A card inside may come out.", "機內的卡片可能會退出。"))

  private static let counters = service(
    "counters", .counters, Words("how much the device has worked", "卡機的使用次數"), nil)

  private static func service(
    _ name: String, _ service: DeviceService, _ summary: Words, _ detail: Words?,
    prompt: Words? = nil
  ) -> Command {
    Command(
      path: ["device", name], options: DeviceTarget.either + [DeviceTarget.slot],
      groups: [DeviceTarget.group], reach: .write, summary: summary, detail: detail,
      holdsSignals: { $0.has("address") }
    ) { invocation in
      if let station = invocation["station"] {
        if let prompt, try await mayOffer(station, service, invocation) {
          Console.remark(prompt(invocation.language))
        }
        return try await ask(station, service, invocation)
      }
      let device = try DirectDevice(
        invocation, catalogue: try CounterResources.load().catalogue)
      let exchange: any Exchange<DeviceReport>
      do throws(DeviceFailure) {
        exchange = try device.driver.service(service)
      } catch {
        throw DeviceWords.failure(error)
      }
      let language = invocation.language
      let report = try await device.converse { conversation in
        try Self.run(exchange, service, device.driver, conversation) {
          if let prompt { Console.remark(prompt(language)) }
        }
      }
      if invocation.has("json") {
        Console.data(["service": .string(service.rawValue), "report": DeviceWords.json(report)])
      } else {
        let page = Page(language: invocation.language)
        page.fields(report.facts.map { (DeviceWords.fact($0.name), $0.value) })
      }
      return ExitCode.done
    }
  }

  /// Whether the model of a station's device may offer this: nobody is asked for a card that is
  /// then not taken.
  private static func mayOffer(
    _ station: String, _ service: DeviceService, _ invocation: Invocation
  ) async throws -> Bool {
    let bytes = try await CounterClient(invocation).ask(.stationShow, station: station)
    let view = try Answer(bytes)
    let slot = invocation["device"] ?? DeviceSlot.main.rawValue
    let id =
      view["devices"].list.first { $0["device"].text == slot }?["model"].text
      ?? view["model"].text
    guard let id, let model = try CounterResources.load().catalogue.model(id),
      let family = DeviceFamilies.family(of: model)
    else { return true }
    do throws(DeviceFailure) {
      _ = try family.driver(model, family.links[0]).service(service)
      return true
    } catch {
      return error.kind != .unsupported
    }
  }

  /// The same of a station's device: the daemon has it.
  private static func ask(
    _ station: String, _ service: DeviceService, _ invocation: Invocation
  ) async throws -> Int32 {
    var body = RequestBody()
    body.add("service", .string(service.rawValue))
    if let slot = invocation["device"] { body.add("device", .string(slot)) }
    let bytes = try await CounterClient(invocation).ask(
      .stationService, body: body, station: station, within: .seconds(180))
    return try Command.present(bytes, invocation) { answer, page in
      let facts = answer["report"].members.map { (DeviceWords.fact($0.key), $0.value.shown) }
      // what was asked for its facts has said enough with them
      page.fields(
        service == .counters ? facts : facts + [(Label.message, answer["message"].shown)])
      return ExitCode.done
    }
  }

  /// What asks is asked alone. What moves something begins with finding out where the card is; a
  /// reset is the way out when that cannot be found, so it comes first and alone.
  private static func run(
    _ exchange: any Exchange<DeviceReport>, _ service: DeviceService,
    _ driver: any DeviceDriver, _ conversation: DeviceConversation, _ isReady: () -> Void
  ) throws -> DeviceReport {
    do throws(DeviceConversationError) {
      switch service {
      case .identify, .counters: return try conversation.ask(exchange)
      case .reset: return try conversation.run(exchange)
      case .clean, .testCard:
        if try conversation.run(driver.begin()).position == .none { isReady() }
        return try conversation.run(exchange)
      }
    } catch {
      guard case .device(let failure, let situation) = error else { throw error }
      var told = failure
      if let situation {
        let card = "card \(situation.position.rawValue)"
        told.detail = told.detail.isEmpty ? card : told.detail + ", " + card
      }
      throw DeviceWords.failure(told)
    }
  }

  // MARK: Probe

  private static let probe = Command(
    path: ["device", "probe"], operands: [Command.Operand(name: "ADDRESS")],
    options: [
      Option(
        "model", .text("MODEL"),
        Words("ask for this family or model only", "只詢問這個系列或型號"), isField: false),
      Command.jsonOption,
    ], summary: Words("which family a device answers for", "找出卡機屬於哪個系列"),
    detail: Words(
      "Nothing is moved or heated. Families whose words could do harm to another maker's device\n"
        + "are asked only when --model names them. Exit code 1 when none answers.",
      "不會移動卡片或加熱。可能影響其他廠牌裝置的系列，要用 --model 指定才會詢問。\n都沒有回應時，結束代碼為 1。"),
    holdsSignals: { _ in true }
  ) { invocation in
    let catalogue = try CounterResources.load().catalogue
    let address = invocation.operands[0]
    let models = try candidates(address, invocation["model"], catalogue)
    var findings: [Finding] = []
    let interruption = try Interruption()
    for model in models where !interruption.isOver {
      let device = try DirectDevice(address, model, about: ["device", "probe"])
      let (look, report) = try await device.converse(until: interruption) { conversation in
        let look = try Look(device.driver, conversation)
        return (
          look,
          look.isAnswered
            ? DeviceStatusCommands.identity(device.driver, conversation) : DeviceReport()
        )
      }
      findings.append(Finding(model: model, look: look, report: report))
    }
    if invocation.has("json") {
      Console.data(["families": .array(findings.map(\.json))])
    } else {
      for finding in findings { Console.data(finding.line(invocation.language)) }
    }
    return findings.contains { $0.look.isAnswered } ? ExitCode.done : ExitCode.differences
  }

  /// A model of each family that is asked: the one that is named, or one of each family that is on
  /// such lines and does no harm.
  private static func candidates(
    _ address: String, _ named: String?, _ catalogue: Catalogue
  ) throws(UsageError) -> [DeviceModel] {
    let about = ["device", "probe"]
    let kind = try DirectDevice.kind(address, about: about)
    if let named {
      if let model = catalogue.models.first(where: { $0.family == named }) { return [model] }
      return [try DeviceCommands.model(named, catalogue)]
    }
    // an identity of its own says what it is: nobody is asked at random
    let identified = identity(address).map { identity in
      catalogue.models.filter { model in
        model.usb.contains(identity)
          && DeviceFamilies.family(of: model)?.links.contains(kind) == true
      }
    }
    if let identified, !identified.isEmpty { return identified }
    let harmless = DeviceFamilies.all.filter { family in
      family.links.contains(kind) && family.probing == .harmless
    }
    let models = harmless.compactMap { family in
      catalogue.models.first { $0.family == family.name }
    }
    guard models.isEmpty else { return models }
    throw UsageError(
      problem: Words(
        "no family may be asked on such a line unless --model names it",
        "這種線路要用 --model 指定系列才能詢問"), about: about)
  }

  /// The identity in `usb:0c1f:2800`; nil for other addresses.
  private static func identity(_ address: String) -> USBIdentity? {
    let parts = address.split(separator: ":")
    guard parts.count >= 3, parts[0] == "usb", let vendor = UInt16(parts[1], radix: 16),
      let product = UInt16(parts[2], radix: 16)
    else { return nil }
    return USBIdentity(vendor: vendor, product: product)
  }

  /// What one family's words came to.
  private struct Finding: Sendable {
    var model: DeviceModel
    var look: Look
    var report: DeviceReport

    var json: JSON {
      .object(
        [("family", .string(model.family)), ("answers", .bool(look.isAnswered))] + look.fields
          + [("report", DeviceWords.json(report))])
    }

    func line(_ language: Language) -> String {
      let facts = report.facts.map { "\(DeviceWords.fact($0.name)(language)) \($0.value)" }
      let parts = [look.line(language)] + facts
      let answers =
        look.isAnswered ? Words("answers", "有回應") : Words("does not answer", "沒有回應")
      return "\(model.family): \(answers(language)): " + parts.joined(separator: ", ")
    }
  }
}
