//! From a path below `/admin/exchange/mailboxes/{id}` to what is asked for.

use crate::graph::refusal::Refusal;
use crate::graph::segment::is;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::graph) enum ExportRoute {
    Folders,
    Folder(String),
    ChildFolders(String),
    Items { folder: String },
    Item { folder: String, item: String },
}

impl ExportRoute {
    /// Reads the segments after `admin`: the id of the mailbox, and what is asked of it.
    pub(in crate::graph) fn parse(rest: &[String]) -> Result<(String, Self), Refusal> {
        let unknown = |segment: &str| Refusal::UnknownSegment(segment.to_owned());
        let [exchange, mailboxes, mailbox, folders, rest @ ..] = rest else {
            return Err(unknown(rest.last().map_or("admin", String::as_str)));
        };
        for (segment, name) in [(exchange, "exchange"), (mailboxes, "mailboxes"), (folders, "folders")] {
            if !is(segment, name) {
                return Err(unknown(segment));
            }
        }
        let route = match rest {
            [] => Self::Folders,
            [folder] => Self::Folder(folder.clone()),
            [folder, next] if is(next, "childFolders") => Self::ChildFolders(folder.clone()),
            [folder, next] if is(next, "items") => Self::Items { folder: folder.clone() },
            [folder, next, item] if is(next, "items") => {
                Self::Item { folder: folder.clone(), item: item.clone() }
            }
            [.., last] => return Err(unknown(last)),
        };
        Ok((mailbox.clone(), route))
    }
}
