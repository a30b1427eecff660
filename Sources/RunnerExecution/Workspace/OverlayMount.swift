import CLinux
import Glibc
import RunnerStore
import SystemPackage

/// One overlay: read-only layers, and a directory of its own for what changes.
struct OverlayMount: Sendable {
    /// The newest first.
    let layers: [FilePath]
    let upper: FilePath
    /// Scratch space on the file system of `upper`, empty.
    let work: FilePath
    let target: FilePath

    func mount() throws(SystemFailure) {
        // The kernel refuses a second `volatile` mount: for one after a crash, which a kept workspace outlives or not.
        try TreeRemoval.remove(work.appending("work"))
        for directory in [upper, work, target] { try FileSystem.makeDirectories(directory) }
        // Mount options are one page, and split at commas and colons: descriptors stand for paths of any length and name.
        var descriptors: [Int32] = []
        defer { for descriptor in descriptors { close(descriptor) } }
        for path in layers + [upper, work] {
            descriptors.append(try checked("open", path) { open(path.string, O_RDONLY | O_DIRECTORY | O_CLOEXEC) })
        }
        let names = descriptors.map { "/proc/self/fd/\($0)" }
        let lower = names.prefix(layers.count).joined(separator: ":")
        // `userxattr` is what lets an unprivileged namespace remove and re-create a directory of a lower layer. `volatile`
        // waits for no disk when a file of a layer is first written to: what stays of a stage is synced when it is saved.
        let options =
            "userxattr,volatile,lowerdir=\(lower),upperdir=\(names[layers.count]),workdir=\(names[layers.count + 1])"
        let status = runner_mount("overlay", target.string, "overlay", 0, options)
        if status != 0 { throw SystemFailure("mount overlay on", target, -status) }
    }

    func unmount() { Self.unmount(target) }

    /// Ends what is mounted there; nothing mounted is no error.
    static func unmount(_ target: FilePath) { _ = runner_unmount(target.string) }
}
