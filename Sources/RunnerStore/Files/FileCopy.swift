import CLinux
import Glibc
package import SystemPackage

/// Copies that keep modes and times: by cloning extents where the file system can, else by bytes.
package enum FileCopy {
    /// Lays the contents of one layer over `target`: files replace, whiteouts and opaque marks take away.
    package static func overlay(_ layer: FilePath, onto target: FilePath) throws {
        var directories: [(FilePath, FilePath)] = [(layer, target)]
        try DirectoryWalk.visit(layer) { entry in
            let from = entry.path(below: layer)
            let to = entry.path(below: target)
            switch entry.kind {
            case .directory:
                if isOpaque(from) || !isRealDirectory(to) { try TreeRemoval.remove(to) }
                try FileSystem.makeDirectories(to)
                chmod(to.cString, mode_t(entry.mode) | 0o700)
                directories.append((from, to))
                return true
            case .file:
                try TreeRemoval.remove(to)
                try file(from, to: to, mode: entry.mode)
            case .link:
                try TreeRemoval.remove(to)
                try link(from, to: to)
            case .special(let isWhiteout):
                if isWhiteout { try TreeRemoval.remove(to) }
            }
            return false
        }
        // Last, because filling a directory changes its time.
        for (from, to) in directories.reversed() { copyTimes(from, to) }
    }

    /// Copies one regular file; `to` must not exist.
    package static func file(_ from: FilePath, to: FilePath, mode: UInt32) throws(SystemFailure) {
        let source = try checked("open", from) { open(from.cString, O_RDONLY | O_CLOEXEC | O_NOFOLLOW) }
        defer { close(source) }
        let target = try checked("create", to) {
            open(to.cString, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode_t(mode))
        }
        defer { close(target) }
        if runner_reflink(source, target) != 0 { try bytes(from: source, to: target, name: to) }
        fchmod(target, mode_t(mode))
        var status = stat()
        if fstat(source, &status) == 0 {
            let times = [status.st_atim, status.st_mtim]
            futimens(target, times)
        }
    }

    private static func bytes(from source: Int32, to target: Int32, name: FilePath) throws(SystemFailure) {
        while true {
            let count = runner_copy_range(source, target, 1 << 30)
            if count == 0 { return }
            if count == -Int(EXDEV) || count == -Int(ENOSYS) || count == -Int(EINVAL) || count == -Int(EOPNOTSUPP) {
                break
            }
            if count < 0, count != -Int(EINTR) { throw SystemFailure("copy to", name, Int32(-count)) }
        }
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 << 10, alignment: 16)
        defer { buffer.deallocate() }
        while true {
            let got = read(source, buffer.baseAddress, buffer.count)
            if got < 0, errno == EINTR { continue }
            if got < 0 { throw SystemFailure("copy to", name) }
            if got == 0 { return }
            guard FileSystem.writeAll(UnsafeRawBufferPointer(rebasing: buffer[0..<got]), to: target) else {
                throw SystemFailure("copy to", name)
            }
        }
    }

    private static func link(_ from: FilePath, to: FilePath) throws(SystemFailure) {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX) + 1)
        let length = readlink(from.cString, &buffer, Int(PATH_MAX))
        guard length >= 0 else { throw SystemFailure("read link", from) }
        if symlink(buffer, to.cString) != 0 { throw SystemFailure("make link", to) }
        copyTimes(from, to)
    }

    private static func copyTimes(_ from: FilePath, _ to: FilePath) {
        var status = stat()
        guard lstat(from.cString, &status) == 0 else { return }
        let times = [status.st_atim, status.st_mtim]
        utimensat(AT_FDCWD, to.cString, times, AT_SYMLINK_NOFOLLOW)
    }

    private static func isRealDirectory(_ path: FilePath) -> Bool {
        var status = stat()
        return lstat(path.cString, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    /// Overlayfs marks a directory so that hides the one below it: with `y`, where mounts are unprivileged.
    static let opaqueMark = "user.overlay.opaque"

    static func isOpaque(_ path: FilePath) -> Bool {
        var value: CChar = 0
        return runner_get_attribute(path.cString, opaqueMark, &value, 1) == 1 && value == 0x79
    }

    /// Makes a directory like another one: owner, mode and times. An owner that cannot be given is that of this process.
    static func copyAttributes(_ from: FilePath, _ to: FilePath) {
        var status = stat()
        guard lstat(from.cString, &status) == 0 else { return }
        if status.st_uid != geteuid() || status.st_gid != getegid() { lchown(to.cString, status.st_uid, status.st_gid) }
        chmod(to.cString, status.st_mode & 0o7777)
        copyTimes(from, to)
    }
}
