package import FoundationEssentials
import Glibc
import SystemPackage

/// Who holds a run's lock, as the lock's file says: enough to know the process again, as numbers of processes are reused.
package struct SupervisorHolder: Sendable, Hashable, Codable {
    package let pid: Int32
    /// In the kernel's ticks since the boot: field 22 of `/proc/PID/stat`.
    package let startedAt: UInt64
    package let bootID: String

    /// This process.
    package static func current() throws -> SupervisorHolder {
        guard let start = startTicks(of: getpid()), let boot = currentBoot() else {
            throw SystemFailure("read", "/proc/self/stat", ENOENT)
        }
        return SupervisorHolder(pid: getpid(), startedAt: start, bootID: boot)
    }

    /// Whether that very process is still there; one that has ended counts until its parent has taken note.
    package var exists: Bool { Self.startTicks(of: pid) == startedAt && Self.currentBoot() == bootID }

    /// Whether a process of this boot with that start is still there.
    package static func isRunning(_ pid: Int32, startedAt: UInt64) -> Bool { startTicks(of: pid) == startedAt }

    /// One line.
    package func encoded() throws -> Data { try JSON.encode(self) + [UInt8(ascii: "\n")] }

    private static func startTicks(of pid: Int32) -> UInt64? {
        // A process that is gone has no file.
        guard let data = (try? FileSystem.read(FilePath("/proc/\(pid)/stat"))).flatMap({ $0 }) else { return nil }
        let text = String(decoding: data, as: UTF8.self)
        // The second field is a name that may hold anything, parentheses too.
        guard let end = text.lastIndex(of: ")") else { return nil }
        let fields = text[text.index(after: end)...].split(separator: " ")
        return fields.count > 19 ? UInt64(fields[19]) : nil
    }

    private static func currentBoot() -> String? {
        let data = (try? FileSystem.read("/proc/sys/kernel/random/boot_id")).flatMap { $0 }
        return data.map { String(decoding: $0.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self) }
    }
}
