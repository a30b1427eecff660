import ArgumentParser
import RunnerCore
import RunnerEngine

/// What to run: shared by `local` and `plan`, so that both always mean the same.
struct SelectorOptions: ParsableArguments {
    @Option(name: .long, help: "A pipeline by name; may be given again. Without it: those that the push would trigger.")
    var pipeline: [String] = []

    @Option(name: .long, help: "A stage and what it needs; may be given again.")
    var stage: [String] = []

    @Option(name: .long, help: "As if this branch had been pushed.")
    var branch: String?

    @Option(name: .long, help: "As if this tag had been pushed.")
    var tag: String?

    @Option(name: .long, help: "This commit instead of the working tree: an id, a branch, `HEAD~2`.")
    var ref: String?

    @Flag(name: .long, help: "The commit at HEAD instead of the working tree.")
    var committed = false

    @Option(name: .long, help: "What path filters compare with. Default: the branch's upstream.")
    var base: String?

    @Option(name: .long, help: ArgumentHelp("An input of a manual run; may be given again.", valueName: "name=value"))
    var input: [String] = []

    mutating func validate() throws {
        let named = [branch.map { _ in "--branch" }, tag.map { _ in "--tag" }, ref.map { _ in "--ref" }].compactMap(
            \.self
        )
        if named.count > 1 { throw ValidationError("\(named.joined(separator: " and ")) exclude each other") }
        if ref != nil, committed { throw ValidationError("--ref and --committed exclude each other") }
        for text in input where !text.contains("=") {
            throw ValidationError("--input `\(text)` is not NAME=VALUE")
        }
    }

    var request: LocalRequest {
        LocalRequest(
            subject: subject,
            isCommitted: committed,
            pipelines: pipeline,
            stages: stage,
            base: base,
            inputs: inputs
        )
    }

    /// The selectors as a person would type them again, for "reproduce with".
    var arguments: [String] {
        var arguments: [String] = []
        for (name, value) in [("--branch", branch), ("--tag", tag), ("--ref", ref), ("--base", base)] {
            if let value { arguments += [name, ShellText.quoted(value)] }
        }
        if committed { arguments.append("--committed") }
        for text in input { arguments += ["--input", ShellText.quoted(text)] }
        return arguments
    }

    /// One that was given beside `--stage`.
    var othersThanStages: String? {
        let given: [(String, Bool)] = [
            ("--pipeline", !pipeline.isEmpty), ("--branch", branch != nil), ("--tag", tag != nil),
            ("--ref", ref != nil),
            ("--committed", committed), ("--base", base != nil), ("--input", !input.isEmpty),
        ]
        return given.first { $0.1 }?.0
    }

    private var subject: LocalRequest.Subject {
        if let branch { return .branch(branch) }
        if let tag { return .tag(tag) }
        if let ref { return .commit(ref) }
        return .current
    }

    private var inputs: [String: String] {
        let pairs = input.compactMap { text in
            text.firstIndex(of: "=").map { (String(text[..<$0]), String(text[text.index(after: $0)...])) }
        }
        return Dictionary(pairs) { _, last in last }
    }
}

/// Text as it can be pasted into a shell.
enum ShellText {
    static func quoted(_ text: String) -> String {
        let isPlain = text.utf8.allSatisfy { byte in
            (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
                || "._-/:=@+,~".utf8.contains(byte)
        }
        return isPlain && !text.isEmpty ? text : "'\(text.replacing("'", with: "'\\''"))'"
    }
}
