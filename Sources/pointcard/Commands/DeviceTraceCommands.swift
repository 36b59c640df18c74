import CardStation
import Configuration
import CounterAPI
import CounterService
import DeviceCatalog
import DeviceLinks
import DeviceProtocols
import Platform

/// What passes between us and a device: kept as a file, and made readable.
enum DeviceTraceCommands {
  static let all = [record, trace]

  private static let exchange = Option(
    "exchange", .text("NAME"),
    Words("which conversation; default situation", "哪一段對話；預設 situation"), isField: false)

  private static let names = NamedExchange.names.joined(separator: ", ")
  /// A line each, for the manual.
  private static let list = NamedExchange.names.map { "  " + $0 }.joined(separator: "\n")

  // MARK: Record

  private static let record = Command(
    path: ["device", "record"], operands: [Command.Operand(name: "ADDRESS")],
    options: [
      Option(
        "model", .text("MODEL"), Words("what it is", "型號"), isRequired: true, isField: false),
      Option(
        "out", .file("FILE"), Words("the .exchange file to be made", "要建立的 .exchange 檔"),
        isRequired: true, isField: false),
      exchange,
      Option(
        "test-card", .flag,
        Words("the card in the device is a test card, nobody's", "機內是測試卡，不是會員的卡"),
        isField: false),
      Command.jsonOption,
    ], summary: Words("keep a conversation with a device as a file", "把與卡機的對話存成檔案"),
    detail: Words(
      "The file holds every byte, what is on the card too: use test cards only. Conversations:\n"
        + list, "檔案會存下每個位元組，包含卡片內容：只能用測試卡。可用的對話：\n" + list),
    holdsSignals: { _ in true }
  ) { invocation in
    let about = ["device", "record"]
    let catalogue = try CounterResources.load().catalogue
    let model = try DeviceCommands.model(invocation.required("model"), catalogue)
    let device = try DirectDevice(invocation.operands[0], model, about: about)
    let named = try named(invocation, about: about)
    let path = invocation.required("out")
    guard !Files.exists(path) else { throw CommandFailure.file(path, "it is there already") }
    guard !named.showsCard || invocation.has("test-card") else {
      throw UsageError(
        problem: Words(
          "\(named.text) shows what is on the card: say --test-card for one that is nobody's",
          "\(named.text) 會記下卡片內容：請用測試卡並加上 --test-card"), about: about)
    }
    Console.remark(
      Words(
        "Test cards only: the file will hold every byte that passes.",
        "只能用測試卡：檔案會存下所有傳輸內容。")(invocation.language))
    let (outcome, lines) = try await record(named, device)
    guard let outcome else {
      throw CommandFailure(
        exit: ExitCode.refused,
        sentence: Words("This is a bank card: nothing was kept.", "這是金融卡：沒有保存任何內容。"),
        code: "card.payment")
    }
    let recording = Recording(
      facts: [
        ("source", "recorded from a unit, with a test card"), ("model", model.id),
        ("link", device.kind.rawValue), ("exchange", named.text), ("expect", outcome),
      ], lines: lines)
    do throws(SystemError) {
      try Files.writeAtomically(Array(recording.text.utf8), to: path)
    } catch {
      throw CommandFailure.file(path, error.description)
    }
    if invocation.has("json") {
      Console.data([
        "file": .string(path), "exchange": .string(named.text), "expect": .string(outcome),
        "lines": .integer(Int64(lines.count)),
      ])
    } else {
      Console.data("\(path): \(named.text): \(outcome)")
    }
    return ExitCode.done
  }

  private static func named(
    _ invocation: Invocation, about: [String]
  ) throws(UsageError) -> NamedExchange {
    let name = invocation["exchange"] ?? "situation"
    guard let named = NamedExchange(name) else {
      throw UsageError(
        problem: Words(
          "--exchange \(name): one of \(names)", "--exchange \(name)：可以用的有 \(names)"), about: about)
    }
    return named
  }

  /// Runs a conversation and gives what it came to and what passed. The device is settled before,
  /// and that is not kept.
  private static func record(
    _ named: NamedExchange, _ device: DirectDevice
  ) async throws -> (outcome: String?, lines: [Recording.Line]) {
    let kept = Guarded<RecordingLink?>(nil)
    return try await device.converse(recorder: { link in
      let recorder = RecordingLink(link)
      kept.withLock { $0 = recorder }
      return recorder
    }) { conversation in
      func lines() -> [Recording.Line] { kept.withLock { $0?.recording.lines ?? [] } }
      if named != .begin {
        do throws(DeviceConversationError) {
          _ = try conversation.run(device.driver.begin())
        } catch {
          throw DeviceWords.failure(error.failure)
        }
      }
      let before = lines().count
      let outcome = try named.outcome(device.driver, over: conversation)
      return (outcome, Array(lines().dropFirst(before)))
    }
  }

  // MARK: Trace

