import FoundationEssentials
import Glibc
import RunnerCore
import SystemPackage

/// Removes what is left in `work/`: of runs whose supervisor was killed, and of failed stages whose time is over.
package struct WorkSweep: Sendable {
    private let state: StateDirectory
    private let keep: Duration

    /// `keep` is how long the workspace of a failed stage stays.
    package init(_ state: StateDirectory, keep: Duration) {
        self.state = state
        self.keep = keep
    }

    /// Leaves alone what belongs to a run that is going on. Returns what could not be removed, in words: it stands in
    /// nobody's way.
    package func run() -> [String] {
        FileSystem.names(in: state.work).compactMap { name in
            let path = state.work.appending(name)
            do {
                if try isLeftOver(name, path) { try TreeRemoval.remove(path) }
                return nil
            } catch {
                return "cannot clean up: \(error)"
            }
        }
    }

    private func isLeftOver(_ name: String, _ path: FilePath) throws -> Bool {
        guard let number = name.split(separator: "-").first.flatMap({ Int($0) }), let run = RunNumber(number) else {
            return isOld(path)
        }
        let directory = RunDirectory(state.runs.appending(run.description), number: run)
        guard FileSystem.exists(directory.lock) else { return isOld(path) }
        // Whoever supervises the run holds its lock for life.
        guard let lock = try FileLock(directory.lock, wait: false) else { return false }
        defer { withExtendedLifetime(lock) {} }
        return !FileSystem.exists(directory.result) || isOld(path)
    }

    private func isOld(_ path: FilePath) -> Bool {
        var status = stat()
        guard lstat(path.string, &status) == 0 else { return false }
        return Double(time(nil) - status.st_mtim.tv_sec) > Double(keep.components.seconds)
    }
}
