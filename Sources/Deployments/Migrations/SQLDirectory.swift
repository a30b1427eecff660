import FoundationEssentials
import RunnerCore
import RunnerStore
import SystemPackage

/// All migrations of a directory, in their order.
enum SQLDirectory {
    private enum Part: Hashable {
        case whole, up, down
    }

    /// Throws everything that is wrong with the files at once.
    static func read(_ directory: FilePath) throws -> [SQLFile] {
        guard FileSystem.isDirectory(directory) else {
            throw RunnerError(
                .input,
                "cannot read the migrations",
                why: "the artifact has no directory `\(directory.lastComponent?.string ?? "")`",
                hint: "look at `migrations` of the environment, and at what the pipeline keeps as artifact"
            )
        }
        var problems: [String] = []
        var parts: [MigrationID: [Part: String]] = [:]
        for name in FileSystem.names(in: directory) where name.hasSuffix(".sql") {
            guard let (id, part) = place(name) else {
                problems.append("\(name.quoted) is not named as `0001_name.sql`")
                continue
            }
            parts[id, default: [:]][part] = name
        }
        var files: [SQLFile] = []
        for (id, names) in parts.sorted(by: { $0.key < $1.key }) {
            do throws(TextProblem) {
                files.append(try file(id, names, in: directory))
            } catch {
                problems.append("`\(id)` \(error.message)" + (error.hint.map { ": \($0)" } ?? ""))
            }
        }
        for (one, other) in zip(files, files.dropFirst()) where one.id.number == other.id.number {
            problems.append("`\(one.id)` and `\(other.id)` have the same number")
        }
        guard problems.isEmpty else {
            throw RunnerError(
                .input,
                "cannot use the migrations in `\(directory.lastComponent?.string ?? "")`",
                why: problems.joined(separator: "; ")
            )
        }
        return files
    }

    private static func place(_ name: String) -> (MigrationID, Part)? {
        var stem = name.dropLast(".sql".count)
        var part = Part.whole
        for (suffix, kind) in [(".up", Part.up), (".down", .down)] where stem.hasSuffix(suffix) {
            stem = stem.dropLast(suffix.count)
            part = kind
        }
        return MigrationID(stem).map { ($0, part) }
    }

    private static func file(
        _ id: MigrationID,
        _ names: [Part: String],
        in directory: FilePath
    ) throws(TextProblem) -> SQLFile {
        if names[.whole] != nil, names[.up] != nil {
            throw TextProblem("is there twice", hint: "`.sql` and `.up.sql` mean the same")
        }
        guard let name = names[.whole] ?? names[.up] else { throw TextProblem("has a way back, and no way there") }
        let text = try contents(of: directory.appending(name))
        let marks = try MigrationMarks(SQLText.header(of: text))
        try SQLText.check(text, marks, name: name)
        var down = try names[.down].map { name throws(TextProblem) in try contents(of: directory.appending(name)) }
        if let text = down, let name = names[.down] {
            try SQLText.check(text, try MigrationMarks(SQLText.header(of: text)), name: name)
        }
        if marks.isIrreversible { down = nil }
        return SQLFile(id: id, name: name, text: text, marks: marks, down: down)
    }

    private static func contents(of path: FilePath) throws(TextProblem) -> String {
        let bytes: Data?
        do {
            bytes = try FileSystem.read(path)
        } catch {
            throw TextProblem("cannot be read: \(error.errno)")
        }
        guard let bytes, let text = String(validating: bytes, as: UTF8.self) else {
            throw TextProblem("is not UTF-8 text")
        }
        return text
    }
}
