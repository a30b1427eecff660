import CLinux
import Glibc

/// How many descriptors this process may have. A supervisor needs some for every stage; what it starts gets the limit
/// back that it was itself started with, because programs walk through all that they may have.
package enum DescriptorLimit {
    /// For what a process has open beside its stages.
    private static let reserved = 64
    /// Log, index, pipe, process, event counter, their copies while a program starts, and the same for two services.
    private static let perStage = 16

    /// Raises the soft limit to the hard one. Where that is refused, the limit stays as it was.
    package static func raise() { _ = runner_raise_descriptor_limit() }

    /// How many stages at once the hard limit has descriptors for; at least one.
    package static var stages: Int {
        guard let limits = current else { return 1 }
        return max(1, (Int(clamping: limits.rlim_max) - reserved) / perStage)
    }

    private static var current: rlimit? {
        var limits = rlimit()
        return getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limits) == 0 ? limits : nil
    }
}
