package import RunnerCore
package import SystemPackage

/// Where the runner keeps everything that it must not lose. See docs/architecture.md for the map.
package struct StateDirectory: Sendable, Hashable {
    package let path: FilePath

    package init(_ path: FilePath) { self.path = path }

    /// Held by the daemon for life.
    package var daemonLock: FilePath { path.appending("daemon.lock") }
    /// Bare repositories, written by us alone.
    package var repositories: FilePath { path.appending("repositories") }
    /// Immutable trees, deltas and caches.
    package var layers: FilePath { path.appending("layers") }
    package var artifacts: FilePath { path.appending("artifacts") }
    /// Files by content, compressed: logs and reports of outcomes that may be taken again, statements about artifacts.
    package var blobs: FilePath { path.appending("blobs") }
    /// Of this machine alone: what signs and seals. No stage sees it, and no backup has it.
    package var keys: FilePath { path.appending("keys") }
    package var runs: FilePath { path.appending("runs") }
    /// What running stages write; a failed stage's stays for a while.
    package var work: FilePath { path.appending("work") }
    /// What a daemon knows; a directory that has it is the daemon's.
    package var database: FilePath { path.appending("runner.db") }
    /// What values are sealed with; no backup has it.
    package var secretsKey: FilePath { path.appending("keys").appending("secrets.key") }
    /// Given back to a full disk, so that results can still be written.
    package var reserve: FilePath { path.appending("reserve") }
    /// The commits that a restored state had pinned in its mirrors, to be pinned again once they are fetched.
    package var pins: FilePath { path.appending("pins.json") }

    package func run(_ number: RunNumber) -> RunDirectory {
        RunDirectory(runs.appending(number.description), number: number)
    }

    /// Makes what is missing. Only the owner may look inside: logs and sources lie here.
    package func prepare() throws(SystemFailure) {
        try FileSystem.makeDirectories(path, mode: 0o700)
        for directory in [repositories, layers, artifacts, runs, work] {
            try FileSystem.makeDirectories(directory)
        }
        try DiskReserve(reserve).ensure()
    }
}
