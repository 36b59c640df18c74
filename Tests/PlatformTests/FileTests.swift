import Platform
import Testing

struct FileTests {
  @Test func `a file is read whole, up to a limit`() throws {
    let folder = try TemporaryFolder()
    let bytes = RandomBytes.seeded(1)(200_000)
    try Files.writeAtomically(bytes, to: folder("a"), mode: 0o640)
    #expect(try Files.read(folder("a"), limit: 200_000) == bytes)
    #expect(try Files.size(of: folder("a")) == 200_000)
    #expect(try Files.mode(of: folder("a")) == 0o640)
    #expect(
      failure { () throws(SystemError) in
        _ = try Files.read(folder("a"), limit: 199_999)
      }?.kind == .tooLarge)
    #expect(
      failure { () throws(SystemError) in
        _ = try Files.read(folder("b"), limit: 9)
      }?.kind == .notFound)
    #expect(failure { () throws(SystemError) in _ = try Files.read(folder.path, limit: 9) } != nil)
  }

  @Test func `an atomic write replaces all or nothing and leaves nothing beside`() throws {
    let folder = try TemporaryFolder()
    try Files.writeAtomically([1, 2, 3], to: folder("a"))
    try Files.writeAtomically([4], to: folder("a"), mode: 0o600)
    #expect(try Files.read(folder("a"), limit: 9) == [4])
    #expect(try Files.mode(of: folder("a")) == 0o600)
    try Files.makeFolders(folder("d/inside"))
    #expect(
      failure { () throws(SystemError) in
        try Files.writeAtomically([5], to: folder("d"))
      } != nil)
    #expect(try Files.names(in: folder.path) == ["a", "d"])
    #expect(
      failure { () throws(SystemError) in
        try Files.writeAtomically([5], to: folder("none/a"))
      }?.kind == .notFound)
  }

  @Test func `folders are made with those above, and removed with what is inside`() throws {
    let folder = try TemporaryFolder()
    try Files.makeFolders(folder("x/y/z"), mode: 0o700)
    try Files.makeFolders(folder("x/y/z"))
    #expect(try Files.mode(of: folder("x/y")) == 0o700)
    try Files.writeAtomically([1], to: folder("x/y/file"))
    try Files.makeFolders(folder("kept"))
    try Files.writeAtomically([1], to: folder("kept/file"))
    try Files.replaceLink(at: folder("x/link"), target: folder("kept"))
    try Files.removeTree(folder("x"))
    try Files.removeTree(folder("x"))
    #expect(try Files.names(in: folder.path) == ["kept"])
    #expect(try Files.names(in: folder("kept")) == ["file"])
    #expect(
      failure { () throws(SystemError) in
        try Files.makeFolders(folder("kept/file"))
      }?.kind == .exists)
    #expect(
      failure { () throws(SystemError) in
        try Files.makeFolders(folder("kept/file/under"))
      } != nil)
  }

  @Test func `a copy has content and mode, and a file knows its kind`() throws {
    let folder = try TemporaryFolder()
    let bytes = RandomBytes.seeded(2)(3 << 20)
    try Files.writeAtomically(bytes, to: folder("a"), mode: 0o600)
    try Files.copy(folder("a"), to: folder("b"))
    #expect(try Files.read(folder("b"), limit: 4 << 20) == bytes)
    #expect(try Files.mode(of: folder("b")) == 0o600)
    #expect(try Files.kind(of: folder("a")) == .file)
    #expect(try Files.kind(of: folder.path) == .folder)
    #expect(try Files.kind(of: "/dev/null") == .other)
    #expect(try Files.kind(of: folder("a/b")) == nil)
    #expect(Files.exists(folder("a")) && !Files.exists(folder("c")))
    try Files.remove(folder("a"))
    #expect(failure { () throws(SystemError) in try Files.remove(folder("a")) }?.kind == .notFound)
  }

  @Test func `a file grows at its end, and a new one must not exist`() throws {
    let folder = try TemporaryFolder()
    try Files.openForWriting(folder("a")).write([1])
    try Files.openForWriting(folder("a")).write([2])
    #expect(try Files.read(folder("a"), limit: 9) == [1, 2])
    #expect(
      failure { () throws(SystemError) in
        _ = try Files.openForWriting(folder("a"), isNew: true)
      }?.kind == .exists)
  }

  @Test func `gzip files are unpacked, broken ones and too long ones refused`() throws {
    let folder = try TemporaryFolder()
    let text = [UInt8](repeating: 0x61, count: 300_000)
    let packed = try ChildProcess.run(.init(executable: "gzip", arguments: ["-c"]), input: text)
    try Files.writeAtomically(packed.output, to: folder("a.gz"))
    #expect(try Files.readGzip(folder("a.gz"), limit: 300_000) == text)
    #expect(
      failure { () throws(SystemError) in
        _ = try Files.readGzip(folder("a.gz"), limit: 299_999)
      }?.kind == .tooLarge)
    try Files.writeAtomically(packed.output.dropLast(9), to: folder("b.gz"))
    #expect(
      failure { () throws(SystemError) in
        _ = try Files.readGzip(folder("b.gz"), limit: 300_000)
      }?.call == "gzip -dc")
    #expect(
      failure { () throws(SystemError) in
        _ = try Files.readGzip(folder("none.gz"), limit: 9)
      }?.kind == .notFound)
  }

  @Test(arguments: [("/a/b", "/a"), ("/a", "/"), ("a", "."), ("a/b", "a"), ("/", "/")])
  func `a path has a folder`(path: String, folder: String) {
    #expect(Files.folder(of: path) == folder)
  }

  @Test func `a temporary folder is ours alone and goes with its reference`() throws {
    let path: String
    do {
      let folder = try TemporaryFolder()
      path = folder.path
      #expect(try Files.mode(of: path) == 0o700)
      try Files.makeFolders(folder("x/y"))
    }
    #expect(!Files.exists(path))
  }

  @Test func `data folders are looked for in three places, in their order`() throws {
    let folder = try TemporaryFolder()
    func find() throws -> String {
      let path = try ResourceFolder.find(
        target: "CardFace", name: "Resources", data: folder("data"), programs: [folder("bin")])
      return String(path.dropFirst(folder.path.count + 1))
    }
    let missing = #expect(throws: MissingResources.self) { try find() }
    #expect(missing?.places.count == 3)
    #expect(missing?.description.contains(folder("share/pointcard")) == true)
    let name = "pointcard_CardFace.resources/Resources"
    for place in ["share/pointcard", "bin", "data"] {
      try Files.makeFolders(folder("\(place)/\(name)"))
      #expect(try find() == "\(place)/\(name)")
    }
  }

  @Test func `in a test run the folder of the test bundle is among the program's`() throws {
    let folders = ResourceFolder.programFolders()
    #expect(folders.contains { Files.exists($0 + "/pointcardPackageTests.xctest") })
  }
}
