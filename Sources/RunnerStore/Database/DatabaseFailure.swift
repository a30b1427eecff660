import GRDB
import RunnerCore
import SystemPackage

extension RunnerError {
    /// What SQLite said, for a person: a full disk and a damaged file need different things done.
    init(_ error: DatabaseError, database path: FilePath) {
        let said = error.message ?? "\(error.resultCode)"
        switch error.resultCode {
        case .SQLITE_FULL:
            self = Self.full(path, said)
        case .SQLITE_IOERR where DiskReserve.isDiskFull(at: path.removingLastComponent()):
            self = Self.full(path, said)
        case .SQLITE_CORRUPT, .SQLITE_NOTADB:
            self.init(
                .errored,
                "cannot use the database `\(path)`",
                why: "the file is damaged: \(said); nothing was deleted",
                hint: "`runner state restore FILE` makes a state directory from a backup; keep the damaged one aside"
            )
        case .SQLITE_BUSY:
            self.init(
                .errored,
                "cannot use the database `\(path)`",
                why: "another process has been writing to it for too long",
                hint: "one daemon per state directory: `runner status` says which it is"
            )
        case .SQLITE_CANTOPEN, .SQLITE_READONLY, .SQLITE_PERM:
            self.init(
                .errored,
                "cannot write to the database `\(path)`",
                why: said,
                hint:
                    "the state directory must belong to the user that runs the daemon, on a disk that can be written to"
            )
        default:
            self.init(.errored, "cannot use the database `\(path)`", why: "\(error)")
        }
    }

    private static func full(_ path: FilePath, _ said: String) -> RunnerError {
        RunnerError(
            .errored,
            "cannot write to the database `\(path)`",
            why: "the disk of `\(path.removingLastComponent())` is full (\(said)); nothing was lost",
            hint: "make room there: `runner gc`"
        )
    }
}
