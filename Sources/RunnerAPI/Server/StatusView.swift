package import FoundationEssentials

/// What the daemon is doing now.
package struct StatusView: Sendable, Hashable, Codable {
    package var version: String
    package var pid: Int32
    package var startedAt: Date
    /// No new run starts.
    package var isDraining: Bool
    package var slots: Int
    package var usedSlots: Int
    package var pending: Int
    package var waiting: Int
    package var running: Int
    package var repositories: Int
    /// Repositories whose last look failed.
    package var problems: Int
    /// Why nothing new starts, where the disk is short.
    package var diskProblem: String?
    package var freeBytes: Int64
    /// Path of the state directory.
    package var state: String

    package init(
        version: String,
        pid: Int32,
        startedAt: Date,
        isDraining: Bool,
        slots: Int,
        usedSlots: Int,
        pending: Int,
        waiting: Int,
        running: Int,
        repositories: Int,
        problems: Int,
        diskProblem: String? = nil,
        freeBytes: Int64,
        state: String
    ) {
        self.version = version
        self.pid = pid
        self.startedAt = startedAt
        self.isDraining = isDraining
        self.slots = slots
        self.usedSlots = usedSlots
        self.pending = pending
        self.waiting = waiting
        self.running = running
        self.repositories = repositories
        self.problems = problems
        self.diskProblem = diskProblem
        self.freeBytes = freeBytes
        self.state = state
    }
}

/// A request to go on as another binary.
package struct UpgradeBody: Sendable, Hashable, Codable {
    /// Path on the server; without it, the binary that was started, as it is now.
    package var binary: String?

    package init(binary: String? = nil) {
        self.binary = binary
    }
}
