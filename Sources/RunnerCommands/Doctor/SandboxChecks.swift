import FoundationEssentials
import Glibc
import RunnerExecution
import RunnerStore
import SystemPackage

/// What keeps stages apart from the machine: namespaces, overlays, bubblewrap, control groups, the shell.
enum SandboxChecks {
    private static let fallback = "no sandbox: steps run in copied directories and see the machine as you do"

    static func all(_ report: IsolationReport) -> [MachineCheck] {
        [
            kernel(), check("namespaces", report.namespaces), check("overlay", report.overlay),
            check("bubblewrap", report.bubblewrap), ControlGroups.check(), shell(),
        ]
    }

    private static func check(_ name: String, _ finding: IsolationReport.Finding) -> MachineCheck {
        switch finding {
        case .available(let found): .ok(name, found)
        case .missing(let why, let hint): .missing(name, why, so: fallback, try: hint)
        }
    }

    private static func kernel() -> MachineCheck {
        var names = utsname()
        uname(&names)
        let release = withUnsafeBytes(of: &names.release) { bytes in
            String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
        let numbers = release.split { !$0.isNumber }.prefix(2).compactMap { Int($0) }
        let isNew = numbers.count == 2 && (numbers[0], numbers[1]) >= (5, 11)
        let user = getuid() == 0 ? "as root" : "as user \(getuid())"
        if isNew { return .ok("kernel", "Linux \(release), \(user)") }
        let why = "Linux \(release); overlays without privilege came with 5.11"
        return .missing("kernel", why, so: fallback, try: "run on a newer kernel")
    }

    private static func shell() -> MachineCheck {
        let shell = Shell.machine.description
        if shell.hasPrefix("bash") { return .ok("shell", "steps are run by `\(shell)`") }
        return .missing(
            "shell",
            "there is no bash; steps are run by `\(shell)`",
            so: "a failing command inside a pipe goes unnoticed",
            try: "apt-get install bash"
        )
    }
}

/// Which control groups the system lets us make.
enum ControlGroups {
    private static let root: FilePath = "/sys/fs/cgroup"
    private static let wanted = ["memory", "cpu", "pids"]
    private static let consequence = "memory, processors and processes of a stage cannot be limited by the kernel"

    static func check() -> MachineCheck {
        let membership = text("/proc/self/cgroup")
        if FileSystem.exists(root.appending("cgroup.controllers")) { return second(membership) }
        return first(membership)
    }

    /// Version 2: one tree; ours to divide where the directory and its list of processes are ours to write.
    private static func second(_ membership: String) -> MachineCheck {
        let line = membership.split(separator: "\n").first { $0.hasPrefix("0::") }
        let group = root.pushing(FilePath(String((line ?? "0::/").dropFirst(4))))
        let isOurs = [group, group.appending("cgroup.procs"), group.appending("cgroup.subtree_control")]
            .allSatisfy { access($0.string, W_OK) == 0 }
        let controllers = text(group.appending("cgroup.controllers")).split(whereSeparator: \.isWhitespace).map(
            String.init
        )
        let available = wanted.filter(controllers.contains)
        if isOurs, !available.isEmpty { return .ok("cgroups", "v2, ours: \(available.joined(separator: ", "))") }
        return .missing(
            "cgroups",
            "v2, but `\(group)` is not ours to divide",
            so: consequence,
            try: "systemd-run --user --scope -p Delegate=yes runner ..."
        )
    }

    /// Version 1: one tree per controller, which only root may divide.
    private static func first(_ membership: String) -> MachineCheck {
        var available: [String] = []
        for line in membership.split(separator: "\n") {
            let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            guard fields.count == 3 else { continue }
            let controllers = fields[1].split(separator: ",").map(String.init)
            let mount = root.appending(String(fields[1]))
            let group = mount.pushing(FilePath(String(fields[2].dropFirst())))
            let place = FileSystem.isDirectory(group) ? group : mount
            guard access(place.string, W_OK) == 0, FileSystem.isDirectory(place) else { continue }
            available += wanted.filter { controllers.contains($0) && isWritable(place) }
        }
        if !available.isEmpty { return .ok("cgroups", "v1, ours: \(available.joined(separator: ", "))") }
        let why = membership.isEmpty ? "there are none" : "v1, which only root may divide"
        return .missing("cgroups", why, so: consequence, try: "boot with systemd.unified_cgroup_hierarchy=1")
    }

    /// `access` knows nothing of read-only mounts inside containers for root.
    private static func isWritable(_ directory: FilePath) -> Bool {
        var status = statvfs()
        return statvfs(directory.string, &status) == 0 && status.f_flag & UInt(ST_RDONLY) == 0
    }

    private static func text(_ path: FilePath) -> String {
        // `try?`: what cannot be read offers nothing.
        guard let data = try? FileSystem.read(path) else { return "" }
        return String(decoding: data, as: UTF8.self)
    }
}
