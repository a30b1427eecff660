import Glibc
import RunnerCore
import SystemPackage
import Testing

@testable import RunnerStore

@Suite struct ArtifactStoreTests {
    private let scratch: Scratch
    private let store: ArtifactStore
    private let workspace: FilePath

    init() throws {
        scratch = try Scratch()
        store = ArtifactStore(scratch.path.appending("artifacts"))
        workspace = try scratch.directory("workspace", ["dist/app": "app\n", "dist/deep/data": "data\n", "other": "x"])
        chmod(workspace.pushing("dist/app").string, 0o755)
    }

    private func save(_ patterns: String..., as name: String = "app") throws -> ArtifactReference? {
        try store.save(ArtifactDefinition(name: name, paths: PatternList(patterns)), from: workspace)
    }

    @Test func `an artifact comes back as it was`() throws {
        let reference = try #require(try save("dist/**"))
        #expect(reference.files == 2 && reference.bytes == 9)
        let tree = try store.materialize(reference)
        #expect(try text(tree.pushing("dist/app")) == "app\n")
        #expect(try text(tree.pushing("dist/deep/data")) == "data\n")
        #expect(!FileSystem.exists(tree.appending("other")))
        var status = stat()
        #expect(stat(tree.pushing("dist/app").string, &status) == 0 && status.st_mode & 0o777 == 0o555)
        #expect(stat(tree.pushing("dist/deep/data").string, &status) == 0 && status.st_mode & 0o777 == 0o444)
    }

    @Test func `the same files make the same artifact, kept once`() throws {
        let first = try #require(try save("dist/**"))
        try scratch.write("app\n", to: workspace.pushing("dist/app"))
        chmod(workspace.pushing("dist/app").string, 0o755)
        #expect(try save("dist/**") == first)
        #expect(try store.materialize(first) == store.materialize(first))
    }

    @Test(arguments: [
        (["dist/"], 2), (["dist"], 2), (["dist/*"], 2), (["**/data"], 1), (["dist/**", "!dist/deep/**"], 1),
        (["other"], 1), (["**"], 3),
    ])
    func `patterns choose files`(_ patterns: [String], _ count: Int) throws {
        let definition = ArtifactDefinition(name: "a", paths: PatternList(patterns))
        #expect(try store.save(definition, from: workspace)?.files == count)
    }

    @Test func `nothing that matches is no artifact`() throws {
        #expect(try save("missing/**") == nil)
    }

    @Test func `a changed file in the store is found and named`() throws {
        let reference = try #require(try save("dist/deep/data", as: "data"))
        let digest = Digest.sha256("data\n")
        let blob = scratch.path.pushing(FilePath("artifacts/blobs/\(digest.description.prefix(2))/\(digest)"))
        chmod(blob.string, 0o644)
        try scratch.write("evil\n", to: blob)
        let error = try #require(throws: RunnerError.self) { try store.materialize(reference) }
        #expect(error.kind == .errored)
        #expect(error.what.contains("`data`") && error.why?.contains(digest.short) == true)
    }

    @Test func `a changed file is mended by the stage that makes it again`() throws {
        let reference = try #require(try save("dist/deep/data"))
        let tree = try store.materialize(reference)
        chmod(tree.pushing("dist/deep/data").string, 0o644)
        // In place: all links of the file change with it.
        let file = open(tree.pushing("dist/deep/data").string, O_WRONLY)
        #expect(Glibc.write(file, "evil!", 5) == 5)
        close(file)
        #expect(throws: RunnerError.self) { try store.materialize(reference) }
        #expect(try save("dist/deep/data") == reference)
        #expect(try text(store.materialize(reference).pushing("dist/deep/data")) == "data\n")
    }

    @Test func `a laid-out tree that lost a file is made again`() throws {
        let reference = try #require(try save("dist/**"))
        unlink(try store.materialize(reference).pushing("dist/app").string)
        #expect(try text(store.materialize(reference).pushing("dist/app")) == "app\n")
    }

    @Test func `a missing file in the store is found and named`() throws {
        let reference = try #require(try save("other"))
        let digest = Digest.sha256("x")
        unlink(scratch.path.pushing(FilePath("artifacts/blobs/\(digest.description.prefix(2))/\(digest)")).string)
        let error = try #require(throws: RunnerError.self) { try store.materialize(reference) }
        #expect(error.why?.contains("\(digest.short) is missing") == true)
    }

    @Test(arguments: [Optional("{}"), nil])
    func `a damaged list of files is found`(_ content: String?) throws {
        let reference = try #require(try save("other"))
        let manifest = scratch.path.pushing(FilePath("artifacts/manifests/\(reference.digest)"))
        unlink(manifest.string)
        if let content { try scratch.write(content, to: manifest) }
        #expect(throws: RunnerError.self) { try store.materialize(reference) }
    }

    @Test(arguments: ["/etc/passwd", "../../x", "../..", "deep/../../../x", "deep/deep/../../x"])
    func `a link that leads outside is refused`(_ target: String) throws {
        symlink(target, workspace.pushing("dist/link").string)
        let error = try #require(throws: RunnerError.self) { try save("dist/**") }
        #expect(error.kind == .input && error.what.contains("dist/link"))
    }

    @Test func `a link inside stays a link`() throws {
        symlink("deep/../deep/data", workspace.pushing("dist/link").string)
        let tree = try store.materialize(try #require(try save("dist/**")))
        var buffer = [CChar](repeating: 0, count: 100)
        #expect(readlink(tree.pushing("dist/link").string, &buffer, 99) == 17)
    }

    @Test func `pipes and sockets are left out`() throws {
        mkfifo(workspace.pushing("dist/pipe").string, 0o644)
        #expect(try save("dist/**")?.files == 2)
    }
}
