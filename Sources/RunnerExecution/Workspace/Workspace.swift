import Glibc
import RunnerCore
import RunnerStore
import SystemPackage

/// A stage run's own directory tree: the run's layers with everything the stage changes beside them.
struct Workspace: Sendable {
    enum Kind: Sendable, Hashable {
        case overlay
        /// Where overlays are not to be had: every file copied.
        case copy
    }

    let kind: Kind
    let places: StagePlaces
    let layers: [FilePath]

    /// Lays the workspace out. What an earlier attempt left is removed first.
    func prepare() throws {
        if FileSystem.exists(places.root) { try TreeRemoval.remove(places.root) }
        for directory in [places.root, places.home, places.temporary, places.exchange, places.artifacts] {
            try FileSystem.makeDirectories(directory)
        }
        switch kind {
        case .overlay: try overlay.mount()
        case .copy:
            try FileSystem.makeDirectories(places.workspace)
            for layer in layers.reversed() { try FileCopy.overlay(layer, onto: places.workspace) }
        }
    }

    /// Takes it all away again: in the end one unmount and one removal, whatever the size of the tree.
    func remove() throws {
        detach()
        try TreeRemoval.remove(places.root)
    }

    /// Ends the mount and keeps what the stage wrote.
    func detach() {
        if kind == .overlay { overlay.unmount() }
    }

    /// Shows a kept workspace again, with all that the stage wrote.
    func reattach() throws {
        if kind == .overlay { try overlay.mount() }
    }

    private var overlay: OverlayMount {
        OverlayMount(layers: layers, upper: places.upper, work: places.overlayWork, target: places.workspace)
    }

    /// The real directory of a path that a pipeline file names: `dir/sub` in the workspace, `~/dir` in the home.
    /// Made where it is missing; a link on the way is refused, for it could lead anywhere.
    func directory(_ path: String) throws -> FilePath {
        let isHome = path == "~" || path.hasPrefix("~/")
        var current = isHome ? places.home : places.workspace
        let components = path.dropFirst(isHome ? 1 : 0).split(separator: "/").filter { $0 != "." }
        guard !components.isEmpty, !components.contains("..") else {
            throw RunnerError(
                .input,
                "cannot cache `\(path)`",
                why: "it is not a directory below the workspace or home"
            )
        }
        for component in components {
            current.append(String(component))
            var status = stat()
            if lstat(current.string, &status) == 0 {
                guard status.st_mode & S_IFMT == S_IFDIR else {
                    throw RunnerError(
                        .input,
                        "cannot cache `\(path)`",
                        why: "`\(component)` is not a directory but a file or a link",
                        hint: "name the real directory"
                    )
                }
            } else {
                _ = try FileSystem.makeDirectory(current)
            }
        }
        return current
    }
}
