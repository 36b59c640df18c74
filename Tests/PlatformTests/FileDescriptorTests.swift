import Platform
import Testing

struct FileDescriptorTests {
  @Test func `a read gives what has come, or times out, or ends`() throws {
    let pipe = try FileDescriptor.pipe()
    #expect(try pipe.reading.read(upTo: 9, within: .zero) == .timedOut)
    #expect(try pipe.reading.read(upTo: 9, within: .milliseconds(20)) == .timedOut)
    try pipe.writing.write([1, 2, 3])
    #expect(try pipe.reading.read(upTo: 2) == .bytes([1, 2]))
    #expect(try pipe.reading.read(upTo: 2) == .bytes([3]))
    pipe.writing.close()
    #expect(try pipe.reading.read(upTo: 9) == .end)
  }

  @Test func `a wakeup ends a read that would wait for ever, once`() async throws {
    let pipe = try FileDescriptor.pipe()
    let wakeup = try Wakeup()
    async let outcome = offPool { try pipe.reading.read(upTo: 9, interruptedBy: wakeup) }
    wakeup.signal()
    #expect(try await outcome == .interrupted)
    #expect(
      try pipe.reading.read(upTo: 9, within: .zero, interruptedBy: wakeup) == .timedOut)
    wakeup.signal()
    wakeup.signal()
    #expect(
      try pipe.reading.read(upTo: 9, within: .zero, interruptedBy: wakeup) == .interrupted)
    wakeup.signal()
    wakeup.consume()
    #expect(
      try pipe.reading.read(upTo: 9, within: .zero, interruptedBy: wakeup) == .timedOut)
  }

  @Test func `a megabyte goes through a pipe of 64 KiB in order`() async throws {
    let pipe = try FileDescriptor.pipe()
    let bytes = RandomBytes.seeded(7)(1 << 20)
    async let all = offPool { try pipe.reading.readToEnd(limit: 1 << 20) }
    try await offPool {
      try pipe.writing.write(bytes, within: .seconds(20))
      pipe.writing.close()
    }
    #expect(try await all == bytes)
  }

  @Test func `a write that nobody takes stops at its deadline and tells how far it came`() throws {
    let pipe = try FileDescriptor.pipe()
    let bytes = [UInt8](repeating: 0, count: 1 << 20)
    let written = try pipe.writing.write(bytes, within: .milliseconds(30), interruptedBy: nil)
    #expect(written > 0 && written < bytes.count)
    #expect(
      failure { () throws(SystemError) in
        try pipe.writing.write(bytes, within: .milliseconds(5))
      }?.kind == .timedOut)
  }

  @Test func `reading to the end has a limit and a deadline`() throws {
    let pipe = try FileDescriptor.pipe()
    try pipe.writing.write([1, 2, 3])
    #expect(
      failure { () throws(SystemError) in
        _ = try pipe.reading.readToEnd(limit: 3, within: .milliseconds(20))
      }?.kind == .timedOut)
    try pipe.writing.write([1, 2, 3, 4])
    #expect(
      failure { () throws(SystemError) in
        _ = try pipe.reading.readToEnd(limit: 3, within: .milliseconds(20))
      }?.kind == .tooLarge)
  }

  @Test func `a closed descriptor is never used again, and closing twice is no error`() throws {
    let pipe = try FileDescriptor.pipe()
    pipe.reading.close()
    pipe.reading.close()
    #expect(pipe.reading.isClosed)
    let error = failure { () throws(SystemError) in _ = try pipe.reading.readNow(upTo: 1) }
    #expect(error == SystemError(call: "read", code: 9, subject: "pipe"))
  }

  @Test func `closing waits for the read under way, so the number is not given to another file`()
    async throws
  {
    let pipe = try FileDescriptor.pipe()
    let wakeup = try Wakeup()
    async let outcome = offPool { try pipe.reading.read(upTo: 9, interruptedBy: wakeup) }
    pipe.reading.close()
    wakeup.signal()
    do {
      #expect(try await outcome == .interrupted)
    } catch let error as SystemError {
      // the close came before the read
      #expect(error.code == 9)
    }
  }

  @Test(
    arguments: [
      (11, SystemError.Kind.busy), (98, .busy), (2, .notFound), (13, .noPermission), (17, .exists),
      (5, .gone), (19, .gone), (32, .gone), (110, .timedOut), (28, .noSpace), (27, .tooLarge),
      (22, .other),
    ] as [(Int32, SystemError.Kind)])
  func `an error number has a kind`(code: Int32, kind: SystemError.Kind) {
    #expect(SystemError(call: "read", code: code).kind == kind)
  }

  @Test func `an error names the call, the path and the reason`() {
    let error = SystemError(call: "open", code: 2, subject: "/nowhere")
    #expect(error.description == "open /nowhere: No such file or directory (errno 2)")
    #expect(SystemError(call: "poll", code: 4).description.hasPrefix("poll: "))
  }
}
