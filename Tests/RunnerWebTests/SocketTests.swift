import Glibc
import RunnerAPI
import RunnerCore
import RunnerStore
import SystemPackage
import Testing

@testable import RunnerWeb

@Suite struct SocketTests {
    @Test func `the socket is its owner's alone, and goes with the daemon`() async throws {
        let path = try await TestSite.run(ServerOptions.Listen()) { site in
            var status = stat()
            #expect(stat(site.listening.socket.string, &status) == 0)
            #expect(status.st_mode & 0o777 == 0o600)
            #expect(FileSystem.names(in: site.directory).filter { $0.hasPrefix(".r") } == [])
            return site.listening.socket
        }
        #expect(!FileSystem.exists(path))
    }

    @Test func `a living daemon's socket is refused, a dead one's is replaced`() async throws {
        try await TestSite.run(ServerOptions.Listen()) { site in
            let living = try SocketFile(site.listening.socket)
            #expect(throws: RunnerError.self) { try living.check() }
            let path = site.directory.appending("dead.sock")
            #expect(mknod(path.string, S_IFSOCK | 0o600, 0) == 0)
            try SocketFile(path).check()
            let file = site.directory.appending("file.sock")
            try FileSystem.write(Array("x".utf8), to: file)
            #expect(throws: RunnerError.self) { try SocketFile(file).check() }
        }
    }

    @Test func `a path without room in an address is refused, with what to do`() throws {
        let long = FilePath("/tmp/" + String(repeating: "x", count: 120))
        #expect(throws: RunnerError.self) { try SocketFile(long) }
        #expect(throws: RunnerError.self) { try RunnerClient(.socket(long.string)) }
    }
}
