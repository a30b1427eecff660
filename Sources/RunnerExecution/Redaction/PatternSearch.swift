/// Finds all occurrences of a set of patterns in a stream that comes in chunks.
///
/// The filter skips what cannot be the start of a pattern, the automaton reads the rest byte by byte. The automaton
/// takes over at most `stride` + 3 bytes before the filter's place and gives back at most 3, so the work is linear
/// in the length of the stream even when each place raises an alarm.
struct PatternSearch: Sendable {
    private let trie: PatternTrie
    private let filter: PatternFilter

    /// Prepares the search for patterns that are sorted, distinct and at least `PatternFilter.window` bytes long.
    init(sorted patterns: [[UInt8]]) {
        trie = PatternTrie(sorted: patterns)
        filter = PatternFilter(patterns)
    }

    /// How many of the last bytes of the stream may still become a pattern in this state.
    func depth(of state: UInt32) -> Int {
        Int(trie.nodes[Int(state)].depth)
    }

    /// Reads a chunk and adds the merged ranges of all matches that end in it to `spans`.
    ///
    /// - Parameters:
    ///   - state: where the automaton stands: 0 at the start of a stream.
    ///   - offset: what is added to an index of the chunk to get a position as `spans` has it.
    func read(_ chunk: UnsafeRawBufferPointer, state: inout UInt32, offset: Int, spans: inout SpanList) {
        trie.nodes.withUnsafeBufferPointer { nodes in
            trie.roots.withUnsafeBufferPointer { roots in
                guard let nodeBase = nodes.baseAddress, let rootBase = roots.baseAddress else { return }
                let steps = PatternTrie.Steps(nodes: nodeBase, roots: rootBase)
                filter.withProbe { probe in
                    Self.read(chunk, steps, probe, state: &state, offset: offset, spans: &spans)
                }
            }
        }
    }

    private static func read(
        _ chunk: UnsafeRawBufferPointer,
        _ steps: PatternTrie.Steps,
        _ probe: PatternFilter.Probe,
        state: inout UInt32,
        offset: Int,
        spans: inout SpanList
    ) {
        var current = state
        var index = 0
        // The last place of the filter that the automaton has to answer for before the filter may go on.
        var alarm = -1
        while index < chunk.count {
            if current == 0 { (index, alarm) = probe.nextStart(in: chunk, from: index) }
            while index < chunk.count {
                current = steps.step(from: current, by: chunk[index])
                index += 1
                let node = steps.nodes + Int(current)
                let depth = Int(node.pointee.depth)
                if node.pointee.match != 0 {
                    spans.add(offset + index - Int(node.pointee.match), offset + index)
                } else if depth < PatternFilter.window, index - depth > alarm {
                    index -= depth
                    current = 0
                    break
                }
            }
        }
        // A pattern that is complete and starts no longer one need not be held back.
        while current != 0, steps.firstChild(of: current) == 0 { current = steps.nodes[Int(current)].fallback }
        state = current
    }
}
