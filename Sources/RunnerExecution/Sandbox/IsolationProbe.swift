import FoundationEssentials
import Glibc
import RunnerCore
package import RunnerStore
import SystemPackage

/// What this machine offers for keeping stages apart, found by trying, not by reading versions.
package struct IsolationReport: Sendable, Hashable, Codable {
    package enum Finding: Sendable, Hashable, Codable {
        case available(String)
        /// Why not, and how to get it.
        case missing(why: String, hint: String?)

        package var isAvailable: Bool {
            if case .available = self { true } else { false }
        }
    }

    /// The boot and the programs that were tried: another one makes the report worthless.
    package var key: String
    package var namespaces: Finding
    package var overlay: Finding
    package var bubblewrap: Finding

    package var canSandbox: Bool { namespaces.isAvailable && overlay.isAvailable && bubblewrap.isAvailable }

    /// The first thing that is missing, in words; `nil` where nothing is.
    package var obstacle: String? {
        for finding in [namespaces, overlay, bubblewrap] {
            if case .missing(let why, _) = finding { return why }
        }
        return nil
    }
}

/// Tries the pieces of a sandbox, once per boot where it finds all of them.
package struct IsolationProbe: Sendable {
    let state: StateDirectory

    package init(state: StateDirectory) { self.state = state }

    /// The remembered report, or a new one (about 20 ms). One that lacks something is not remembered.
    package func report(fresh: Bool = false) throws -> IsolationReport {
        let file = state.path.appending("isolation.json")
        let key = Self.key()
        if !fresh, let known = try? JSON.read(IsolationReport.self, at: file), known.key == key { return known }
        let report = examine()
        // What is missing may be there the next time: nothing tells of a changed setting or an upgraded program.
        if report.canSandbox { try JSON.write(report, to: file) }
        return report
    }

    /// A new report that is not remembered.
    package func examine() -> IsolationReport {
        IsolationReport(key: Self.key(), namespaces: namespaces(), overlay: overlay(), bubblewrap: bubblewrap())
    }

    private static func key() -> String {
        let boot = (try? FileSystem.read("/proc/sys/kernel/random/boot_id")).flatMap { $0 }
        let programs = ["bwrap", "unshare"].map { Programs.find($0)?.string ?? "-" }
        return ([boot.map { String(decoding: $0, as: UTF8.self) } ?? "", String(getuid()), allowance()] + programs)
            .joined(separator: " ").replacing("\n", with: "")
    }

    /// How many user namespaces may be made here; 0 where they are forbidden.
    private static func allowance() -> String {
        let text = (try? FileSystem.read("/proc/sys/user/max_user_namespaces")).flatMap { $0 }
        return text.map { String(decoding: $0, as: UTF8.self).trimmingNewlines } ?? "?"
    }

    private func namespaces() -> IsolationReport.Finding {
        guard let unshare = Programs.find("unshare") else {
            return .missing(why: "`unshare` is not installed", hint: "apt-get install util-linux")
        }
        let end = Self.run(unshare, Namespaces.arguments + ["/bin/true"])
        if end.code == 0 { return .available("user and mount namespaces (unshare)") }
        return .missing(
            why: "user namespaces are forbidden: \(end.output)",
            hint: "sysctl user.max_user_namespaces=10000; on Ubuntu also kernel.apparmor_restrict_unprivileged_userns=0"
        )
    }

    private func overlay() -> IsolationReport.Finding {
        guard let unshare = Programs.find("unshare") else {
            return .missing(why: "`unshare` is not installed", hint: nil)
        }
        let root = state.work.appending("probe-\(UniqueName.make())")
        // The directory is ours alone; a left-over does no harm.
        defer { try? TreeRemoval.remove(root) }
        do {
            for name in ["lower", "upper", "work", "target"] {
                try FileSystem.makeDirectories(root.appending(name))
            }
        } catch {
            return .missing(why: "cannot write to the state directory: \(error)", hint: nil)
        }
        let script =
            "cd \"$1\" && mount -t overlay overlay -o userxattr,lowerdir=lower,upperdir=upper,workdir=work target"
        let end = Self.run(unshare, Namespaces.arguments + ["/bin/sh", "-c", script, "sh", root.string])
        if end.code == 0 { return .available("overlay file system in a user namespace") }
        return .missing(
            why: "overlays cannot be mounted over \(state.path): \(end.output)",
            hint: "needs Linux 5.11 and a state directory on a plain file system (ext4, xfs, btrfs, tmpfs)"
        )
    }

    private func bubblewrap() -> IsolationReport.Finding {
        guard let unshare = Programs.find("unshare"), let bwrap = Programs.find("bwrap") else {
            return .missing(why: "bubblewrap (`bwrap`) is not installed", hint: "apt-get install bubblewrap")
        }
        let sandbox = [
            bwrap.string, "--unshare-user", "--uid", "1000", "--gid", "1000", "--unshare-pid", "--unshare-ipc",
            "--die-with-parent", "--ro-bind", "/", "/", "--proc", "/proc", "--dev", "/dev", "/bin/true",
        ]
        let end = Self.run(unshare, Namespaces.arguments + sandbox)
        if end.code == 0 {
            return .available(Self.run(bwrap, ["--version"]).output)
        }
        return .missing(why: "bubblewrap cannot make a sandbox: \(end.output)", hint: nil)
    }

    private static func run(_ program: FilePath, _ arguments: [String]) -> (code: Int32, output: String) {
        ProgramOutput.capture(program, arguments)
    }
}

extension String {
    fileprivate var trimmingNewlines: String {
        var text = Substring(self)
        while let last = text.last, last.isNewline { text.removeLast() }
        return String(text)
    }
}
