/// What a commit's message says where nobody wants a run of it.
enum SkipMark {
    private static let marks = ["[skip ci]", "[ci skip]", "[no ci]"]

    /// The mark as it is written in the list, wherever and in whatever case it stands in `message`.
    static func find(in message: String) -> String? {
        let text = message.lowercased()
        return marks.first { text.contains($0) }
    }
}
