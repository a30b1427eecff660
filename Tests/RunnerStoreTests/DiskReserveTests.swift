import Glibc
import SystemPackage
import Testing

@testable import RunnerStore

@Suite struct DiskReserveTests {
    private let scratch: Scratch
    private let file: FilePath
    private let reserve: DiskReserve

    init() throws {
        scratch = try Scratch()
        file = scratch.path.appending("reserve")
        reserve = DiskReserve(file)
    }

    @Test func `it holds real room back`() throws {
        try reserve.ensure()
        try reserve.ensure()
        var status = stat()
        #expect(stat(file.string, &status) == 0)
        #expect(status.st_size == off_t(DiskReserve.bytes) && status.st_blocks * 512 >= DiskReserve.bytes)
    }

    @Test(arguments: [ENOSPC, EDQUOT])
    func `a full disk gets it back and is tried again`(_ code: Int32) throws {
        try reserve.ensure()
        var tries = 0
        try reserve.protecting {
            tries += 1
            if FileSystem.exists(file) { throw SystemFailure("write", file, code) }
        }
        #expect(tries == 2 && !FileSystem.exists(file))
    }

    @Test func `a disk that stays full is an error`() throws {
        try reserve.ensure()
        #expect(throws: SystemFailure("write", file, ENOSPC)) {
            try reserve.protecting { throw SystemFailure("write", file, ENOSPC) }
        }
    }

    @Test func `another failure leaves it alone`() throws {
        try reserve.ensure()
        #expect(throws: SystemFailure("write", file, EIO)) {
            try reserve.protecting { throw SystemFailure("write", file, EIO) }
        }
        #expect(FileSystem.exists(file))
    }
}
