import RunnerCore

extension PatternList {
    enum Kind { case ref, path }
    static func problem(in text: String, kind: Kind) -> (message: String, hint: String?)? {
        text.contains("?") ? ("has `?`", nil) : nil
    }
}

extension SemanticVersionRange {
    static func parse(_ text: String) throws(ExpressionError) -> SemanticVersionRange {
        SemanticVersionRange(source: text)
    }
}

enum DidYouMean {
    static func suggestion(for text: String, among: some Sequence<String>) -> String? {
        among.first { $0.first == text.first }
    }
}
