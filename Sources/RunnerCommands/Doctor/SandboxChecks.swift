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
    static func check(_ tree: ControlGroupTree = ControlGroupTree()) -> MachineCheck {
        let all = GroupLimit.Controller.allCases
        let (found, missing) = (all.filter { tree.places[$0] != nil }, all.filter { tree.places[$0] == nil })
        let version = tree.interface == .first ? "v1" : "v2"
        if missing.isEmpty { return .ok("cgroups", "\(version), ours: \(names(found))") }
        let why =
            found.isEmpty ? "\(version), with nothing that is ours to divide" : "\(version), ours: only \(names(found))"
        return .missing(
            "cgroups",
            why,
            so: "`resources` of a stage are counted, but not enforced: \(names(missing))",
            try: tree.interface == .first
                ? "run as root, or boot with systemd.unified_cgroup_hierarchy=1"
                : "run as a service with `Delegate=yes` and `DelegateSubgroup=daemon`, and hand the controllers on"
        )
    }

    private static func names(_ controllers: [GroupLimit.Controller]) -> String {
        controllers.map(\.rawValue).joined(separator: ", ")
    }
}
