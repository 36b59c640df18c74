/// How much memory, and how many threads, a process has.
package struct ProcessMemory: Sendable, Equatable {
  /// The most it ever had resident, in KiB.
  package let peakKiB: Int
  /// What is resident now, in KiB.
  package let currentKiB: Int
  /// How many threads it has.
  package let threads: Int

  /// Of process `pid`, or of this one.
  ///
  /// - Throws: ENOENT when there is no such process, ENODATA when it has already ended.
  package static func read(pid: Int32? = nil) throws(SystemError) -> ProcessMemory {
    let path = "/proc/\(pid.map { String($0) } ?? "self")/status"
    let text = String(decoding: try Files.read(path, limit: 65_536), as: UTF8.self)
    guard let peak = value("VmHWM:", in: text), let current = value("VmRSS:", in: text),
      let threads = value("Threads:", in: text)
    else {
      throw SystemError(call: "read", code: noData, subject: path)
    }
    return ProcessMemory(peakKiB: peak, currentKiB: current, threads: threads)
  }

  /// ENODATA
  private static let noData: Int32 = 61

  private static func value(_ name: String, in text: String) -> Int? {
    for line in text.split(separator: "\n") where line.hasPrefix(name) {
      return line.split(whereSeparator: { $0 == " " || $0 == "\t" }).dropFirst().first.flatMap {
        Int($0)
      }
    }
    return nil
  }
}
