/// Numbers, each once, in rising order.
struct SortedIndices: Sendable, Hashable, Sequence {
    private var indices: [Int] = []

    var isEmpty: Bool { indices.isEmpty }

    mutating func insert(_ index: Int) {
        let place = place(of: index)
        if place == indices.count || indices[place] != index { indices.insert(index, at: place) }
    }

    mutating func remove(_ index: Int) {
        let place = place(of: index)
        if place < indices.count, indices[place] == index { indices.remove(at: place) }
    }

    mutating func popFirst() -> Int? { indices.isEmpty ? nil : indices.removeFirst() }

    func makeIterator() -> IndexingIterator<[Int]> { indices.makeIterator() }

    /// Where the number is or would be: binary search.
    private func place(of index: Int) -> Int {
        var (low, high) = (0, indices.count)
        while low < high {
            let middle = low + (high - low) / 2
            if indices[middle] < index { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
