import FoundationEssentials
import Git
import Glibc
import RunnerCore
import RunnerStore
import SystemPackage

/// Says of an artifact where it comes from: what was asked for, what it was made of, who made it. No value of a variable
/// or a secret is in it.
struct StageProvenance {
    let spec: StageSpec
    let run: RunSpec
    let directory: StageDirectory
    let patterns: SecretPatterns

    /// Of an artifact that the stage has just made; `result` has its steps.
    func statement(
        _ reference: ArtifactReference,
        _ manifest: ArtifactManifest,
        _ result: StageResult
    ) throws -> ProvenanceStatement {
        let whole = ProvenanceStatement.Resource(
            name: ArtifactInspection.subjectName(reference.name),
            digest: ["sha256": reference.digest.description]
        )
        let files = manifest.files.compactMap { file in
            file.digest.map { ProvenanceStatement.Resource(name: file.name, digest: ["sha256": $0.description]) }
        }
        let definition = ProvenanceStatement.BuildDefinition(
            externalParameters: external(reference),
            internalParameters: try internals(),
            resolvedDependencies: dependencies
        )
        let details = ProvenanceStatement.RunDetails(
            builder: .init(id: "urn:runner:\(Self.host)"),
            metadata: .init(
                invocationId: "urn:runner:\(Self.host):run:\(run.number):\(spec.stage):\(spec.attempt)",
                startedOn: ProvenanceStatement.time(result.startedAt),
                finishedOn: ProvenanceStatement.time(Date())
            ),
            byproducts: try logs(result)
        )
        return ProvenanceStatement(subject: [whole] + files, predicate: .init(definition, details))
    }

    private func external(_ reference: ArtifactReference) -> ProvenanceStatement.ExternalParameters {
        let planned = (run.plan.stages + run.plan.finally).first { $0.id == spec.stage }
        return ProvenanceStatement.ExternalParameters(
            repository: run.repository,
            ref: run.plan.event.ref,
            pipeline: run.plan.pipeline,
            file: run.plan.file,
            stage: spec.stage.description,
            artifact: reference.name,
            matrix: planned?.matrix ?? [:],
            // Whoever started the run may have typed a secret.
            inputs: run.plan.event.inputs.mapValues(patterns.redacted)
        )
    }

    private func internals() throws -> ProvenanceStatement.InternalParameters {
        ProvenanceStatement.InternalParameters(
            isolation: run.isolation.rawValue,
            platform: Self.platform,
            steps: Digest.sha256(try JSON.encode(spec.steps)),
            environment: spec.environment.keys.sorted(),
            secrets: spec.secrets.sorted()
        )
    }

    /// The source as git knows it, and artifacts of earlier stages and other pipelines.
    private var dependencies: [ProvenanceStatement.Resource] {
        var source = ["gitTree": spec.tree.description]
        // Of a changed working tree, the commit is only what it stands on.
        if !run.plan.event.isWorkingTree, let commit = run.plan.event.commit {
            source["gitCommit"] = commit.description
        }
        let sources = ProvenanceStatement.Resource(
            uri: "git+urn:runner:repository:\(run.repository)@\(run.plan.event.ref)",
            digest: source
        )
        return [sources]
            + spec.takes.map { taken in
                ProvenanceStatement.Resource(
                    name: "\(taken.pipeline ?? run.plan.pipeline)/\(taken.stage)/\(taken.reference.name)",
                    digest: ["sha256": taken.reference.digest.description]
                )
            }
    }

    private func logs(_ result: StageResult) throws -> [ProvenanceStatement.Resource] {
        try result.steps.compactMap { step in
            guard let log = step.log else { return nil }
            let path = directory.path.appending(log)
            let fd = open(path.string, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
            if fd < 0, errno == ENOENT { return nil }
            guard fd >= 0 else { throw SystemFailure("open", path) }
            defer { close(fd) }
            let digest = try DigestStream.read(fd, name: path).digest
            return ProvenanceStatement.Resource(name: "log/\(log)", digest: ["sha256": digest.description])
        }
    }

    private static var host: String {
        var name = [CChar](repeating: 0, count: 256)
        guard gethostname(&name, name.count - 1) == 0 else { return "localhost" }
        return String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    private static var platform: String {
        #if arch(x86_64)
            "linux/amd64"
        #elseif arch(arm64)
            "linux/arm64"
        #else
            "linux/other"
        #endif
    }
}
