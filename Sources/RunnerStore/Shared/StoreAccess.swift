package import ObjectStorage
package import SystemPackage

/// Where a shared store is and how it is used, without what proves who asks: part of a run's record.
package struct StoreAccess: Sendable, Hashable, Codable {
    package enum Place: Sendable, Hashable, Codable {
        case bucket(Bucket)
        case directory(FilePath)
    }

    package struct Bucket: Sendable, Hashable, Codable {
        package var isSecure: Bool
        package var host: String
        package var port: Int?
        package var name: String
        package var region: String
        package var isPathStyle: Bool
        package var prefix: String

        package init(
            isSecure: Bool,
            host: String,
            port: Int?,
            name: String,
            region: String,
            isPathStyle: Bool,
            prefix: String
        ) {
            self.isSecure = isSecure
            self.host = host
            self.port = port
            self.name = name
            self.region = region
            self.isPathStyle = isPathStyle
            self.prefix = prefix
        }
    }

    package var place: Place
    package var isReadOnly: Bool
    /// How long the end of a run waits for what is still to be sent.
    package var wait: Duration

    package init(place: Place, isReadOnly: Bool = false, wait: Duration = .seconds(30)) {
        self.place = place
        self.isReadOnly = isReadOnly
        self.wait = wait
    }

    /// As a person knows it.
    package var name: String {
        switch place {
        case .bucket(let bucket):
            "\(bucket.name)/\(bucket.prefix) at \(bucket.host)" + (bucket.port.map { ":\($0)" } ?? "")
        case .directory(let path): path.string
        }
    }

    package func open(_ keys: StoreKeys) -> any ObjectStore {
        switch place {
        case .directory(let path): DirectoryObjects(path)
        case .bucket(let bucket):
            BucketObjects(
                BucketAddress(
                    isSecure: bucket.isSecure,
                    host: bucket.host,
                    port: bucket.port,
                    bucket: bucket.name,
                    region: bucket.region,
                    isPathStyle: bucket.isPathStyle,
                    prefix: bucket.prefix
                ),
                BucketCredentials(accessKey: keys.accessKey ?? "", secretKey: keys.secretKey ?? "")
            )
        }
    }
}
