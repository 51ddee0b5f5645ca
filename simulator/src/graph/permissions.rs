//! Which permission opens which address: `data/permissions.txt`, read once.

use std::sync::LazyLock;

use thiserror::Error;

use super::address::{canonical, fits};
use super::request::GraphMethod;

const DATA: &str = include_str!("../../data/permissions.txt");
const LABELS: [&str; 4] = ["any", "own", "shared", "selected"];

static PERMISSIONS: LazyLock<Permissions> = LazyLock::new(|| Permissions::parse(DATA).unwrap_or_default());

/// The whole table. An empty one closes everything.
#[derive(Debug, Default)]
struct Permissions {
    rows: Vec<Row>,
    /// A permission, and those that it includes.
    includes: Vec<(&'static str, Vec<&'static str>)>,
    /// Every permission that is named anywhere.
    names: Vec<&'static str>,
}

#[derive(Debug)]
struct Row {
    method: &'static str,
    segments: Vec<&'static str>,
    scopes: Vec<&'static str>,
}

/// A line that is none of those that the file's own head describes.
#[derive(Debug, Error)]
#[error("line {0} is not valid")]
struct Malformed(usize);

/// What was asked for is closed. The sentence is that of Teams; other services have their own.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error(
    "Missing scope permissions on the request. API requires one of '{needed}'. Scopes on the request '{held}'"
)]
pub(super) struct MissingPermission {
    /// Those of which one is enough, in the order of the table.
    pub(super) needed: String,
    /// Those that the token has.
    pub(super) held: String,
}

/// Looks for one of the permissions that `path` (as sent, without the version) needs among `granted`. What is the
/// caller's own and what another's is for the workload to tell.
pub(super) fn require(
    method: GraphMethod<'_>,
    path: &str,
    granted: &[String],
) -> Result<(), MissingPermission> {
    let needed = needed(if method == GraphMethod::Get { "GET" } else { "POST" }, path);
    if needed.iter().any(|scope| holds(granted, scope)) {
        return Ok(());
    }
    Err(MissingPermission { needed: needed.join(", "), held: granted.join(", ") })
}

/// The permissions of which one is needed; none where nothing opens the address.
fn needed(method: &str, path: &str) -> &'static [&'static str] {
    let segments = canonical(path);
    let row = PERMISSIONS.rows.iter().find(|row| row.method == method && fits(&row.segments, &segments));
    row.map_or(&[], |row| &row.scopes)
}

/// Whether a permission was granted, by itself or with one that includes it.
pub(super) fn holds(granted: &[String], wanted: &str) -> bool {
    let is_granted = |name: &str| granted.iter().any(|scope| scope.eq_ignore_ascii_case(name));
    let includes = PERMISSIONS.includes.iter();
    is_granted(wanted)
        || includes.into_iter().any(|(name, included)| included.contains(&wanted) && is_granted(name))
}

/// Whether that permission opens an address here, by itself or by another one that it includes.
pub(crate) fn is_permission(name: &str) -> bool {
    PERMISSIONS.names.contains(&name)
}

/// A number for the granted permissions that count anywhere here, for cache keys.
pub(super) fn class(granted: &[String]) -> u64 {
    PERMISSIONS.names.iter().enumerate().fold(0, |bits, (place, name)| {
        let held = granted.iter().any(|scope| scope.eq_ignore_ascii_case(name));
        bits | (u64::from(held) << place)
    })
}

impl Permissions {
    fn parse(text: &'static str) -> Result<Self, Malformed> {
        let mut permissions = Self::default();
        for (place, line) in text.lines().enumerate() {
            permissions.read(line).ok_or(Malformed(place + 1))?;
        }
        Ok(permissions)
    }

    fn read(&mut self, line: &'static str) -> Option<()> {
        let mut words = line.split_whitespace();
        let Some(first) = words.next().filter(|word| !word.starts_with('#')) else { return Some(()) };
        if line.starts_with(char::is_whitespace) {
            let scopes: Vec<&str> = words.collect();
            self.name(&scopes);
            self.rows.last_mut().filter(|_| LABELS.contains(&first))?.scopes.extend(scopes);
            return Some(());
        }
        let second = words.next()?;
        match first {
            "GET" | "POST" => {
                let segments = second.split('/').filter(|segment| !segment.is_empty()).collect();
                self.rows.push(Row { method: first, segments, scopes: Vec::new() });
            }
            _ if second == "includes" => {
                let included: Vec<&str> = words.collect();
                self.name(&[first]);
                self.name(&included);
                self.includes.push((first, included));
            }
            _ => return None,
        }
        Some(())
    }

    fn name(&mut self, names: &[&'static str]) {
        for name in names {
            if !self.names.contains(name) {
                self.names.push(name);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A file that can't be read would close everything, and a name beyond the last bit open the wrong cache entry.
    #[test]
    fn the_table_is_read_whole() {
        let permissions = Permissions::parse(DATA).unwrap();
        assert!(permissions.rows.len() > 100 && permissions.names.len() <= 64);
        assert!(permissions.rows.iter().all(|row| !row.scopes.is_empty()));
    }

    /// A permission to write that does not open what the one to read opens would surprise every client that has it.
    #[test]
    fn a_permission_holds_what_it_includes() {
        let granted = ["files.readwrite".to_owned()];
        assert!(holds(&granted, "Files.Read") && !holds(&granted, "Files.Read.All"));
    }
}
