import ObjectStorage

/// Work that is given up when it takes too long.
enum Deadline {
    /// Throws `ObjectFailure.silent` when the time is over. The work must end soon after it is cancelled.
    static func run<T: Sendable>(_ limit: Duration, _ work: @escaping @Sendable () async throws -> T) async throws -> T
    {
        try await withThrowingTaskGroup(of: T.self) { group in
            group.addTask { try await work() }
            group.addTask {
                try await Task.sleep(for: limit)
                throw ObjectFailure.silent("not done within \(limit)")
            }
            defer { group.cancelAll() }
            guard let value = try await group.next() else { throw CancellationError() }
            return value
        }
    }
}
