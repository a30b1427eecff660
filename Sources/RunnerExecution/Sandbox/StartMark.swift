import RunnerStore
import SystemPackage

/// Tells a sandbox that could not be made from a step that failed: bubblewrap's own exit status is that of any command.
///
/// A file beside the script holds a byte, which the script's shell removes before all else. Where it is still there and
/// the output is bubblewrap's, the step has not begun.
struct StartMark {
    private static let name = "begun"
    private static let prefix = "bwrap: "

    let sandbox: Sandbox

    /// Puts the mark in place; to be called before each start.
    func set() throws(SystemFailure) {
        guard sandbox.isolation == .sandbox else { return }
        try TreeRemoval.remove(file)
        try FileSystem.write([UInt8(ascii: "-")], to: file, mode: 0o666)
    }

    /// The step's script; the mark is removed on its first line, so that lines keep their numbers.
    func script(_ text: String) -> String {
        sandbox.isolation == .sandbox ? ": > \(sandbox.visible.exchange)/\(Self.name); \(text)" : text
    }

    /// Why there was no sandbox, if there was none, in bubblewrap's words.
    func problem(in log: FilePath) -> String? {
        // Anything else than the mark as it was set is the step's doing.
        guard sandbox.isolation == .sandbox, (try? FileSystem.read(file)).flatMap({ $0 })?.count == 1,
            let words = try? firstLine(of: log), words.hasPrefix(Self.prefix)
        else {
            return nil
        }
        return "cannot make the sandbox: \(words.dropFirst(Self.prefix.count))"
    }

    private var file: FilePath { sandbox.places.exchange.appending(Self.name) }

    /// A step that has not begun has written nothing: its log is short.
    private func firstLine(of log: FilePath) throws(SystemFailure) -> String {
        let text = try FileSystem.read(log, limit: 64 << 10).map { String(decoding: $0, as: UTF8.self) } ?? ""
        return text.split(whereSeparator: \.isNewline).first.map(String.init) ?? ""
    }
}
