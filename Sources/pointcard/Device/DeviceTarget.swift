import CardStation
import CounterAPI
import CounterService
import DeviceCatalog
import DeviceLinks
import DeviceProtocols
import Platform

/// The options that say which device a command speaks to.
enum DeviceTarget {
  static let address = Option(
    "address", .text("ADDRESS"),
    Words("where it is: serial:/dev/…; no daemon may have it", "裝置位址：serial:/dev/…；服務程式不能正在使用"),
    isField: false)
  static let model = Option(
    "model", .text("MODEL"), Words("with --address: what it is", "搭配 --address：型號"), isField: false)
  static let station = Option(
    "station", .text("NAME"), Words("a station of the running daemon", "執行中服務程式的卡機"),
    isField: false)

  static let slot = Option(
    "device", .choice("DEVICE", DeviceSlot.allCases.map(\.rawValue)),
    Words("with --station: which of its devices; default: main", "搭配 --station：哪一台裝置；預設 main"),
    isField: false)

  /// For commands that speak to a device at an address or to a daemon's.
  static let either = [address, model, station]
  static let group = Command.Group(names: ["address", "station"], isRequired: true)
}

/// A device at an address, spoken to without a daemon.
struct DirectDevice: Sendable {
  let model: DeviceModel
  let address: String
  let kind: LinkKind
  let driver: any DeviceDriver
  private let line: StationLine

  /// The device of `--address` and `--model`.
  init(_ invocation: Invocation, catalogue: Catalogue) throws {
    let about = invocation.command.path
    guard let id = invocation["model"] else {
      throw UsageError(problem: Words("--model MODEL is missing", "少了 --model MODEL"), about: about)
    }
    try self.init(
      invocation.required("address"), DeviceCommands.model(id, catalogue), about: about)
  }

  init(_ address: String, _ model: DeviceModel, about: [String]) throws(UsageError) {
    // what a daemon would run itself is refused with the kinds that there are
    kind = try Self.kind(address, about: about)
    do throws(LinkAddressError) {
      line = try StationLine(address, model: model)
    } catch {
      throw UsageError(
        problem: Words(error.description, "位址有誤：\(error.description)"), about: about)
    }
    guard let driver = DeviceFamilies.driver(for: model, on: line.kind) else {
      preconditionFailure("a line is made for a family that is known")
    }
    self.model = model
    self.address = address
    self.driver = driver
  }

  /// The kind of line that an address names.
  static func kind(_ address: String, about: [String]) throws(UsageError) -> LinkKind {
    let scheme = address.prefix { $0 != ":" }
    guard address.contains(":"), let kind = LinkKind(rawValue: String(scheme)) else {
      throw UsageError(
        problem: Words(
          "\(address): an address is like serial:/dev/ttyUSB0",
          "\(address)：位址要像 serial:/dev/ttyUSB0"),
        about: about)
    }
    return kind
  }

  /// Opens the line.
  func open() throws(LinkError) -> any DeviceLink { try line.address.open() }

  /// Opens the line and does `body` with it on a thread of its own. An interrupt or a request to
  /// terminate calls the conversation off, so that no wait is left behind in the device.
  ///
  /// - Throws: `CommandFailure` when the line cannot be opened or breaks.
  func converse<Result: Sendable>(
    until interruption: Interruption? = nil,
    recorder: (@Sendable (any DeviceLink) -> any DeviceLink)? = nil,
    onWire: @escaping @Sendable (WirePassage) -> Void = { _ in },
    _ body: @escaping @Sendable (DeviceConversation) throws -> Result
  ) async throws -> Result {
    let interruption = try interruption ?? Interruption()
    return try await onThread {
      let conversation: DeviceConversation
      do throws(LinkError) {
        let link = try open()
        conversation = DeviceConversation(over: recorder?(link) ?? link, onWire: onWire)
      } catch {
        throw DeviceWords.failure(error)
      }
      interruption.attach(conversation)
      defer { conversation.close() }
      do {
        return try body(conversation)
      } catch DeviceConversationError.line(let error) {
        throw DeviceWords.failure(error)
      } catch let error as DeviceConversationError {
        throw DeviceWords.failure(error.failure)
      }
    }
  }
}

/// Calls a conversation off when the program is told to end; told so again, it ends at once,
/// whatever the device is about.
///
/// One for a command, which must hold signals (`Command.holdsSignals`).
final class Interruption: Sendable {
  private struct State: Sendable {
    var isOver = false
    var conversation: DeviceConversation?
  }
  private let state = Monitor(State())

  init() throws {
    _ = try DedicatedThread(name: "signals") { [state] in
      _ = Signals.wait(for: [.terminate, .interrupt])
      let conversation = state.withLock { state in
        state.isOver = true
        return state.conversation
      }
      conversation?.callOff()
      _ = Signals.wait(for: [.terminate, .interrupt])
      CurrentProcess.exit(ExitCode.differences)
    }
  }

  /// The conversation to be called off from now on.
  func attach(_ conversation: DeviceConversation) {
    let isOver = state.withLock { state in
      state.conversation = conversation
      return state.isOver
    }
    if isOver { conversation.callOff() }
  }

  var isOver: Bool { state.withLock { $0.isOver } }

  /// Rests so long; false when the program is told to end.
  func rest(_ time: Duration) -> Bool {
    state.wait(until: .after(time)) { $0.isOver ? true : nil } == nil
  }
}

/// Does what blocks on a thread of its own.
func onThread<Result: Sendable>(
  _ body: @escaping @Sendable () throws -> Result
) async throws -> Result {
  try await withCheckedThrowingContinuation { continuation in
    do {
      _ = try DedicatedThread(name: "device") {
        continuation.resume(with: Swift.Result { try body() })
      }
    } catch {
      continuation.resume(throwing: error)
    }
  }
}
