import Foundation
import Platform
import Testing

/// The command line itself: what is understood, what is refused, and how.
@Suite(.offPool)
struct CommandLineTests {
  /// Command lines that are wrong, and what is said of them.
  private static let wrong: [(line: [String], said: String)] = [
    (["tickt"], "there is no command \"tickt\"; did you mean \"ticket\"?"),
    (["ticket", "pots"], "there is no command \"ticket pots\"; did you mean \"ticket post\"?"),
    (["frobnicate"], "there is no command \"frobnicate\"; known are account, approval,"),
    (["ticket"], "\"pointcard ticket\" wants one more word: claim, correct, list,"),
    (["--json", "health"], "--json stands before the command"),
    (["member", "add"], "NAME is missing"),
    (["member", "add", ""], "NAME is empty"),
    (["member", "add", "王", "明"], "\"明\" is one too many"),
    (["member", "add", "--", "--phone", "1"], "\"1\" is one too many"),
    (["member", "add", "王", "--fone", "1"], "there is no option --fone; did you mean --phone?"),
    (["member", "add", "王", "--phone"], "--phone PHONE: the value is missing"),
    (["member", "add", "王", "--phone", "--json"], "--phone PHONE: the value is missing"),
    (["member", "add", "王", "--phone="], "--phone : the value is empty"),
    (["member", "add", "王", "--phone=1", "--phone", "2"], "--phone stands twice"),
    (["member", "add", "王", "--json=yes"], "--json takes no value"),
    (["member", "add", "王", "--as", "王"], "--as 王: 1 to 32 letters, digits"),
    (["member", "add", "王", "--key", "a b"], "--key a b: 1 to 64 letters, digits"),
    (["ticket", "post", "--ticket", "1", "--terminal", "T"], "--amount A is missing"),
    (
      ["ticket", "post", "--ticket", "1", "--terminal", "T", "--amount", "1e3"],
      "--amount 1e3: no number"
    ),
    (
      ["ticket", "post", "--ticket=1", "--terminal=T", "--amount=1", "--card=1", "--phone=1"],
      "--card, --phone: only one can be given"
    ),
    (["points", "redeem", "--points", "5"], "one of --station, --card, --phone,"),
    (["points", "redeem", "--points", "0"], "--points 0: points are wanted, above 0, at most "),
    (["card", "replace", "1", "--reason", "lots"], "--reason lots: did you mean lost?"),
    (["card", "replace", "1", "--reason", "eaten"], "--reason eaten: one of lost, stolen,"),
    (["ledger", "check", "fold", "chain"], "CHECK chain: did you mean chains?"),
    (["statement", "--card", "1", "--language", "fr"], "--language fr: one of zh-Hant, en"),
    (
      ["device", "simulate", "star-tcp300/tcp300i", "--link", "x"],
      "did you mean star-tcp300/tcp300"
    ),
    (["device", "simulate", "star-tcp300/tcp300", "--link", "x", "--speed", "0"], "--speed 0:"),
    (["face", "render"], "one of --card, --member, --sample is missing"),
    (["face", "render", "--sample", "-o", "x.gif"], ".png or .pbm is wanted"),
    (["programme", "check", "/nowhere/p.json5"], "The file cannot be used: /nowhere/p.json5"),
  ]

  @Test(arguments: wrong.indices)
  func `what is wrong is named, and nothing is done`(_ index: Int) throws {
    let (line, said) = Self.wrong[index]
    let run = try Programs.pointcard(line, environment: ["POINTCARD_SOCKET": "/nowhere/s"])
    #expect(run.code == 2, "\(run)")
    #expect(run.error.contains(said), "\(run)")
    #expect(run.output == "")
  }

