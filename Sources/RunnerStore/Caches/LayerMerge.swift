import CLinux
import Glibc
import SystemPackage

/// Makes one overlay layer of several by links. Goes from the newest to the oldest: what is there already hides what
/// comes later, as it does in the mount.
struct LayerMerge {
    private let target: FilePath
    /// Nothing lies below the result: then marks of what is deleted have nothing left to say.
    private let isBase: Bool
    /// Names below which older layers show nothing.
    private var closed: Set<[UInt8]> = []
    /// Directories of the result, each with the newest one that it stands for.
    private var directories: [(from: FilePath, name: [UInt8])] = []
    private var opaque: Set<[UInt8]> = []

    init(into target: FilePath, isBase: Bool) {
        self.target = target
        self.isBase = isBase
    }

    /// `layers` are the newest first.
    mutating func run(_ layers: [FilePath]) throws {
        try FileSystem.makeDirectories(target)
        if let newest = layers.first { directories.append((newest, [])) }
        for layer in layers { try add(layer) }
        if !isBase { for name in opaque { try mark(name) } }
        // Last and from within, because filling a directory changes its time.
        for directory in directories.reversed() {
            FileCopy.copyAttributes(directory.from, target.appending(bytes: directory.name))
        }
    }

    private mutating func add(_ layer: FilePath) throws {
        /// What this layer closes, it closes for those below it.
        var closing: Set<[UInt8]> = []
        try DirectoryWalk.visit(layer) { entry in
            if closed.contains(entry.name) { return false }
            let place = target.appending(bytes: entry.name)
            let isThere = FileSystem.exists(place)
            guard entry.kind == .directory else {
                closing.insert(entry.name)
                if isThere {
                    // A directory of a newer layer over something else: nothing below that is seen through it.
                    opaque.insert(entry.name)
                } else {
                    try put(entry, of: layer, at: place)
                }
                return false
            }
            if FileCopy.isOpaque(entry.path(below: layer)) {
                closing.insert(entry.name)
                opaque.insert(entry.name)
            }
            if !isThere {
                _ = try FileSystem.makeDirectory(place, mode: 0o700)
                directories.append((entry.path(below: layer), entry.name))
            }
            return true
        }
        closed.formUnion(closing)
    }

    private func put(_ entry: DirectoryEntry, of layer: FilePath, at place: FilePath) throws {
        if case .special(isWhiteout: true) = entry.kind {
            if !isBase { try whiteout(place) }
            return
        }
        let source = entry.path(below: layer)
        if link(source.cString, place.cString) == 0 { return }
        // A file can only have so many names.
        guard errno == EMLINK, entry.kind == .file else { throw SystemFailure("link to", source) }
        try FileCopy.file(source, to: place, mode: entry.mode)
    }

    private func whiteout(_ place: FilePath) throws {
        let status = runner_make_whiteout(AT_FDCWD, place.cString)
        if status != 0 { throw SystemFailure("make whiteout", place, -status) }
    }

    private func mark(_ name: [UInt8]) throws {
        let place = target.appending(bytes: name)
        let status = runner_set_attribute(place.cString, FileCopy.opaqueMark, "y", 1)
        if status != 0 { throw SystemFailure("mark as opaque", place, -status) }
    }
}
