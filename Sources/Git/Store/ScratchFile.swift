internal import CLibgit2
internal import Glibc
internal import SystemPackage

/// A file in the store that lives as long as the value.
struct ScratchFile: ~Copyable {
    let path: FilePath

    /// Names a file that no other thread or process uses; it is not created.
    init(in directory: FilePath) {
        path = directory.appending(".scratch-\(getpid())-\(UInt64.random(in: 0 ... .max))")
    }

    deinit { _ = path.withPlatformString { unlink($0) } }
}
