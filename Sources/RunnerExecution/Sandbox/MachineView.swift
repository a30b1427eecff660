import Glibc
package import RunnerStore
package import SystemPackage

/// What every sandbox shows of the machine: its programs and configuration, read-only; no homes, no sockets, no state.
/// Worked out once per run.
package struct MachineView: Sendable {
    /// Top-level names that a sandbox has of its own or not at all. `run` holds sockets: D-Bus, Docker, agents.
    private static let ownNames: Set<String> = [
        "proc", "dev", "tmp", "home", "root", "run", "mnt", "media", "lost+found", "workspace", "runner", "artifacts",
    ]

    /// Readable by a runner that is root, and of no use to a build.
    private static let maskedFiles = [
        "/etc/shadow", "/etc/shadow-", "/etc/gshadow", "/etc/gshadow-", "/etc/sudoers", "/etc/krb5.keytab",
    ]

    let arguments: [String]
    /// What is exposed, to come after `/tmp`: a home may lie there.
    let exposed: [String]
    let exposure: Exposure

    /// Directories that no sandbox shows, for a machine's home and state directories.
    package static func hidden(home: FilePath, state: FilePath, hide: [FilePath]) -> [FilePath] {
        ["/home", "/root", "/run", "/mnt", "/media"] + [home, state] + hide
    }

    package init(searchPath: String, home: FilePath, state: StateDirectory, expose: [FilePath], hide: [FilePath]) {
        let hidden = Self.hidden(home: home, state: state.path, hide: hide)
        exposure = Exposure(searchPath: searchPath, home: home, expose: expose, hidden: hidden, hide: hide)
        arguments = Self.topLevel() + Self.covers(hidden) + Self.masks() + Self.nameService(state: state)
        // Hiding comes after showing, because it wins.
        exposed =
            exposure.paths.flatMap { ["--ro-bind", $0.string, $0.string] }
            + Self.covers(Exposure.secrets(in: expose) + hide, among: exposure.paths)
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
        ["/proc/sys", "/proc/fs", "/proc/sysrq-trigger"].filter { FileSystem.exists(FilePath($0)) }
            .flatMap { ["--ro-bind", $0, $0] }
    }

    /// Hides what lies below a directory that is shown: one of the machine's, or one of `shown`.
    private static func covers(_ hidden: [FilePath], among shown: [FilePath] = []) -> [String] {
        var arguments: [String] = []
        for path in Set(hidden).sorted(by: { $0.string < $1.string }) {
            guard let top = path.components.first?.string else { continue }
            guard !ownNames.contains(top) || shown.contains(where: { path.starts(with: $0) }) else { continue }
            if FileSystem.isDirectory(path) {
                arguments += ["--tmpfs", path.string]
            } else if FileSystem.exists(path) {
                arguments += ["--ro-bind", "/dev/null", path.string]
            }
        }
        return arguments
    }

    /// Hides single files of the machine's that hold secrets.
    private static func masks() -> [String] {
        var arguments: [String] = []
        for file in maskedFiles + hostKeys() where access(file, R_OK) == 0 {
            arguments += ["--ro-bind", "/dev/null", file]
        }
        if access("/etc/ssl/private", R_OK) == 0 { arguments += ["--tmpfs", "/etc/ssl/private"] }
        return arguments
    }

    private static func hostKeys() -> [String] {
        FileSystem.names(in: "/etc/ssh").filter { $0.hasPrefix("ssh_host_") && $0.hasSuffix("_key") }
            .map { "/etc/ssh/\($0)" }
    }

    /// The user's name inside, and the resolver's file where it is a link into `/run`.
    private static func nameService(state: StateDirectory) -> [String] {
        let users = SandboxUsers(state)
        var arguments = [
            "--ro-bind", users.passwd.string, "/etc/passwd", "--ro-bind", users.group.string, "/etc/group",
        ]
        if let resolved = realpath("/etc/resolv.conf", nil) {
            let path = String(cString: resolved)
            free(resolved)
            if path.hasPrefix("/run/") || path.hasPrefix("/mnt/") { arguments += ["--ro-bind", path, path] }
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

    /// Writes both files from the machine's own.
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
        try FileSystem.write(Array((others.map(String.init) + [line, ""]).joined(separator: "\n").utf8), to: target)
    }
}
