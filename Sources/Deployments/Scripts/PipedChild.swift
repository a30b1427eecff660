import CLinux
import Glibc
import RunnerExecution
import RunnerStore
import SystemPackage

/// A program that is listened to and perhaps talked to, on the thread that started it. It ends with this object, and
/// with it all that it started.
final class PipedChild {
    enum Event {
        case output(ArraySlice<UInt8>)
        case errors(ArraySlice<UInt8>)
        /// After everything that it printed: the status as a shell says it.
        case ended(Int32)
    }

    private let work: BoundedWork
    private let child: ChildProcess
    private let input: Int32
    private var output: Int32
    private var errors: Int32
    private var hasEnded = false
    private var buffer = [UInt8](repeating: 0, count: 64 << 10)

    /// Without `takesInput` its standard input is empty.
    init(_ launch: Launch, takesInput: Bool = false, _ work: BoundedWork) throws {
        self.work = work
        var opened: [Int32] = []
        var theirs: [Int32] = []
        func pipe() throws -> (reader: Int32, writer: Int32) {
            var ends: [Int32] = [-1, -1]
            try checked("make pipe for", launch.executable) { runner_pipe(&ends) }
            return (ends[0], ends[1])
        }
        do {
            let (printed, printing) = try pipe()
            opened += [printed, printing]
            let (complained, complaining) = try pipe()
            opened += [complained, complaining]
            theirs = [printing, complaining]
            if takesInput {
                let (heard, spoken) = try pipe()
                opened += [heard, spoken]
                theirs.append(heard)
                input = spoken
            } else {
                let null = try checked("open", "/dev/null") { open("/dev/null", O_RDONLY | O_CLOEXEC) }
                opened.append(null)
                theirs.append(null)
                input = -1
            }
            child = try ChildProcess(launch, input: theirs[2], output: printing, errors: complaining)
            (output, errors) = (printed, complained)
        } catch {
            for descriptor in opened { close(descriptor) }
            throw error
        }
        for descriptor in theirs { close(descriptor) }
        if takesInput { Self.blockBrokenPipes() }
    }

    deinit {
        end()
        for descriptor in [input, output, errors] where descriptor >= 0 { close(descriptor) }
    }

    /// What it does next. Where the time is over, or nobody waits any more, it is killed and that is thrown.
    func next() throws -> Event {
        while true {
            let ready: [Bool]
            do {
                ready = try work.wait(for: [output, errors, child.pidfd])
            } catch {
                end()
                throw error
            }
            if ready[0], let bytes = read(&output) { return .output(bytes) }
            if ready[1], let bytes = read(&errors) { return .errors(bytes) }
            // What it left in the pipes comes first.
            if ready[2], !ready[0], !ready[1] {
                hasEnded = true
                return .ended(child.wait())
            }
        }
    }

    /// Short texts only: a long one waits until it is read, whatever the program prints meanwhile. One that does not
    /// listen any more has ended, and `next` says so.
    func send(_ text: String) {
        var text = text
        _ = text.withUTF8 { FileSystem.writeAll(UnsafeRawBufferPointer($0), to: input) }
    }

    private func end() {
        guard !hasEnded else { return }
        hasEnded = true
        child.killAll()
        _ = child.wait()
    }

    /// `nil` at the end, where the descriptor is closed.
    private func read(_ descriptor: inout Int32) -> ArraySlice<UInt8>? {
        let count = Glibc.read(descriptor, &buffer, buffer.count)
        if count > 0 { return buffer[..<count] }
        if count < 0, errno == EINTR { return [] }
        close(descriptor)
        descriptor = -1
        return nil
    }

    /// For this thread, which is the work's own: a program that ended would end the whole process.
    private static func blockBrokenPipes() {
        var signals = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, SIGPIPE)
        pthread_sigmask(SIG_BLOCK, &signals, nil)
    }
}