  @Test func `a cashier reads Chinese`() throws {
    let run = try Programs.pointcard(["tickt"], language: "zh_TW.UTF-8")
    #expect(run.code == 2)
    #expect(run.error.contains("沒有「tickt」這個指令，是不是要用「ticket」？"), "\(run)")
    let absent = try Programs.pointcard(
      ["health", "--socket", "/nowhere/s"], language: "zh_TW.UTF-8")
    #expect(absent.code == 3)
    #expect(absent.error.contains("pointcardd 沒有回應"), "\(absent)")
    let chosen = try Programs.pointcard(
      ["health", "--socket=/nowhere/s", "--language=en"], language: "zh_TW.UTF-8")
    #expect(chosen.error.contains("does not answer"), "\(chosen)")
  }

  @Test func `what answers nonsense is our fault`() throws {
    let folder = try TemporaryFolder()
    let listener = try Listener.listen(on: .unix(path: folder("s")), mode: 0o600)
    _ = try DedicatedThread(name: "stub") {
      do {
        _ = try listener.descriptor.wait(for: .reading, until: .after(.seconds(60)))
        let conversation = try listener.accept()
        _ = try conversation?.read(upTo: 65_536)
        try conversation?.write(Array("220 mail.example ESMTP\r\n\r\n".utf8))
        conversation?.close()
      } catch {
        listener.close()
      }
    }
    let run = try Programs.pointcard(["health", "--socket", folder("s")])
    #expect(run.code == 5, "\(run)")
    #expect(run.error.contains("is not pointcardd"), "\(run)")
    listener.close()
  }

  // MARK: Checks without a daemon

