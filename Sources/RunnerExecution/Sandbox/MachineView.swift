import Glibc
package import RunnerStore
package import SystemPackage

/// What every sandbox shows of the machine: its programs and configuration, read-only; no homes, no sockets, no state.
/// Worked out once per run.
package struct MachineView: Sendable {
    /// Top-level names that a sandbox has of its own or not at all. `run` holds sockets: D-Bus, Docker, agents.
    static let ownNames: Set<String> = [
        "proc", "dev", "tmp", "home", "root", "run", "mnt", "media", "lost+found", "workspace", "runner", "artifacts",
    ]

    let arguments: [String]
    /// What is exposed, to come after `/tmp`: a home may lie there.
    let exposed: [String]
    let exposure: Exposure

    /// Paths may lead through symbolic links; `hide` are directories to be hidden beside the usual ones.
    package init(
        searchPath: String,
        home: FilePath,
        state: StateDirectory,
        expose: [FilePath],
        hide: [FilePath]
    ) {
        let hide = Self.resolved(hide)
        let hidden = Self.resolved(Self.hidden + [home, state.path] + Self.ownHome()) + hide
        exposure = Exposure(searchPath: searchPath, home: home, expose: expose, hidden: hidden, hide: hide)
        arguments = Self.topLevel() + Self.covers(hidden, below: []) + Self.nameService(state: state)
        let binds = exposure.paths.flatMap { Self.binds($0, hidden: hidden) }
        // Hiding comes after showing, because it wins.
        exposed =
            binds.flatMap { ["--ro-bind", $0.source.string, $0.target.string] }
            + Self.covers(Exposure.secrets(in: expose) + hide, below: binds)
    }

    /// Directories that no sandbox shows, beside a user's home and the state.
    private static let hidden: [FilePath] = ["/home", "/root", "/run", "/mnt", "/media"]

    /// Each path and where it leads.
    private static func resolved(_ paths: [FilePath]) -> [FilePath] {
        paths + paths.map(\.resolvingLinks).filter { !paths.contains($0) }
    }

    /// The home that the system knows: `HOME` may say another.
    private static func ownHome() -> [FilePath] {
        guard let entry = getpwuid(Namespaces.outerUser), let path = entry.pointee.pw_dir else { return [] }
        let home = FilePath(String(cString: path))
        // Service users live in `/`, `/usr` or `/nonexistent`.
        return home.components.count >= 2 && !home.starts(with: "/usr") ? [home] : []
    }

    private struct Bind {
        let source: FilePath
        let target: FilePath
    }

    /// A place that is shown has both its names: what leads through a link outside does so inside where the link is seen.
    private static func binds(_ path: FilePath, hidden: [FilePath]) -> [Bind] {
        let source = path.resolvingLinks
        let isOwn = path.components.first.map { ownNames.contains($0.string) } ?? false
        let isHidden = hidden.contains { source.starts(with: $0) }
        return (source == path || isOwn ? [Bind(source: source, target: path)] : [])
            + (source != path && (isHidden || !isOwn) ? [Bind(source: source, target: source)] : [])
    }

    private static func topLevel() -> [String] {
        var arguments: [String] = []
        for name in FileSystem.names(in: "/") where !ownNames.contains(name) {
            let path = "/\(name)"
            var status = stat()
            guard lstat(path, &status) == 0 else { continue }
            switch status.st_mode & S_IFMT {
            case S_IFLNK:
                var buffer = [CChar](repeating: 0, count: Int(PATH_MAX) + 1)
                guard readlink(path, &buffer, Int(PATH_MAX)) > 0 else { continue }
                arguments += ["--symlink", FilePath(platformString: buffer).string, path]
            case S_IFDIR: arguments += ["--ro-bind", path, path]
            default: continue
            }
        }
        return arguments + ["--proc", "/proc"] + kernelSettings() + ["--dev", "/dev", "--dir", "/run"]
    }

    /// Bubblewrap covers only what its own `access` check finds writable, and `/proc/sys` says of itself that it is not,
    /// while the files in it ask for nothing but the number of the machine's root.
    private static func kernelSettings() -> [String] {
        ["/proc/sys", "/proc/fs", "/proc/acpi", "/proc/sysrq-trigger"].filter { FileSystem.exists(FilePath($0)) }
            .flatMap { ["--ro-bind", $0, $0] }
    }

    /// Hides what lies below a directory that is shown: one of the machine's, or one of `binds`. Only where no link is on
    /// the way: nothing can be mounted through one.
    private static func covers(_ hidden: [FilePath], below binds: [Bind]) -> [String] {
        var arguments: [String] = []
        for path in Set(hidden.map(\.resolvingLinks)).sorted(by: { $0.string < $1.string }) {
            guard let top = path.components.first?.string, FileSystem.exists(path) else { continue }
            var targets = ownNames.contains(top) ? [] : [path]
            for bind in binds {
                var below = path
                guard below.removePrefix(bind.source) else { continue }
                let target = bind.target.pushing(below)
                if !targets.contains(target) { targets.append(target) }
            }
            for target in targets {
                arguments +=
                    FileSystem.isDirectory(path)
                    ? ["--tmpfs", target.string] : ["--ro-bind", "/dev/null", target.string]
            }
        }
        return arguments
    }

    /// The user's name inside, and the resolver's file where it is a link into `/run`.
    private static func nameService(state: StateDirectory) -> [String] {
        let users = SandboxUsers(state)
        var arguments = [
            "--ro-bind", users.passwd.string, "/etc/passwd", "--ro-bind", users.group.string, "/etc/group",
        ]
        let resolver = FilePath("/etc/resolv.conf").resolvingLinks
        if resolver.starts(with: "/run") || resolver.starts(with: "/mnt") {
            arguments += ["--ro-bind", resolver.string, resolver.string]
        }
        return arguments
    }
}

/// `passwd` and `group` as a sandbox sees them: the machine's, and `runner` as number 1000.
struct SandboxUsers {
    static let identifier = "1000"

    let passwd: FilePath
    let group: FilePath

    init(_ state: StateDirectory) {
        passwd = state.path.appending("passwd")
        group = state.path.appending("group")
    }

    /// Writes both files from the machine's own, where they are not so already: a sandbox of another run may be about to
    /// show them.
    func prepare() throws {
        try write("/etc/passwd", to: passwd, line: "runner:x:1000:1000:runner:/home/runner:/bin/sh")
        try write("/etc/group", to: group, line: "runner:x:1000:")
    }

    private func write(_ source: FilePath, to target: FilePath, line: String) throws(SystemFailure) {
        let text = try FileSystem.read(source).map { String(decoding: $0, as: UTF8.self) } ?? ""
        let others = text.split(separator: "\n").filter { line in
            let fields = line.split(separator: ":", omittingEmptySubsequences: false)
            return fields.first != "runner" && fields.dropFirst(2).first.map(String.init) != Self.identifier
        }
        let wanted = Array((others.map(String.init) + [line, ""]).joined(separator: "\n").utf8)
        if try FileSystem.read(target).map(Array.init) == wanted { return }
        try FileSystem.write(wanted, to: target)
    }
}
