import RunnerCore

/// Adds the stages and variables of included files to the tree of the file that names them.
struct IncludeReader {
    /// Files that include files that include files.
    private static let maximumDepth = 5
    private static let maximumFiles = 50
    /// Of all included files together.
    private static let maximumBytes = 2 << 20
    private static let merged = ["env", "stages", "finally"]

    private let read: (String) -> [UInt8]?
    private var count = 0
    private var bytes = 0
    /// What has been added already: a file that two others include is added once.
    private var done: Set<String> = []

    init(read: @escaping (String) -> [UInt8]?) { self.read = read }

    /// The tree with everything added. `path` has the files from the first one to this one.
    mutating func resolve(_ root: SyntaxNode, path: [String], findings: inout Findings) -> SyntaxNode {
        var result = root
        for item in root["include"]?.items ?? [] {
            guard let file = item.text, ScalarKind.file.problem(in: file) == nil else { continue }
            guard let added = load(Self.normalized(file), at: item, path: path, findings: &findings) else { continue }
            for key in Self.merged { merge(key, of: added, into: &result, findings: &findings) }
        }
        return result
    }

    private mutating func load(
        _ file: String,
        at item: SyntaxNode,
        path: [String],
        findings: inout Findings
    ) -> SyntaxNode? {
        guard !path.contains(file) else {
            let way = (path.drop { $0 != file } + [file]).map { "`\($0)`" }.joined(separator: " includes ")
            findings.error("files include each other in a circle: \(way)", at: item.location)
            return nil
        }
        guard done.insert(file).inserted else { return nil }
        count += 1
        guard path.count <= Self.maximumDepth, count <= Self.maximumFiles else {
            let limits = "at most \(Self.maximumFiles) files, \(Self.maximumDepth) deep"
            findings.error("too many included files", at: item.location, hint: limits)
            return nil
        }
        guard let bytes = read(file) else {
            let message = "the included file \(file.quoted) is not in the repository"
            findings.error(message, at: item.location, hint: "paths count from the top of the repository")
            return nil
        }
        self.bytes += bytes.count
        guard self.bytes <= Self.maximumBytes else {
            findings.error("the included files have more than 2 MiB together", at: item.location)
            return nil
        }
        guard let source = SourceText(file: file, bytes: bytes, findings: &findings),
            let root = YAMLReader.read(source, findings: &findings)
        else { return nil }
        ShapeCheck.run(root, as: PipelineGrammar.included, findings: &findings)
        return resolve(root, path: path + [file], findings: &findings)
    }

    private func merge(_ key: String, of added: SyntaxNode, into root: inout SyntaxNode, findings: inout Findings) {
        guard let source = added.entry(key), case .mapping(var entries) = root.content else { return }
        guard let index = entries.firstIndex(where: { $0.key == key }) else {
            root.content = .mapping(entries + [source])
            return
        }
        guard case .mapping(var present) = entries[index].value.content else { return }
        let places = Dictionary(present.map { ($0.key, $0.keyLocation) }, uniquingKeysWith: { first, _ in first })
        for entry in source.value.entries {
            if let place = places[entry.key] {
                let message = "\(entry.key.quoted) in `\(key)` of \(added.source.file.quoted) is there already"
                findings.error(message, at: place, hint: "the other one stands in \(entry.keyLocation)")
            } else {
                present.append(entry)
            }
        }
        entries[index].value.content = .mapping(present)
        root.content = .mapping(entries)
    }

    private static func normalized(_ file: String) -> String {
        file.split(separator: "/").filter { $0 != "." }.joined(separator: "/")
    }
}
