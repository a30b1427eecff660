package import RunnerCore
import SystemPackage

/// Whether a run is begun, and by whom, and how far it came.
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

    /// How the stages ended that have a record of it, each by its last attempt. What cannot be read is as good as none.
    package var stageResults: [StageID: StageResult] {
        var results: [StageID: StageResult] = [:]
        for name in FileSystem.names(in: path) {
            let file = StageDirectory(path.appending(name)).result
            guard let result = (try? JSON.read(StageResult.self, at: file)).flatMap({ $0 }),
                // An earlier attempt lies beside the last one, under another name.
                Self.directoryName(result.stage.description) == name
            else {
                continue
            }
            results[result.stage] = result
        }
        return results
    }
}
