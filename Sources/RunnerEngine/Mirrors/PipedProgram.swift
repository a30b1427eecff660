import CLinux
import Glibc
import RunnerExecution
import RunnerStore
import SystemPackage

/// A program whose output is wanted as a whole, and whose errors only at their end.
enum PipedProgram {
    struct End: Sendable {
        /// As a shell says it.
        var status: Int32
        var output: [UInt8]
        /// The last of them.
        var errors: [UInt8]
    }

    private static let keptErrors = 16 << 10

    /// Runs it to its end on this thread; `onErrors` is called whenever it says something there.
    static func run(_ launch: Launch, onErrors: () -> Void) throws(SystemFailure) -> End {
        let output = try Pipe(launch.executable)
        let errors = try Pipe(launch.executable)
        let null = try checked("open", "/dev/null") { open("/dev/null", O_RDONLY | O_CLOEXEC) }
        defer { close(null) }
        let child = try ChildProcess(launch, input: null, output: output.writer, errors: errors.writer)
        output.closeWriter()
        errors.closeWriter()
        var end = End(status: 0, output: [], errors: [])
        var (isOutputOpen, areErrorsOpen) = (true, true)
        while isOutputOpen || areErrorsOpen {
            var waited = [
                pollfd(fd: isOutputOpen ? output.reader : -1, events: Int16(POLLIN), revents: 0),
                pollfd(fd: areErrorsOpen ? errors.reader : -1, events: Int16(POLLIN), revents: 0),
            ]
            guard poll(&waited, 2, -1) > 0 else { continue }
            if waited[0].revents != 0 { isOutputOpen = output.read(into: &end.output) }
            if waited[1].revents != 0 {
                areErrorsOpen = errors.read(into: &end.errors)
                end.errors.removeFirst(max(0, end.errors.count - keptErrors))
                onErrors()
            }
        }
        end.status = child.wait()
        return end
    }

    private final class Pipe {
        let reader: Int32
        private(set) var writer: Int32

        init(_ program: FilePath) throws(SystemFailure) {
            var ends: [Int32] = [-1, -1]
            try checked("make pipe for", program) { runner_pipe(&ends) }
            (reader, writer) = (ends[0], ends[1])
        }

        deinit {
            close(reader)
            closeWriter()
        }

        func closeWriter() {
            if writer >= 0 { close(writer) }
            writer = -1
        }

        /// False at the end.
        func read(into bytes: inout [UInt8]) -> Bool {
            var buffer = [UInt8](repeating: 0, count: 1 << 16)
            let count = Glibc.read(reader, &buffer, buffer.count)
            if count < 0, errno == EINTR { return true }
            if count > 0 { bytes += buffer[..<count] }
            return count > 0
        }
    }
}