  private static let trace = Command(
    path: ["device", "trace"],
    operands: [Command.Operand(name: "FILE", count: .optional)],
    options: [
      DeviceTarget.address,
      Option(
        "model", .text("MODEL"), Words("what it is, if the file does not say", "型號（檔案沒有寫明時）"),
        isField: false), exchange,
      Option(
        "station", .text("NAME"), Words("only this station's lines of a log", "只看紀錄中這台卡機"),
        isField: false),
      Command.jsonOption,
    ], summary: Words("what the bytes on a line mean", "解讀線路上的資料"),
    detail: Words(
      "FILE is an .exchange file or a daemon's log at the level wire. With --address one\n"
        + "conversation is run and shown as it passes; of what may be personal only the length.",
      "FILE 是 .exchange 檔，或服務程式 wire 等級的紀錄。有 --address 時進行一段對話並即時顯示；\n"
        + "可能是個人資料的部分只顯示長度。"),
    holdsSignals: { $0.has("address") }
  ) { invocation in
    let catalogue = try CounterResources.load().catalogue
    if invocation.has("address") {
      guard invocation.operands.isEmpty else {
        throw UsageError(
          problem: Words("FILE or --address: only one", "FILE 與 --address 只能給一個"),
          about: ["device", "trace"])
      }
      return try await live(invocation, catalogue)
    }
    guard let path = invocation.operands.first else {
      throw UsageError(
        problem: Words("FILE or --address is missing", "少了 FILE 或 --address"),
        about: ["device", "trace"])
    }
    let text = String(
      decoding: try LocalFiles.read(path, limit: Recording.sizeLimit), as: UTF8.self)
    let rows =
      path.hasSuffix(".exchange")
      ? try rows(ofRecording: text, path, invocation, catalogue)
      : try rows(ofLog: text, path, invocation, catalogue)
    for row in rows { show(row, invocation) }
    return ExitCode.done
  }

  private static func driver(
    _ id: String?, _ link: String?, _ catalogue: Catalogue
  ) throws(UsageError) -> any DeviceDriver {
    guard let id else {
      throw UsageError(
        problem: Words("--model MODEL is missing", "少了 --model MODEL"), about: ["device", "trace"])
    }
    let model = try DeviceCommands.model(id, catalogue)
    let kind = link.flatMap { LinkKind(rawValue: $0) }
    guard let driver = DeviceFamilies.driver(for: model, on: kind) else {
      throw UsageError(
        problem: Words("\(id) is of a family that is not known", "不支援 \(id) 這個系列"),
        about: ["device", "trace"])
    }
    return driver
  }

  private static func rows(
    ofRecording text: String, _ path: String, _ invocation: Invocation, _ catalogue: Catalogue
  ) throws -> [WireTrace.Row] {
    let recording: Recording
    do throws(RecordingError) {
      recording = try Recording(text)
    } catch {
      throw CommandFailure.file(path, "line \(error.line): \(error.problem)")
    }
    let driver = try driver(invocation["model"] ?? recording["model"], recording["link"], catalogue)
    var trace = WireTrace { driver.wireReader() }
    return recording.lines.flatMap { trace.rows(of: $0) }
  }

  private static func rows(
    ofLog text: String, _ path: String, _ invocation: Invocation, _ catalogue: Catalogue
  ) throws -> [WireTrace.Row] {
    let driver = try driver(invocation["model"], nil, catalogue)
    let wanted = invocation["station"]
    let entries = WireLog.entries(text).filter { wanted == nil || $0.station == wanted }
    guard !entries.isEmpty else {
      throw CommandFailure.file(path, "no line of it is of the level wire")
    }
    let stations = entries.map(\.station).uniqued()
    guard stations.count == 1 else {
      throw UsageError(
        problem: Words(
          "several stations speak in it, say --station: \(stations.joined(separator: ", "))",
          "紀錄中有多台卡機，請用 --station 指定：\(stations.joined(separator: ", "))"),
        about: ["device", "trace"])
    }
    var trace = WireTrace { driver.wireReader() }
    return entries.flatMap { trace.rows(of: $0.line, at: $0.time, hidden: $0.hidden) }
  }

  private static func live(_ invocation: Invocation, _ catalogue: Catalogue) async throws -> Int32 {
    let device = try DirectDevice(invocation, catalogue: catalogue)
    let named = try named(invocation, about: ["device", "trace"])
    let trace = Guarded(WireTrace { device.driver.wireReader() })
    let outcome = try await device.converse(onWire: { passage in
      let rows = trace.withLock { trace in
        trace.rows(
          of: passage.line, at: seconds(passage.time), isConfidential: passage.isConfidential)
      }
      for row in rows { show(row, invocation) }
    }) { conversation in
      try named.outcome(device.driver, over: conversation)
    }
    // what was read may be personal: the trace has told its length
    let isFailed = outcome?.hasPrefix("failed") ?? false
    let result = named.showsCard && !isFailed ? "done" : outcome ?? "done"
    Console.remark("\(named.text): \(result)")
    return isFailed ? ExitCode.differences : ExitCode.done
  }

  /// `1.250`.
  private static func seconds(_ time: Duration) -> String {
    let milliseconds = Int64(time / .milliseconds(1))
    let fraction = String(1000 + milliseconds % 1000).dropFirst()
    return "\(milliseconds / 1000).\(fraction)"
  }

  private static func show(_ row: WireTrace.Row, _ invocation: Invocation) {
    guard !invocation.has("json") else {
      Console.data([
        "time": .string(row.time), "mark": .string(row.mark), "hex": .string(row.hex),
        "meaning": .string(row.meaning),
      ])
      return
    }
    func padded(_ text: String, _ width: Int) -> String {
      text + String(repeating: " ", count: max(0, width - DisplayWidth.columns(text)))
    }
    let line =
      "\(padded(row.time, 12))  \(padded(row.mark, 1)) \(padded(row.hex, 47))  \(row.meaning)"
    Console.data(String(line.reversed().drop { $0 == " " }.reversed()))
  }
}
