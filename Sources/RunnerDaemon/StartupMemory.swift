import FoundationEssentials
import Glibc
import RunnerStore
import ServiceLifecycle
import SystemPackage

/// Gives back the pages of the program's code that only its start needed: of a binary with everything in it, most. The
/// kernel maps what is needed again from its page cache.
struct StartupMemory: Service {
    /// By then everything has been loaded that a quiet daemon needs.
    private static let delay = Duration.seconds(5)
    /// What was busy since then may be quiet again.
    private static let interval = Duration.seconds(300)

    func run() async throws {
        // Ending before the daemon does would end it.
        try? await cancelWhenGracefulShutdown {
            try await Task.sleep(for: Self.delay)
            while true {
                Self.giveBack()
                try await Task.sleep(for: Self.interval)
            }
        }
    }

    /// Code is never written to: dropping it loses nothing.
    private static func giveBack() {
        guard let data = try? FileSystem.read("/proc/self/maps"), let own = ownPath else { return }
        for line in String(decoding: data, as: UTF8.self).split(separator: "\n") where line.hasSuffix(own) {
            let parts = line.split(separator: " ", omittingEmptySubsequences: true)
            guard parts.count > 1, parts[1] == "r-xp" else { continue }
            let ends = parts[0].split(separator: "-").compactMap { UInt($0, radix: 16) }
            guard ends.count == 2, let start = UnsafeMutableRawPointer(bitPattern: ends[0]) else { continue }
            madvise(start, Int(ends[1] - ends[0]), MADV_DONTNEED)
        }
    }

    private static var ownPath: String? {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX) + 1)
        guard readlink("/proc/self/exe", &buffer, Int(PATH_MAX)) > 0 else { return nil }
        return FilePath(platformString: buffer).string
    }
}
