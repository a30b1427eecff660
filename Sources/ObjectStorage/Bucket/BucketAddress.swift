/// Where a bucket is.
package struct BucketAddress: Sendable, Hashable {
    package let isSecure: Bool
    /// A name, an IPv4 address, or an IPv6 address in brackets.
    package let host: String
    /// `nil` for the usual one.
    package let port: Int?
    package let bucket: String
    package let region: String
    /// The bucket is the first part of the path, else the first label of the host.
    package let isPathStyle: Bool
    /// Before every name; empty, or with a slash at its end.
    package let prefix: String

    package init(
        isSecure: Bool,
        host: String,
        port: Int?,
        bucket: String,
        region: String,
        isPathStyle: Bool,
        prefix: String = ""
    ) {
        self.isSecure = isSecure
        self.host = host
        self.port = port
        self.bucket = bucket
        self.region = region
        self.isPathStyle = isPathStyle
        self.prefix = prefix
    }

    /// As it stands in the `Host` field, which is signed.
    var authority: String {
        let name = isPathStyle ? host : "\(bucket).\(host)"
        guard let port, port != (isSecure ? 443 : 80) else { return name }
        return "\(name):\(port)"
    }

    var origin: String { (isSecure ? "https://" : "http://") + authority }

    /// Of an object, or of the bucket itself.
    func path(_ name: ObjectName?) -> String {
        let key = name.map { prefix + $0.description } ?? ""
        return "/" + (isPathStyle ? "\(bucket)/\(key)" : key)
    }
}
