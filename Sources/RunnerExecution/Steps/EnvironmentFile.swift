import RunnerCore

/// What a step wrote to `RUNNER_ENV` or `RUNNER_OUTPUT`: `NAME=value`, or
///
///     NAME<<END
///     several
///     lines
///     END
///
/// The writer chooses `END`; a value that may hold that very line needs another one (see docs/pipeline-reference.md).
struct EnvironmentFile: Sendable, Hashable {
    /// More is no variable but a file: hand it on as an artifact.
    static let maximumBytes = 1 << 20

    let variables: [String: String]

    /// Why a file cannot be used. Nothing of the file is quoted: it may be a secret, or a part of one.
    /// `line` counts from 1.
    struct Problem: Error, Sendable, Hashable {
        let line: Int
        let message: String
    }

    /// `isAllowed` says why a name may not be set, or nothing.
    init(_ text: some Collection<UInt8>, refusal: (String) -> String?) throws(Problem) {
        var variables: [String: String] = [:]
        var lines = Self.lines(of: text)[...]
        let total = lines.count
        while let line = lines.popFirst() {
            let number = total - lines.count
            if line.isEmpty { continue }
            let (name, value) = try Self.entry(line, following: &lines, number: number)
            if let problem = Self.nameProblem(name) ?? refusal(name) { throw Problem(line: number, message: problem) }
            variables[name] = value
        }
        self.variables = variables
    }

    /// Split as bytes: a string takes CR LF for one character, which is no line end of its own.
    private static func lines(of text: some Collection<UInt8>) -> [Substring] {
        text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map { line in
            Substring(decoding: line.last == UInt8(ascii: "\r") ? line.dropLast() : line, as: UTF8.self)
        }
    }

    private static func entry(
        _ line: Substring,
        following lines: inout ArraySlice<Substring>,
        number: Int
    ) throws(Problem) -> (name: String, value: String) {
        let equals = line.utf8.firstIndex(of: UInt8(ascii: "="))
        if let marker = line.firstRange(of: "<<"), equals.map({ marker.lowerBound < $0 }) ?? true {
            let end = line[marker.upperBound...]
            guard !end.isEmpty else { throw Problem(line: number, message: "`<<` needs an end marker after it") }
            guard let closing = lines.firstIndex(of: end) else {
                throw Problem(line: number, message: "the end marker that it names after `<<` is missing")
            }
            let value = lines[..<closing].joined(separator: "\n")
            lines = lines[(closing + 1)...]
            return (String(line[..<marker.lowerBound]), value)
        }
        guard let equals else { throw Problem(line: number, message: "it is no `NAME=value`") }
        return (String(line[..<equals]), String(line[line.utf8.index(after: equals)...]))
    }

    private static func nameProblem(_ name: String) -> String? {
        let isName =
            !name.isEmpty && name.utf8.first.map { !(48...57).contains($0) } ?? false
            && name.utf8.allSatisfy {
                (48...57).contains($0) || (65...90).contains($0) || (97...122).contains($0) || $0 == 95
            }
        return isName ? nil : "what stands before the value is no variable name (letters, digits and `_`)"
    }
}
