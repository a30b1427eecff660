import Git
import Glibc
import RunnerCore
import RunnerExecution
import RunnerStore
import SystemPackage

/// What else the runner uses: git's transports, container engines, its state directory.
enum ToolChecks {
    static func git() -> [MachineCheck] {
        let features = GitLibrary.features.joined(separator: ", ")
        return [
            .ok("libgit2", "\(GitLibrary.version) with \(features)"),
            program("git", ["--version"], so: "transports that libgit2 lacks cannot be used", package: "git"),
            program(
                "git-lfs",
                ["version"],
                so: "repositories with large files (LFS) cannot be run",
                package: "git-lfs"
            ),
            program("ssh", ["-V"], so: "`git@...` remotes cannot be fetched", package: "openssh-client"),
        ]
    }

    /// A container engine: its program, and the socket that it talks to.
    static func images() -> MachineCheck {
        for name in ["podman", "docker"] {
            guard let path = Programs.find(name) else { continue }
            let version = ProgramOutput.capture(path, ["--version"]).output
            let socket = sockets(name).first { access($0, R_OK | W_OK) == 0 }
            if name == "docker", socket == nil { continue }
            return .ok("images", version + (socket.map { ", socket \($0)" } ?? ""))
        }
        let why =
            Programs.find("docker") == nil ? "neither podman nor docker is here" : "docker's socket is not ours to use"
        return .missing("images", why, so: "stages with `image` cannot run", try: "apt-get install podman")
    }

    static func state(_ state: StateDirectory) -> MachineCheck {
        let place = "\(state.path)"
        do {
            try state.prepare()
            let probe = state.work.appending(".\(UniqueName.make())")
            try FileSystem.write([UInt8(0)], to: probe)
            try TreeRemoval.remove(probe)
        } catch {
            let why = "\(place) cannot be written: \(error)"
            return .broken("state", why, so: "nothing can be run", try: "name another one: `--state DIRECTORY`")
        }
        var status = statvfs()
        statvfs(state.path.string, &status)
        let free = Int64(clamping: status.f_bavail) * Int64(clamping: status.f_frsize)
        let found = "\(place), \(ByteCount.words(free)) free on \(fileSystem(of: state.path))"
        guard free < 1 << 30 else { return .ok("state", found) }
        return .missing(
            "state",
            found,
            so: "runs may end with a full disk",
            try: "free some space, or name another one"
        )
    }

    private static func program(_ name: String, _ arguments: [String], so consequence: String, package: String)
        -> MachineCheck
    {
        guard let path = Programs.find(name) else {
            return .missing(name, "not installed", so: consequence, try: "apt-get install \(package)")
        }
        let end = ProgramOutput.capture(path, arguments)
        let found = "\(end.output) (\(path))"
        return end.code == 0 ? .ok(name, found) : .missing(name, found, so: consequence, try: nil)
    }

    private static func sockets(_ engine: String) -> [String] {
        func variable(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }
        if engine == "podman" {
            return [variable("XDG_RUNTIME_DIR").map { "\($0)/podman/podman.sock" }, "/run/podman/podman.sock"]
                .compactMap(\.self)
        }
        let named = variable("DOCKER_HOST").flatMap { $0.hasPrefix("unix://") ? String($0.dropFirst(7)) : nil }
        return [named, "/var/run/docker.sock", variable("XDG_RUNTIME_DIR").map { "\($0)/docker.sock" }].compactMap(
            \.self
        )
    }

    /// By the longest mount point that the path is below.
    private static func fileSystem(of path: FilePath) -> String {
        let unknown = "an unknown file system"
        // `try?`: what cannot be read is not known.
        guard let table = try? FileSystem.read("/proc/self/mounts") else { return unknown }
        var best: (point: FilePath, kind: String) = ("", unknown)
        for line in String(decoding: table, as: UTF8.self).split(separator: "\n") {
            let fields = line.split(separator: " ")
            guard fields.count > 2 else { continue }
            let point = FilePath(String(fields[1]))
            guard path.starts(with: point), point.components.count >= best.point.components.count else { continue }
            best = (point, String(fields[2]))
        }
        return best.kind
    }
}
