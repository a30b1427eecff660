import Foundation
import ObjectServers
import SystemPackage

@testable import ObjectStorage

/// An empty store of a kind, and a directory for files.
struct ObjectsFixture: Sendable {
    let store: any ObjectStore
    let files: FilePath

    static func with(_ kind: ObjectStoreTests.Kind, _ body: (ObjectsFixture) async throws -> Void) async throws {
        let files = FileManager.default.temporaryDirectory.appendingPathComponent("files-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: files, withIntermediateDirectories: true)
        let server: ObjectServer?
        let store: any ObjectStore
        switch kind {
        case .rclone, .moto:
            let started = try ObjectServer(kind == .rclone ? .rclone : .moto)
            server = started
            store = bucket(port: started.port)
        case .directory:
            server = nil
            let shared = files.appendingPathComponent("shared")
            try FileManager.default.createDirectory(at: shared, withIntermediateDirectories: true)
            store = DirectoryObjects(FilePath(shared.path))
        }
        do {
            try await body(ObjectsFixture(store: store, files: FilePath(files.path)))
        } catch {
            await store.close()
            throw error
        }
        await store.close()
        try FileManager.default.removeItem(at: files)
        withExtendedLifetime(server) {}
    }

    static func bucket(
        port: Int,
        bucket: String = "bucket",
        secret: String = ObjectServer.secretKey,
        isPathStyle: Bool = true,
        host: String = "127.0.0.1"
    ) -> BucketObjects {
        BucketObjects(
            BucketAddress(
                isSecure: false,
                host: host,
                port: port,
                bucket: bucket,
                region: "eu-central-1",
                isPathStyle: isPathStyle,
                prefix: "team/"
            ),
            BucketCredentials(accessKey: ObjectServer.accessKey, secretKey: secret)
        )
    }

    func name(_ text: String) throws -> ObjectName {
        guard let name = ObjectName(text) else { throw ObjectFailure.malformed(text) }
        return name
    }
}
