/// What is wrong with a short text that a person wrote, as a url, an address or a schedule.
package struct TextProblem: Error, Sendable, Hashable {
    /// Continues the name of what holds the text: "`url` ...".
    package var message: String
    package var hint: String?
    /// In characters from the start of the text, where the fault has a place inside it.
    package var offset: Int?

    package init(_ message: String, hint: String? = nil, offset: Int? = nil) {
        self.message = message
        self.hint = hint
        self.offset = offset
    }
}
