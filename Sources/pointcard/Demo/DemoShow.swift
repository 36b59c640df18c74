import Platform
import Raster

/// What the demo tells the person who watches it: a progress bar and remarks on the error stream,
/// faces and the summary on the output.
final class DemoShow {
  private let isTerminal = StandardStream.error.isTerminal
  private let width = StandardStream.error.columns ?? 80
  private var title = ""
  private var total = 0
  private var shown = -1

  func begin(_ title: String, total: Int) {
    self.title = title
    self.total = total
    shown = -1
    progress(0)
  }

  /// Moves the bar; without a terminal a line a tenth.
  func progress(_ done: Int) {
    let parts = isTerminal ? 200 : 10
    let part = total == 0 ? parts : done * parts / total
    guard part != shown else { return }
    shown = part
    let counts = "\(done)/\(total)"
    guard isTerminal else {
      StandardStream.error.print("\(title) \(counts)")
      return
    }
    let room = max(10, min(50, width - title.count - counts.count - 6))
    let filled = total == 0 ? room : room * done / total
    let bar = String(repeating: "█", count: filled) + String(repeating: "░", count: room - filled)
    write("\r\(title) \(bar) \(counts)")
    if done == total { write("\n") }
  }

  /// A remark above the bar.
  func event(_ text: String) {
    write(isTerminal ? "\r\u{1b}[K· \(text)\n" : "· \(text)\n")
    shown = -1
  }

  /// A face, as the device's printer left it.
  func face(_ bitmap: Bitmap, caption: String) {
    if isTerminal { write("\r\u{1b}[K") }
    say("\n\(caption)")
    let colours = StandardStream.output.isTerminal
    for line in TerminalPicture.lines(bitmap, columns: 96, style: .braille, colours: colours) {
      say(line)
    }
    shown = -1
  }

  /// A line of the result.
  func say(_ text: String) { StandardStream.output.print(text) }

  private func write(_ text: String) {
    do {
      try StandardStream.error.write(Array(text.utf8))
    } catch {
      // nobody watches any more; the demo's result does not depend on it
      return
    }
  }
}
