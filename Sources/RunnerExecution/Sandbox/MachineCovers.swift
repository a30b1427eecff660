import CLinux
import FoundationEssentials
import Glibc
import RunnerStore
import SystemPackage

/// Hides from every sandbox of a run what the machine lets only its root read, and its sockets.
///
/// A step is number 1000 inside, but root outside where the runner is root: what keeps other people out keeps no step
/// out. The covers are mounts of the supervisor's own namespace, found and made once, so that a step pays nothing for
/// them. What appears on the machine during the run is not covered.
struct MachineCovers {
    /// Where a service may lie that only root may look at, and how many levels of it are looked at; of all else only the
    /// top. Nothing that is a secret by itself lies deeper: what a service keeps is closed further up.
    private static let levels = ["etc": Int.max, "boot": 3, "opt": 3, "srv": 3, "var": 3]

    /// Every step has its own.
    private static let ownPaths: Set<FilePath> = ["/var/tmp"]

    enum Cover: Hashable {
        case file(FilePath)
        case directory(FilePath)
    }

    /// What the supervisor itself needs, or somebody asked to be shown, with all below it.
    private let kept: [FilePath]
    private let isRoot: Bool

    init(keeping kept: [FilePath], searchPath: String, user: uid_t) {
        let tools = searchPath.split(separator: ":").compactMap {
            Self.package(of: FilePath(String($0)).resolvingLinks)
        }
        // A home may be `/`, which is no reason to show it all.
        self.kept =
            kept.flatMap { [$0, $0.resolvingLinks] }.filter { $0 != "/" && !Self.isTop($0) } + tools
        isRoot = user == 0
    }

    /// Those of a run; none where its steps see the machine as it is.
    init?(for run: RunSpec, state: StateDirectory) {
        guard run.isolation == .sandbox else { return nil }
        let borrowed = Self.borrowed(by: run.objects.pushing("objects"))
        self.init(
            keeping: [state.path, run.home, run.objects] + run.expose + run.hide + borrowed,
            searchPath: run.searchPath,
            user: Namespaces.outerUser
        )
    }

    /// Mounts all covers. Only for a process with mounts of its own: they last as long as these.
    func apply() throws(SystemFailure) {
        for cover in find() {
            switch cover {
            case .file(let path): try Self.mount("/dev/null", on: path, type: nil, flags: UInt(MS_BIND), options: nil)
            case .directory(let path):
                let flags = UInt(MS_NOSUID | MS_NODEV | MS_RDONLY)
                try Self.mount("tmpfs", on: path, type: "tmpfs", flags: flags, options: "mode=755")
            }
        }
    }

    /// What is to be covered on this machine.
    func find() -> [Cover] {
        var covers: [Cover] = []
        if isRoot { look(in: "/", levels: 1, isClosed: false, &covers) }
        let known = Set(covers)
        return covers + Sockets.bound().filter { !isKept($0) && !known.contains(.file($0)) }.map(Cover.file)
    }

    private func look(in directory: FilePath, levels: Int, isClosed: Bool, _ covers: inout [Cover]) {
        for name in FileSystem.names(in: directory) {
            let isTop = directory == "/"
            let path = directory.appending(name)
            var status = stat()
            if isTop ? MachineView.ownNames.contains(name) : Self.ownPaths.contains(path) { continue }
            guard lstat(path.string, &status) == 0 else { continue }
            switch status.st_mode & S_IFMT {
            case S_IFDIR:
                let isOpen = !isClosed && status.st_mode & 0o005 == 0o005
                let below = isTop ? Self.levels[name] ?? 0 : levels == .max ? levels : levels - 1
                if isOpen {
                    if below > 0 { look(in: path, levels: below, isClosed: false, &covers) }
                } else if isKept(path) {
                    continue
                } else if kept.contains(where: { $0.starts(with: path) }) {
                    look(in: path, levels: 1, isClosed: true, &covers)
                } else if access(path.string, X_OK) == 0 || access(path.string, R_OK) == 0 {
                    covers.append(.directory(path))
                }
            case S_IFLNK: continue
            default:
                let isHidden = isClosed || status.st_mode & 0o004 == 0 || status.st_mode & S_IFMT == S_IFSOCK
                if isHidden, !isTop, !isKept(path), access(path.string, R_OK) == 0 { covers.append(.file(path)) }
            }
        }
    }

    private func isKept(_ path: FilePath) -> Bool { kept.contains { path.starts(with: $0) } }

    /// Where a repository's own objects lie that are not in it.
    private static func borrowed(by objects: FilePath) -> [FilePath] {
        // What cannot be read lends nothing.
        guard let list = (try? FileSystem.read(objects.pushing("info/alternates"))).flatMap({ $0 }) else { return [] }
        return String(decoding: list, as: UTF8.self).split(separator: "\n").map {
            objects.pushing(FilePath(String($0)))
        }
    }

    /// `/opt/NAME` or `/var/lib/NAME` for a tool in it: its libraries lie beside it.
    private static func package(of directory: FilePath) -> FilePath? {
        let components = Array(directory.components)
        guard let top = components.first?.string, let depth = ["opt": 2, "srv": 2, "var": 3][top] else { return nil }
        return components.count >= depth ? FilePath(root: "/", components.prefix(depth)) : nil
    }

    private static func isTop(_ path: FilePath) -> Bool {
        path.components.count == 1 && path.components.first.map { levels[$0.string] != nil } ?? false
    }

    private static func mount(
        _ source: String,
        on path: FilePath,
        type: String?,
        flags: UInt,
        options: String?
    ) throws(SystemFailure) {
        let status = runner_mount(source, path.string, type, flags, options)
        // A file that is gone by now needs no cover.
        if status != 0, status != -ENOENT { throw SystemFailure("hide", path, -status) }
    }
}

/// The sockets that programs of this machine listen at.
private enum Sockets {
    /// Those that lie where a sandbox would show them. A read-only bind does not keep anybody from connecting.
    static func bound() -> Set<FilePath> {
        // Without the list there are no such sockets: the kernel has none.
        let list = (try? Data(contentsOf: URL(filePath: "/proc/net/unix"))) ?? Data()
        var paths: Set<FilePath> = []
        for line in list.split(separator: UInt8(ascii: "\n")) {
            let fields = line.split(separator: UInt8(ascii: " "), maxSplits: 7)
            guard fields.count == 8, fields[7].first == UInt8(ascii: "/") else { continue }
            let path = FilePath(String(decoding: fields[7], as: UTF8.self)).resolvingLinks
            var status = stat()
            guard let top = path.components.first?.string, !MachineView.ownNames.contains(top),
                lstat(path.string, &status) == 0, status.st_mode & S_IFMT == S_IFSOCK
            else {
                continue
            }
            paths.insert(path)
        }
        return paths
    }
}
