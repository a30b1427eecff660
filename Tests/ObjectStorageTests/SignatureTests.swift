import Foundation
import Testing

@testable import ObjectStorage

/// The examples of https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html, and `get-vanilla` of AWS's
/// test suite for Signature Version 4.
@Suite struct SignatureTests {
    struct Example: Sendable, CustomTestStringConvertible {
        let testDescription: String
        var method = "GET"
        var path = "/"
        var query: [(name: String, value: String)] = []
        var fields: [(name: String, value: String)] = []
        var payload = RequestSignature.emptyPayload
        let signature: String
    }

    static let examples = [
        Example(
            testDescription: "a part of an object",
            path: "/test.txt",
            fields: [("Range", "bytes=0-9")],
            signature: "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"
        ),
        Example(
            testDescription: "an object to put",
            method: "PUT",
            path: "/test%24file.text",
            fields: [("Date", "Fri, 24 May 2013 00:00:00 GMT"), ("x-amz-storage-class", "REDUCED_REDUNDANCY")],
            payload: "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072",
            signature: "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd"
        ),
        Example(
            testDescription: "a query without a value",
            query: [("lifecycle", "")],
            signature: "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"
        ),
        Example(
            testDescription: "a list",
            query: [("prefix", "J"), ("max-keys", "2")],
            signature: "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"
        ),
    ]

    @Test(arguments: examples) func `a request is signed as AWS signs its example`(_ example: Example) throws {
        let signature = RequestSignature(
            credentials: .init(
                accessKey: "AKIAIOSFODNN7EXAMPLE",
                secretKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
            ),
            region: "us-east-1",
            date: try Date("2013-05-24T00:00:00Z", strategy: .iso8601)
        )
        let authorization = signature.authorization(
            method: example.method,
            path: example.path,
            query: example.query,
            fields: example.fields + [
                ("Host", "examplebucket.s3.amazonaws.com"), ("x-amz-content-sha256", example.payload),
                ("x-amz-date", signature.stamp),
            ],
            payload: example.payload
        )
        #expect(authorization.hasSuffix("Signature=\(example.signature)"))
        #expect(authorization.hasPrefix("AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/"))
    }

    @Test func `the plainest request of the test suite has its signature`() throws {
        let signature = RequestSignature(
            credentials: .init(accessKey: "AKIDEXAMPLE", secretKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"),
            region: "us-east-1",
            service: "service",
            date: try Date("2015-08-30T12:36:00Z", strategy: .iso8601)
        )
        let authorization = signature.authorization(
            method: "GET",
            path: "/",
            query: [],
            fields: [("Host", "example.amazonaws.com"), ("X-Amz-Date", "20150830T123600Z")],
            payload: RequestSignature.emptyPayload
        )
        #expect(authorization.hasSuffix("=5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"))
    }

    @Test func `credentials do not show their secret`() {
        let credentials = BucketCredentials(accessKey: "AKIAIOSFODNN7EXAMPLE", secretKey: "hush")
        #expect("\(credentials)" == "the credentials of AKIA...")
    }
}
