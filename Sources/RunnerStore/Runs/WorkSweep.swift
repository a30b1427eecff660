import FoundationEssentials
import Glibc
import RunnerCore
import SystemPackage

/// Removes what is left in `work/`: of runs whose supervisor was killed, and of failed stages whose time is over; and in the
/// stores what was being made aside, under a name with a dot, when its maker was killed.
package struct WorkSweep: Sendable {
    private let state: StateDirectory
    private let keep: Duration
    private let making: Duration

    /// `keep` is how long the workspace of a failed stage stays; after `making` nothing is still being made.
    package init(_ state: StateDirectory, keep: Duration, making: Duration = .seconds(86_400)) {
        self.state = state
        self.keep = keep
        self.making = making
    }

    /// Leaves alone what belongs to a run that is going on. Returns what could not be removed, in words: it stands in
    /// nobody's way.
    package func run() -> [String] {
        var notes = remove(in: state.work, isLeftOver)
        for folder in stores {
            notes += remove(in: folder) { name, path in name.hasPrefix(".") && age(path, \.st_ctim) > making }
        }
        return notes
    }

    /// Where things are made aside and renamed.
    private var stores: [FilePath] {
        let below = ["trees", "recent", "caches/entries", "caches/keys"].map { state.layers.pushing(FilePath($0)) }
        let blobs = state.artifacts.appending("blobs")
        return below + ["trees", "manifests"].map { state.artifacts.pushing(FilePath($0)) }
            + FileSystem.names(in: blobs).map { blobs.appending($0) } + [state.repositories]
    }

    private func remove(in folder: FilePath, _ isLeftOver: (String, FilePath) throws -> Bool) -> [String] {
        FileSystem.names(in: folder).compactMap { name in
            let path = folder.appending(name)
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

    private func isOld(_ path: FilePath) -> Bool { age(path, \.st_mtim) > keep }

    /// By the time of the last change, which a copy takes over from what it was made of, or by that of the file's record.
    private func age(_ path: FilePath, _ time: KeyPath<stat, timespec>) -> Duration {
        var status = stat()
        guard lstat(path.cString, &status) == 0 else { return .zero }
        return .seconds(Glibc.time(nil) - status[keyPath: time].tv_sec)
    }
}