  @Test func `a programme and a template are judged by their exit codes`() throws {
    let folder = try TemporaryFolder()
    let standard = try ResourceFolder.find(target: "CounterService", name: "Resources")
    let good = try Programs.pointcard(
      ["programme", "check", standard + "/profiles/tw.json5"])
    #expect(good.code == 0 && good.output.contains("TW01"), "\(good)")
    let text = try Files.read(standard + "/profiles/tw.json5", limit: 1 << 20)
    let broken = String(decoding: text, as: UTF8.self).replacing(
      "rounding:", with: "roundnig:")
    try Files.writeAtomically(Array(broken.utf8), to: folder("p.json5"))
    let bad = try Programs.pointcard(["programme", "check", folder("p.json5")])
    #expect(bad.code == 1 && bad.error.contains("rounding"), "\(bad)")

    #expect(try Programs.pointcard(["face", "check"]).code == 0)
    let faces = try ResourceFolder.find(target: "CardFace", name: "Resources")
    let face = String(
      decoding: try Files.read(faces + "/standard.face.json5", limit: 1 << 20),
      as: UTF8.self)
    let narrow = face.replacing("y: 10.5, width: 36", with: "y: 10.5, width: 9")
    try #require(narrow.utf8.count < face.utf8.count)
    try Files.writeAtomically(Array(narrow.utf8), to: folder("f.json5"))
    let refused = try Programs.pointcard(
      ["face", "check", folder("f.json5"), "--device", "star-tcp300/tcp300ii"])
    #expect(refused.code == 1, "\(refused)")
    #expect(
      refused.output.contains(
        "star-tcp300/tcp300ii zh-Hant: box \"name\": the text \"谷○○‧○○卡\" does not fit"),
      "\(refused)")
    let slow = try Programs.pointcard([
      "face", "check", "--device", "star-tcp300/tcp300ii", "--speed", "2400", "--locale", "en",
    ])
    #expect(slow.code == 1 && slow.output.contains("more than 2 s"), "\(slow)")
  }

  @Test func `a sample face becomes a picture`() throws {
    let folder = try TemporaryFolder()
    for (file, start) in [
      ("f.png", "\u{89}PNG".unicodeScalars.map { UInt8($0.value) }),
      ("f.pbm", Array("P4\n480 320\n".utf8)),
    ] {
      let run = try Programs.pointcard(
        ["face", "render", "--sample", "--name", "黃彥筠", "-o", folder(file)])
      #expect(run.code == 0, "\(run)")
      #expect(try Files.read(folder(file), limit: 1 << 20).starts(with: start))
    }
    let other = try Programs.pointcard([
      "face", "render", "--sample", "--device", "evolis/primacy-2", "--template", "gold", "--tier",
      "VIP", "--locale", "ja", "-o", folder("o.pbm"),
    ])
    #expect(other.code == 0, "\(other)")
    #expect(
      try Files.read(folder("o.pbm"), limit: 1 << 20).starts(with: Array("P4\n1016 648\n".utf8)))
    let shown = try Programs.pointcard(["face", "render", "--sample"])
    #expect(shown.output.split(separator: "\n").count == 40, "\(shown.output)")
  }

  @Test func `a gallery is a page with a picture of every face, nothing from elsewhere`() throws {
    let folder = try TemporaryFolder()
    let run = try Programs.pointcard(["face", "gallery", "stamps", "gold", "-o", folder("g")])
    #expect(run.code == 0, "\(run)")
    let page = String(
      decoding: try Files.read(folder("g/index.html"), limit: 1 << 20), as: UTF8.self)
    let pictures = page.matches(of: /<img src="([^"]+)"/).map { String($0.1) }
    // six areas, four tiers
    #expect(pictures.count == 2 * 6 * 4 && Set(pictures).count == pictures.count)
    for picture in pictures {
      let bytes = try Files.read(folder("g/" + picture), limit: 1 << 20)
      #expect(bytes.starts(with: [0x89] + Array("PNG".utf8)), "\(picture)")
    }
    #expect(!page.contains("http:") && !page.contains("https:") && !page.contains("<script"))
  }

  // MARK: Help

  /// `GOLDENS=write` writes the files anew, to be read before they are committed.
  @Test(arguments: [("en", "C.UTF-8"), ("zh-Hant", "zh_TW.UTF-8")])
  func `help says what the table says`(_ language: String, _ locale: String) throws {
    let overview = try Programs.pointcard(["help"], language: locale)
    #expect(overview.code == 0)
    var text = overview.output
    let names = overview.output.split(separator: "\n").filter { $0.hasPrefix("  ") }
      .compactMap { line in line.dropFirst(2).split(separator: "  ").first.map(String.init) }
      .filter { $0.first?.isLetter == true }
    #expect(names.count > 25)
    for name in names {
      let words = name.split(separator: " ").map(String.init)
      let help = try Programs.pointcard(["help"] + words, language: locale)
      #expect(help.code == 0, "\(help)")
      #expect(try Programs.pointcard(words + ["--help"], language: locale).output == help.output)
      text += "\n--- \(name)\n\(help.output)"
    }
    let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "Goldens/pointcard/help.\(language).txt")
    if ProcessInfo.processInfo.environment["GOLDENS"] == "write" {
      try Data(text.utf8).write(to: file)
    }
    #expect(text == String(decoding: try Data(contentsOf: file), as: UTF8.self))
  }

  @Test func `the completion knows every command and its options`() throws {
    let folder = try TemporaryFolder()
    let script = try Programs.pointcard(["completion", "bash"])
    #expect(script.code == 0)
    try Files.writeAtomically(Array(script.output.utf8), to: folder("c.bash"))
    let cases: [(words: String, offered: [String])] = [
      ("pointcard tick", ["ticket"]),
      (
        "pointcard ticket ''",
        ["claim", "correct", "list", "open", "post", "preview", "return", "void"]
      ),
      ("pointcard ticket post --red", ["--redeem"]),
      ("pointcard card replace 1 --reason st", ["stolen"]),
      ("pointcard statement --language e", ["en"]),
      ("pointcard ledger check ch", ["chains"]),
    ]
    for (words, offered) in cases {
      let probe = """
        source \(folder("c.bash")); COMP_WORDS=(\(words)); COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
        _pointcard; printf '%s\\n' "${COMPREPLY[@]}"
        """
      let run = try ChildProcess.run(.init(executable: "bash", arguments: ["-c", probe]))
      let lines = String(decoding: run.output, as: UTF8.self).split(separator: "\n").map(
        String.init)
      #expect(lines == offered, "\(words): \(String(decoding: run.error, as: UTF8.self))")
    }
  }
}
