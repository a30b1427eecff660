internal import CLibgit2

extension ObjectID {
    /// Copies an id out of libgit2; `nil` stands for its null pointer.
    init?(_ pointer: UnsafePointer<git_oid>?) {
        guard let pointer else { return nil }
        self.init(pointer.pointee)
    }

    init(_ oid: git_oid) {
        self = withUnsafeBytes(of: oid.id) { ObjectID(bytes: UnsafeRawBufferPointer(rebasing: $0.prefix(20))) }
    }

    /// The id as libgit2 takes it.
    var oid: git_oid {
        var oid = git_oid()
        withUnsafeMutableBytes(of: &oid.id) { target in
            for (index, byte) in bytes.enumerated() { target[index] = byte }
        }
        return oid
    }
}
