import RunnerExecution

/// How a script ended, and what it said.
package struct ScriptEnd: Sendable, Hashable {
    private static let keptOutput = 1 << 20
    private static let keptLines = 20

    /// As a shell says it: 128 and the signal's number for a killed one.
    package internal(set) var status: Int32 = 0
    /// The first MiB of its standard output, as it came.
    package var output: String { String(decoding: bytes, as: UTF8.self) }
    /// True where it printed more than that.
    package private(set) var isCut = false
    /// The last lines of output and errors, oldest first.
    package private(set) var lastLines: [String] = []
    private var bytes: [UInt8] = []

    /// Why it failed, for a person: its status and the last that it said.
    package var words: String {
        let last = lastLines.last { !$0.allSatisfy(\.isWhitespace) }
        return ExitStatus.words(status) + (last.map { ": \($0.prefix(300))" } ?? "")
    }

    mutating func keep(_ more: ArraySlice<UInt8>) {
        let room = Self.keptOutput - bytes.count
        bytes += more.prefix(room)
        if more.count > room { isCut = true }
    }

    mutating func remember(_ line: String) {
        lastLines.append(line)
        if lastLines.count > Self.keptLines { lastLines.removeFirst() }
    }
}
