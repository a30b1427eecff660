internal import FoundationEssentials
internal import Glibc

/// A fixed time that files get, whenever they are written.
struct ModificationTime: Sendable {
    private let times: [timespec]

    init(_ date: Date) {
        let seconds = date.timeIntervalSince1970.rounded(.down)
        let fraction = date.timeIntervalSince1970 - seconds
        let time = timespec(tv_sec: Int(seconds), tv_nsec: Int(fraction * 1e9))
        // Access time, then modification time.
        times = [time, time]
    }

    func apply(to descriptor: Int32) -> Bool { futimens(descriptor, times) == 0 }

    func apply(at directory: Int32, _ name: UnsafePointer<CChar>) -> Bool {
        utimensat(directory, name, times, AT_SYMLINK_NOFOLLOW) == 0
    }
}
