internal import Glibc

/// Line ends of two bytes, in content that comes in pieces.
enum LineEnds {
    private static let carriageReturn = UInt8(ascii: "\r")
    private static let lineFeed = UInt8(ascii: "\n")

    /// Counts them.
    struct Count {
        private(set) var pairs = 0
        private var endsInReturn = false

        mutating func add(_ piece: UnsafeRawBufferPointer) {
            if endsInReturn, piece.first == lineFeed { pairs += 1 }
            var position = 0
            while let found = nextReturn(in: piece, from: position) {
                position = found + 1
                if position < piece.count, piece[position] == lineFeed { pairs += 1 }
            }
            if let last = piece.last { endsInReturn = last == carriageReturn }
        }
    }

    /// Makes one byte of each.
    struct Shortening {
        private var holdsReturn = false

        /// A return at the very end of a piece is held back until it is known what follows.
        mutating func add(
            _ piece: UnsafeRawBufferPointer,
            _ write: (UnsafeRawBufferPointer) throws(GitError) -> Void
        ) throws(GitError) {
            guard let first = piece.first, let last = piece.last else { return }
            if holdsReturn, first != lineFeed { try finish(write) }
            holdsReturn = last == carriageReturn
            let end = holdsReturn ? piece.count - 1 : piece.count
            var start = 0
            var position = 0
            while let found = nextReturn(in: piece, from: position), found < end {
                position = found + 1
                guard piece[position] == lineFeed else { continue }
                try write(UnsafeRawBufferPointer(rebasing: piece[start..<found]))
                start = position
            }
            try write(UnsafeRawBufferPointer(rebasing: piece[start..<end]))
        }

        /// Writes what is held back.
        mutating func finish(_ write: (UnsafeRawBufferPointer) throws(GitError) -> Void) throws(GitError) {
            guard holdsReturn else { return }
            holdsReturn = false
            var byte = carriageReturn
            // The error type is lost in the closure of the standard library.
            let result = withUnsafeBytes(of: &byte) { bytes in
                Result { () throws(GitError) in try write(bytes) }
            }
            try result.get()
        }
    }

    private static func nextReturn(in piece: UnsafeRawBufferPointer, from start: Int) -> Int? {
        guard let base = piece.baseAddress, start < piece.count else { return nil }
        return memchr(base + start, Int32(carriageReturn), piece.count - start).map { UnsafeRawPointer($0) - base }
    }
}
