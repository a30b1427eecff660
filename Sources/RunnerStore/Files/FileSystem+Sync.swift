import CLinux
import Glibc
package import SystemPackage

extension FileSystem {
    /// Waits until everything that was written to the file system of a directory is on disk: for many files at once far
    /// less than one wait for each.
    package static func sync(_ directory: FilePath) throws(SystemFailure) {
        let fd = try checked("open", directory) { open(directory.cString, O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
        defer { close(fd) }
        let status = runner_sync_file_system(fd)
        if status != 0 { throw SystemFailure("write to disk what is in", directory, -status) }
    }
}
