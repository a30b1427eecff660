/// Who asks a bucket. The secret stands in no description.
package struct BucketCredentials: Sendable, Hashable, CustomStringConvertible {
    package let accessKey: String
    let secretKey: String

    package init(accessKey: String, secretKey: String) {
        self.accessKey = accessKey
        self.secretKey = secretKey
    }

    package var description: String { "the credentials of \(accessKey.prefix(4))..." }
}
