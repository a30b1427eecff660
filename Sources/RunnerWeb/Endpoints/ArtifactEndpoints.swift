import Dispatch
import FoundationEssentials
import HTTPTypes
import Hummingbird
import NIOCore
import RunnerAPI
import RunnerCore
import RunnerEngine
import RunnerStore

/// Artifacts: which there are, their bytes by digest, and whether they are what was signed.
enum ArtifactEndpoints {
    static let all: [Endpoint] = [list, verify, keys, manifest, file, statement]

    private static let digest = Parameter(
        .path("digest", .string(64...64), "A SHA-256, 64 lower-case hexadecimal digits.")
    ) { Digest($0) }
    private static let content = Parameter(
        .path("file", .string(64...64), "The SHA-256 of the file, as the list of files has it.")
    ) { Digest($0) }

    private static let list = Endpoint.get(
        "/api/v1/runs/{number}/artifacts",
        "runArtifacts",
        "The artifacts of a run, one for each stage that made it.",
        parameters: [Parameters.number.description]
    ) { call in
        let run = try await RunReader.find(call(Parameters.number), call.site.engine)
        let store = ArtifactStore(call.site.engine.state.artifacts)
        return Page(try run.directory.artifacts.map { try RunArtifactView($0, store) })
    }

    private static let verify = Endpoint.get(
        "/api/v1/runs/{number}/artifacts/{name}/verification",
        "verifyArtifact",
        "Reads every byte of an artifact, and compares it with what was signed.",
        parameters: [Parameters.number.description, Parameters.name.description]
    ) { call in
        let run = try await RunReader.find(call(Parameters.number), call.site.engine)
        let name = try call(Parameters.name)
        let all = run.directory.artifacts
        guard all.contains(where: { $0.reference.name == name }) else {
            let names = Set(all.map { "`\($0.reference.name)`" }).sorted().joined(separator: ", ")
            throw Problem.unknown(
                "artifact `\(name)` in run \(run.row.number)",
                hint: names.isEmpty ? "it has none" : "it has \(names)"
            )
        }
        let (repository, state) = (run.row.repository, call.site.engine.state)
        return try await withCheckedThrowingContinuation { continuation in
            reading.async {
                continuation.resume(
                    with: Result { try ArtifactVerdictView(name, all, repository: repository, in: state) }
                )
            }
        }
    }

    /// One after the other, on no thread that answers others: a look may read gigabytes.
    private static let reading = DispatchQueue(label: "artifact-verification")

    private static let keys = Endpoint.get(
        "/api/v1/artifact-keys",
        "artifactKeys",
        "The public keys of statements about artifacts, the one in use first."
    ) { call in Page(try ArtifactKeyView.all(of: call.site.engine.state)) }

    private static let manifest = Endpoint(
        name: "artifactManifest",
        method: .get,
        path: RoutePath("/api/v1/artifacts/{digest}/manifest"),
        summary: "The list of files of an artifact: its SHA-256 is the artifact's digest.",
        access: .role(.viewer),
        parameters: [digest.description],
        status: .ok,
        answers: [json]
    ) { call in
        let digest = try call(digest)
        let store = ArtifactStore(call.site.engine.state.artifacts)
        return try document(store.manifestData(digest), "artifact \(digest.short)")
    }

    private static let statement = Endpoint(
        name: "artifactStatement",
        method: .get,
        path: RoutePath("/api/v1/artifact-statements/{digest}"),
        summary: "A signed statement about an artifact: a DSSE envelope with an in-toto statement.",
        access: .role(.viewer),
        parameters: [digest.description],
        status: .ok,
        answers: [json]
    ) { call in
        let digest = try call(digest)
        return try document(ProvenanceStore(call.site.engine.state).read(digest), "statement \(digest.short)")
    }

    private static let file = Endpoint(
        name: "artifactFile",
        method: .get,
        path: RoutePath("/api/v1/artifacts/{digest}/files/{file}"),
        summary: "The bytes of a file of an artifact. Whoever reads them compares their SHA-256.",
        access: .role(.viewer),
        parameters: [digest.description, content.description],
        status: .ok,
        answers: [Endpoint.Content(type: "application/octet-stream", shape: nil, summary: "The bytes.")]
    ) { call in
        let content = try call(content)
        let store = ArtifactStore(call.site.engine.state.artifacts)
        guard let path = try store.file(content, of: call(digest)), let file = try OpenFile(path) else {
            throw Problem.unknown("file \(content.short)", hint: "it was cleaned up, or never was")
        }
        let size = file.size
        let body = ResponseBody(contentLength: Int(size)) { writer in
            var offset: Int64 = 0
            while offset < size {
                let piece = try file.read(at: offset, Int(min(256 << 10, size - offset)))
                guard !piece.isEmpty else { throw Problem.unknown("rest of the file") }
                offset += Int64(piece.count)
                try await writer.write(ByteBuffer(bytes: piece))
            }
            try await writer.finish(nil)
        }
        return Response(status: .ok, headers: [.contentType: "application/octet-stream"], body: body)
    }

    private static let json = Endpoint.Content(type: "application/json", shape: nil, summary: "The bytes as written.")

    private static func document(_ data: Data?, _ what: String) throws -> Response {
        guard let data else { throw Problem.unknown(what, hint: "it was cleaned up, or never was") }
        return Response(
            status: .ok,
            headers: [.contentType: "application/json"],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: data))
        )
    }
}

extension RunArtifactView {
    fileprivate init(_ artifact: TakenArtifact, _ store: ArtifactStore) throws {
        self.init(
            name: artifact.reference.name,
            stage: artifact.stage.description,
            digest: artifact.reference.digest.description,
            files: artifact.reference.files,
            bytes: artifact.reference.bytes,
            provenance: artifact.reference.provenance?.description,
            isThere: store.isThere(artifact.reference.digest),
            keepUntil: try store.wantedUntil(artifact.reference.digest)
        )
    }
}

extension ArtifactVerdictView {
    fileprivate init(_ name: String, _ all: [TakenArtifact], repository: String, in state: StateDirectory) throws {
        let parts = all.filter { $0.reference.name == name }
        let findings = try parts.flatMap { part in
            try ArtifactInspection.inspect(part.reference, repository: repository, in: state).map {
                Finding(kind: $0.kind.rawValue, stage: part.stage.description, file: $0.file, words: $0.words)
            }
        }
        self.init(
            name: name,
            files: parts.reduce(0) { $0 + $1.reference.files },
            bytes: parts.reduce(0) { $0 + $1.reference.bytes },
            findings: findings
        )
    }
}

extension ArtifactKeyView {
    fileprivate static func all(of state: StateDirectory) throws -> [ArtifactKeyView] {
        try ProvenanceKeys(state).publicKeys().enumerated().map { index, key in
            ArtifactKeyView(id: key.id.description, pem: key.pem, isInUse: index == 0)
        }
    }
}
