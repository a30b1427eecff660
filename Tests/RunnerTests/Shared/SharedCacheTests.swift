import FoundationEssentials
import Glibc
import ObjectServers
import SystemPackage
import Testing

/// Caches that one runner saved and another mounts, with real servers and a real directory.
@Suite(.timeLimit(.minutes(5))) struct SharedCacheTests {
    /// Each run shows what it found, then changes it: files, a link, a file that goes, a directory that is made anew.
    private static let pipeline = """
        name: ci
        on: { branches: ["**"] }
        stages:
          build:
            cache: [{ key: "../../deps-${{ hash('file') }}", fallback: ["../../deps-"], paths: [deps] }]
            run: |
              mkdir -p deps
              echo "seen: $(cd deps && find . -mindepth 1 -printf '%p=%y=%T@ ' | tr ' ' '\\n' | sort | tr '\\n' ' ')"
              if [ ! -e deps/first ]; then
                mkdir deps/sub && echo 1 > deps/first && echo 1 > deps/gone && echo 1 > deps/sub/old
                ln -s first deps/link
              elif [ ! -e deps/second ]; then
                rm -r deps/sub deps/gone && mkdir deps/sub && echo 2 > deps/sub/new && echo 2 > deps/second
              fi

        """

    private func seen(_ end: RunnerFixture.End) -> Substring? {
        end.output.split(separator: "\n").first { $0.contains("seen: ") && !$0.contains("echo") }
    }

    @Test(arguments: SharedStoreTests.Kind.allCases)
    func `what one runner saved another finds, with what is gone and all times`(_ kind: SharedStoreTests.Kind)
        async throws
    {
        let server = kind == .directory ? nil : try ObjectServer(kind == .rclone ? .rclone : .moto)
        let place = server.map { SharedFixture.Place.bucket(port: $0.port, secret: ObjectServer.secretKey) }
        let shared = try await SharedFixture(place ?? .directory, Self.pipeline)
        for _ in 1...2 { #expect(try await shared.run(on: "a").status == 0) }
        #expect(shared.outbox(of: "a").isEmpty)
        let other = try await shared.run(on: "b")
        #expect(other.status == 0, "\(other.output)\(other.errors)")
        #expect(other.output.contains("cache hit: ../../deps-") && other.output.contains("(from run 2 of "))
        let found = try #require(seen(other))
        #expect(found.contains("./sub/new=f=") && found.contains("./link=l=") && found.contains("./second=f="))
        #expect(!found.contains("gone") && !found.contains("old"))
        // What the first machine finds itself is the same, to the last digit of each time.
        #expect(try await seen(shared.run(on: "a")) == found)
        withExtendedLifetime(server) {}
    }

    @Test func `another key finds it by a fallback, and no layer is sent twice`() async throws {
        let shared = try await SharedFixture(.directory, Self.pipeline)
        #expect(try await shared.run(on: "a").status == 0)
        #expect(try shared.objects("blobs").count == 1)
        try shared.base.write("other\n", to: "file")
        try await shared.base.commit("Change what the key is made of")
        let other = try await shared.run(on: "b")
        #expect(other.output.contains("cache hit by fallback: ../../deps-"), "\(other.output)\(other.errors)")
        #expect(try #require(seen(other)).contains("./gone=f="))
        #expect(shared.outbox(of: "b").isEmpty)
        // The layer of before, the one over it, and the time of the one file that differs from the tree it was saved for.
        #expect(try shared.objects("blobs").count == 3)
        let third = try await shared.run(on: "c")
        #expect(third.output.contains("cache hit: ../../deps-") && third.output.contains("(from run 1 of "))
        #expect(try #require(seen(third)).contains("./second=f="))
    }

    @Test func `a damaged layer is not taken, and the work is done again`() async throws {
        let shared = try await SharedFixture(.directory, Self.pipeline)
        #expect(try await shared.run(on: "a").status == 0)
        for blob in try shared.objects("blobs") {
            chmod(blob.string, 0o600)
            try "no zstd at all".write(toFile: blob.string, atomically: true, encoding: .utf8)
        }
        let other = try await shared.run(on: "b")
        #expect(other.status == 0 && other.output.contains("cache miss: "), "\(other.output)")
        #expect(try shared.notes(on: "b").contains("is damaged, and is not taken"))
        // Whoever did the work again mended it.
        #expect(try await shared.run(on: "c").output.contains("cache hit: "))
    }

    @Test func `what somebody without the key wrote is not taken`() async throws {
        let shared = try await SharedFixture(.directory, Self.pipeline)
        #expect(try await shared.run(on: "a").status == 0)
        try shared.file("store.key", "another-key-of-somebody-else")
        let other = try await shared.run(on: "b")
        #expect(other.status == 0 && other.output.contains("cache miss: "))
        #expect(try shared.notes(on: "b").contains("is not signed with our key"))
    }

    @Test func `an ordinary cache is not taken where a protected one would lie`() async throws {
        let shared = try await SharedFixture(.directory, Self.pipeline)
        #expect(try await shared.run(on: "a").status == 0)
        let record = try #require(try shared.objects("records/cache/ordinary").first)
        let above = shared.shared.pushing("records/cache/protected")
        mkdir(above.string, 0o700)
        #expect(rename(record.string, above.appending(record.lastComponent?.string ?? "").string) == 0)
        let other = try await shared.run(on: "b")
        #expect(other.status == 0 && other.output.contains("cache miss: "))
        #expect(try shared.notes(on: "b").contains("is not signed with our key"))
    }

    @Test func `a dead store keeps nobody, and gets the cache with a later run`() async throws {
        let port = try ObjectServer.freePort()
        let shared = try await SharedFixture(.bucket(port: port, secret: ObjectServer.secretKey), Self.pipeline)
        #expect(try await shared.run(on: "a").status == 0)
        #expect(shared.outbox(of: "a").count == 1)
        let server = try ObjectServer(.rclone, port: port)
        #expect(try await shared.run(on: "a").status == 0)
        #expect(shared.outbox(of: "a").isEmpty)
        #expect(try await shared.run(on: "b").output.contains("cache hit: "))
        withExtendedLifetime(server) {}
    }
}
