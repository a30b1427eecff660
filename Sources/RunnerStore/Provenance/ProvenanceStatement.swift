package import FoundationEssentials
import RunnerCore

/// An in-toto Statement v1 with the SLSA provenance predicate v1: where an artifact comes from. See docs/artifacts.md for
/// what each field means here.
package struct ProvenanceStatement: Codable, Sendable {
    package static let payloadType = "application/vnd.in-toto+json"
    package static let statementType = "https://in-toto.io/Statement/v1"
    package static let predicateType = "https://slsa.dev/provenance/v1"
    /// A stage of a pipeline; docs/artifacts.md says what its parameters are.
    package static let buildType = "urn:runner:stage:v1"

    package var type = Self.statementType
    package var predicateType = Self.predicateType
    package var subject: [Resource]
    package var predicate: Predicate

    enum CodingKeys: String, CodingKey {
        case type = "_type"
        case predicateType, subject, predicate
    }

    /// A resource descriptor of in-toto.
    package struct Resource: Codable, Sendable, Hashable {
        package var name: String?
        package var uri: String?
        package var digest: [String: String]

        package init(name: String? = nil, uri: String? = nil, digest: [String: String]) {
            self.name = name
            self.uri = uri
            self.digest = digest
        }
    }

    package struct Predicate: Codable, Sendable {
        package var buildDefinition: BuildDefinition
        package var runDetails: RunDetails
    }

    package struct BuildDefinition: Codable, Sendable {
        package var buildType = ProvenanceStatement.buildType
        package var externalParameters: ExternalParameters
        package var internalParameters: InternalParameters
        package var resolvedDependencies: [Resource]

        package init(
            externalParameters: ExternalParameters,
            internalParameters: InternalParameters,
            resolvedDependencies: [Resource]
        ) {
            self.externalParameters = externalParameters
            self.internalParameters = internalParameters
            self.resolvedDependencies = resolvedDependencies
        }
    }

    /// What whoever moved the ref, or started the run, decided.
    package struct ExternalParameters: Codable, Sendable {
        package var repository: String
        package var ref: String
        package var pipeline: String
        package var file: String
        package var stage: String
        package var artifact: String
        package var matrix: [String: String]
        package var inputs: [String: String]

        package init(
            repository: String,
            ref: String,
            pipeline: String,
            file: String,
            stage: String,
            artifact: String,
            matrix: [String: String],
            inputs: [String: String]
        ) {
            self.repository = repository
            self.ref = ref
            self.pipeline = pipeline
            self.file = file
            self.stage = stage
            self.artifact = artifact
            self.matrix = matrix
            self.inputs = inputs
        }
    }

    /// What the runner added.
    package struct InternalParameters: Codable, Sendable {
        package var isolation: String
        package var platform: String
        /// SHA-256 of the stage's steps as planned.
        package var steps: Digest
        /// Names of variables and secrets, never values.
        package var environment: [String]
        package var secrets: [String]

        package init(
            isolation: String,
            platform: String,
            steps: Digest,
            environment: [String],
            secrets: [String]
        ) {
            self.isolation = isolation
            self.platform = platform
            self.steps = steps
            self.environment = environment
            self.secrets = secrets
        }
    }

    package struct RunDetails: Codable, Sendable {
        package var builder: Builder
        package var metadata: Metadata
        /// The logs.
        package var byproducts: [Resource]

        package init(
            builder: Builder,
            metadata: Metadata,
            byproducts: [Resource]
        ) {
            self.builder = builder
            self.metadata = metadata
            self.byproducts = byproducts
        }
    }

    package struct Builder: Codable, Sendable {
        package var id: String

        package init(
            id: String
        ) {
            self.id = id
        }
    }

    package struct Metadata: Codable, Sendable {
        package var invocationId: String
        package var startedOn: String
        package var finishedOn: String

        package init(
            invocationId: String,
            startedOn: String,
            finishedOn: String
        ) {
            self.invocationId = invocationId
            self.startedOn = startedOn
            self.finishedOn = finishedOn
        }
    }

    package init(subject: [Resource], predicate: Predicate) {
        self.subject = subject
        self.predicate = predicate
    }

    /// RFC 3339, whole seconds of UTC.
    package static func time(_ date: Date) -> String { date.ISO8601Format() }
}

extension ProvenanceStatement.Predicate {
    package init(_ definition: ProvenanceStatement.BuildDefinition, _ details: ProvenanceStatement.RunDetails) {
        self.init(buildDefinition: definition, runDetails: details)
    }
}

/// A signed statement: a DSSE envelope, v1.0.
package struct ProvenanceEnvelope: Codable, Sendable {
    package struct Signature: Codable, Sendable {
        package var keyid: String
        package var sig: Data
    }

    package var payload: Data
    package var payloadType: String
    package var signatures: [Signature]

    /// What is signed: DSSE's pre-authentication encoding.
    package static func message(_ payload: Data, type: String) -> Data {
        Data("DSSEv1 \(type.utf8.count) \(type) \(payload.count) ".utf8) + payload
    }
}
