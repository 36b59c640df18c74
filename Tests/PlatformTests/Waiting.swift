import Platform

/// Runs what blocks on a thread of its own, so that tests leave the tasks' threads alone.
func offPool<Result: Sendable>(
  _ body: @escaping @Sendable () throws -> Result
) async throws -> Result {
  try await withCheckedThrowingContinuation { continuation in
    do {
      _ = try DedicatedThread(name: "test") {
        continuation.resume(with: Swift.Result { try body() })
      }
    } catch {
      continuation.resume(throwing: error)
    }
  }
}

/// The names of this process's threads.
func threadNames() throws -> [String] {
  var names: [String] = []
  for id in try Files.names(in: "/proc/self/task") {
    do throws(SystemError) {
      let name = try Files.read("/proc/self/task/\(id)/comm", limit: 64)
      names.append(String(decoding: name.dropLast(), as: UTF8.self))
    } catch {
      // a thread may have ended meanwhile: ENOENT or ESRCH
      guard error.kind == .notFound || error.code == 3 else { throw error }
    }
  }
  return names
}

/// Whether `condition` comes true within 6,000 looks, 5 ms or more apart: on a machine with much
/// else to do looks come late, and time by itself says nothing.
func eventually(_ condition: @Sendable () async throws -> Bool) async throws -> Bool {
  for _ in 0..<6_000 {
    if try await condition() { return true }
    try await Task.sleep(for: .milliseconds(5))
  }
  return false
}

/// Waits for the failure of `body`.
func failure(_ body: () throws(SystemError) -> Void) -> SystemError? {
  do throws(SystemError) {
    try body()
    return nil
  } catch {
    return error
  }
}
