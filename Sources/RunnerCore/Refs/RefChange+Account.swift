internal import Git

extension RefChange {
    /// What happened, as `branch main moved from 3f2a9c1d00 to 77b1e2c9aa`.
    package var account: String {
        let name = "\(isTag ? "tag" : "branch") \(shortRef)"
        switch (old, new) {
        case (let old?, let new?):
            if old.commit == new.commit {
                return "\(name) was made anew on \(new.commit.short): \(old.object.short) became \(new.object.short)"
            }
            let verb = kind == .forceMoved && !isTag ? "was forced" : "moved"
            return "\(name) \(verb) from \(old.commit.short) to \(new.commit.short)"
        case (nil, let new?): return "\(name) was created at \(new.commit.short)"
        case (let old?, nil): return "\(name) was deleted; it was at \(old.commit.short)"
        case (nil, nil): return "\(name) is gone"
        }
    }

    /// `develop` for `refs/heads/develop`, `v1.0.0` for `refs/tags/v1.0.0`.
    package var shortRef: String {
        for prefix in ["refs/heads/", "refs/tags/"] where ref.hasPrefix(prefix) {
            return String(ref.dropFirst(prefix.count))
        }
        return ref
    }
}
