import FoundationEssentials
import Glibc
import RunnerCore
import RunnerExecution
import RunnerStore

/// The other end of the pool: reads requests, one per line, and answers each, until whoever asks is gone.
package enum GitHelper {
    /// At most this often it is said that something came.
    private static let progressPause: Duration = .milliseconds(100)

    /// Blocks; on a thread that lives as long as the process, for git ends with the thread that started it. When the
    /// other end of `input` closes, the process ends in the midst of its work: nobody would hear the answer, and a
    /// fetch may not go on while the next runner starts.
    package static func serve(input: Int32, output: Int32) throws {
        BlockingThread.start {
            var waited = pollfd(fd: input, events: 0, revents: 0)
            while poll(&waited, 1, -1) < 0, errno == EINTR {}
            _exit(0)
        }
        var lines = LineBuffer()
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            if let line = lines.next() {
                try answer(line, output: output)
                continue
            }
            let count = read(input, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return }
            lines.add(buffer[..<count])
        }
    }

    private static func answer(_ line: [UInt8], output: Int32) throws {
        let request = try JSON.decode(GitHelperRequest.self, from: Data(line))
        let progress = try GitHelperReply.progress.line()
        var last = ContinuousClock.now
        let reply: GitHelperReply
        do throws(RunnerError) {
            reply = try RemoteErrand(request).run {
                guard ContinuousClock.now - last > progressPause else { return }
                last = .now
                write(progress, to: output)
            }
        } catch {
            reply = .failed(GitHelperReply.Failure(error))
        }
        write(try reply.line(), to: output)
    }

    private static func write(_ line: [UInt8], to output: Int32) {
        // Without a reader there is nothing left to do.
        if !line.withUnsafeBytes({ FileSystem.writeAll($0, to: output) }) { _exit(0) }
    }
}
