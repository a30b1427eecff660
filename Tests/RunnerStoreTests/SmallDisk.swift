import CLinux
import Glibc
import SystemPackage

@testable import RunnerStore

/// A real file system of a few KiB, which goes with the test. Needs root.
final class SmallDisk {
    let path: FilePath
    private let scratch: Scratch

    init(kibibytes: Int) throws {
        scratch = try Scratch()
        path = try scratch.directory("disk")
        let status = runner_mount("tmpfs", path.string, "tmpfs", 0, "size=\(kibibytes)k")
        if status != 0 { throw SystemFailure("mount", path, -status) }
    }

    deinit { runner_unmount(path.string) }

    func grow(kibibytes: Int) throws {
        let status = runner_mount("tmpfs", path.string, "tmpfs", UInt(MS_REMOUNT), "size=\(kibibytes)k")
        if status != 0 { throw SystemFailure("grow", path, -status) }
    }

    /// Writes until nothing more goes in; returns the file that took it.
    @discardableResult
    func fill() throws -> FilePath {
        let file = path.appending("fill")
        let fd = try checked("create", file) { open(file.cString, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600) }
        defer { close(fd) }
        let block = [UInt8](repeating: 0x55, count: 4096)
        while block.withUnsafeBytes({ FileSystem.writeAll($0, to: fd) }) {}
        return file
    }
}
