import AsyncHTTPClient
package import FoundationEssentials
import NIOHTTP1
package import RunnerCore

extension RunnerClient {
    package func artifacts(of run: RunNumber) async throws -> Page<RunArtifactView> {
        try await call(.GET, path(run, "/artifacts"))
    }

    /// Looks at every byte where it lies.
    package func verify(_ name: String, of run: RunNumber) async throws -> ArtifactVerdictView {
        try await call(.GET, path(run, "/artifacts/\(PercentEncoding.encode(name))/verification"))
    }

    package func artifactKeys() async throws -> Page<ArtifactKeyView> {
        try await call(.GET, "/api/v1/artifact-keys")
    }

    /// The list of files of an artifact, byte by byte as its digest has it.
    package func artifactManifest(_ digest: String) async throws -> Data {
        try await exchange(.GET, "/api/v1/artifacts/\(digest)/manifest")
    }

    /// A signed statement, byte by byte as its digest has it.
    package func artifactStatement(_ digest: String) async throws -> Data {
        try await exchange(.GET, "/api/v1/artifact-statements/\(digest)")
    }

    /// The bytes of one of its files, as they come.
    package func artifactFile(_ file: String, of digest: String) async throws -> ByteFeed {
        let response = try await open("/api/v1/artifacts/\(digest)/files/\(file)")
        return ByteFeed(client: self, body: response.body)
    }
}
