import Foundation
import RunnerCore

extension ScalarKind {
    /// What is wrong with `text` as a value of this kind; `nil` where nothing is.
    func problem(in text: String) -> Problem? {
        // YAML can write it, as `"\0"`.
        if text.utf8.contains(0) { return Problem("has a NUL character, which no program can be given") }
        return unexpanded(in: text) ?? fault(in: text)
    }

    private func fault(in text: String) -> Problem? {
        switch self {
        case .text: nil
        case .title: text.isEmpty ? Problem("is empty") : nil
        case .template: Self.templateProblem(in: text)
        case .script: Self.scriptProblem(in: text)
        case .expression: Self.conditionProblem(in: text)
        case .semver: Self.expressionProblem { () throws(ExpressionError) in _ = try SemanticVersionRange.parse(text) }
        case .duration: Quantity.durationProblem(in: text)
        case .size: Quantity.sizeProblem(in: text)
        case .count(let range): countProblem(in: text, range)
        case .number: Quantity.number(text) == nil ? mismatch(text) : nil
        case .share:
            Quantity.share(text) == nil
                ? mismatch(text, hint: Quantity.number(text).map { _ in "write the unit: `\(text)%`" }) : nil
        case .boolean: booleanProblem(in: text)
        case .choice(let values): choiceProblem(in: text, values)
        case .name, .secret, .variable: nameProblem(in: text)
        case .branchPattern: Self.patternProblem(in: text, .branch)
        case .tagPattern: Self.patternProblem(in: text, .tag)
        case .pathPattern: Self.patternProblem(in: text, .path)
        case .cron: Self.textProblem { () throws(TextProblem) in _ = try CronFields(text) }
        case .zone: Self.zoneProblem(in: text)
        case .path, .cachePath, .file, .machinePath, .absolutePath: pathProblem(in: text)
        case .repositoryName: RepositoryDefinition.isName(text) ? nil : repositoryNameProblem(in: text)
        case .repositoryURL: Self.textProblem { () throws(TextProblem) in _ = try RepositoryURL(text) }
        case .address: Self.textProblem { () throws(TextProblem) in _ = try ListenAddress(text) }
        case .keep: keepProblem(in: text)
        case .bucketName: text.isBucketName ? nil : mismatch(text)
        case .endpoint: Self.textProblem { () throws(TextProblem) in _ = try StoreEndpoint(text) }
        case .objectPrefix: text.isObjectPrefix ? nil : mismatch(text)
        case .environment(let kind): kind.problem(in: text)
        }
    }

    private func unexpanded(in text: String) -> Problem? {
        guard !hasExpressions, self != .script, let range = text.range(of: "${{") else { return nil }
        let offset = text.distance(from: text.startIndex, to: range.lowerBound)
        return Problem("has an expression, which is not expanded here", hint: "write \(noun)", offset: offset)
    }

    func mismatch(_ text: String, hint: String? = nil) -> Problem {
        Problem("must be \(noun), found \(text.quoted)", hint: hint)
    }
}

extension ScalarKind {
    private static func expressionProblem(_ parse: () throws(ExpressionError) -> Void) -> Problem? {
        do throws(ExpressionError) {
            try parse()
            return nil
        } catch {
            return Problem("cannot be read: \(error.message)", hint: error.hint, offset: error.offset)
        }
    }

    static func textProblem(_ parse: () throws(TextProblem) -> Void) -> Problem? {
        do throws(TextProblem) {
            try parse()
            return nil
        } catch {
            return Problem(error.message, hint: error.hint, offset: error.offset)
        }
    }

    /// Longer ones are a mistake, and each expression in them costs time that grows with the text.
    static let maximumTemplate = 8 << 10

    private static func templateProblem(in text: String) -> Problem? {
        guard text.contains("${{") else { return nil }
        guard text.utf8.count <= maximumTemplate else {
            return Problem("has \(text.utf8.count) bytes; text with expressions has at most \(maximumTemplate)")
        }
        return expressionProblem { () throws(ExpressionError) in _ = try Template.parse(text) }
    }

    private static func patternProblem(in text: String, _ kind: PatternList.Kind) -> Problem? {
        PatternList.problem(in: text, kind: kind).map { problem in
            Problem("cannot be \(text.quoted): \(problem.message)", hint: problem.hint)
        }
    }

    private static func conditionProblem(in text: String) -> Problem? {
        let condition = Condition(text)
        guard var problem = expressionProblem({ () throws(ExpressionError) in _ = try condition.parse() }) else {
            return nil
        }
        problem.offset = problem.offset.map { $0 + condition.offset }
        return problem
    }

    private static func scriptProblem(in text: String) -> Problem? {
        if text.allSatisfy(\.isWhitespace) { return Problem("is empty") }
        guard let range = text.range(of: "${{") else { return nil }
        let inner = text[range.upperBound...].prefix { $0 != "}" && $0 != "\n" }
        let expression = inner.trimmingCharacters(in: .whitespaces)
        return Problem(
            "has an expression, which is not expanded in scripts",
            hint: "pass it as a variable: `env: { NAME: \"${{ \(expression) }}\" }`, and use `\"$NAME\"` in the script",
            offset: text.distance(from: text.startIndex, to: range.lowerBound)
        )
    }

    private func countProblem(in text: String, _ range: ClosedRange<Int>) -> Problem? {
        let isPlain = text.allSatisfy { $0.isASCII && $0.isNumber } && (text == "0" || text.first != "0")
        guard isPlain, let value = Int(text), range.contains(value) else { return mismatch(text) }
        return nil
    }

