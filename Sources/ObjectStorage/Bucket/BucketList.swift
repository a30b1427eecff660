import FoundationEssentials

/// An answer to ListObjectsV2. Objects whose names are none of ours are left out.
struct BucketList {
    let page: ObjectPage

    /// Throws `ObjectFailure.malformed`.
    init(_ answer: Data, prefix: String) throws {
        let scanner = AnswerScanner(answer)
        guard let list = scanner.value("IsTruncated") else { throw ObjectFailure.malformed("no list of objects") }
        let entries: [ObjectPage.Entry] = scanner.all("Contents").compactMap { element in
            guard let key = element.value("Key"), key.hasPrefix(prefix),
                let name = ObjectName(String(key.dropFirst(prefix.count))),
                let bytes = element.value("Size").flatMap({ Int64($0) }),
                let modified = element.value("LastModified").flatMap(Self.time)
            else {
                return nil
            }
            return ObjectPage.Entry(name: name, bytes: bytes, modified: modified)
        }
        guard list == "true" else {
            page = ObjectPage(entries: entries, next: nil)
            return
        }
        guard let token = scanner.value("NextContinuationToken"), !token.isEmpty else {
            throw ObjectFailure.malformed("a list without its end and without a way on")
        }
        page = ObjectPage(entries: entries, next: .init(token: token))
    }

    private static func time(_ text: String) -> Date? {
        let seconds = text.split(separator: ".").first.map { $0.hasSuffix("Z") ? String($0) : $0 + "Z" } ?? text
        return try? Date(seconds, strategy: .iso8601)  // What cannot be read is `nil`: an object to leave out.
    }
}
