/// The branches and tags that a server offers.
package struct RefListing: Sendable, Hashable {
    /// One ref. `commit` differs from `object` for an annotated tag, and is then what the tag is put on.
    package struct Entry: Sendable, Hashable {
        package var object: ObjectID
        package var commit: ObjectID

        package init(object: ObjectID, commit: ObjectID) {
            self.object = object
            self.commit = commit
        }
    }

    /// By full name.
    package private(set) var refs: [String: Entry] = [:]
    /// Names that are left out because they are no UTF-8, for people: `\xff` stands for such a byte.
    package private(set) var skipped: [String] = []

    package init() {}

    /// Takes in one line of an advertisement: a ref, or `NAME^{}` after it with what its tag is put on.
    /// What is neither branch nor tag is passed over.
    package mutating func add(name bytes: some Collection<UInt8>, object: ObjectID) {
        guard bytes.starts(with: Self.branches) || bytes.starts(with: Self.tags) else { return }
        let isPeeled = bytes.count > Self.peeled.count && Self.endsWithPeeled(bytes)
        let plain = isPeeled ? bytes.dropLast(Self.peeled.count) : bytes.dropLast(0)
        guard let name = String(validating: plain, as: UTF8.self) else {
            if !isPeeled { skipped.append(Self.shown(plain)) }
            return
        }
        if isPeeled {
            refs[name]?.commit = object
        } else {
            refs[name] = Entry(object: object, commit: object)
        }
    }

    /// A name with every byte that is no printable ASCII written as `\xff`.
    static func shown(_ bytes: some Collection<UInt8>) -> String {
        bytes.reduce(into: "") { text, byte in
            if (0x20..<0x7f).contains(byte) {
                text.unicodeScalars.append(Unicode.Scalar(byte))
            } else {
                let digits = String(byte, radix: 16)
                text += "\\x" + (digits.count == 1 ? "0" : "") + digits
            }
        }
    }

    private static let branches = Array("refs/heads/".utf8)
    private static let tags = Array("refs/tags/".utf8)
    private static let peeled = Array("^{}".utf8)

    private static func endsWithPeeled(_ bytes: some Collection<UInt8>) -> Bool {
        bytes.dropFirst(bytes.count - peeled.count).elementsEqual(peeled)
    }
}
