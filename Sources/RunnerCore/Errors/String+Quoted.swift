extension String {
    /// In backticks, on one line, cut where it is long: user text in a message.
    package var quoted: String {
        let line = prefix(100).replacing("\n", with: "\\n").filter { $0 != "\r" && $0 != "\u{1B}" }
        return "`" + (line.count > 60 ? line.prefix(57) + "..." : line[...]) + "`"
    }
}