    private func booleanProblem(in text: String) -> Problem? {
        guard !["true", "false"].contains(text) else { return nil }
        let isYes = ["yes", "on", "y", "1"].contains(text.lowercased())
        let isNo = ["no", "off", "n", "0"].contains(text.lowercased())
        return mismatch(text, hint: isYes ? "write `true`" : isNo ? "write `false`" : nil)
    }

    private func choiceProblem(in text: String, _ values: [String]) -> Problem? {
        guard !values.contains(text) else { return nil }
        return mismatch(text, hint: values.hint(for: text))
    }

    private static let knownZones = Set(TimeZone.knownTimeZoneIdentifiers)

    private static func zoneProblem(in text: String) -> Problem? {
        // Abbreviations such as `CET` and offsets such as `GMT+2` are not meant: they know no summer time.
        guard text != "UTC", !knownZones.contains(text) else { return nil }
        if text.contains("/"), TimeZone(identifier: text) != nil { return nil }
        return ScalarKind.zone.mismatch(text, hint: DidYouMean.hint(for: text, among: knownZones.sorted()))
    }
}

extension ScalarKind {
    private func nameProblem(in text: String) -> Problem? {
        if self == .name {
            let rest = text.unicodeScalars.dropFirst().allSatisfy { $0.isWord || $0 == "." || $0 == "-" }
            let isName = text.unicodeScalars.first.map { $0.isWord && $0 != "_" } ?? false
            guard isName, rest, text.utf8.count <= 100 else {
                let hint = "letters, digits, `.`, `_` and `-`, starting with a letter or digit, at most 100"
                return Problem("is not a name: \(text.quoted)", hint: hint)
            }
            return nil
        }
        let isDigit = text.unicodeScalars.first.map { ("0"..."9").contains($0) } ?? true
        guard !isDigit, text.unicodeScalars.allSatisfy(\.isWord) else {
            let hint = "letters, digits and `_`, not starting with a digit"
            return Problem("is not the name of a variable: \(text.quoted)", hint: hint)
        }
        guard !ReservedVariables.contains(text) else {
            return Problem("may not set \(text.quoted)", hint: ReservedVariables.hint(for: text))
        }
        return nil
    }

    private func repositoryNameProblem(in text: String) -> Problem {
        Problem("has the name \(text.quoted), which no repository can have", hint: RepositoryDefinition.nameRule)
    }

    private func keepProblem(in text: String) -> Problem? {
        if text == "forever" { return nil }
        guard let duration = Quantity.duration(text) else {
            let hint = Int(text) == nil ? DidYouMean.hint(for: text, among: ["forever"]) : "write the unit: `\(text)d`"
            return mismatch(text, hint: hint)
        }
        return duration > .zero
            ? nil : Problem("must be above 0, found `0`", hint: "to keep everything, write `forever`")
    }

    private func pathProblem(in text: String) -> Problem? {
        if text.isEmpty { return Problem("is empty") }
        if text.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) {
            return Problem("has a control character")
        }
        let isHome = text == "~" || text.hasPrefix("~/")
        if text.split(separator: "/").contains("..") {
            return mismatch(text, hint: "a path may not leave its directory with `..`")
        }
        switch self {
        case .machinePath: return text.hasPrefix("/") || isHome ? nil : mismatch(text)
        case .absolutePath where isHome: return mismatch(text, hint: "write the whole path: the server has no home")
        case .absolutePath: return text.hasPrefix("/") ? nil : mismatch(text)
        case .cachePath where isHome: return nil
        default:
            guard !text.hasPrefix("/"), !isHome else { return mismatch(text, hint: "write a relative path") }
            return nil
        }
    }
}

extension String {
    fileprivate var isBucketName: Bool {
        let isPlain = unicodeScalars.allSatisfy {
            $0.isWord && $0 != "_" && !("A"..."Z").contains($0) || $0 == "." || $0 == "-"
        }
        return isPlain && (1...63).contains(utf8.count) && !hasPrefix(".") && !hasPrefix("-") && !contains("..")
    }

    fileprivate var isObjectPrefix: Bool {
        let parts = (hasSuffix("/") ? dropLast() : self[...]).split(separator: "/", omittingEmptySubsequences: false)
        return utf8.count <= 100
            && parts.allSatisfy { part in
                !part.isEmpty && part.first != "."
                    && part.unicodeScalars.allSatisfy { $0.isWord || $0 == "." || $0 == "-" }
            }
    }
}

extension Unicode.Scalar {
    fileprivate var isWord: Bool {
        ("a"..."z").contains(self) || ("A"..."Z").contains(self) || ("0"..."9").contains(self) || self == "_"
    }
}

/// A condition, alone or within `${{ }}` as a whole.
struct Condition {
    let text: String
    /// Characters that stand before `text` in the file's value.
    let offset: Int

    init(_ source: String) {
        let trimmed = source.trimmingCharacters(in: .whitespacesAndNewlines)
        guard trimmed.hasPrefix("${{"), trimmed.hasSuffix("}}"), trimmed.count >= 5 else {
            text = source
            offset = 0
            return
        }
        text = String(trimmed.dropFirst(3).dropLast(2))
        offset = source.prefix { $0.isWhitespace }.count + 3
    }

    func parse() throws(ExpressionError) -> RunnerCore.Expression { try RunnerCore.Expression.parse(text) }
}
