import RunnerAPI
import RunnerCore

/// A watched repository for people.
enum RepositoryText {
    static func text(_ repository: RepositoryView) -> String {
        let looked = repository.lookedAt.map { TimeText().words($0) } ?? "never"
        let facts: [(String, String?)] = [
            ("url", repository.url), ("problem", repository.problem), ("looked at", looked),
            ("looks every", Duration.seconds(repository.poll).brief),
            ("transport", repository.transport + (repository.transportNote.map { ": \($0)" } ?? "")),
            ("first run", repository.firstRun ? "refs that are there at first sight run, too" : nil),
            ("moved tags", repository.movedTags ? "run again" : "are recorded"),
            ("webhooks", repository.hasWebhookSecret ? "are taken" : nil),
            ("declared", repository.origin == "file" ? "in the server's file" : "by `runner repository add`"),
        ]
        let (paint, layout) = (Paint.ofOutput, TextLayout.ofOutput)
        let lines = facts.compactMap { name, value in
            value.map { value in
                let blanks = String(repeating: " ", count: max(0, 12 - name.count))
                return layout.paragraph("  \(name):\(blanks)", value.forTerminal, paint: paint.dim)
            }
        }
        return ([paint.bold(repository.name.forTerminal)] + lines).joined(separator: "\n")
    }
}
