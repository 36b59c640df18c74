import Glibc

/// Watches whether something is at a path, whose folders may come and go too (as those of
/// /dev/serial/by-id do with the last device in them).
///
/// Blocks its thread in `next`; `end` is for others.
package final class NodeWatch: Sendable {
  package let path: String
  private let notifier: FileDescriptor
  private let wakeup: Wakeup
  private let isPresent: Guarded<Bool>

  /// Between two looks, should the kernel's notice have been missed.
  private static let lookInterval = Duration.seconds(5)

  package init(path: String) throws(SystemError) {
    self.path = path
    let number = inotify_init1(Int32(IN_NONBLOCK | IN_CLOEXEC))
    guard number >= 0 else { throw .last("inotify_init1", path) }
    notifier = FileDescriptor(owning: number, subject: path)
    wakeup = try Wakeup()
    isPresent = Guarded(Files.exists(path))
  }

  /// The next change: whether something is there now. Nil: the watch was ended.
  package func next() throws(SystemError) -> Bool? {
    while true {
      // first the watches, then the look: what happens between them is noticed
      let marks = try watchFolders()
      let isThere = Files.exists(path)
      let isNews = isPresent.withLock { isPresent in
        defer { isPresent = isThere }
        return isPresent != isThere
      }
      let outcome: WaitOutcome =
        isNews
        ? .ready
        : try notifier.wait(
          for: .reading, until: .after(Self.lookInterval), interruptedBy: wakeup)
      try forget(marks)
      if isNews { return isThere }
      if outcome == .interrupted { return nil }
    }
  }

  package func end() { wakeup.signal() }

  /// Watches every folder on the way that is there, links followed: whichever changes, the path is
  /// looked at anew.
  private func watchFolders() throws(SystemError) -> [Int32] {
    var marks: [Int32] = []
    var folder = Files.folder(of: path)
    let events = IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_ATTRIB | IN_DELETE_SELF
    try notifier.use("inotify_add_watch") { number throws(SystemError) in
      while true {
        let mark = inotify_add_watch(number, folder, UInt32(events))
        if mark >= 0 {
          marks.append(mark)
        } else if errno == ENOSPC || errno == ENOMEM {
          throw .last("inotify_add_watch", folder)
        }
        // the nearest folder that is there tells when the next one comes
        guard marks.isEmpty, folder != "/" else { return }
        folder = Files.folder(of: folder)
      }
    }
    return marks
  }

  private func forget(_ marks: [Int32]) throws(SystemError) {
    try notifier.use("inotify_rm_watch") { number throws(SystemError) in
      for mark in marks {
        // a folder that was removed has taken its watch along
        guard inotify_rm_watch(number, mark) == 0 || errno == EINVAL else {
          throw .last("inotify_rm_watch", path)
        }
      }
    }
    while let notices = try notifier.readNow(upTo: 4096), !notices.isEmpty {}
  }
}
