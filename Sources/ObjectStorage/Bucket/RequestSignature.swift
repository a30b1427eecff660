import Crypto
import FoundationEssentials
import Glibc

/// AWS Signature Version 4, as https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html has it.
struct RequestSignature {
    let credentials: BucketCredentials
    let region: String
    var service = "s3"
    let date: Date

    /// The hash of no bytes.
    static let emptyPayload = hex(SHA256.hash(data: Data()))
    /// In place of a payload's hash: TLS keeps it whole.
    static let unsignedPayload = "UNSIGNED-PAYLOAD"

    /// What the field `Authorization` says of a request. The path is encoded already, the query is not; all of the fields are
    /// signed, and `x-amz-date` must be among them.
    func authorization(
        method: String,
        path: String,
        query: [(name: String, value: String)],
        fields: [(name: String, value: String)],
        payload: String
    ) -> String {
        let sorted = fields.map { (name: $0.name.lowercased(), value: Self.trimmed($0.value)) }.sorted {
            $0.name < $1.name
        }
        let signed = sorted.map(\.name).joined(separator: ";")
        let request = [
            method, path, Self.encode(query), sorted.map { "\($0.name):\($0.value)\n" }.joined(), signed, payload,
        ].joined(separator: "\n")
        let scope = "\(day)/\(region)/\(service)/aws4_request"
        let text = "AWS4-HMAC-SHA256\n\(stamp)\n\(scope)\n\(Self.hex(SHA256.hash(data: Data(request.utf8))))"
        return "AWS4-HMAC-SHA256 Credential=\(credentials.accessKey)/\(scope),SignedHeaders=\(signed),"
            + "Signature=\(Self.hex(Self.mac(text, key: key)))"
    }

    /// As `20130524T000000Z`.
    var stamp: String {
        var seconds = time_t(date.timeIntervalSince1970)
        var parts = tm()
        gmtime_r(&seconds, &parts)
        let day =
            Self.digits(Int(parts.tm_year) + 1900, 4) + Self.digits(Int(parts.tm_mon) + 1)
            + Self.digits(Int(parts.tm_mday))
        return
            "\(day)T\(Self.digits(Int(parts.tm_hour)))\(Self.digits(Int(parts.tm_min)))\(Self.digits(Int(parts.tm_sec)))Z"
    }

    /// Sorted and percent-encoded, as it is both signed and sent.
    static func encode(_ query: [(name: String, value: String)]) -> String {
        query.map { (encode($0.name), encode($0.value)) }.sorted { $0 < $1 }.map { "\($0)=\($1)" }.joined(
            separator: "&"
        )
    }

    /// Everything but what RFC 3986 leaves unreserved.
    static func encode(_ text: String) -> String {
        var encoded = ""
        for byte in text.utf8 {
            if byte == UInt8(ascii: "~") || (ObjectName.isAllowed(byte) && byte != UInt8(ascii: "/")) {
                encoded.unicodeScalars.append(Unicode.Scalar(byte))
            } else {
                encoded += "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
            }
        }
        return encoded
    }

    static func hex(_ bytes: some Sequence<UInt8>) -> String {
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }

    private var day: Substring { stamp.prefix(8) }

    private var key: SymmetricKey {
        [String(day), region, service, "aws4_request"].reduce(
            SymmetricKey(data: Data("AWS4\(credentials.secretKey)".utf8))
        ) {
            SymmetricKey(data: Self.mac($1, key: $0))
        }
    }

    private static func mac(_ text: String, key: SymmetricKey) -> HMAC<SHA256>.MAC {
        HMAC<SHA256>.authenticationCode(for: Data(text.utf8), using: key)
    }

    private static func digits(_ number: Int, _ count: Int = 2) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, count - text.count)) + text
    }

    private static func trimmed(_ value: String) -> String { value.split(separator: " ").joined(separator: " ") }
}
