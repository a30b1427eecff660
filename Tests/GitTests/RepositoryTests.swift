import Foundation
import Git
import SystemPackage
import Testing

@Suite struct RepositoryTests {
    let fixture: GitFixture

    init() throws { fixture = try GitFixture() }

    @Test func `a repository is found from a directory deep inside`() throws {
        let path = try fixture.repository("user", "mkdir -p a/b")
        let found = try RepositoryLocation.discover(from: path.appending("a").appending("b"))
        #expect(found.workDirectory == path)
        #expect(found.gitDirectory == path.appending(".git"))
        #expect(found.objectDirectories == [path.appending(".git").appending("objects")])
    }

    @Test func `outside of any repository nothing is found`() throws {
        let error = #expect(throws: GitError.self) { try RepositoryLocation.discover(from: fixture.root) }
        #expect(error?.code == .notFound)
    }

    @Test func `a linked worktree has its own git directory and shares the rest`() async throws {
        let path = try fixture.repository(
            "user",
            "git commit -q --allow-empty -m x && git worktree add -q ../tree -b w"
        )
        let found = try RepositoryLocation.discover(from: fixture.root.appending("tree"))
        #expect(found.workDirectory == fixture.root.appending("tree"))
        #expect(found.commonDirectory == path.appending(".git"))
        #expect(found.gitDirectory == path.appending(".git/worktrees/tree"))
        let head = try await Repository(at: found.gitDirectory).head()
        #expect(head.branch == "refs/heads/w")
    }

    @Test func `borrowed object directories are found through all levels`() throws {
        let path = try fixture.repository("user", "git commit -q --allow-empty -m x")
        try fixture.shell("git clone -q --shared user one && git clone -q --shared --bare one two")
        let found = try RepositoryLocation(opening: fixture.root.appending("two"))
        #expect(found.workDirectory == nil)
        #expect(
            found.objectDirectories == [
                fixture.root.appending("two/objects"), fixture.root.appending("one/.git/objects"),
                path.appending(".git/objects"),
            ]
        )
    }

    @Test func `head is a branch, unborn or detached`() async throws {
        let path = try fixture.repository()
        let repository = try Repository(at: path)
        #expect(try await repository.head() == .unborn("refs/heads/develop"))
        try fixture.shell("git commit -q --allow-empty -m x", in: path)
        let commit = try fixture.id("HEAD", in: path)
        #expect(try await repository.head() == .branch("refs/heads/develop", commit))
        try fixture.shell("git checkout -q --detach", in: path)
        #expect(try await repository.head() == .detached(commit))
    }

    @Test func `a tag of a tag of a commit is resolved to the commit`() async throws {
        let path = try fixture.repository(
            "user",
            "git commit -q --allow-empty -m x && git tag -am one v1 && git tag -am two v2 v1 && git tag -am t tree HEAD^{tree}"
        )
        let commit = try fixture.id("HEAD", in: path)
        let repository = try Repository(at: path)
        #expect(try await repository.resolve("v2") == commit)
        #expect(try await repository.resolveReference("refs/tags/v2") == fixture.id("v2", in: path))
        #expect(try await repository.resolveReference("refs/tags/v9") == nil)
        let references = try await repository.references()
        #expect(references.map(\.name) == ["refs/heads/develop", "refs/tags/tree", "refs/tags/v1", "refs/tags/v2"])
        #expect(references.map(\.commit) == [commit, nil, commit, commit])
    }

    @Test(arguments: ["nowhere", "-x", "$(touch /tmp/x)", "HEAD~9", ""])
    func `a revision that means nothing is an error that names it`(spec: String) async throws {
        let path = try fixture.repository("user", "git commit -q --allow-empty -m x")
        let repository = try Repository(at: path)
        let error = await #expect(throws: GitError.self) { try await repository.resolve(spec) }
        #expect(error?.operation.contains("`\(spec)`") == true)
    }

    @Test func `a commit is read with its first line, author and date`() async throws {
        let path = try fixture.repository(
            "user",
            "GIT_COMMITTER_DATE='2026-01-02T03:04:05Z' git commit -q --allow-empty -m $'One line\\n\\nmore'"
        )
        let id = try fixture.id("HEAD", in: path)
        let commit = try await Repository(at: path).commit(id)
        #expect(commit.summary == "One line")
        #expect(commit.authorName == "Ada")
        #expect(commit.tree == .emptyTree)
        #expect(commit.parents.isEmpty)
        #expect(commit.date == Date(timeIntervalSince1970: 1_767_323_045))
    }

    @Test func `the upstream of a branch is the remote's commit as last fetched`() async throws {
        _ = try fixture.repository("user", "git commit -q --allow-empty -m x")
        try fixture.shell(
            "git clone -q user clone && cd clone && git commit -q --allow-empty -m y && git branch -q solo"
        )
        let clone = fixture.root.appending("clone")
        let repository = try Repository(at: clone)
        #expect(try await repository.upstream(ofBranch: "refs/heads/develop") == fixture.id("HEAD~", in: clone))
        #expect(try await repository.upstream(ofBranch: "refs/heads/solo") == nil)
    }

    @Test func `ancestors come youngest first over all parents`() async throws {
        let path = try fixture.repository(
            "user",
            """
            at() { GIT_COMMITTER_DATE="@$1 +0000" git commit -q --allow-empty -m "$1"; }
            at 1; at 2; git checkout -q -b side; at 3; at 5; git checkout -q develop; at 4
            GIT_COMMITTER_DATE='@6 +0000' git merge -q --no-ff -m 6 side
            """
        )
        let ids = try fixture.shell("git log --date-order --format=%H", in: path).split(separator: "\n").map(
            String.init
        )
        let repository = try Repository(at: path)
        let head = try fixture.id("HEAD", in: path)
        #expect(try await repository.ancestors(of: head, limit: 100).map(\.commit.description) == ids)
        #expect(try await repository.ancestors(of: head, limit: 2).count == 2)
    }

    @Test func `history ends where a shallow clone ends`() async throws {
        _ = try fixture.repository("user", "for i in 1 2 3 4; do git commit -q --allow-empty -m $i; done")
        try fixture.shell("git clone -q --depth 2 file://$PWD/user shallow")
        let shallow = fixture.root.appending("shallow")
        let found = try await Repository(at: shallow).ancestors(of: fixture.id("HEAD", in: shallow), limit: 10)
        #expect(found.count == 2)
    }

    @Test func `a sha256 repository is refused by name`() throws {
        try fixture.shell("git init -q --object-format=sha256 sha256")
        let error = #expect(throws: GitError.self) {
            try RepositoryLocation(opening: fixture.root.appending("sha256"))
        }
        #expect(error?.code == .unsupported)
        #expect(error?.message.contains("sha256") == true)
    }

    @Test(.enabled(if: geteuid() == 0, "giving a directory away takes root"))
    func `a repository of another user is refused with the setting that allows it`() throws {
        let path = try fixture.repository("user", "git commit -q --allow-empty -m x && chown -R 12345 .")
        let error = #expect(throws: GitError.self) { try RepositoryLocation(opening: path) }
        #expect(error?.code == .notOwned)
        #expect(error?.hint == "git config --global --add safe.directory \(path)")
    }

    @Test func `a repository with worktree configuration opens`() async throws {
        let path = try fixture.repository(
            "user",
            "git commit -q --allow-empty -m x && git config core.repositoryformatversion 1 && git config extensions.worktreeConfig true"
        )
        #expect(try await Repository(at: path).resolve("HEAD") == fixture.id("HEAD", in: path))
    }
}
