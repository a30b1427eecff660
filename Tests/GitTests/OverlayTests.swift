import Git
import SystemPackage
import Testing

@Suite(.enabled(if: OverlayMount.isPossible, "overlays cannot be mounted here")) struct OverlayTests {
    let fixture: GitFixture

    init() throws { fixture = try GitFixture() }

    /// Three commits, between which files and directories take each other's places.
    private static let history = #"""
        mkdir -p keep/deep gone/deep dir file2 x; for f in keep/a keep/deep/b gone/deep/c dir/in file2/z file x/only mode; do echo 1 > $f; done
        ln -s keep lnk; ln -s mode lnk2; mkdir lnk3; echo 1 > lnk3/a; git add -A; git commit -qm 1
        git rm -rq gone dir file file2 lnk lnk3 x; echo now > dir; mkdir file; echo 2 > file/in; chmod +x mode; mkdir lnk
        echo 2 > lnk/in; ln -s keep lnk3; ln -sf keep lnk2; ln -s q file2; echo 2 > keep/deep/new; rm keep/a
        git add -A; git commit -qm 2
        git rm -rq dir file lnk3; mkdir -p dir gone; echo 3 > dir/again; echo 3 > gone/back; echo 3 > lnk3; rm -r keep/deep
        mkdir x; echo 3 > x/other; git add -A; git commit -qm 3
        """#

    @Test(arguments: [
        ["HEAD~2", "HEAD~"], ["HEAD~2", "HEAD"], ["HEAD~2", "HEAD~", "HEAD"], ["HEAD", "HEAD~2", "HEAD~", "HEAD"],
    ])
    func `layers over one another are the last commit`(commits: [String]) async throws {
        let path = try fixture.repository("user", Self.history)
        try await expectLayers(commits, of: path)
    }

    @Test func `a change of attributes writes the files that it concerns`() async throws {
        let path = try fixture.repository(
            "user",
            LayoutTests.attributes + #"""

                printf '*.id -ident\nplain eol=crlf\n' > .gitattributes; rm sub/.gitattributes; git add -A; git commit -qm y
                """#
        )
        try await expectLayers(["HEAD~", "HEAD"], of: path)
        try await expectLayers(["HEAD", "HEAD~"], of: path)
    }

    private func expectLayers(_ commits: [String], of path: FilePath) async throws {
        let store = try StoreRepository(at: fixture.store, borrowing: [RepositoryLocation(opening: path)])
        let layout = TreeLayout(of: store)
        let trees = try commits.map { try fixture.id("\($0)^{tree}", in: path) }
        try fixture.shell("rm -rf layers expected && mkdir -p layers m up work")
        _ = try await layout.write(trees[0], into: fixture.root.appending("layers/0"))
        for index in trees.indices.dropFirst() {
            let delta = try await store.repository.diff(from: trees[index - 1], to: trees[index])
            _ = try await layout.writeOverlay(delta, into: fixture.root.appending("layers/\(index)"))
        }
        let lower = trees.indices.reversed().map { "layers/\($0)" }.joined(separator: ":")
        let last = commits[commits.count - 1]
        try fixture.shell(
            "git worktree prune; git worktree add -q --detach ../expected '\(last)'; rm ../expected/.git",
            in: path
        )
        let list = "find . -mindepth 1 \\( -type d -printf \"%P d\\n\" -o -printf \"%P %y %m %l\\n\" \\) | sort"
        let merged = try fixture.shell(
            OverlayMount.command(lower, "up", "work")
                + " -c \"diff -r --no-dereference expected m\" && cd m && \(list)'"
        )
        #expect(try merged == fixture.shell(list, in: fixture.root.appending("expected")))
    }
}

enum OverlayMount {
    static let isPossible: Bool = {
        // Whatever keeps it from mounting, the suite is skipped and says so.
        guard let fixture = try? GitFixture() else { return false }
        return (try? fixture.shell("mkdir a b w m && \(command("a", "b", "w")) -c true'")) != nil
    }()

    static func command(_ lower: String, _ upper: String, _ work: String) -> String {
        "unshare -Urm sh -c 'mount -t overlay overlay -o userxattr,lowerdir=\(lower),upperdir=\(upper),workdir=\(work) m && sh"
    }
}
