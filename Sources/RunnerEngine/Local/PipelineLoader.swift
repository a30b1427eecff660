package import Git
import PipelineSyntax
package import RunnerCore

/// The pipelines of a tree, and everything that is wrong with them.
package struct LoadedPipelines: Sendable {
    package var pipelines: [Pipeline]
    package var diagnostics: [Diagnostic]

    package var errors: [Diagnostic] { diagnostics.filter { $0.severity == .error } }
}

/// Reads `pipelines/*.yml` as they stand in a tree, never from a directory.
package enum PipelineLoader {
    package static let directory: TreePath = "pipelines"
    /// One more than the syntax takes, so that it can say that a file is too large.
    private static let sizeLimit = 1 << 21

    package static func load(from tree: ObjectID, in repository: Repository) async throws -> LoadedPipelines {
        let files = try await files(of: tree, in: repository)
        let names = files.keys.filter { isPipeline($0) }.sorted()
        guard !names.isEmpty else {
            throw RunnerError(
                .input,
                "found no pipeline",
                why: "tree \(tree.short) has no file `pipelines/*.yml`",
                hint: "write `pipelines/ci.yml`; docs/getting-started.md shows one"
            )
        }
        return parse(names, among: files)
    }

    /// Parses the files named; `files` are those that they may include, and they themselves, by path.
    package static func parse(_ names: [String], among files: [String: [UInt8]]) -> LoadedPipelines {
        var loaded = LoadedPipelines(pipelines: [], diagnostics: [])
        var seen: Set<Diagnostic> = []
        for name in names {
            let (pipeline, diagnostics) = PipelineParser.parse(file: name, bytes: files[name] ?? []) { files[$0] }
            if let pipeline { loaded.pipelines.append(pipeline) }
            // What is wrong in an included file is found once for each that includes it.
            loaded.diagnostics += diagnostics.filter { seen.insert($0).inserted }
        }
        loaded.diagnostics += repeatedNames(loaded.pipelines)
        let isWhole = loaded.pipelines.count == files.keys.count { isPipeline($0) }
        loaded.diagnostics += PromotionProblems.find(in: loaded.pipelines, isWhole: isWhole)
        return loaded
    }

    /// True for the path of a pipeline: a YAML file directly in `pipelines/`. Those deeper can only be included.
    package static func isPipeline(_ path: String) -> Bool { path.split(separator: "/").count == 2 && isReadable(path) }

    /// True for a file that a pipeline may include.
    package static func isReadable(_ path: String) -> Bool {
        path.hasPrefix("\(directory)/") && (path.hasSuffix(".yml") || path.hasSuffix(".yaml"))
    }

    /// Every YAML file of the tree that a pipeline may include: those below `pipelines/`, with their contents.
    private static func files(of tree: ObjectID, in repository: Repository) async throws -> [String: [UInt8]] {
        guard let folder = try await repository.entry(at: directory, inTree: tree), folder.mode == .directory else {
            return [:]
        }
        var files: [String: [UInt8]] = [:]
        for entry in try await repository.listFiles(folder.id) where entry.mode.isFile {
            let name = "\(directory)/\(entry.path)"
            guard isReadable(name) else { continue }
            files[name] = try await content(of: entry.id, in: repository)
        }
        return files
    }

    /// The bytes of a file; for one that is too large some bytes too many, so that the syntax says so.
    private static func content(of id: ObjectID, in repository: Repository) async throws -> [UInt8] {
        do {
            return try await repository.blob(id, limit: sizeLimit)
        } catch {
            guard error.code == .tooLarge else { throw error }
            return Array(repeating: UInt8(ascii: "#"), count: sizeLimit)
        }
    }

    private static func repeatedNames(_ pipelines: [Pipeline]) -> [Diagnostic] {
        var seen: [String: String] = [:]
        var diagnostics: [Diagnostic] = []
        for pipeline in pipelines {
            if let first = seen[pipeline.name] {
                let location = SourceLocation(file: pipeline.file, line: 1, column: 1)
                diagnostics.append(Diagnostic(.error, at: location, "pipeline `\(pipeline.name)` is also in \(first)"))
            }
            seen[pipeline.name] = pipeline.file
        }
        return diagnostics
    }
}
