import CLinux
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

    /// Mount options are one page.
    static let maximumOptionBytes = 4095

    func mount() throws(SystemFailure) {
        for directory in [upper, work, target] { try FileSystem.makeDirectories(directory) }
        let lower = layers.map { Self.escape($0, colons: true) }.joined(separator: ":")
        // `userxattr` is what lets an unprivileged namespace remove and re-create a directory of a lower layer.
        let options =
            "userxattr,lowerdir=\(lower),upperdir=\(Self.escape(upper, colons: false)),"
            + "workdir=\(Self.escape(work, colons: false))"
        guard options.utf8.count <= Self.maximumOptionBytes else { throw SystemFailure("mount", target, 7) }
        let status = runner_mount("overlay", target.string, "overlay", 0, options)
        if status != 0 { throw SystemFailure("mount overlay on", target, -status) }
    }

    func unmount() { Self.unmount(target) }

    /// Ends what is mounted there; nothing mounted is no error.
    static func unmount(_ target: FilePath) { _ = runner_unmount(target.string) }

    /// Overlayfs splits its options at commas and its layers at colons.
    private static func escape(_ path: FilePath, colons: Bool) -> String {
        var text = ""
        for character in path.string {
            if character == "\\" || character == "," || (colons && character == ":") { text.append("\\") }
            text.append(character)
        }
        return text
    }
}
