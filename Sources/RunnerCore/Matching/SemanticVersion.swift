/// A version exactly as semver.org 2.0.0 has it. Numbers may have any length.
///
/// Two versions that differ only in build metadata have one precedence, and are equal here.
package struct SemanticVersion: Sendable {
    /// A number as its digits, without leading zeros, so that no length overflows.
    struct Number: Sendable, Hashable, Comparable {
        let digits: String

        static let zero = Number(digits: "0")

        static func < (left: Number, right: Number) -> Bool {
            let (leftCount, rightCount) = (left.digits.utf8.count, right.digits.utf8.count)
            guard leftCount == rightCount else { return leftCount < rightCount }
            return left.digits.utf8.lexicographicallyPrecedes(right.digits.utf8)
        }
    }

    enum Identifier: Sendable, Hashable {
        case number(Number)
        case text(String)
    }

    let major: Number
    let minor: Number
    let patch: Number
    /// Empty for a release.
    let preRelease: [Identifier]
    /// What stands behind `+`, as written.
    package let build: String?

    init(major: Number, minor: Number, patch: Number, preRelease: [Identifier] = [], build: String? = nil) {
        self.major = major
        self.minor = minor
        self.patch = patch
        self.preRelease = preRelease
        self.build = build
    }

    /// `nil` for anything that the specification does not allow: leading zeros, missing parts, a `v`.
    package init?(_ text: some StringProtocol) {
        let plus = Substring(text).split(separator: "+", maxSplits: 1, omittingEmptySubsequences: false)
        if plus.count == 2 {
            guard Self.identifiers(plus[1])?.isEmpty == false else { return nil }
        }
        let dash = plus[0].split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
        let numbers = dash[0].split(separator: ".", omittingEmptySubsequences: false).map { Number($0) }
        guard numbers.count == 3, let major = numbers[0], let minor = numbers[1], let patch = numbers[2] else {
            return nil
        }
        var preRelease: [Identifier] = []
        if dash.count == 2 {
            guard let identifiers = Self.identifiers(dash[1]) else { return nil }
            for identifier in identifiers {
                guard let parsed = Identifier(identifier) else { return nil }
                preRelease.append(parsed)
            }
        }
        let build = plus.count == 2 ? String(plus[1]) : nil
        self.init(major: major, minor: minor, patch: patch, preRelease: preRelease, build: build)
    }

    /// The version that a tag names: the same, with or without one leading `v`.
    package init?(tag: String) {
        self.init(tag.hasPrefix("v") ? tag.dropFirst() : tag[...])
    }

    /// True for `1.0.0-rc.1`, false for `1.0.0`.
    package var isPreRelease: Bool { !preRelease.isEmpty }

    /// The parts between the dots, all of them letters, digits and `-`, none empty.
    private static func identifiers(_ text: Substring) -> [String]? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        let areGood = parts.allSatisfy { part in !part.isEmpty && part.utf8.allSatisfy(Self.isIdentifierByte) }
        return areGood ? parts : nil
    }

    private static func isIdentifierByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "-"):
            true
        default: false
        }
    }
}

extension SemanticVersion.Number {
    /// `nil` unless all digits and no leading zero.
    init?(_ text: some StringProtocol) {
        let isNumber = !text.isEmpty && text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        guard isNumber, text.utf8.count == 1 || text.utf8.first != UInt8(ascii: "0") else { return nil }
        digits = String(text)
    }

    /// One more.
    var next: Self {
        var bytes = Array(digits.utf8)
        for index in bytes.indices.reversed() {
            guard bytes[index] == UInt8(ascii: "9") else {
                bytes[index] += 1
                return Self(digits: String(decoding: bytes, as: UTF8.self))
            }
            bytes[index] = UInt8(ascii: "0")
        }
        return Self(digits: "1" + String(decoding: bytes, as: UTF8.self))
    }
}

extension SemanticVersion.Identifier: Comparable {
    /// `nil` for a number with a leading zero.
    init?(_ text: String) {
        let isNumber = text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        guard isNumber else {
            self = .text(text)
            return
        }
        guard let number = SemanticVersion.Number(text) else { return nil }
        self = .number(number)
    }

    /// Numbers by value and before texts, texts by their bytes.
    static func < (left: Self, right: Self) -> Bool {
        switch (left, right) {
        case (.number(let left), .number(let right)): left < right
        case (.number, .text): true
        case (.text, .number): false
        case (.text(let left), .text(let right)): left.utf8.lexicographicallyPrecedes(right.utf8)
        }
    }
}

extension SemanticVersion: Hashable, Comparable {
    /// By precedence, section 11 of the specification: a pre-release comes before its release.
    package static func < (left: SemanticVersion, right: SemanticVersion) -> Bool {
        let (leftCore, rightCore) = (left.core, right.core)
        guard leftCore == rightCore else { return leftCore < rightCore }
        guard left.isPreRelease, right.isPreRelease else { return left.isPreRelease && !right.isPreRelease }
        return left.preRelease.lexicographicallyPrecedes(right.preRelease)
    }

    package static func == (left: SemanticVersion, right: SemanticVersion) -> Bool {
        left.core == right.core && left.preRelease == right.preRelease
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(major)
        hasher.combine(minor)
        hasher.combine(patch)
        hasher.combine(preRelease)
    }

    /// Without pre-release and build.
    var core: (Number, Number, Number) { (major, minor, patch) }
}

extension SemanticVersion: CustomStringConvertible {
    /// As written.
    package var description: String {
        var text = "\(major.digits).\(minor.digits).\(patch.digits)"
        let identifiers = preRelease.map { identifier in
            switch identifier {
            case .number(let number): number.digits
            case .text(let text): text
            }
        }
        if isPreRelease { text += "-" + identifiers.joined(separator: ".") }
        if let build { text += "+" + build }
        return text
    }
}
