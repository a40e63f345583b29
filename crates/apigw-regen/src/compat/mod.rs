//! Detects breaking changes between two versions of a client, in the Rust API and on the wire.

mod callers;
mod change;
mod surface;
mod wire;

use std::path::PathBuf;

use apigw_codegen::Files;
use semver::Version;

use crate::disk;

pub use change::{Change, Effect, TypeChanges};

/// The differences between a crate on disk and the newly generated one.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Changes {
    /// Added operations, by route.
    pub added: Vec<String>,
    /// Removed operations, by route.
    pub removed: Vec<String>,
    /// Renamed operations: route, old name, new name.
    pub renamed: Vec<(String, String, String)>,
    /// Operations that keep their name but moved: name, old route, new route.
    pub moved: Vec<(String, String, String)>,
    /// Added, removed and changed types.
    pub types: TypeChanges,
    /// The changes for callers, most severe first.
    pub changes: Vec<Change>,
    /// The version of the crate on disk.
    pub version: Version,
    /// The next version of the crate; see [`Changes::is_breaking`].
    pub next_version: Version,
    /// Files that are changed, added or removed.
    pub files: Vec<PathBuf>,
}

impl Changes {
    /// Compares the files of two crates; `differ` are the paths that differ.
    pub(crate) fn between(old: &Files, new: &Files, differ: Vec<PathBuf>) -> Self {
        let (before, after) = (disk::operations(old), disk::operations(new));
        let callers::Compared { mut changes, types } = callers::compare(old, new, &before, &after);
        changes.extend(wire::compare(old, new));
        changes.sort();
        let removed = |(route, _): &(&String, &String)| !after.contains_key(*route);
        let added = |(route, _): &(&String, &String)| !before.contains_key(*route);
        let moved: Vec<(String, String, String)> = after
            .iter()
            .filter(added)
            .filter_map(|(route, name)| {
                let mut removed = before.iter().filter(removed);
                let (from, _) = removed.find(|(_, old)| *old == name)?;
                Some((name.clone(), from.clone(), route.clone()))
            })
            .collect();
        let stays = |name: &String| moved.iter().any(|(moved, ..)| moved == name);
        let routes = |(route, name): (&String, &String)| (!stays(name)).then(|| route.clone());
        let version = disk::version(old);
        Self {
            added: after.iter().filter(added).filter_map(routes).collect(),
            removed: before.iter().filter(removed).filter_map(routes).collect(),
            renamed: after
                .iter()
                .filter_map(|(route, name)| {
                    let old = before.get(route).filter(|old| *old != name)?;
                    Some((route.clone(), old.clone(), name.clone()))
                })
                .collect(),
            next_version: next(&version, &changes),
            moved,
            types,
            changes,
            version,
            files: differ,
        }
    }

    /// Returns whether any change breaks callers, at compile time or on the wire.
    ///
    /// The next version follows Cargo's SemVer rules: a breaking change bumps `0.2.3` to `0.3.0` and
    /// `1.2.3` to `2.0.0`. Any other change bumps `0.2.3` to `0.2.4`, and `1.2.3` to `1.3.0` if
    /// something was added or to `1.2.4` otherwise.
    #[must_use]
    pub fn is_breaking(&self) -> bool {
        self.changes
            .iter()
            .any(|change| change.effect.is_breaking())
    }
}

/// Returns the next version (<https://doc.rust-lang.org/cargo/reference/semver.html>).
fn next(version: &Version, changes: &[Change]) -> Version {
    let any = |test: fn(Effect) -> bool| changes.iter().any(|change| test(change.effect));
    let breaks = any(Effect::is_breaking);
    let adds = any(|effect| effect == Effect::Adds);
    let Version {
        major,
        minor,
        patch,
        ..
    } = *version;
    match (major, minor) {
        (0, 0) => Version::new(0, 0, patch + 1),
        (0, _) if breaks => Version::new(0, minor + 1, 0),
        (0, _) => Version::new(0, minor, patch + 1),
        _ if breaks => Version::new(major + 1, 0, 0),
        _ if adds => Version::new(major, minor + 1, 0),
        _ => Version::new(major, minor, patch + 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_severe_change_determines_the_version() {
        let change = |effect| Change {
            effect,
            subject: String::new(),
            text: String::new(),
        };
        let next = |version: &str, effects: &[Effect]| {
            let changes: Vec<Change> = effects.iter().copied().map(change).collect();
            next(&version.parse().unwrap(), &changes).to_string()
        };
        use Effect::{Adds, Alters, BreaksBuild, BreaksWire, MayBreakWire};
        assert_eq!(next("0.2.3", &[]), "0.2.4");
        assert_eq!(next("0.2.3", &[Adds, Alters]), "0.2.4");
        assert_eq!(next("0.2.3", &[Adds, BreaksBuild]), "0.3.0");
        assert_eq!(next("0.2.3", &[BreaksWire]), "0.3.0");
        assert_eq!(next("0.2.3", &[MayBreakWire]), "0.3.0");
        assert_eq!(next("0.0.3", &[BreaksBuild]), "0.0.4");
        assert_eq!(next("1.2.3", &[Alters]), "1.2.4");
        assert_eq!(next("1.2.3", &[Adds]), "1.3.0");
        assert_eq!(next("1.2.3-rc.1", &[BreaksWire]), "2.0.0");
    }
}
