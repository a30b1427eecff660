import FoundationEssentials
import Glibc
import SystemPackage

/// A directory below the root of a shared one, reached without following links.
final class SharedDirectory {
    let fd: Int32
    private let path: FilePath

    private init(_ fd: Int32, _ path: FilePath) {
        self.fd = fd
        self.path = path
    }

    deinit { close(fd) }

    /// `nil` where one is missing and none is made. The root itself is never made: one that is missing is not mounted.
    static func open(_ parts: ArraySlice<String>, below root: FilePath, making: Bool) throws -> SharedDirectory? {
        let fd = Glibc.open(root.string, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard fd >= 0 else { throw failure("open", root) }
        var directory = SharedDirectory(fd, root)
        for part in parts {
            guard let below = try directory.open(part, making: making) else { return nil }
            directory = below
        }
        return directory
    }

    func last(of name: ObjectName) -> String { name.parts.last ?? "" }

    private func open(_ part: String, making: Bool) throws -> SharedDirectory? {
        let below = path.appending(part)
        if making, mkdirat(fd, part, 0o755) != 0, errno != EEXIST { throw failure("make directory", below) }
        let opened = openat(fd, part, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW)
        if opened < 0, errno == ENOENT { return nil }
        guard opened >= 0 else { throw failure("open", below) }
        return SharedDirectory(opened, below)
    }

    /// Visits every file below whose name may be an object's, in no order.
    func walk(_ prefix: String, depth: Int = 0, _ visit: (ObjectPage.Entry) -> Void) throws {
        guard depth < 16 else { return }
        for name in try names() {
            var status = stat()
            guard let object = ObjectName(prefix + name), fstatat(fd, name, &status, AT_SYMLINK_NOFOLLOW) == 0 else {
                continue
            }
            switch status.st_mode & S_IFMT {
            case S_IFREG:
                let modified = Date(timeIntervalSince1970: TimeInterval(status.st_mtim.tv_sec))
                visit(.init(name: object, bytes: Int64(status.st_size), modified: modified))
            case S_IFDIR:
                try open(name, making: false)?.walk("\(prefix)\(name)/", depth: depth + 1, visit)
            default: break
            }
        }
    }

    private func names() throws -> [String] {
        // fdopendir takes the descriptor for its own.
        let copy = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard copy >= 0, let stream = fdopendir(copy) else { throw failure("list", path) }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            names.append(
                withUnsafePointer(to: &entry.pointee.d_name) {
                    $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
                }
            )
        }
        return names.filter { !$0.hasPrefix(".") }
    }
}
