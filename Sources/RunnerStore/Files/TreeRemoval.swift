import Glibc
package import SystemPackage

/// Removes directory trees that strangers filled: unreadable directories, any depth, links never followed, mounts never
/// entered.
package struct TreeRemoval {
    /// Deeper directories are moved up to the top first, so that neither descriptors nor the stack run out.
    private static let maximumDepth = 64

    private let root: Int32
    private let device: dev_t
    private var moved = 0
    private var isBusy = false

    /// Removes `path` and all below it. Nothing there is no error; a mount in it is one, with all else removed.
    package static func remove(_ path: FilePath) throws(SystemFailure) {
        if unlink(path.cString) == 0 || errno == ENOENT { return }
        // A place where something is mounted says so, empty or not.
        if rmdir(path.cString) == 0 { return }
        if errno == EBUSY { throw SystemFailure("remove", path) }
        chmod(path.cString, 0o700)
        let fd = open(path.cString, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard fd >= 0 else { throw SystemFailure("remove", path) }
        defer { close(fd) }
        var removal = TreeRemoval(root: fd, device: try device(of: fd, path))
        repeat {
            removal.moved = 0
            removal.empty(fd, depth: 0)
        } while removal.moved > 0
        if rmdir(path.cString) != 0, errno != ENOENT {
            throw SystemFailure("remove", path, removal.isBusy ? EBUSY : errno)
        }
    }

    private init(root: Int32, device: dev_t) {
        self.root = root
        self.device = device
    }

    private static func device(of fd: Int32, _ path: FilePath) throws(SystemFailure) -> dev_t {
        var status = stat()
        try checked("inspect", path) { fstat(fd, &status) }
        return status.st_dev
    }

    private mutating func empty(_ fd: Int32, depth: Int) {
        let copy = dup(fd)
        guard copy >= 0, let directory = fdopendir(copy) else {
            if copy >= 0 { close(copy) }
            return
        }
        defer { closedir(directory) }
        rewinddir(directory)
        while let entry = readdir(directory) {
            withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { name in
                    guard strcmp(name, ".") != 0, strcmp(name, "..") != 0 else { return }
                    removeEntry(name, of: fd, depth: depth)
                }
            }
        }
    }

    private mutating func removeEntry(_ name: UnsafePointer<CChar>, of fd: Int32, depth: Int) {
        if unlinkat(fd, name, 0) == 0 { return }
        if errno == EBUSY { return isBusy = true }
        if unlinkat(fd, name, AT_REMOVEDIR) == 0 { return }
        if errno == EBUSY { return isBusy = true }
        fchmodat(fd, name, 0o700, 0)
        if depth >= Self.maximumDepth {
            if renameat(fd, name, root, ".removed-\(UniqueName.make())") == 0 { moved += 1 }
            return
        }
        let child = openat(fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard child >= 0 else { return }
        defer { close(child) }
        var status = stat()
        guard fstat(child, &status) == 0, status.st_dev == device else { return isBusy = true }
        empty(child, depth: depth + 1)
        unlinkat(fd, name, AT_REMOVEDIR)
    }
}
