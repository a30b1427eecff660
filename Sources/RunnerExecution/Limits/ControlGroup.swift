import Glibc
import RunnerStore
import SystemPackage

/// A directory of the kernel's that counts and limits the processes in it.
struct ControlGroup: Sendable, Hashable {
    let path: FilePath
    /// What stays outside of it, as a guard, is here.
    let outside: FilePath

    /// The lists of processes, to be written to: those of the groups, then those outside.
    static func open(_ groups: [ControlGroup]) throws(SystemFailure) -> [Int32] {
        var lists: [Int32] = []
        for directory in groups.map(\.path) + groups.map(\.outside) {
            let list = directory.appending("cgroup.procs")
            let fd = Glibc.open(list.string, O_WRONLY | O_CLOEXEC)
            guard fd >= 0 else {
                let failure = SystemFailure("open", list)
                for other in lists { close(other) }
                throw failure
            }
            lists.append(fd)
        }
        return lists
    }
}
