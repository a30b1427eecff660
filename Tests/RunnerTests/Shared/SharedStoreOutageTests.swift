import FoundationEssentials
import Glibc
import ObjectServers
import RunnerCore
import RunnerStore
import SystemPackage
import Testing

/// No state of the shared store fails a build, nor holds it up for long.
@Suite(.timeLimit(.minutes(5))) struct SharedStoreOutageTests {
    private static let leftOut = "shared store left out: "

    @Test func `a bucket that nobody answers for is left out, and its records wait`() async throws {
        let port = try ObjectServer.freePort()
        let shared = try await SharedFixture(.bucket(port: port, secret: ObjectServer.secretKey))
        let end = try await shared.run(on: "a")
        #expect(end.status == 0, "\(end.output)")
        let notes = try shared.notes(on: "a")
        #expect(notes.components(Self.leftOut) == 1)
        #expect(notes.contains("1 of the shared store's records are still to be sent"))
        #expect(shared.outbox(of: "a").count == 1)
    }

    @Test func `a bucket that takes connections and never answers is left out within seconds`() async throws {
        let server = try SilentServer()
        let shared = try await SharedFixture(.bucket(port: server.port, secret: ObjectServer.secretKey))
        let begin = ContinuousClock.now
        let end = try await shared.run(on: "a")
        #expect(end.status == 0, "\(end.output)")
        #expect(try shared.notes(on: "a").components(Self.leftOut) == 1)
        // Two waits of 5 s, and the run.
        #expect(ContinuousClock.now - begin < .seconds(25))
        withExtendedLifetime(server) {}
    }

    @Test func `wrong credentials are told in the server's words`() async throws {
        let server = try ObjectServer(.rclone)
        let shared = try await SharedFixture(.bucket(port: server.port, secret: "not-the-secret"))
        let end = try await shared.run(on: "a")
        #expect(end.status == 0, "\(end.output)")
        let notes = try shared.notes(on: "a")
        #expect(notes.contains(Self.leftOut + "refused with 403 SignatureDoesNotMatch"))
        #expect(!notes.contains("not-the-secret"))
    }

    @Test func `a directory that is not mounted is left out, and not made`() async throws {
        let shared = try await SharedFixture(.directory)
        rmdir(shared.shared.string)
        #expect(try await shared.run(on: "a").status == 0)
        #expect(try shared.notes(on: "a").contains(Self.leftOut + "open "))
        #expect(access(shared.shared.string, F_OK) != 0)
    }

    @Test func `what an outage kept back goes with the next run`() async throws {
        let port = try ObjectServer.freePort()
        let shared = try await SharedFixture(.bucket(port: port, secret: ObjectServer.secretKey))
        #expect(try await shared.run(on: "a").status == 0)
        #expect(shared.outbox(of: "a").count == 1)
        let server = try ObjectServer(.rclone, port: port)
        // It has its outcome already: nothing new is to be sent.
        #expect(try await shared.run(on: "a").output.contains("reused from run 1"))
        #expect(shared.outbox(of: "a").isEmpty)
        #expect(try await shared.run(on: "b").output.contains("taken from the shared store"))
        withExtendedLifetime(server) {}
    }

    @Test func `what a killed supervisor had still to send goes with the next run`() async throws {
        var silent: SilentServer? = try SilentServer()
        let port = try #require(silent?.port)
        let place = SharedFixture.Place.bucket(port: port, secret: ObjectServer.secretKey)
        let shared = try await SharedFixture(place, SharedFixture.waiting)
        async let first = shared.run(on: "a")
        try await Await.until("something to send", within: 60) { !shared.outbox(of: "a").isEmpty }
        let run = StateDirectory(shared.state("a")).run(try #require(RunNumber(1)))
        let holder = try #require(try JSON.read(SupervisorHolder.self, at: run.lock))
        kill(holder.pid, SIGKILL)
        #expect(try await first.status != 0)
        #expect(shared.outbox(of: "a").count == 1)
        silent = nil
        let server = try ObjectServer(.rclone, port: port)
        _ = try await shared.run(on: "a", ["--stage", "build"])
        #expect(shared.outbox(of: "a").isEmpty)
        #expect(try await shared.run(on: "b", ["--stage", "build"]).output.contains("taken from the shared store"))
        withExtendedLifetime((server, silent)) {}
    }

    @Test(arguments: ["missing", "open", "empty"]) func `a key file that cannot be trusted is an error`(_ fault: String)
        async throws
    {
        let shared = try await SharedFixture(.directory)
        switch fault {
        case "missing": unlink(shared.key.string)
        case "open": chmod(shared.key.string, 0o644)
        default: try shared.file("store.key", "short")
        }
        let end = try await shared.run(on: "a")
        #expect(end.status == 2)
        #expect(end.errors.contains("cannot use the shared store") && end.errors.contains("store.key"))
        #expect(end.errors.contains("try: "))
    }
}

extension String {
    /// How often a text is in it.
    fileprivate func components(_ text: String) -> Int { ranges(of: text).count }
}
