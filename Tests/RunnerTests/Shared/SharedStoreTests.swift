import FoundationEssentials
import Glibc
import ObjectServers
import SystemPackage
import Testing

/// Two runners and what they share, with real servers and a real directory.
@Suite(.timeLimit(.minutes(5))) struct SharedStoreTests {
    enum Kind: String, Sendable, CaseIterable, CustomTestStringConvertible {
        case rclone, moto, directory
        var testDescription: String { rawValue }
    }

    private func with(_ kind: Kind, _ body: (SharedFixture) async throws -> Void) async throws {
        let server = kind == .directory ? nil : try ObjectServer(kind == .rclone ? .rclone : .moto)
        let place = server.map { SharedFixture.Place.bucket(port: $0.port, secret: ObjectServer.secretKey) }
        try await body(SharedFixture(place ?? .directory))
        withExtendedLifetime(server) {}
    }

    @Test(arguments: Kind.allCases) func `what one runner built another takes`(_ kind: Kind) async throws {
        try await with(kind) { shared in
            let first = try await shared.run(on: "a")
            let made = try #require(shared.made(first))
            let second = try await shared.run(on: "b")
            #expect(first.status == 0 && second.status == 0, "\(second.output)\(second.errors)")
            #expect(second.output.contains("[build] taken from the shared store: run 1 of "))
            #expect(shared.made(second) == made)
            #expect(try shared.log(on: "b") == shared.log(on: "a"))
            #expect(shared.outbox(of: "a").isEmpty)
        }
    }

    @Test func `what an ordinary run left no protected run takes`() async throws {
        let shared = try await SharedFixture(.directory)
        _ = try await shared.run(on: "a")
        // A person's own machine is never more than ordinary: the record is put where a protected one would lie.
        let record = try #require(try shared.objects("records/outcome/ordinary").first)
        let above = shared.shared.pushing("records/outcome/protected")
        mkdir(above.string, 0o700)
        #expect(rename(record.string, above.appending(record.lastComponent?.string ?? "").string) == 0)
        let second = try await shared.run(on: "b")
        #expect(second.status == 0 && !second.output.contains("taken from"))
        #expect(try shared.notes(on: "b").contains("is not signed with our key"))
    }

    @Test func `a record that somebody without the key wrote is not taken`() async throws {
        let shared = try await SharedFixture(.directory)
        _ = try await shared.run(on: "a")
        let record = try #require(try shared.objects("records").first)
        var text = try String(contentsOfFile: record.string, encoding: .utf8)
        text.replace("\"succeeded\"", with: "\"succeedee\"")
        try text.write(toFile: record.string, atomically: true, encoding: .utf8)
        let second = try await shared.run(on: "b")
        #expect(second.status == 0 && !second.output.contains("taken from"))
        #expect(try shared.notes(on: "b").contains("is not signed with our key"))
        // The work was done again, and its record is the one that others take now.
        #expect(try await shared.run(on: "c").output.contains("taken from"))
    }

    @Test func `a damaged blob is not taken, and is mended by who does the work again`() async throws {
        let shared = try await SharedFixture(.directory)
        _ = try await shared.run(on: "a")
        for blob in try shared.objects("blobs") {
            chmod(blob.string, 0o600)
            try "no zstd at all".write(toFile: blob.string, atomically: true, encoding: .utf8)
        }
        let second = try await shared.run(on: "b")
        #expect(second.status == 0 && !second.output.contains("taken from"))
        #expect(try shared.notes(on: "b").contains("is damaged, and is not taken"))
    }

    @Test func `another key takes nothing and fails nothing`() async throws {
        let shared = try await SharedFixture(.directory)
        _ = try await shared.run(on: "a")
        try shared.file("store.key", "another-key-of-somebody-else")
        let second = try await shared.run(on: "b")
        #expect(second.status == 0 && !second.output.contains("taken from"))
    }

    @Test func `a runner that may only read leaves nothing`() async throws {
        let shared = try await SharedFixture(.directory, more: ", mode: read")
        #expect(try await shared.run(on: "a").status == 0)
        #expect(try shared.objects("").isEmpty && shared.outbox(of: "a").isEmpty)
    }

    @Test func `stages see neither the key nor the shared directory`() async throws {
        let pipeline = """
            name: ci
            on: { branches: ["**"] }
            stages:
              look:
                run: |
                  cat BASE/seen
                  test ! -s BASE/store.key
                  test -z "$(ls BASE/shared)"

            """
        // Without the rule that hides them, all three could be read: everything beside the repository is exposed.
        let shared = try await SharedFixture(.directory, pipeline, configuration: "expose: BASE\n")
        try shared.file("seen", "seen")
        try shared.file("shared/object", "object")
        let end = try await shared.run(on: "a")
        #expect(end.status == 0, "\(end.output)")
    }
}
