extension PatternList {
    /// What the patterns are for.
    package enum Kind: Sendable, Hashable, CaseIterable {
        case branch, tag, path
    }

    /// Why a pattern is refused and what to write instead, or `nil` where it is good.
    package static func problem(in pattern: String, kind: Kind) -> (message: String, hint: String?)? {
        let name = pattern.hasPrefix("!") ? pattern.dropFirst() : pattern[...]
        guard !name.isEmpty else {
            return pattern.isEmpty
                ? ("an empty pattern matches nothing", "to match everything, write `**`")
                : ("`!` takes nothing away", "write a pattern behind it, as `!\(kind.example)`")
        }
        if let character = name.first(where: { "?+[]\\".contains($0) }) {
            let message = "`\(character)` is not known in patterns: there is `*`, `**` and a leading `!`"
            return (message, replacement(for: name, kind: kind))
        }
        return prefixProblem(of: name, isNegated: pattern.hasPrefix("!"), kind: kind)
    }

    private static func replacement(for name: Substring, kind: Kind) -> String {
        if kind == .tag, name.contains("[") || name.contains("+"), name.contains(where: { "0123456789".contains($0) }) {
            return "for versions write `tags: { semver: \">=0.0.0\" }`"
        }
        return "write `*`, which stands for any characters but `/`"
    }

    private static func prefixProblem(
        of name: Substring,
        isNegated: Bool,
        kind: Kind
    ) -> (message: String, hint: String?)? {
        let sign = isNegated ? "!" : ""
        func instead(_ rest: Substring) -> String? {
            rest.isEmpty ? "write `\(sign)\(kind.example)`" : "write `\(sign)\(rest)`"
        }
        switch kind {
        case .branch, .tag:
            for prefix in ["refs/heads/", "refs/tags/"] where name.hasPrefix(prefix) {
                return ("patterns are for short names, without `\(prefix)`", instead(name.dropFirst(prefix.count)))
            }
            if name.hasPrefix("/") {
                return ("no \(kind.noun) starts with `/`", instead(name.drop { $0 == "/" }))
            }
        case .path:
            let rest = name.hasPrefix("./") ? name.dropFirst(2) : name.drop { $0 == "/" }
            if rest.count < name.count { return ("paths start at the root of the repository", instead(rest)) }
            if name.hasSuffix("/") { return ("no file ends with `/`", "write `\(sign)\(name)**`") }
        }
        return nil
    }
}

extension PatternList.Kind {
    fileprivate var noun: String {
        switch self {
        case .branch: "branch"
        case .tag: "tag"
        case .path: "path"
        }
    }

    fileprivate var example: String {
        switch self {
        case .branch: "feature/**"
        case .tag: "v*"
        case .path: "docs/**"
        }
    }
}
