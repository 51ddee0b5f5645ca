//! Paths of names, from the top level down: written for a list, and read step by step.

use std::borrow::Cow;

use futures_util::future::join;

use super::well_known::{ROOT, is_id, well_known};
use crate::graph::{GraphError, GraphRequest, MailFolder, PathSegment, QueryOption, Text, UserGraph};
use crate::tools::error::ToolError;
use crate::tools::line::clean_line;
use crate::tools::mailbox::Mailbox;
use crate::tools::text::Sanitizer;

/// Folders above one another that are looked at.
const DEEPEST: u32 = 20;
/// To find one path: the folder, the root, and each folder between them.
pub(in crate::tools) const PATH_REQUESTS: u32 = 2 + DEEPEST;

const SELECT: &str = "id,displayName,parentFolderId";

/// The path of a folder that is called `name` in `above`, which is empty for the top level. Whatever path is written
/// here is read again as the same folder.
pub(in crate::tools) fn path_below(above: &str, name: &str, id: &str) -> String {
    if above.is_empty() {
        return step(Place::TopLevel, name, id).to_owned();
    }
    format!("{above}/{}", step(Place::Deeper, name, id))
}

/// Where a step of a path stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    TopLevel,
    Deeper,
}

/// One step of a path: the name, or the id where the name would be read as something else.
fn step<'s>(place: Place, name: &'s str, id: &'s str) -> &'s str {
    let inside = bare(name);
    let begins_like_another = place == Place::TopLevel
        && name.split_once('/').is_some_and(|(first, _)| is_id(first.trim()) || well_known(first).is_some());
    let is_readable = !inside.is_empty() && inside == name.trim() && !is_id(inside) && !begins_like_another;
    if is_readable { name } else { id }
}

/// What stands between blanks and slashes.
pub(super) fn bare(path: &str) -> &str {
    path.trim_matches(|letter: char| letter == '/' || letter.is_whitespace())
}

/// What `path` may begin with, and what follows: the longest first, for names may hold slashes too.
pub(super) fn heads(path: &str) -> impl Iterator<Item = (&str, &str)> {
    let cut = path.rmatch_indices('/').map(|(at, _)| (path[..at].trim(), bare(&path[at + 1..])));
    std::iter::once((path, "")).chain(cut)
}

/// The names from the top level down to the folder `key` (an id or a well-known name), joined by slashes; empty for
/// the folder that holds the top level. Where the user may not see what is above, the path begins with `key`.
pub(in crate::tools) async fn path_of(
    graph: &UserGraph<'_>,
    mailbox: Mailbox<'_>,
    key: &str,
) -> Result<String, ToolError> {
    let (folder, root) =
        join(Ancestor::read(graph, mailbox, key), Ancestor::read(graph, mailbox, ROOT)).await;
    let mut folder = folder?;
    let root = match root {
        Ok(root) => root,
        Err(error) => return unseen(key, error),
    };
    let mut path = String::new();
    for _ in 0..DEEPEST {
        if folder.is(&root) {
            return Ok(path);
        }
        let place = if folder.parent == root.id { Place::TopLevel } else { Place::Deeper };
        let step = step(place, &folder.name, &folder.id);
        path = if path.is_empty() { step.to_owned() } else { format!("{step}/{path}") };
        if place == Place::TopLevel {
            return Ok(path);
        }
        folder = match Ancestor::read(graph, mailbox, &folder.parent).await {
            Ok(parent) => parent,
            Err(error) => return unseen(key, error),
        };
    }
    Ok(key.to_owned())
}

/// Of a shared mailbox the user may see a folder and not the one above it; some folders stand beside the root.
fn unseen(key: &str, error: GraphError) -> Result<String, ToolError> {
    match error {
        GraphError::AccessDenied { .. } | GraphError::NotFound { .. } => Ok(key.to_owned()),
        error => Err(error.into()),
    }
}

struct Ancestor {
    id: String,
    /// Sanitised, as all tools show it.
    name: String,
    parent: String,
}

impl Ancestor {
    async fn read(graph: &UserGraph<'_>, mailbox: Mailbox<'_>, key: &str) -> Result<Self, GraphError> {
        let body = graph.get(&Self::request(mailbox, key)?).await?;
        let folder: MailFolder<'_> = body.parse()?;
        let name = folder.display_name.map_or(Cow::Borrowed(""), Text::into_cow);
        Ok(Self {
            id: folder.id.to_string(),
            name: clean_line(&Sanitizer::default(), name).into_owned(),
            parent: folder.parent_folder_id.map(|parent| parent.to_string()).unwrap_or_default(),
        })
    }

    fn request(mailbox: Mailbox<'_>, key: &str) -> Result<GraphRequest, GraphError> {
        let key = PathSegment::new(key).map_err(|_| GraphError::Unintelligible)?;
        Ok(mailbox.request().part("/mailFolders").segment(key).query(QueryOption::Select, SELECT))
    }

    /// Exchange writes one id in more than one way, so name and place count as well.
    fn is(&self, root: &Self) -> bool {
        self.id == root.id || (self.name == root.name && self.parent == root.parent)
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    const ID: &str = "AAMkAGVmMDEzMTM4LTZmYWUtNDdkNC1hMDZiLTU1OGY5OTZhYmY4OAAuAAAAAAAi";

    /// If this failed, a listed path would be read as another folder, or as none.
    #[rstest]
    #[case::top_level("", "Travel", "Travel")]
    #[case::below("Inbox", "Projects", "Inbox/Projects")]
    #[case::slash_inside("Inbox", "Q1/Q2", "Inbox/Q1/Q2")]
    #[case::well_known_deeper("Travel", "Inbox/Old", "Travel/Inbox/Old")]
    #[case::begins_like_a_well_known_one("", "Sent Items/Old", ID)]
    #[case::slash_at_the_end("Inbox", "Old/", &format!("Inbox/{ID}"))]
    #[case::no_name("Inbox", " ", &format!("Inbox/{ID}"))]
    #[case::looks_like_an_id("Inbox", &"x".repeat(60), &format!("Inbox/{ID}"))]
    fn a_path_stands_for_one_folder(#[case] above: &str, #[case] name: &str, #[case] expected: &str) {
        assert_eq!(path_below(above, name, ID), expected);
    }

    /// If this failed, a folder with a slash in its name could not be reached.
    #[test]
    fn a_path_may_begin_with_names_that_hold_slashes() {
        let found: Vec<_> = heads("A / B//C").collect();
        assert_eq!(found, [("A / B//C", ""), ("A / B/", "C"), ("A / B", "C"), ("A", "B//C")]);
    }
}
