/// Waits for what will be, with a limit that names it.
func within<T: Sendable>(
    _ what: String,
    seconds: Int = 10,
    _ body: @escaping @Sendable () async throws -> T
) async throws -> T {
    try await withThrowingTaskGroup(of: T.self) { group in
        defer { group.cancelAll() }
        group.addTask { try await body() }
        group.addTask {
            try await Task.sleep(for: .seconds(seconds))
            throw TestFailure(description: "waited \(seconds) s for \(what)")
        }
        return try require(await group.next(), what)
    }
}

/// Looks until something is so.
func until(_ what: String, seconds: Int = 10, _ look: @escaping @Sendable () async throws -> Bool) async throws {
    try await within(what, seconds: seconds) {
        while try await !look() { try await Task.sleep(for: .milliseconds(5)) }
    }
}
