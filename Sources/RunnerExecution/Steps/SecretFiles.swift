import CLinux
import Glibc
import RunnerCore
import RunnerStore
import SystemPackage

/// Secrets that a stage gets as files. They are in memory alone, for its owner to read, and go with the stage.
///
/// In a sandbox they lie on a file system of the supervisor's own mount namespace, which nobody else sees and which ends
/// with it, whatever happens. Without one they lie in `/dev/shm`, in a directory that is locked while somebody needs it:
/// the next supervisor removes what a killed one has left.
final class SecretFiles: Sendable {
    /// What the sandbox shows, or what there is without one.
    let directory: FilePath
    private let isMount: Bool
    /// Of the directory; holds its lock. -1 for a mount.
    private let descriptor: Int32

    static let shared = FilePath("/dev/shm")
    static let prefix = "runner-secrets-"
    /// Where a sandbox shows them.
    static let visible = "/run/secrets"

    /// Writes the values by name. `nil` where there are none.
    static func make(_ values: [String: String], isolation: Isolation, places: StagePlaces) throws -> SecretFiles? {
        guard !values.isEmpty else { return nil }
        let files = try isolation == .sandbox ? SecretFiles(mountedAt: places.secrets) : SecretFiles(below: shared)
        do {
            for (name, value) in values { try files.write(value, name) }
        } catch {
            files.remove()
            throw error
        }
        return files
    }

    private init(mountedAt directory: FilePath) throws {
        try FileSystem.makeDirectories(directory, mode: 0o700)
        // What ramfs holds is never swapped out.
        var status = runner_mount("runner-secrets", directory.string, "ramfs", UInt(MS_NOSUID | MS_NODEV), "mode=700")
        if status != 0 {
            status = runner_mount("runner-secrets", directory.string, "tmpfs", UInt(MS_NOSUID | MS_NODEV), "mode=700")
        }
        guard status == 0 else { throw SystemFailure("mount memory on", directory, -status) }
        self.directory = directory
        isMount = true
        descriptor = -1
    }

    private init(below shared: FilePath) throws {
        guard FileSystem.isDirectory(shared) else {
            throw RunnerError(
                .errored,
                "cannot hand over a secret as a file",
                why: "this machine has no `\(shared)`, and a disk is no place for it",
                hint: "take it as a variable: `secrets: [NAME]`"
            )
        }
        while true {
            let path = shared.appending("\(Self.prefix)\(UniqueName.make())")
            guard try FileSystem.makeDirectory(path, mode: 0o700) else { continue }
            let fd = try checked("open", path) { open(path.cString, O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
            // A sweep may have come before the lock.
            if flock(fd, LOCK_EX | LOCK_NB) == 0, FileSystem.isDirectory(path) {
                directory = path
                isMount = false
                descriptor = fd
                return
            }
            close(fd)
        }
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// What the variable of a secret holds.
    func place(of name: String) -> String { isMount ? "\(Self.visible)/\(name)" : directory.appending(name).string }

    /// What the steps get as variables: values, and for files where they are.
    static func variables(_ secrets: [String: String], files names: [String]?, in files: SecretFiles?) -> [String:
        String]
    {
        guard let files, let names else { return secrets }
        var variables = secrets
        for name in names where secrets[name] != nil { variables[name] = files.place(of: name) }
        return variables
    }

    /// For a program that takes this process's place: the lock stays until that ends.
    func hold() { if descriptor >= 0 { _ = fcntl(descriptor, F_SETFD, 0) } }

    func remove() {
        if isMount { _ = runner_unmount(directory.string) }
        // In memory still: the next sweep tries again.
        try? TreeRemoval.remove(directory)
    }

    /// Removes what supervisors of this user have left that were killed.
    static func sweep() {
        for name in FileSystem.names(in: shared) where name.hasPrefix(prefix) {
            let path = shared.appending(name)
            let fd = open(path.cString, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW)
            guard fd >= 0 else { continue }
            defer { close(fd) }
            var status = stat()
            guard fstat(fd, &status) == 0, status.st_uid == geteuid(), flock(fd, LOCK_EX | LOCK_NB) == 0 else {
                continue
            }
            // As above.
            try? TreeRemoval.remove(path)
        }
    }

    private func write(_ value: String, _ name: String) throws {
        let path = directory.appending(name)
        let fd = try checked("create", path) {
            open(path.cString, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o400)
        }
        defer { close(fd) }
        let bytes = Array(value.utf8)
        guard bytes.withUnsafeBytes({ FileSystem.writeAll($0, to: fd) }) else { throw SystemFailure("write", path) }
    }
}
