import Glibc

/// What posix_spawn(3) does between the two processes: which descriptors the child begins with,
/// which folder it stands in.
struct SpawnPlan {
  private var actions = posix_spawn_file_actions_t()
  private var attributes = posix_spawnattr_t()
  /// Held until the child has its copies.
  private var held: [FileDescriptor] = []
  private var numbers: [Int32: Int32] = [:]

  init(_ folder: String?) {
    posix_spawn_file_actions_init(&actions)
    posix_spawnattr_init(&attributes)
    if let folder { _ = posix_spawn_file_actions_addchdir_np(&actions, folder) }
  }

  mutating func destroy() {
    posix_spawn_file_actions_destroy(&actions)
    posix_spawnattr_destroy(&attributes)
  }

  /// Gives the child `stream` as its standard stream `number`, and us the other end of a pipe.
  mutating func connect(
    _ stream: ChildProcess.Stream, to number: Int32
  ) throws(SystemError) -> FileDescriptor? {
    switch stream {
    case .inherit:
      numbers[number] = number
    case .null:
      try open("/dev/null", number == 0 ? O_RDONLY : O_WRONLY, as: number)
    case .file(let path):
      try open(path, number == 0 ? O_RDONLY : O_WRONLY | O_CREAT | O_APPEND, as: number)
    case .descriptor(let descriptor):
      try pass(descriptor, as: number)
    case .pipe:
      let pipe = try FileDescriptor.pipe()
      try pass(number == 0 ? pipe.reading : pipe.writing, as: number)
      let ours = number == 0 ? pipe.writing : pipe.reading
      try ours.setNonBlocking()
      return ours
    }
    return nil
  }

  private mutating func open(
    _ path: String, _ flags: Int32, as number: Int32
  ) throws(SystemError) {
    let opened = Glibc.open(path, flags | O_CLOEXEC, 0o600)
    guard opened >= 0 else { throw .last("open", path) }
    try pass(FileDescriptor(owning: opened, subject: path), as: number)
  }

  /// Gives the child a copy of `descriptor` as `number`.
  mutating func pass(_ descriptor: FileDescriptor, as number: Int32) throws(SystemError) {
    precondition(number < 64, "a child's descriptors have small numbers")
    // a copy with a high number, so that no dup2 in the child overwrites the source of a later one
    let copy = try descriptor.use("fcntl") { source throws(SystemError) in
      let copy = fcntl(source, F_DUPFD_CLOEXEC, 64)
      guard copy >= 0 else { throw .last("fcntl", descriptor.subject) }
      return copy
    }
    held.append(FileDescriptor(owning: copy, subject: descriptor.subject))
    numbers[number] = copy
  }

  /// Starts the program; its number.
  mutating func spawn(_ settings: ChildProcess.Settings) throws(SystemError) -> Int32 {
    for (number, source) in numbers.sorted(by: { $0.key < $1.key }) where number != source {
      posix_spawn_file_actions_adddup2(&actions, source, number)
    }
    let first = max(numbers.keys.max() ?? 2, 2) + 1
    _ = posix_spawn_file_actions_addclosefrom_np(&actions, first)
    resetSignals()
    var environment = Self.currentEnvironment()
    environment.merge(settings.environment) { $1 }
    let words = [settings.executable] + settings.arguments
    var arguments = words.map { strdup($0) } + [nil]
    var variables = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
    defer { for text in arguments + variables { free(text) } }
    var processID: pid_t = 0
    let failure = posix_spawnp(
      &processID, settings.executable, &actions, &attributes, &arguments, &variables)
    guard failure == 0 else {
      throw SystemError(call: "posix_spawn", code: failure, subject: settings.executable)
    }
    return processID
  }

  /// A child begins with no signal blocked, and SIGPIPE, SIGTERM and SIGINT as usual.
  private mutating func resetSignals() {
    var none = sigset_t()
    sigemptyset(&none)
    posix_spawnattr_setsigmask(&attributes, &none)
    var usual = sigset_t()
    sigemptyset(&usual)
    for signal in [SIGPIPE, SIGTERM, SIGINT, SIGHUP] { sigaddset(&usual, signal) }
    posix_spawnattr_setsigdefault(&attributes, &usual)
    let flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF
    posix_spawnattr_setflags(&attributes, Int16(flags))
  }

  private static func currentEnvironment() -> [String: String] {
    var variables: [String: String] = [:]
    var at = environ
    while let entry = at.pointee {
      let text = String(cString: entry)
      if let equals = text.firstIndex(of: "=") {
        variables[String(text[..<equals])] = String(text[text.index(after: equals)...])
      }
      at += 1
    }
    return variables
  }
}
