import Glibc
import Synchronization
import SystemPackage

/// How many descriptors this process may have. A supervisor needs some for every stage; what it starts gets the limit
/// back that it was itself started with, because programs walk through all that they may have.
package enum DescriptorLimit {
    /// The soft limit before it was raised.
    private static let original = Mutex<UInt?>(nil)
    /// For what a process has open beside its stages.
    private static let reserved = 64
    /// Log, index, pipe, process, event counter, their copies while a program starts, and the same for two services.
    private static let perStage = 16

    /// Raises the soft limit to the hard one.
    package static func raise() {
        guard var limits = current, limits.rlim_cur < limits.rlim_max else { return }
        let before = UInt(limits.rlim_cur)
        limits.rlim_cur = limits.rlim_max
        guard setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limits) == 0 else { return }
        original.withLock { $0 = $0 ?? before }
    }

    /// How many stages at once the hard limit has descriptors for; at least one.
    package static var stages: Int {
        guard let limits = current else { return 1 }
        return max(1, (Int(clamping: limits.rlim_max) - reserved) / perStage)
    }

    /// The same program, with the limit from before. Without util-linux' `prlimit` it keeps the raised one.
    static func givingBack(_ launch: Launch) -> Launch {
        guard let limit = original.withLock({ $0 }), let prlimit = Programs.find("prlimit"),
            access(launch.executable.string, X_OK) == 0
        else { return launch }
        var limited = launch
        limited.executable = prlimit
        limited.arguments = ["--nofile=\(limit):", "--", launch.executable.string] + launch.arguments
        return limited
    }

    private static var current: rlimit? {
        var limits = rlimit()
        return getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limits) == 0 ? limits : nil
    }
}
