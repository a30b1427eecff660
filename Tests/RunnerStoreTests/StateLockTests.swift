import FoundationEssentials
import Glibc
import RunnerCore
import SystemPackage
import Testing

@testable import RunnerStore

@Suite struct StateLockTests {
    private let scratch: Scratch
    private let state: StateDirectory

    init() throws {
        scratch = try Scratch()
        state = StateDirectory(scratch.path)
    }

    @Test func `the second daemon of a state directory is refused and told of the first`() throws {
        let first = try StateLock(state)
        let error = #expect(throws: RunnerError.self) { try StateLock(state) }
        #expect(error?.why?.hasPrefix("process \(getpid()) on ") == true, "\(String(describing: error))")
        #expect(error?.hint?.contains("--state") == true)
        #expect(try StateLock.holder(of: state)?.pid == getpid())
        withExtendedLifetime(first) {}
    }

    @Test func `a lock ends with its holder, whatever the file says`() throws {
        #expect(try StateLock.holder(of: state) == nil)
        do { _ = try StateLock(state) }
        #expect(FileSystem.exists(state.daemonLock))
        #expect(try StateLock.holder(of: state) == nil)
        _ = try StateLock(state)
    }

    @Test func `a daemon that was killed holds nothing`() async throws {
        let path = state.path.string
        await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String] in
            let lock = try StateLock(StateDirectory(.init(path)))
            kill(getpid(), SIGKILL)
            withExtendedLifetime(lock) {}
        }
        let lock = try StateLock(state)
        #expect(try StateLock.holder(of: state)?.pid == getpid())
        withExtendedLifetime(lock) {}
    }

    @Test func `what is written by half names the file`() throws {
        let first = try StateLock(state)
        truncate(state.daemonLock.string, 3)
        let error = #expect(throws: RunnerError.self) { try StateLock(state) }
        #expect(error?.why == "another process holds `\(state.daemonLock)`")
        withExtendedLifetime(first) {}
    }
}
