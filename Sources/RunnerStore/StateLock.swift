package import FoundationEssentials
import Glibc
import RunnerCore
import SystemPackage

/// What the one daemon of a state directory holds for life: an `flock` on `daemon.lock`, which ends with its process.
package final class StateLock: Sendable {
    /// Who holds it, as the file says.
    package struct Holder: Sendable, Hashable, Codable {
        package var pid: Int32
        package var host: String
        package var since: Date
    }

    private let lock: FileLock

    /// Takes the lock. Throws a RunnerError that names the daemon which holds it.
    package init(_ state: StateDirectory) throws {
        // Whoever asks for the holder has the lock for a moment.
        for attempt in 1...10 {
            if let lock = try FileLock(state.daemonLock, wait: false) {
                self.lock = lock
                try Self.write(Holder(pid: getpid(), host: Self.host, since: Date()), to: state.daemonLock)
                return
            }
            if attempt < 10 { usleep(20_000) }
        }
        throw Self.refusal(state)
    }

    /// The daemon that holds the lock now; `nil` where there is none.
    package static func holder(of state: StateDirectory) throws -> Holder? {
        guard FileSystem.exists(state.daemonLock) else { return nil }
        if try FileLock(state.daemonLock, wait: false) != nil { return nil }
        // One that has just begun may have taken the lock and not said who it is.
        return try JSON.recall(Holder.self, at: state.daemonLock) ?? Holder(pid: 0, host: host, since: Date())
    }

    private static func refusal(_ state: StateDirectory) -> RunnerError {
        // A record that cannot be read leaves only the name of the file to say.
        let holder = (try? JSON.recall(Holder.self, at: state.daemonLock)).flatMap(\.self)
        let since = holder.map { $0.since.formatted(.iso8601) } ?? ""
        return RunnerError(
            .errored,
            "cannot serve the state directory `\(state.path)`",
            why: holder.map { "process \($0.pid) on \($0.host) has served it since \(since)" }
                ?? "another process holds `\(state.daemonLock)`",
            hint:
                "`runner status` asks that one; another daemon needs a state directory of its own: `--state DIRECTORY`"
        )
    }

    /// In place: a rename would leave the lock on a file that nobody sees.
    private static func write(_ holder: Holder, to path: FilePath) throws {
        let fd = try checked("open lock", path) { open(path.cString, O_WRONLY | O_TRUNC | O_CLOEXEC | O_NOFOLLOW) }
        defer { close(fd) }
        let data = try JSON.encode(holder)
        guard data.withUnsafeBytes({ FileSystem.writeAll($0, to: fd) }) else { throw SystemFailure("write", path) }
    }

    private static var host: String {
        var buffer = [CChar](repeating: 0, count: 256)
        guard gethostname(&buffer, buffer.count - 1) == 0 else { return "unknown" }
        return buffer.withUnsafeBufferPointer { $0.baseAddress.map { String(cString: $0) } ?? "unknown" }
    }
}
