import DeviceCatalog
import DeviceProtocols
import Platform

/// What is done to a virtual USB device beside the hand's acts.
package indirect enum VirtualUSBAct: Hashable, Sendable {
  /// The next so many transfers over a bulk pipe halt it.
  case stall(isInput: Bool, times: Int)
  /// It neither takes nor gives, though it is there.
  case silence
  /// It goes on with what has waited meanwhile.
  case speech
  /// The cable is pulled.
  case pull
  /// Later: before it looks at the transfer out that brings the last of so many bytes.
  case later(bytes: Int, VirtualUSBAct)
}

/// A virtual USB device's line: a server of the USB/IP protocol, one client at a time.
final class USBIPLine: VirtualLine {
  private struct State: Sendable {
    var connection: FileDescriptor?
    var reader = USBIP.Reader()
    /// Transfers that the device has not looked at yet.
    var waiting: [USBIP.Submit] = []
    /// Transfers in for which there was nothing yet.
    var inputs: [USBIP.Submit] = []
    /// What the device has sent and nobody has asked for, a message an element.
    var output: [[UInt8]] = []
    /// The control transfer that the device was told of.
    var control: USBIP.Submit?
    var isSilent = false
    var stalls: [UInt8: Int] = [:]
    /// What is done when so many bytes more have gone out to it.
    var plan: (bytes: Int, act: VirtualUSBAct)?
    var halted: Set<UInt8> = []
    var isPulled = false
  }

  /// The name under which a client imports it.
  static let bus = "1-1"
  /// Most bytes that wait to be asked for.
  private static let outputLimit = 4 << 20
  /// Most transfers that are under way at once.
  private static let transferLimit = 1024
  private static let readSize = 65_536
  /// Negative errno values of Linux, as the protocol has them.
  private static let stalled: Int32 = -32
  private static let unlinked: Int32 = -104

  private let persona: USBPersona
  private let listener: Listener
  private let state = Guarded(State())

  init(_ persona: USBPersona, at place: SocketAddress) throws(SystemError) {
    self.persona = persona
    listener = try Listener.listen(on: place)
  }

  var place: SocketAddress { listener.address }

  var address: String? {
    "usb:\(persona.identity.text)" + (persona.serial.map { ":\($0)" } ?? "")
  }

  // MARK: What comes

  func next(
    within limit: Duration?, interruptedBy wakeup: Wakeup
  ) throws(SystemError) -> LineEvent {
    do throws(USBIP.Malformed) {
      if let event = try advance() { return event }
      if state.withLock({ $0.isPulled }) { return .end }
    } catch {
      drop()
      return .nothing
    }
    guard let connection = state.withLock({ $0.connection }) else {
      return try accept(limit, wakeup)
    }
    let outcome: ReadOutcome
    do throws(SystemError) {
      outcome = try connection.read(
        upTo: Self.readSize, within: limit, interruptedBy: wakeup)
    } catch {
      drop()
      return .nothing
    }
    switch outcome {
    case .bytes(let bytes):
      state.withLock { $0.reader.take(bytes) }
      return .nothing
    case .timedOut: return .timedOut
    case .interrupted: return .interrupted
    case .end:
      drop()
      return .nothing
    }
  }

  private func accept(_ limit: Duration?, _ wakeup: Wakeup) throws(SystemError) -> LineEvent {
    switch try listener.descriptor.wait(
      for: .reading, until: .after(limit), interruptedBy: wakeup)
    {
    case .timedOut: return .timedOut
    case .interrupted: return .interrupted
    case .ready: break
    }
    if let connection = try listener.accept() {
      state.withLock { $0.connection = connection }
    }
    return .nothing
  }

  /// Goes through the messages that are there, up to one that the device hears of.
  private func advance() throws(USBIP.Malformed) -> LineEvent? {
    try state.withLock { state throws(USBIP.Malformed) in
      while true {
        if state.isPulled { return nil }
        if !state.isSilent, state.control == nil, let submit = state.waiting.first {
          if let act = due(with: submit, &state) {
            carryOut(act, &state)
            continue
          }
          state.waiting.removeFirst()
          if let event = begin(submit, &state) { return event }
          continue
        }
        guard let request = try state.reader.next() else { return nil }
        switch request {
        case .listDevices: send(USBIP.deviceList(persona, bus: Self.bus), &state)
        case .importDevice(let bus):
          let isOurs = bus == Self.bus
          state.reader.isImported = isOurs
          send(USBIP.imported(isOurs ? persona : nil, bus: bus), &state)
        case .submit(let submit):
          guard state.waiting.count + state.inputs.count < Self.transferLimit else {
            throw USBIP.Malformed(what: "more transfers than a client has at once")
          }
          state.waiting.append(submit)
        case .unlink(let sequence, let target):
          let wasWaiting = state.waiting.count + state.inputs.count
          state.waiting.removeAll { $0.sequence == target }
          state.inputs.removeAll { $0.sequence == target }
          let isRemoved = state.waiting.count + state.inputs.count < wasWaiting
          send(USBIP.unlinked(sequence, status: isRemoved ? Self.unlinked : 0), &state)
        }
      }
    }
  }

