import Glibc

/// How much of the processors' time a process has used, in all its threads.
package enum ProcessTime {
  /// Nanoseconds of user and system time.
  ///
  /// - Parameter pid: nil: this process.
  /// - Throws: ESRCH when there is no such process.
  package static func nanoseconds(pid: Int32? = nil) throws(SystemError) -> UInt64 {
    guard let pid else { return Platform.nanoseconds(of: CLOCK_PROCESS_CPUTIME_ID) }
    var clock = clockid_t()
    let failure = clock_getcpuclockid(pid_t(pid), &clock)
    guard failure == 0 else {
      throw SystemError(call: "clock_getcpuclockid", code: failure, subject: String(pid))
    }
    var time = timespec()
    guard clock_gettime(clock, &time) == 0 else { throw .last("clock_gettime", String(pid)) }
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
  }
}
