import Glibc

/// The signals that programs care about.
package enum Signal: Int32, Sendable, CaseIterable {
  case hangup = 1
  case interrupt = 2
  case kill = 9
  case terminate = 15
}

package enum Signals {
  /// Keeps `signals` from ending this process, so that they can be waited for. Called by the main
  /// thread before any other is started: threads inherit it.
  package static func block(_ signals: [Signal]) {
    var set = makeSet(signals)
    let failure = pthread_sigmask(SIG_BLOCK, &set, nil)
    precondition(failure == 0, "known signals can be blocked")
  }

  /// Waits for one of `signals`, which must have been blocked; nil when none came in time.
  package static func wait(for signals: [Signal], within duration: Duration? = nil) -> Signal? {
    let deadline = Deadline.after(duration)
    var set = makeSet(signals)
    while true {
      let number: Int32
      if let remaining = deadline.remaining {
        let left = remaining.wholeNanoseconds
        var time = timespec(
          tv_sec: Int(left / 1_000_000_000), tv_nsec: Int(left % 1_000_000_000))
        number = sigtimedwait(&set, nil, &time)
      } else {
        number = sigwaitinfo(&set, nil)
      }
      if number > 0 { return Signal(rawValue: number) }
      if errno == EAGAIN { return nil }
      precondition(errno == EINTR, "waiting for blocked signals cannot fail otherwise")
    }
  }

  /// Lets writes to a pipe without reader fail with EPIPE instead of ending the process.
  package static func ignorePipe() {
    signal(SIGPIPE, SIG_IGN)
  }

  private static func makeSet(_ signals: [Signal]) -> sigset_t {
    var set = sigset_t()
    sigemptyset(&set)
    for signal in signals { sigaddset(&set, signal.rawValue) }
    return set
  }
}
