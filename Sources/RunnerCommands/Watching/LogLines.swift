import FoundationEssentials
import Glibc
import RunnerAPI

/// Lines of logs on their way out: chosen, marked with the stage they are of, and fit for who reads them.
struct LogLines: Sendable {
    enum Form: Sendable {
        /// As they are, behind the stage's name where there are several.
        case text(isPrefixed: Bool)
        /// One JSON object per line.
        case json
    }

    /// Where a line is from.
    struct Place: Sendable, Hashable {
        let stage: String
        /// From 0.
        let step: Int
    }

    let form: Form
    /// Only lines that hold it.
    let grep: String?
    private let needle: [UInt8]?
    /// Escapes of programs are for a terminal, and never all of them.
    private let isTerminal = isatty(STDOUT_FILENO) == 1
    private let isStyled = Console.isStyled(STDOUT_FILENO)

    init(form: Form, grep text: String?) {
        self.form = form
        grep = text
        needle = text.map { Array($0.utf8) }
    }

    func isWanted(_ line: ArraySlice<UInt8>) -> Bool {
        guard let needle, let first = needle.first else { return true }
        var rest = line
        while let start = rest.firstIndex(of: first) {
            if rest[start...].starts(with: needle) { return true }
            rest = rest[(start + 1)...]
        }
        return false
    }

    /// Several lines by one write.
    func write(_ lines: some Sequence<ArraySlice<UInt8>>, from place: Place) {
        var text: [UInt8] = []
        for line in lines { text += bytes(line, place) + [UInt8(ascii: "\n")] }
        Console.write(text, to: STDOUT_FILENO)
    }

    private func bytes(_ line: ArraySlice<UInt8>, _ place: Place) -> [UInt8] {
        switch form {
        case .json: return json(line, place)
        case .text(let isPrefixed):
            let prefix = isPrefixed ? Array("[\(place.stage.forTerminal)] ".utf8) : []
            guard isTerminal else { return prefix + line }
            return prefix + (isStyled ? TerminalText.colored(line) : Array(TerminalText.plain(line).utf8))
        }
    }

    private struct Entry: Encodable {
        let stage: String
        let step: Int
        let line: String
    }

    private func json(_ line: ArraySlice<UInt8>, _ place: Place) -> [UInt8] {
        let entry = Entry(stage: place.stage, step: place.step, line: String(decoding: line, as: UTF8.self))
        // Two strings and a number always become JSON.
        return (try? APIJSON.encode(entry)).map { Array($0) } ?? []
    }
}
