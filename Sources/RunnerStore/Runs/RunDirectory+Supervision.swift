/// Whether a run is begun, and by whom.
extension RunDirectory {
    /// Who took the lock last; `nil` where nobody did, or has just not said so yet. Whether it lives is another question.
    package func holder() -> SupervisorHolder? {
        // A lock that cannot be read, or holds half a line, tells nothing.
        (try? JSON.read(SupervisorHolder.self, at: lock)).flatMap { $0 }
    }

    /// Whether somebody holds the lock now.
    package func isSupervised() throws(SystemFailure) -> Bool { try FileLock.isHeld(lock) }

    /// Whether a supervisor has begun the run, in which case no other ever does.
    package var hasBegun: Bool { FileSystem.exists(events) || FileSystem.exists(result) }
}
