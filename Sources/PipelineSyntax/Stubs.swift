import RunnerCore

extension PatternList {
    enum Kind { case branch, tag, path }
    static func problem(in text: String, kind: Kind) -> (message: String, hint: String?)? {
        text.contains("?") ? ("`?` is not known in patterns", nil) : nil
    }
}

extension SemanticVersionRange {
    static func parse(_ text: String) throws(ExpressionError) -> SemanticVersionRange {
        SemanticVersionRange(source: text)
    }
}