  /// What was planned for when this transfer comes; it is planned no longer.
  private func due(with submit: USBIP.Submit, _ state: inout State) -> VirtualUSBAct? {
    guard submit.address == persona.output, let plan = state.plan else { return nil }
    let isDue = submit.length >= plan.bytes
    state.plan = isDue ? nil : (plan.bytes - submit.length, plan.act)
    return isDue ? plan.act : nil
  }

  /// Carries a transfer out; what the device hears of it.
  private func begin(_ submit: USBIP.Submit, _ state: inout State) -> LineEvent? {
    if submit.endpoint == 0 { return control(submit, &state) }
    let pipe = submit.address
    if let left = state.stalls[pipe], left > 0, !state.halted.contains(pipe) {
      state.stalls[pipe] = left - 1
      state.halted.insert(pipe)
    }
    guard [persona.input, persona.output].contains(pipe), !state.halted.contains(pipe) else {
      send(USBIP.ended(submit, status: Self.stalled), &state)
      return nil
    }
    guard submit.isInput else {
      send(USBIP.ended(submit, moved: submit.length), &state)
      return submit.data.isEmpty ? nil : .bytes(submit.data)
    }
    state.inputs.append(submit)
    feed(&state)
    return nil
  }

  /// Answers transfers in, each with at most one message.
  private func feed(_ state: inout State) {
    while !state.inputs.isEmpty, !state.output.isEmpty, !state.isSilent {
      let submit = state.inputs.removeFirst()
      let message = state.output.removeFirst()
      if message.count > submit.length {
        state.output.insert(Array(message[submit.length...]), at: 0)
      }
      send(USBIP.ended(submit, data: Array(message.prefix(submit.length))), &state)
    }
  }

  // MARK: The control pipe

  private func control(_ submit: USBIP.Submit, _ state: inout State) -> LineEvent? {
    let request = submit.request
    // the kinds are standard, class, vendor
    guard request.kind >> 5 & 3 == 0 else {
      state.control = submit
      return .control(request)
    }
    if let answer = standard(request, &state) {
      let data = submit.isInput ? Array(answer.prefix(submit.length)) : []
      send(USBIP.ended(submit, moved: submit.length, data: data), &state)
    } else {
      send(USBIP.ended(submit, status: Self.stalled), &state)
    }
    return nil
  }

  /// The requests that every device answers, USB 2.0 chapter 9.4; nil refuses one.
  private func standard(_ request: ControlRequest, _ state: inout State) -> [UInt8]? {
    switch (request.kind, request.request) {
    case (0x80, 6):
      switch request.value >> 8 {
      case 1: persona.deviceDescriptor
      case 2: persona.configurationDescriptor
      case 3: persona.stringDescriptor(Int(request.value & 0xff))
      default: nil
      }
    case (0x80, 0), (0x81, 0): [0, 0]
    case (0x82, 0): [state.halted.contains(UInt8(request.index & 0xff)) ? 1 : 0, 0]
    case (0x80, 8): [1]
    case (0x81, 10): [0]
    case (0x00, 9), (0x01, 11): []
    case (0x02, 1): resume(UInt8(request.index & 0xff), &state)
    default: nil
    }
  }

  private func resume(_ pipe: UInt8, _ state: inout State) -> [UInt8] {
    state.halted.remove(pipe)
    return []
  }

  func answer(_ bytes: [UInt8]?) {
    state.withLock { state in
      guard let submit = state.control else { return }
      state.control = nil
      guard let bytes else { return send(USBIP.ended(submit, status: Self.stalled), &state) }
      let data = submit.isInput ? Array(bytes.prefix(submit.length)) : []
      send(USBIP.ended(submit, moved: submit.length, data: data), &state)
    }
  }

  // MARK: What is sent and done

  func send(_ bytes: [UInt8]) {
    state.withLock { state in
      let kept = state.output.reduce(0) { $0 + $1.count }
      guard kept + bytes.count <= Self.outputLimit else { return }
      state.output.append(bytes)
      feed(&state)
    }
  }

  func act(_ act: VirtualUSBAct) {
    state.withLock { carryOut(act, &$0) }
  }

  private func carryOut(_ act: VirtualUSBAct, _ state: inout State) {
    switch act {
    case .stall(let isInput, let times):
      state.stalls[isInput ? persona.input : persona.output] = times
    case .silence: state.isSilent = true
    case .speech:
      state.isSilent = false
      feed(&state)
    case .pull: state.isPulled = true
    case .later(let bytes, let act): state.plan = (bytes, act)
    }
  }

  /// Whether a client has the device.
  var isImported: Bool { state.withLock { $0.connection != nil && $0.reader.isImported } }

  private func send(_ message: [UInt8], _ state: inout State) {
    guard let connection = state.connection else { return }
    do throws(SystemError) {
      try connection.write(message, within: .seconds(5))
    } catch {
      // the next read sees that the client is gone, and drops the connection
      connection.close()
    }
  }

  /// Ends the connection; what was asked for over it and what would have been sent are gone.
  private func drop() {
    state.withLock { state in
      state.connection?.close()
      state = State(isSilent: state.isSilent, stalls: state.stalls, plan: state.plan)
    }
  }

  func close() {
    drop()
    listener.close()
  }
}
