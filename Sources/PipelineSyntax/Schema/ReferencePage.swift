/// The reference pages of the documentation, written from the grammar.
package enum ReferencePage {
    /// `docs/pipeline-reference.md`.
    package static func pipeline() -> String {
        let introduction = """
            # Pipeline reference

            Every key of the files in `pipelines/`. `runner schema pipeline` prints the same as a JSON Schema for
            editors, `runner lint` checks a file against it.

            - Unknown and duplicate keys are errors.
            - Text is taken as written: `1.10`, `on` and `012` in a matrix stay `1.10`, `on` and `012`.
            - Where one value stands for a list, `needs: lint` is the same as `needs: [lint]`.
            - `${{ }}` is expanded where the table says so, and never inside `run`: give the value to a variable in
              `env`, and write `"$NAME"` in the script.
            - Durations are `90s`, `30m`, `1h30m`, `30d`; sizes are `512MiB`, `4GiB`, `10GB`, or plain bytes.
            - Names are letters, digits, `.`, `_` and `-`, up to 100, and start with a letter or digit.
            - Anchors and `<<` merges may be used; keys at the top that start with `x-` are left alone, as a place for
              them.
            - A file has at most 1 MiB, 20,000 lines and 100,000 values, counting what its aliases stand for.

            """
        return introduction + body(of: PipelineGrammar.root)
    }

    /// `docs/configuration-reference.md`.
    package static func configuration() -> String {
        let introduction = """
            # Configuration reference

            Every key of the server's `runner-config/runner.yml`. `runner schema config` prints the same as a JSON
            Schema for editors. A pipeline cannot change what stands here. A file without keys means the defaults.

            """
        return introduction + body(of: ConfigurationGrammar.root)
    }

    /// `docs/environment-reference.md`.
    package static func environment() -> String {
        let introduction = """
            # Environment reference

            Every key of the server's `runner-config/environments/NAME.yml`: where releases go, and what it takes. The
            file's name is the environment's. `runner schema environment` prints the same as a JSON Schema for editors,
            `runner lint` checks a file against it. No commit of a repository that is deployed can change what stands
            here.

            - Text is taken as written: nothing is expanded in it, but for `{version}` and `{environment}` where the
              table says so.
            - Scripts are run by `sh`, with `variables` and `secrets` in their environment.
            - A script that is stopped by a crash or a lost connection is run again: each must be fit to run twice.
            - Durations are `90s`, `30m`, `1h30m`, `30d`.
            - Names are letters, digits, `.`, `_` and `-`, up to 100, and start with a letter or digit.
            - Anchors and `<<` merges may be used; keys at the top that start with `x-` are left alone, as a place for
              them.

            """
        return introduction + body(of: EnvironmentGrammar.root)
    }

    private static func body(of root: MappingShape) -> String {
        var text = ""
        var seen: Set<String> = []
        section(root, path: "", level: 2, into: &text, seen: &seen)
        return text
    }

    private static func section(
        _ mapping: MappingShape,
        path: String,
        level: Int,
        into text: inout String,
        seen: inout Set<String>
    ) {
        if !mapping.keys.isEmpty {
            guard seen.insert(mapping.title).inserted else { return }
            let heading = String(repeating: "#", count: min(level, 4))
            text += "\n\(heading) \(path.isEmpty ? "Top level" : "`\(path)`")\n\n"
            if let others = mapping.others {
                text += "Each other key is one `\(others.placeholder)`: \(others.shape.noun).\n\n"
            }
            for way in mapping.ways { text += "Exactly one of \(way.alternatives) must be there.\n\n" }
            if let inherited = mapping.inherited { text += "All keys of `\(inherited.path)`, and:\n\n" }
            text += table(of: mapping.keys.dropFirst(mapping.inherited?.count ?? 0))
        }
        for key in mapping.keys {
            for inner in key.shape.mappings {
                let path = path.isEmpty ? key.name : "\(path).\(key.name)"
                section(inner, path: path, level: level + 1, into: &text, seen: &seen)
            }
        }
        guard let others = mapping.others else { return }
        for inner in others.shape.mappings {
            section(inner, path: "\(path).\(others.placeholder)", level: level, into: &text, seen: &seen)
        }
    }

    private static func table(of keys: ArraySlice<Key>) -> String {
        var text = "| Key | Value | Meaning | Without it | Example |\n|---|---|---|---|---|\n"
        for key in keys {
            let fallback = key.isRequired ? "an error" : key.fallback ?? "none"
            let cells = ["`\(key.name)`", key.shape.words, key.summary, fallback, "`\(key.example)`"]
            text += "| " + cells.map { $0.replacing("|", with: "\\|") }.joined(separator: " | ") + " |\n"
        }
        return text
    }
}

extension Shape {
    /// The mappings that stand directly in it.
    fileprivate var mappings: [MappingShape] {
        switch self {
        case .mapping(let mapping): [mapping]
        case .list(let element), .oneOrMany(let element): element.mappings
        case .either(let shapes): shapes.flatMap(\.mappings)
        case .scalar, .nothing: []
        }
    }

    /// For a table: a mapping has a section of its own.
    fileprivate var words: String {
        switch self {
        case .scalar(let kind): kind.noun
        case .list(let element): "a list; each item: \(element.words)"
        case .oneOrMany(let element): "one or a list; each: \(element.words)"
        case .mapping(let mapping): mapping.keys.isEmpty ? mapping.namesInWords : "a mapping, see below"
        case .either(let shapes): shapes.map(\.words).joined(separator: "; or ")
        case .nothing: "nothing"
        }
    }
}

extension MappingShape {
    fileprivate var namesInWords: String {
        guard let others else { return "a mapping" }
        return "a mapping of `\(others.placeholder)` to \(others.shape.words)"
    }
}
