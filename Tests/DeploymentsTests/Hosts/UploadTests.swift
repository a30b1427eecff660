import Deployments
import Glibc
import RunnerCore
import RunnerStore
import SystemPackage
import Testing

@Suite(.timeLimit(.minutes(1)))
struct UploadTests {
    private static let digest = String(repeating: "ab", count: 32)

    private static func tree(_ scratch: Scratch) throws -> FilePath {
        try scratch.shell(
            """
            mkdir -m 700 tree; cd tree; mkdir -p bin 'a b' empty; printf one > 'a b/-x'; printf run > bin/app
            chmod 755 bin/app; chmod 600 'a b/-x'; ln -s bin/app link; ln -s /nowhere dangling
            ln -s /etc/passwd \(HostShell.releaseMark); touch -d 2001-02-03T04:05:06Z bin/app
            """
        )
        return scratch.path.appending("tree")
    }

    /// Every name with its kind, mode, content and link.
    private static func contents(of place: String, _ scratch: Scratch) throws -> String {
        try scratch.shell(
            """
            cd \(place); find . ! -name \(HostShell.releaseMark) ! -name . -printf '%P %y %m %l\\n' | sort
            cat bin/app 'a b/-x'; stat -c %Y bin/app
            """
        )
    }

    @Test(arguments: Way.allCases)
    func `a tree arrives as it is, with its mark`(way: Way) async throws {
        let place = try Place(way)
        let tree = try Self.tree(place.scratch)
        let target = place.scratch.path.appending("host").appending("releases").appending("v1").string
        #expect(try await HostShell(place.host).upload(tree, to: target, digest: Self.digest))
        #expect(try Self.contents(of: target, place.scratch) == Self.contents(of: tree.string, place.scratch))
        #expect(try place.scratch.read("host/releases/v1/\(HostShell.releaseMark)") == Self.digest + "\n")
        #expect(FileSystem.names(in: place.scratch.path.appending("host").appending("releases")) == ["v1"])
        #expect(try place.scratch.shell("stat -c %a \(target)") == "755")
        #expect(try place.scratch.shell("tail -c 20 /etc/passwd").contains("ab") == false)
    }

    @Test(arguments: Way.allCases)
    func `a place that has it already is left alone`(way: Way) async throws {
        let place = try Place(way)
        let tree = try Self.tree(place.scratch)
        let target = place.scratch.path.appending("releases").appending("v1").string
        let shell = HostShell(place.host)
        try await shell.upload(tree, to: target, digest: Self.digest)
        try place.scratch.write("mine", to: "releases/v1/added")
        #expect(try await shell.upload(tree, to: target, digest: Self.digest) == false)
        #expect(try place.scratch.read("releases/v1/added") == "mine")
    }

    @Test(arguments: Way.allCases)
    func `what is at the place and something else stays, and is an error`(way: Way) async throws {
        let place = try Place(way)
        let tree = try Self.tree(place.scratch)
        try place.scratch.write("mine", to: "releases/v1/file")
        let target = place.scratch.path.appending("releases").appending("v1").string
        let failure = await #expect(throws: DeployFailure.self) {
            try await HostShell(place.host).upload(tree, to: target, digest: Self.digest)
        }
        #expect(failure?.why == "something else is there")
        #expect(try place.scratch.read("releases/v1/file") == "mine")
    }

    @Test(arguments: Way.allCases)
    func `what an upload left half is begun again`(way: Way) async throws {
        let place = try Place(way)
        let tree = try Self.tree(place.scratch)
        try place.scratch.write("half", to: "releases/.incoming-\(Self.digest)/bin/half")
        let target = place.scratch.path.appending("releases").appending("v1").string
        #expect(try await HostShell(place.host).upload(tree, to: target, digest: Self.digest))
        #expect(try Self.contents(of: target, place.scratch) == Self.contents(of: tree.string, place.scratch))
    }

    @Test(
        .enabled(if: geteuid() == 0, "a small file system can be mounted by root alone"),
        arguments: Way.allCases
    )
    func `a full disk leaves nothing half and says so`(way: Way) async throws {
        let place = try Place(way)
        try place.scratch.shell("mkdir tree disk; head -c 4194304 /dev/zero > tree/big; echo small > tree/small")
        try place.scratch.shell("mount -t tmpfs -o size=1m tmpfs disk")
        defer { umount2(place.scratch.path.appending("disk").string, Int32(MNT_DETACH)) }
        let disk = place.scratch.path.appending("disk")
        let failure = await #expect(throws: DeployFailure.self) {
            try await HostShell(place.host).upload(
                place.scratch.path.appending("tree"),
                to: disk.appending("releases").appending("v1").string,
                digest: Self.digest
            )
        }
        #expect(failure?.why?.contains("No space left on device") == true)
        #expect(failure?.hint == "make room there, or keep fewer releases")
        #expect(FileSystem.names(in: disk.appending("releases")).isEmpty)
    }

    @Test(arguments: Way.allCases)
    func `a tree that is not there is no release`(way: Way) async throws {
        let place = try Place(way)
        let target = place.scratch.path.appending("releases").appending("v1").string
        let failure = await #expect(throws: DeployFailure.self) {
            try await HostShell(place.host).upload("/nowhere/at/all", to: target, digest: Self.digest)
        }
        #expect(failure?.kind == .refused)
        #expect(!FileSystem.exists(FilePath(target)))
    }
}
