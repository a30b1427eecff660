import RunnerCore
import Yams

/// Text to a tree of values, in time and memory that the size of the text bounds.
struct YAMLReader {
    /// Bytes read to find duplicate keys; each one costs a pass over the file.
    private static let budget = 400_000

    let source: SourceText
    /// First occurrences of duplicate keys, each with one character changed to make it unique, by line and column.
    private var renamed: [Position: Unicode.Scalar] = [:]

    struct Position: Hashable {
        var line: Int
        var column: Int
    }

    private init(_ source: SourceText) { self.source = source }

    /// `nil` where the text is no YAML, is empty or too deep or wide; the reason is then in `findings`.
    static func read(_ source: SourceText, findings: inout Findings) -> SyntaxNode? {
        var reader = YAMLReader(source)
        guard let root = reader.compose(&findings) else { return nil }
        var builder = TreeBuilder(source: source, renamed: reader.renamed)
        return builder.build(root, findings: &findings)
    }

    /// Yams refuses a mapping with duplicate keys and names only the first one's place. Changing one character of the
    /// first one keeps every position, and lets the tree be read, in which the second one has its place.
    private mutating func compose(_ findings: inout Findings) -> Node? {
        var lines = source.lines
        let maximum = min(40, max(2, Self.budget / max(source.text.utf8.count, 1)))
        for pass in 1... {
            do {
                let text = pass == 1 ? source.text : lines.joined(separator: "\n")
                // Without rules of its own: `no`, `012` and dates stay what is written.
                guard let root = try Yams.compose(yaml: text, .basic) else {
                    findings.error("the file is empty", at: location(line: 1, column: 1))
                    return nil
                }
                return root
            } catch YamlError.duplicatedKeysInMapping(let names, let context) {
                let mark = context.mark
                guard pass < maximum, rename(at: mark, pass: pass, in: &lines) else {
                    let name = (names.first ?? "").quoted
                    let place = location(line: mark.line, column: mark.column)
                    findings.error("duplicate key \(name)", at: place, hint: "it stands in this mapping again")
                    return nil
                }
            } catch {
                report(error, to: &findings)
                return nil
            }
        }
        return nil
    }

    private mutating func rename(at mark: Mark, pass: Int, in lines: inout [Substring]) -> Bool {
        guard lines.indices.contains(mark.line - 1) else { return false }
        var scalars = Array(lines[mark.line - 1].unicodeScalars)
        var index = mark.column - 1
        guard scalars.indices.contains(index), !"&*!?|>".unicodeScalars.contains(scalars[index]) else { return false }
        if scalars[index] == "\"" || scalars[index] == "'" { index += 1 }
        // From the private use area, which YAML allows and no key has.
        guard scalars.indices.contains(index), let mask = Unicode.Scalar(0xE000 + UInt32(pass)) else { return false }
        let position = Position(line: mark.line, column: mark.column)
        guard renamed.updateValue(scalars[index], forKey: position) == nil else { return false }
        scalars[index] = mask
        var line = String.UnicodeScalarView()
        line.append(contentsOf: scalars)
        lines[mark.line - 1] = Substring(String(line))
        return true
    }

    private func location(line: Int, column: Int) -> SourceLocation {
        SourceLocation(file: source.file, line: max(line, 1), column: max(column, 1))
    }
}

extension YAMLReader {
    private func report(_ error: any Error, to findings: inout Findings) {
        switch error {
        case YamlError.scanner(let context, let problem, let mark, _),
            YamlError.parser(let context, let problem, let mark, _),
            YamlError.composer(let context, let problem, let mark, _):
            let place = location(line: mark.line, column: mark.column)
            if character(at: mark) == "\t" {
                findings.error("a tab cannot indent here", at: place, hint: "indent with spaces")
                return
            }
            let message = problem.trimmed + (context.map { ", " + $0.text.trimmed } ?? "")
            findings.error("not YAML: \(message)", at: place, hint: hint(for: problem, at: mark))
        case YamlError.reader(let problem, let offset, _, _):
            let (line, column) = position(ofByte: offset ?? 0)
            findings.error("not YAML: \(problem.trimmed)", at: location(line: line, column: column))
        default:
            findings.error("not YAML", at: location(line: 1, column: 1))
        }
    }

    private func hint(for problem: String, at mark: Mark) -> String? {
        if problem.contains("another document") { return "keep one document per file, without `---` between" }
        if problem.contains("undefined alias") { return "quote text that starts with `*`" }
        guard source.lines.indices.contains(mark.line - 1) else { return nil }
        let line = source.lines[mark.line - 1]
        if line.contains("${{") { return "put text with `${{ }}` in quotes" }
        if let character = character(at: mark), "@`%!&*".unicodeScalars.contains(character) {
            return "quote text that starts with `\(character)`"
        }
        return nil
    }

    private func character(at mark: Mark) -> Unicode.Scalar? {
        guard source.lines.indices.contains(mark.line - 1) else { return nil }
        return source.lines[mark.line - 1].unicodeScalars.dropFirst(mark.column - 1).first
    }

    private func position(ofByte offset: Int) -> (line: Int, column: Int) {
        let before = Array(source.text.utf8.prefix(offset))
        let line = before.count { $0 == 0x0A } + 1
        let lastLine = before.split(separator: 0x0A, omittingEmptySubsequences: false).last ?? []
        return (line, String(decoding: lastLine, as: UTF8.self).unicodeScalars.count + 1)
    }
}

extension String {
    /// The first line, cut where a parser put a whole file in its message.
    fileprivate var trimmed: String {
        let line = split(separator: "\n").first ?? ""
        return line.count > 120 ? line.prefix(117) + "..." : String(line)
    }
}
