import RunnerAPI
import RunnerCore

/// Caches for people.
enum CacheText {
    static func table(_ caches: [CacheView]) -> TextTable {
        let paint = Paint.ofOutput
        let rows = caches.map { cache -> [TextTable.Cell] in
            [
                .init(cache.id, paint: paint.dim), .init(cache.key, paint: paint.bold), .init(cache.repository),
                .init(cache.paths.joined(separator: " ")), .init(ByteCount.words(cache.bytes)),
                .init("\(cache.layers)"), .init(cache.trust.rawValue), .init(origin(cache.run, cache.ref)),
                .init(TimeText().words(cache.usedAt)), .init(state(cache)),
            ]
        }
        let header = ["ID", "KEY", "REPOSITORY", "PATHS", "BYTES", "LAYERS", "TRUST", "FROM", "USED", "STATE"]
        return TextTable(header, rows: rows)
    }

    static func detail(_ cache: CacheView) -> String {
        let time = TimeText()
        var lines = [
            "cache \(cache.id)\(cache.isCurrent ? "" : ", which another has replaced")",
            "key         \(cache.key)",
            "repository  \(cache.repository), isolation \(cache.isolation)",
            "paths       \(cache.paths.joined(separator: " "))",
            "taken by    \(cache.trust == .protected ? "every run" : "runs of ordinary refs")",
            "saved       \(time.words(cache.savedAt)) by \(origin(cache.run, cache.ref)), from tree \(cache.tree.prefix(10))",
            "used        \(time.words(cache.usedAt))\(cache.isInUse ? ", and by a stage now" : "")",
            "size        \(ByteCount.words(cache.bytes)) in \(count(cache.layers, "layer"))",
        ]
        if let parent = cache.parent { lines.append("lies over   \(parent)") }
        if let damage = cache.damage { lines.append("damaged     \(damage)") }
        return lines.map(\.forTerminal).joined(separator: "\n")
    }

    static func explanation(_ answer: StageCachesView) -> String {
        if let run = answer.reusedFrom {
            return "stage \(answer.stage) was taken from run \(run): no cache was looked for".forTerminal
        }
        guard !answer.caches.isEmpty else {
            return "stage \(answer.stage) of run \(answer.run) has written down nothing of caches".forTerminal
        }
        return answer.caches.map(explanation).joined(separator: "\n\n")
    }

    private static func explanation(_ cache: StageCacheView) -> String {
        var lines = ["cache \(cache.key)  (\(cache.paths.joined(separator: " ")))", "  \(finding(cache))"]
        for candidate in cache.candidates {
            lines.append(
                "  \(candidate.id)  \(candidate.key)  \(origin(candidate.run, candidate.ref)): \(words(candidate))"
            )
        }
        if cache.otherCandidates > 0 { lines.append("  and \(cache.otherCandidates) more") }
        if cache.finding != "miss" {
            lines.append(
                "  restored from \(count(cache.layers, "layer")); \(count(cache.freshFiles, "file")) got a fresh time, "
                    + "\(cache.rememberedFiles) the time they had"
            )
        }
        let saved = cache.saved.map { "saved as \($0)" } ?? "nothing was saved"
        lines.append("  \(saved)\(cache.note.map { ": \($0)" } ?? "")")
        return lines.map(\.forTerminal).joined(separator: "\n")
    }

    private static func finding(_ cache: StageCacheView) -> String {
        let fallback = cache.fallback.isEmpty ? "no fallback" : "fallback \(cache.fallback.joined(separator: ", "))"
        let what = cache.finding == "miss" ? "miss" : cache.finding == "exact" ? "hit" : "hit by fallback"
        return
            "\(what); \(fallback); the run may take what \(cache.trust == .protected ? "protected refs" : "any ref") saved"
    }

    private static func words(_ candidate: CacheCandidateView) -> String {
        let note = candidate.note.map { " \($0)" } ?? ""
        return switch candidate.verdict {
        case "exact": "taken: it has the key"
        case "fallback": "taken: its key begins with\(note)"
        case "later": "not taken: another comes before it"
        case "other-key": "not taken: another key, which no fallback names"
        case "other-paths": "not taken: other paths"
        case "other-trust": "not taken: a ref of less trust saved it"
        case "other-isolation": "not taken: saved under another isolation"
        case "damaged": "left out:\(note)"
        default: candidate.verdict + note
        }
    }

    private static func origin(_ run: Int, _ ref: String?) -> String {
        guard let ref else { return "run \(run)" }
        for prefix in ["refs/heads/", "refs/tags/"] where ref.hasPrefix(prefix) {
            return "run \(run) of \(ref.dropFirst(prefix.count))"
        }
        return "run \(run) of \(ref)"
    }

    private static func state(_ cache: CacheView) -> String {
        cache.damage.map { "damaged: \($0)" } ?? (cache.isInUse ? "in use" : "")
    }

    private static func count(_ count: Int, _ noun: String) -> String { "\(count) \(noun)\(count == 1 ? "" : "s")" }
}
