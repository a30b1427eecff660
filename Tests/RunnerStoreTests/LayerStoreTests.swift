import Foundation
import Git
import RunnerCore
import SystemPackage
import Testing

@testable import RunnerStore

@Suite struct LayerStoreTests {
    private let scratch: Scratch
    private let files: FilePath
    private let location: RepositoryLocation
    private let objects: StoreRepository
    private let store: LayerStore

    init() throws {
        scratch = try Scratch()
        files = try scratch.directory("repository")
        let git = Process()
        git.executableURL = URL(filePath: "/usr/bin/git")
        git.arguments = ["init", "--quiet", files.string]
        try git.run()
        git.waitUntilExit()
        location = try RepositoryLocation.discover(from: files)
        objects = try StoreRepository(at: scratch.path.appending("objects.git"), borrowing: [location])
        store = LayerStore(scratch.path.appending("layers"), store: objects, repository: "web")
    }

    private var trees: FilePath { scratch.path.pushing("layers/trees") }

    private func write(_ texts: [String: String]) throws {
        for (path, text) in texts { try scratch.write(text, to: files.pushing(FilePath(path))) }
    }

    /// Lays the work tree out as it is now.
    private func layOut() async throws -> (tree: ObjectID, layers: [FilePath]) {
        let tree = try await objects.snapshotWorkingTree(of: location)
        return (tree, try await store.layers(of: tree, relatives: []))
    }

    /// What the layers show together, by path.
    private func contents(_ layers: [FilePath]) throws -> [String: String] {
        let whole = try scratch.directory(UniqueName.make())
        for layer in layers.reversed() { try FileCopy.overlay(layer, onto: whole) }
        var contents: [String: String] = [:]
        try DirectoryWalk.visit(whole) { entry in
            if entry.kind == .file {
                contents[String(decoding: entry.name, as: UTF8.self)] = try text(entry.path(below: whole))
            }
            return true
        }
        return contents
    }

    private static let many = Dictionary(uniqueKeysWithValues: (0..<40).map { ("dir\($0 % 4)/file\($0)", "\($0)") })

    @Test func `a tree is laid out once`() async throws {
        try write(Self.many)
        let first = try await layOut()
        let second = try await layOut()
        #expect(first.layers == second.layers && first.layers.count == 1)
        #expect(try contents(first.layers) == Self.many)
    }

    @Test func `the next tree is what changed, over the first`() async throws {
        try write(Self.many)
        _ = try await layOut()
        try write(["dir0/file0": "changed", "new": "new"])
        try TreeRemoval.remove(files.pushing("dir1/file1"))
        let layers = try await layOut().layers
        #expect(layers.count == 2)
        var entries: [String: DirectoryEntry.Kind] = [:]
        try DirectoryWalk.visit(layers[0]) { entry in
            if entry.kind != .directory { entries[String(decoding: entry.name, as: UTF8.self)] = entry.kind }
            return true
        }
        #expect(entries == ["dir0/file0": .file, "new": .file, "dir1/file1": .special(isWhiteout: true)])
        let expected = Self.many.merging(["dir0/file0": "changed", "new": "new"]) { $1 }.filter {
            $0.key != "dir1/file1"
        }
        #expect(try contents(layers) == expected)
    }

    @Test func `a directory may become a file and a file a directory`() async throws {
        try write(Self.many)
        _ = try await layOut()
        try TreeRemoval.remove(files.pushing("dir2"))
        try TreeRemoval.remove(files.pushing("dir3/file3"))
        try write(["dir2": "a file", "dir3/file3/deep": "a directory"])
        let layers = try await layOut().layers
        let expected = Self.many.filter { !$0.key.hasPrefix("dir2/") && $0.key != "dir3/file3" }
            .merging(["dir2": "a file", "dir3/file3/deep": "a directory"]) { $1 }
        #expect(try contents(layers) == expected)
    }

    @Test func `the nearest of the known trees is taken`() async throws {
        try write(Self.many)
        let near = try await layOut()
        try write(Dictionary(uniqueKeysWithValues: (0..<20).map { ("far/\($0)", "far") }))
        _ = try await layOut()
        try TreeRemoval.remove(files.pushing("far"))
        try write(["one": "1"])
        #expect(try await layOut().layers.dropFirst() == near.layers[...])
    }

    @Test func `stacks stay below their limit and right`() async throws {
        try write(Self.many)
        for round in 0..<16 {
            try write(["round": "\(round)", "dir0/file\(round)x": "x"])
            let layers = try await layOut().layers
            #expect(layers.count <= LayerStore.maximumDepth + 1)
            guard round % 8 == 7 else { continue }
            let contents = try contents(layers)
            #expect(contents["round"] == "\(round)" && contents.count == Self.many.count + round + 2)
        }
    }

    @Test func `a tree that has little in common stands alone`() async throws {
        let large = Dictionary(uniqueKeysWithValues: (0..<100).map { ("file\($0)", "\($0)") })
        try write(large)
        _ = try await layOut()
        try write(large.mapValues { "\($0) changed" })
        #expect(try await layOut().layers.count == 1)
    }

    @Test func `what a crash left is ignored and replaced`() async throws {
        try write(["a": "a"])
        let tree = try await objects.snapshotWorkingTree(of: location)
        try scratch.write("half", to: trees.pushing(FilePath("\(tree)/files/half")))
        try scratch.write("half", to: trees.pushing(".1234/files/half"))
        #expect(try await contents(layOut().layers) == ["a": "a"])
    }

    @Test func `a stack whose lower layer is gone is laid out again`() async throws {
        try write(Self.many)
        let base = try await layOut()
        try write(["new": "new"])
        let whole = try await contents(layOut().layers)
        try TreeRemoval.remove(trees.appending(base.tree.description))
        #expect(try await contents(layOut().layers) == whole)
    }

    @Test func `every file has the same time`() async throws {
        try write(["a": "a"])
        let layers = try await layOut().layers
        var status = stat()
        #expect(stat(layers[0].appending("a").string, &status) == 0)
        #expect(Double(status.st_mtim.tv_sec) == LayerStore.fileTime.timeIntervalSince1970)
    }
}
