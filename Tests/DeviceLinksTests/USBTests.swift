import DeviceCatalog
import DeviceLinks
import DeviceProtocols
import Foundation
import Platform
import Testing

private let printer = USBIdentity(vendor: 0x0c1f, product: 0x2800)

private func persona(interfaceClass: UInt8 = 7) -> USBPersona {
  USBPersona(
    identity: printer, manufacturer: "Test", product: "Test", serial: "S-1", input: 0x82,
    output: 0x01, interfaceClass: interfaceClass)
}

/// The virtual device in this process, which the testbed plugs in.
private func host(_ persona: USBPersona = persona()) throws -> VirtualDeviceHost {
  let socket = try #require(Testbed.socket)
  return try VirtualDeviceHost(CountingPrinter(), at: .usb(persona, at: .unix(path: socket)))
}

/// Opens the device as soon as it is there. A scan may see it half made, and then no notice comes:
/// so it is looked for anew, notice or not.
private func open(_ address: String = "usb:0c1f:2800") throws -> any DeviceLink {
  let address = try LinkAddress(address)
  let arrivals = Monitor(0)
  let watch = try #require(
    try DeviceWatch(address) { if $0 == .arrived { arrivals.withLock { $0 += 1 } } })
  defer { watch.stop() }
  let deadline = Deadline.after(.seconds(30))
  var seen = 0
  while true {
    do throws(LinkError) {
      return try address.open()
    } catch {
      guard [.notFound, .gone].contains(error.kind), !deadline.hasPassed else { throw error }
      _ = arrivals.wait(until: .after(.milliseconds(20))) { $0 > seen ? true : nil }
      seen = arrivals.withLock { $0 }
    }
  }
}

private func failure<Result>(_ body: () throws(LinkError) -> Result) -> LinkError? {
  do throws(LinkError) {
    _ = try body()
    return nil
  } catch {
    return error
  }
}

private func line(_ link: any DeviceLink) throws -> String {
  var text: [UInt8] = []
  while text.last != 0x0a {
    guard case .bytes(let bytes) = try link.read(within: .seconds(10)) else { break }
    text += bytes
  }
  return String(decoding: text, as: UTF8.self)
}

@Suite(
  .enabled(if: Testbed.isAvailable, Testbed.missing), .timeLimit(.minutes(2)))
