import Glibc
import RunnerStore

/// The two ways out: results to standard output, everything else to standard error.
enum Console {
    static func result(_ text: String) { write(text + "\n", to: STDOUT_FILENO) }

    static func error(_ text: String) { write(text + "\n", to: STDERR_FILENO) }

    static func write(_ text: String, to fd: Int32) { write(Array(text.utf8), to: fd) }

    /// A reader that went away (`| head`) is no error of ours.
    static func write(_ bytes: [UInt8], to fd: Int32) { _ = bytes.withUnsafeBytes { FileSystem.writeAll($0, to: fd) } }

    /// Colour and progress only where a person looks, and not where they asked for none.
    static func isStyled(_ fd: Int32) -> Bool {
        guard isatty(fd) == 1, getenv("NO_COLOR").map({ $0.pointee == 0 }) ?? true else { return false }
        return getenv("TERM").map { String(cString: $0) != "dumb" } ?? false
    }
}
