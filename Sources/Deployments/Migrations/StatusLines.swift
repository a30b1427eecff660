import RunnerCore

/// What `status` prints: `ID applied|pending [expand|contract] [reversible|irreversible]`.
enum StatusLines {
    static func read(_ text: String, isReversible: Bool) throws -> [Migration] {
        var migrations: [Migration] = []
        for (index, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
            let words = line.split(whereSeparator: \.isWhitespace).map(String.init)
            guard let id = words.first else { continue }
            do {
                migrations.append(try migration(id, words.dropFirst(), isReversible))
                if migrations.dropLast().contains(where: { $0.id == id }) { throw TextProblem("is there twice") }
            } catch let problem as TextProblem {
                throw RunnerError(
                    .input,
                    "cannot tell what was migrated",
                    why: "line \(index + 1) of what `status` printed, \(String(line).quoted), \(problem.message)",
                    hint: "a line is `ID applied|pending [expand|contract] [reversible|irreversible]`"
                )
            }
        }
        return migrations
    }

    private static func migration(
        _ id: String,
        _ words: ArraySlice<String>,
        _ isReversible: Bool
    ) throws(TextProblem) -> Migration {
        guard let state = words.first, ["applied", "pending"].contains(state) else {
            throw TextProblem("says neither `applied` nor `pending`")
        }
        var migration = Migration(id: id, isReversible: isReversible, isApplied: state == "applied")
        for word in words.dropFirst() {
            switch word {
            case "expand": migration.kind = .expand
            case "contract": migration.kind = .contract
            case "reversible": break
            case "irreversible": migration.isReversible = false
            default: throw TextProblem("has the word \(word.quoted)")
            }
        }
        return migration
    }
}
