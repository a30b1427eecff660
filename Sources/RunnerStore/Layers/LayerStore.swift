package import FoundationEssentials
package import Git
import RunnerCore
package import SystemPackage

/// Trees laid out once as immutable directories. A tree is a small layer over one that it resembles, so that what the
/// next commit costs is what it changed.
///
///     trees/TREE/files/      a whole tree, or the changes over the parent's: an overlayfs lower directory
///     trees/TREE/meta.json   parent, depth (Layer); its presence says that the layer is complete, its time when it was used
///     lock                   held by whoever lays out a tree
///     recent/DIGEST.json     the newest trees of a repository, as parents to try
package struct LayerStore: Sendable {
    /// Deeper stacks start again from their base: each layer costs every reader a look-up.
    package static let maximumDepth = 12
    /// A change of more files is no small layer any more.
    package static let largestDelta = 20_000
    /// Every file of a tree has this time (2001-09-09), so that the same tree is the same everywhere. After a restored
    /// cache, files that differ from the cache's tree get a fresh one: see CacheEntry.tree.
    package static let fileTime = Date(timeIntervalSince1970: 1_000_000_000)
    private static let recentCount = 16
    /// How many laid-out trees are compared to find the nearest.
    private static let comparedCount = 4

    private let root: FilePath
    private let store: StoreRepository
    private let repository: String

    package init(_ root: FilePath, store: StoreRepository, repository: String) {
        self.root = root
        self.store = store
        self.repository = repository
    }

    /// The record of one layer.
    struct Layer: Codable {
        var tree: ObjectID
        var parent: ObjectID?
        var depth: Int
        var files: Int
    }

    /// The directories that make up a tree, the newest first, laid out now if they are not there yet.
    /// `relatives` are trees that may resemble it, as those of its commit's ancestors, the nearest first.
    package func layers(of tree: ObjectID, relatives: [ObjectID]) async throws -> [FilePath] {
        try FileSystem.makeDirectories(trees)
        if try stack(tree) == nil {
            let lock = try await FileLock.take(root.appending("lock"))
            if try stack(tree) == nil { try await layOut(tree, relatives: relatives) }
            withExtendedLifetime(lock) {}
        }
        try remember(tree)
        guard let layers = try stack(tree) else {
            throw RunnerError(
                .errored,
                "cannot lay out tree \(tree.short)",
                why: "its layers vanished from \(trees) just now",
                hint: "run again"
            )
        }
        for files in layers { FileSystem.touch(Self.record(of: files)) }
        return layers
    }

    /// Whose time says when a layer was used last.
    private static func record(of files: FilePath) -> FilePath {
        files.removingLastComponent().appending("meta.json")
    }

    private var trees: FilePath { root.appending("trees") }
    private var recent: FilePath {
        root.appending("recent").appending("\(Digest.sha256(repository)).json")
    }

    private func directory(_ tree: ObjectID) -> FilePath { trees.appending(tree.description) }

    private func read(_ tree: ObjectID) throws -> Layer? {
        try JSON.recall(Layer.self, at: directory(tree).appending("meta.json"))
    }

    private func layOut(_ tree: ObjectID, relatives: [ObjectID]) async throws {
        let aside = trees.appending(".\(UniqueName.make())")
        try FileSystem.makeDirectories(aside)
        do {
            let layer = try await write(tree, into: aside.appending("files"), relatives: relatives)
            try JSON.write(layer, to: aside.appending("meta.json"))
            // Once it has its name a layer is trusted: after a power cut, too, it must be whole.
            try FileSystem.sync(aside)
            // What lies there without a record was cut off by a crash.
            try TreeRemoval.remove(directory(tree))
            try FileSystem.rename(aside, to: directory(tree))
        } catch {
            try TreeRemoval.remove(aside)
            throw error
        }
    }

    private func write(_ tree: ObjectID, into files: FilePath, relatives: [ObjectID]) async throws -> Layer {
        let layout = TreeLayout(of: store, modificationTime: Self.fileTime)
        try FileSystem.makeDirectories(files)
        if let (parent, delta) = try await nearest(to: tree, relatives: relatives) {
            let summary = try await layout.writeOverlay(delta, into: files)
            return Layer(tree: tree, parent: parent.tree, depth: parent.depth + 1, files: summary.files)
        }
        let summary = try await layout.write(tree, into: files)
        return Layer(tree: tree, parent: nil, depth: 0, files: summary.files)
    }

    /// The laid-out tree with the fewest differences, among the newest and the nearest relatives.
    private func nearest(to tree: ObjectID, relatives: [ObjectID]) async throws -> (Layer, TreeDelta)? {
        var best: (layer: Layer, delta: TreeDelta)?
        var compared: Set<ObjectID> = []
        for candidate in try recentTrees() + relatives where compared.count < Self.comparedCount {
            guard let known = try read(candidate) else { continue }
            let layer = try known.depth < Self.maximumDepth ? known : base(of: known)
            guard compared.insert(layer.tree).inserted, try stack(layer.tree) != nil else { continue }
            guard let delta = try await delta(from: layer.tree, to: tree) else { continue }
            if delta.count < best?.delta.count ?? Self.largestDelta { best = (layer, delta) }
        }
        guard let best else { return nil }
        let whole = try base(of: best.layer).files
        // Half of a tree changed: a layer of its own reads faster than the two.
        return best.delta.count * 2 <= max(whole, 64) ? best : nil
    }

    /// `nil` where objects of the other tree are gone: most are borrowed, and `git gc` of their owner may take them.
    private func delta(from other: ObjectID, to tree: ObjectID) async throws -> TreeDelta? {
        do {
            return try await store.repository.diff(from: other, to: tree)
        } catch {
            guard error.code == .notFound else { throw error }
            return nil
        }
    }

    private func base(of layer: Layer) throws -> Layer {
        var current = layer
        while let parent = current.parent, let next = try read(parent) { current = next }
        return current
    }

    /// `nil` where a layer is missing or was cut off by a crash, so that the tree is laid out again.
    private func stack(_ tree: ObjectID) throws -> [FilePath]? {
        var layers: [FilePath] = []
        var next: ObjectID? = tree
        while let current = next {
            let files = directory(current).appending("files")
            guard let layer = try read(current), FileSystem.isDirectory(files) else { return nil }
            layers.append(files)
            next = layer.parent
        }
        return layers
    }

    private func recentTrees() throws -> [ObjectID] { try JSON.recall([ObjectID].self, at: recent) ?? [] }

    /// Two runs at once may forget one of their trees here: it is a list of guesses.
    private func remember(_ tree: ObjectID) throws {
        var trees = try recentTrees()
        guard trees.first != tree else { return }
        trees.removeAll { $0 == tree }
        trees.insert(tree, at: 0)
        try FileSystem.makeDirectories(recent.removingLastComponent())
        try JSON.write(Array(trees.prefix(Self.recentCount)), to: recent)
    }
}

extension TreeDelta {
    /// How many names differ.
    fileprivate var count: Int { changed.count + deleted.count }
}