struct USBTests {
  @Test func `a device on USB is found and claimed and its control pipe asked`() throws {
    try Testbed.run("found and claimed and its control pipe asked") {
      let host = try host()
      let link = try open()
      #expect(link.address == "usb:0c1f:2800")
      let id = try link.control(.deviceID, within: .seconds(5))
      #expect(id.map { String(decoding: $0.dropFirst(2), as: UTF8.self) } == "MFG:Test;IDX:0;")
      #expect(try link.control(.portStatus, within: .seconds(5)) == [0x18])
      try link.write([1, 2, 0x03], within: .seconds(5))
      #expect(try line(link) == "#3\n")
      #expect(try link.control(.softReset, within: .seconds(5)) == [])
      try link.write([0x03], within: .seconds(5))
      #expect(try line(link) == "#1\n", "the reset has reached the device")
      let unknown = ControlRequest(kind: 0xa1, request: 9, length: 4)
      #expect(try link.control(unknown, within: .seconds(5)) == nil)
      let oversized = ControlRequest(kind: 0xa1, request: 1, length: 5000)
      #expect(
        failure { () throws(LinkError) in try link.control(oversized, within: .seconds(5)) }?.kind
          == .unusable)
      link.close()
      link.interrupt()
      #expect(
        try Testbed.journal() == ["plugged", "detach and claim", "release", "attach"])
      host.stop()
    }
  }

  @Test func `large jobs pass in chunks and answers of whole packets come at once`() throws {
    try Testbed.run("large jobs pass in chunks") {
      let host = try host()
      let link = try open("usb:0c1f:2800:S-1")
      let job = [UInt8](repeating: 0xaa, count: 199_999) + [0x03]
      for round in 1...3 {
        try link.write(job, within: .seconds(20))
        #expect(try line(link) == "#\(round * 200_000)\n")
      }
      try link.write(Array("#\n".utf8), within: .seconds(5))
      var answer: [UInt8] = []
      while answer.count < 128, case .bytes(let bytes) = try link.read(within: .seconds(10)) {
        answer += bytes
      }
      #expect(answer == [UInt8](repeating: 0x55, count: 128))
      link.close()
      host.stop()
    }
  }

  @Test func `a read that is called off or too short loses nothing`() throws {
    try Testbed.run("called off or too short loses nothing") {
      let host = try host()
      let link = try open()
      #expect(try link.read(within: .zero) == .timedOut)
      link.interrupt()
      #expect(try link.read(within: nil) == .interrupted)
      let caller = try DedicatedThread(name: "caller") { link.interrupt() }
      #expect(try link.read(within: .seconds(20)) == .interrupted)
      caller.join()
      try host.act(.noise(0x41))
      #expect(try link.read(within: .seconds(20)) == .bytes([0x41]))
      try host.act(.noise(0x42))
      try link.discardInput()
      #expect(try link.read(within: .zero) == .timedOut)
      try link.write([0x03], within: .seconds(5))
      #expect(try line(link) == "#1\n")
      link.close()
      host.stop()
    }
  }

  @Test func `a halted pipe is set going once`() throws {
    try Testbed.run("a halted pipe is set going once") {
      let host = try host()
      let link = try open()
      for isInput in [false, true] {
        host.act(.stall(isInput: isInput, times: 1))
        try link.write([0x03], within: .seconds(5))
        #expect(try line(link).hasPrefix("#"), "input: \(isInput)")
      }
      #expect(try Testbed.journal().count { $0 == "clear halt" } == 2)
      host.act(.stall(isInput: false, times: 2))
      let refused = failure { () throws(LinkError) in try link.write([1], within: .seconds(5)) }
      #expect(refused?.kind == .unusable)
      host.act(.stall(isInput: true, times: 2))
      let silent = failure { () throws(LinkError) in try link.read(within: .seconds(5)) }
      #expect(silent?.kind == .unusable)
      link.close()
      host.stop()
    }
  }

  @Test func `a silent device takes nothing in time and goes on when it comes back`() throws {
    try Testbed.run("a silent device takes nothing in time") {
      let host = try host()
      let link = try open()
      host.act(.silence)
      let write = failure { () throws(LinkError) in
        try link.write([0x03], within: .milliseconds(50))
      }
      #expect(write?.kind == .timedOut)
      #expect(try link.read(within: .milliseconds(50)) == .timedOut)
      let control = failure { () throws(LinkError) in
        try link.control(.portStatus, within: .milliseconds(50))
      }
      #expect(control?.kind == .timedOut)
      host.act(.speech)
      try link.write([0x03], within: .seconds(5))
      #expect(try line(link) == "#1\n", "what was called off never reached the device")
      link.close()
      host.stop()
    }
  }

  @Test func `a device pulled out in a transfer is gone and found again elsewhere`() throws {
    try Testbed.run("pulled out in a transfer is gone") {
      let host = try host()
      let changes = Monitor<[DeviceChange]>([])
      let address = try LinkAddress("usb:", defaults: .init(usb: [printer]))
      let watch = try #require(
        try DeviceWatch(address) { change in changes.withLock { $0.append(change) } })
      let link = try open()
      let puller = try DedicatedThread(name: "hand") { host.unplug() }
      let read = failure { () throws(LinkError) in try link.read(within: .seconds(20)) }
      #expect(read?.kind == .gone)
      puller.join()
      let write = failure { () throws(LinkError) in try link.write([1], within: .seconds(5)) }
      #expect(write?.kind == .gone)
      link.close()
      let hasLeft = changes.wait(until: .after(.seconds(20))) {
        $0.contains(.departed) ? true : nil
      }
      #expect(hasLeft == true)
      #expect(failure { () throws(LinkError) in try address.open() }?.kind == .notFound)
      try host.replug()
      let second = try open("usb:0c1f:2800:S-1")
      try second.write([0x03], within: .seconds(5))
      #expect(try line(second) == "#1\n")
      second.close()
      watch.stop()
      #expect(changes.withLock { $0 }.suffix(2) == [.departed, .arrived])
      #expect(try Testbed.journal().count { $0 == "plugged" } == 2)
      host.stop()
    }
  }

  @Test func `an interface that somebody has is busy and a stranger's serial number not found`()
    throws
  {
    try Testbed.run(
      "an interface that somebody has is busy", environment: ["TESTBED_BUSY": "1"]
    ) {
      let host = try host()
      let busy = #expect(throws: LinkError.self) { try open() }
      #expect(busy?.kind == .busy)
      let other = failure { () throws(LinkError) in
        try USBLink([printer], serial: "S-2")
      }
      #expect(other?.kind == .notFound && other?.reason.contains("S-1") == true)
      host.stop()
    }
  }

  @Test func `a vendor's own interface is used and a storage device refused`() throws {
    try Testbed.run("a vendor's own interface is used") {
      let host = try host(persona(interfaceClass: 0xff))
      let link = try open()
      // a message of whole packets
      try link.write([UInt8](repeating: 0x03, count: 64), within: .seconds(5))
      #expect(try line(link).hasPrefix("#1\n"))
      link.close()
      host.stop()
      try Testbed.awaitLine("pulled")
      let storage = try DeviceLinksTests.host(persona(interfaceClass: 8))
      let refused = #expect(throws: LinkError.self) { try open() }
      #expect(refused?.kind == .unusable)
      storage.stop()
    }
  }
}
