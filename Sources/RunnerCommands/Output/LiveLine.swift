/// One line in the making: parts with their tints, measured before colours come in.
struct LiveLine: Sendable, Hashable {
    private struct Part: Sendable, Hashable {
        let text: String
        let tint: LiveStyle.Tint
    }

    private var parts: [Part] = []
    /// The columns taken so far.
    private(set) var width = 0

    /// Text that is clean: see `LiveText`.
    mutating func add(_ text: String, _ tint: LiveStyle.Tint = .plain) {
        guard !text.isEmpty else { return }
        parts.append(Part(text: text, tint: tint))
        width += LiveText.width(text)
    }

    /// The line as it goes to the terminal, cut to `columns`.
    func text(columns: Int, style: LiveStyle) -> String {
        var left = columns
        var text = ""
        // Where the whole does not fit, the part that crosses the border takes the ellipsis.
        for part in parts {
            let rest = LiveText.cut(part.text, to: left, ellipsis: style.ellipsis)
            guard !rest.isEmpty else { break }
            let isTinted = style.isColored && part.tint != .plain
            text += isTinted ? "\u{1b}[\(part.tint.rawValue)m\(rest)\u{1b}[0m" : rest
            left -= LiveText.width(rest)
            if rest != part.text { break }
        }
        return text
    }
}
