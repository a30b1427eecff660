import Glibc
import PipelineSyntax
import RunnerCore
import RunnerEngine
import RunnerStore
import SystemPackage

/// What `lint` read and found.
struct LintRun {
    /// By the name in the diagnostics: for showing lines.
    private(set) var sources: [String: [UInt8]] = [:]
    private(set) var files: [String] = []
    private(set) var diagnostics: [Diagnostic] = []

    /// Everything of the working directory around.
    init(everythingIn sources: LintSources) throws {
        self.sources = sources.files
        diagnostics = sources.problems
        let names = sources.files.keys.filter(PipelineLoader.isPipeline).sorted()
        files = names
        diagnostics += PipelineLoader.parse(names, among: sources.files).diagnostics
        let configuration = sources.root.pushing(FilePath(LintSources.configuration))
        if FileSystem.exists(configuration) { checkConfiguration(configuration, named: LintSources.configuration) }
        let environments = sources.root.pushing(FilePath(LintSources.environments))
        for name in FileSystem.names(in: environments).sorted() where PlaceOptions.isEnvironment(name) {
            checkEnvironment(environments.appending(name), named: "\(LintSources.environments)/\(name)")
        }
        guard files.isEmpty, diagnostics.isEmpty else { return }
        throw RunnerError(
            .input,
            "found nothing to check",
            why: "\(sources.root) has neither `pipelines/*.yml` nor `runner-config/`",
            hint: "name the files: `runner lint FILE`"
        )
    }

    /// The files that a person named, each as its kind. What they include comes from the working directory around.
    init(_ named: [String], kind: FileKind?, in sources: LintSources, from directory: FilePath) {
        self.sources = sources.files
        var pipelines: [String: String] = [:]
        var all = sources.files
        for name in named {
            let path = Self.resolved(directory.pushing(FilePath(name)))
            switch kind ?? Self.kind(of: path) {
            case .config:
                checkConfiguration(path, named: name)
                continue
            case .environment:
                checkEnvironment(path, named: name)
                continue
            case .pipeline: break
            }
            files.append(name)
            let known = Self.name(of: path, below: sources.root) ?? name
            switch LintSources.read(path, named: name) {
            case .success(let bytes):
                (all[known], self.sources[name]) = (bytes, bytes)
                pipelines[known] = name
            case .failure(let error): diagnostics += error.diagnostics
            }
        }
        for diagnostic in PipelineLoader.parse(pipelines.keys.sorted(), among: all).diagnostics {
            var shown = diagnostic
            shown.location.file = pipelines[diagnostic.location.file] ?? diagnostic.location.file
            diagnostics.append(shown)
        }
    }

    private mutating func checkConfiguration(_ path: FilePath, named name: String) {
        files.append(name)
        switch LintSources.read(path, named: name) {
        case .success(let bytes):
            sources[name] = bytes
            diagnostics += ConfigurationParser.parse(file: name, bytes: bytes).diagnostics
        case .failure(let error): diagnostics += error.diagnostics
        }
    }

    private mutating func checkEnvironment(_ path: FilePath, named name: String) {
        files.append(name)
        switch LintSources.read(path, named: name) {
        case .success(let bytes):
            sources[name] = bytes
            diagnostics += EnvironmentParser.parse(file: name, bytes: bytes).diagnostics
        case .failure(let error): diagnostics += error.diagnostics
        }
    }

    private static func kind(of path: FilePath) -> FileKind {
        if path.removingLastComponent().lastComponent?.string == "environments" { return .environment }
        let isConfiguration = path.lastComponent?.string == "runner.yml" || path.components.contains("runner-config")
        return isConfiguration ? .config : .pipeline
    }

    /// A person who names a link means the file.
    private static func resolved(_ path: FilePath) -> FilePath {
        guard let real = realpath(path.string, nil) else { return path }
        defer { free(real) }
        return FilePath(platformString: real)
    }

    private static func name(of path: FilePath, below root: FilePath) -> String? {
        var relative = path
        return relative.removePrefix(resolved(root)) ? relative.string : nil
    }
}

/// The document that `runner lint --json` prints, and every command's where its input is wrong. Documented in docs/cli.md.
struct LintReport: Encodable {
    struct Finding: Encodable {
        let severity: Diagnostic.Severity
        let file: String
        let line: Int
        let column: Int
        let message: String
        let hint: String?
    }

    let files: [String]
    let errors: Int
    let warnings: Int
    let diagnostics: [Finding]

    init(files: [String], diagnostics: [Diagnostic]) {
        self.files = files
        errors = diagnostics.count { $0.severity == .error }
        warnings = diagnostics.count - errors
        self.diagnostics = diagnostics.map {
            Finding(
                severity: $0.severity,
                file: $0.location.file,
                line: $0.location.line,
                column: $0.location.column,
                message: $0.message,
                hint: $0.hint
            )
        }
    }
}
