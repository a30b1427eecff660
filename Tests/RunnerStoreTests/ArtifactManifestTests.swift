import FoundationEssentials
import RunnerCore
import SystemPackage
import Testing

@testable import RunnerStore

/// Lists of files that were made to do harm.
struct ArtifactManifestTests {
    @Test(
        arguments: [
            ("../../x", nil), ("/etc/x", nil), ("a//b", nil), ("a/./b", nil), ("", nil), ("a/..", nil), ("a\0b", nil),
            ("link", "/etc/passwd"), ("link", "../x"), ("a/link", "../../x"), ("link", ""),
        ] as [(String, String?)]
    )
    func `a path or a link that leads out is refused`(_ path: String, _ link: String?) throws {
        #expect(throws: RunnerError.self) { try check([file(path, link: link)]) }
    }

    @Test func `a file below a link is refused, wherever it stands in the list`() throws {
        let files = [file("a/link/x"), file("a/link", link: "b")]
        #expect(throws: RunnerError.self) { try check(files) }
        #expect(throws: RunnerError.self) { try ArtifactManifest(merging: files.map { ArtifactManifest(files: [$0]) }) }
    }

    @Test func `what stays inside is good`() throws {
        try check([file("a/link", link: "../b/c"), file("b/c"), file("...")])
    }

    @Test func `a list that is not what its digest says is refused`() throws {
        let data = try JSON.encode(ArtifactManifest(files: [file("a")]))
        #expect(throws: RunnerError.self) { try ArtifactManifest(data, digest: Digest.sha256("other")) }
    }

    private func check(_ files: [ArtifactManifest.File]) throws {
        let data = try JSON.encode(ArtifactManifest(files: files))
        _ = try ArtifactManifest(data, digest: Digest.sha256(data))
    }

    private func file(_ path: String, link: String? = nil) -> ArtifactManifest.File {
        ArtifactManifest.File(
            path: Data(path.utf8),
            executable: false,
            bytes: 0,
            digest: link == nil ? Digest.sha256("") : nil,
            link: link.map { Data($0.utf8) }
        )
    }
}
