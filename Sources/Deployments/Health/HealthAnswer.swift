/// What a look at an instance found.
package struct HealthAnswer: Sendable, Hashable {
    package var isGood: Bool
    /// For people, printable, at most about 200 characters: `503: {"status": "starting"}`.
    package var detail: String
    /// Until the answer, or until it was given up.
    package var seconds: Double

    package init(isGood: Bool, detail: String, seconds: Double) {
        self.isGood = isGood
        self.detail = detail
        self.seconds = seconds
    }
}

extension String {
    /// On one line, printable and cut.
    func brief(_ limit: Int = 200) -> String {
        let line = prefix(4 * limit).split(whereSeparator: \.isWhitespace).joined(separator: " ")
        let clean = String(line).printable
        return clean.count <= limit ? clean : String(clean.prefix(limit - 3)) + "..."
    }
}
