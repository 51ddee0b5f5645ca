//! From a folder's name to what a path of Graph's takes, with as few requests as possible, and back.

mod level;
mod missing;
mod path;
mod well_known;

use std::borrow::Cow;

use super::error::ToolError;
use super::line::clean_line;
use super::mailbox::{Mailbox, OWNER_REQUESTS};
use super::text::Sanitizer;
use super::tool::ToolCall;
use super::uri::MailUri;
use crate::graph::PathSegment;
use level::Level;
pub(super) use level::children_request;
use missing::{Candidates, not_found};
pub(super) use path::{PATH_REQUESTS, path_below, path_of};
use path::{bare, heads};
use well_known::{alias, is_id, well_known};

/// Pages of levels that are looked at to find one path.
const PAGES: u32 = 20;
/// To find one folder: whose uri it is, and the pages of levels.
pub(super) const RESOLVE_REQUESTS: u32 = OWNER_REQUESTS + PAGES;

/// A folder as an argument gives it.
#[derive(Debug, Clone, Copy)]
pub(super) struct FolderArgument<'a> {
    /// The argument's name, for errors.
    pub(super) name: &'static str,
    text: &'a str,
}

impl<'a> FolderArgument<'a> {
    /// A name, a path, an id or a uri. A uri that is none of a folder is refused.
    pub(super) fn parse(name: &'static str, text: &'a str) -> Result<Self, ToolError> {
        let argument = Self { name, text };
        folder_in_uri(argument)?;
        Ok(argument)
    }

    fn refused(self, what: &'static str, how: &'static str) -> ToolError {
        ToolError::invalid_argument(self.name, format!("{what}."), how)
    }
}

/// A folder that a name, a path, an id or a uri stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct FoundFolder {
    /// For a path of Graph's, of which it makes a segment: an id, or a well-known name.
    pub(super) key: Cow<'static, str>,
    /// For people and models: the names from the top down, or the key where no name was looked up.
    pub(super) shown: Cow<'static, str>,
}

impl FoundFolder {
    fn by_key(key: impl Into<Cow<'static, str>>) -> Self {
        let key = key.into();
        Self { shown: key.clone(), key }
    }
}

/// The folder that the argument stands for: a well-known name or an id without asking Graph, a display name or a path
/// of names (`Inbox/Projects`) with one request a level, and a `mail:///folders/` uri as what it names.
pub(super) async fn resolve(
    call: &ToolCall<'_>,
    mailbox: Mailbox<'_>,
    argument: FolderArgument<'_>,
) -> Result<FoundFolder, ToolError> {
    let name = match folder_in_uri(argument)? {
        None => Cow::Borrowed(argument.text),
        Some((name, None)) => name,
        Some((name, Some(owner))) if mailbox.is_of(call, &owner).await? => name,
        Some((_, Some(_))) => {
            return Err(argument.refused(
                "the uri belongs to another mailbox than the one that is read",
                "Give the owner in the uri as mailboxOwnerEmail too.",
            ));
        }
    };
    let found = by_name(call, mailbox, argument.name, &name).await?;
    match PathSegment::new(&found.key) {
        Ok(_) => Ok(found),
        Err(_) => {
            Err(argument
                .refused("too long for a folder's id", "Use a name or a uri from outlook_list_folders."))
        }
    }
}

/// Name and owner in the uri of a folder; `None` where the argument is no uri.
fn folder_in_uri(argument: FolderArgument<'_>) -> Result<Option<NameAndOwner<'_>>, ToolError> {
    if !argument.text.starts_with(MailUri::ROOT) {
        return Ok(None);
    }
    match MailUri::parse(argument.name, argument.text)? {
        MailUri::Folder { name, owner } => Ok(Some((name, owner))),
        MailUri::Message { .. } | MailUri::Attachment { .. } | MailUri::Folders { .. } => Err(argument
            .refused(
                "a uri, but not that of a folder",
                "Use a name or a uri from outlook_list_folders, such as mail:///folders/Inbox.",
            )),
    }
}

type NameAndOwner<'a> = (Cow<'a, str>, Option<Cow<'a, str>>);

/// A level to look at, and the path that is looked for in it.
struct Search<'p> {
    /// `None` is the top level.
    level: Option<FoundFolder>,
    path: &'p str,
}

impl<'p> Search<'p> {
    fn below(folder: FoundFolder, path: &'p str) -> Self {
        Self { level: Some(folder), path }
    }
}

async fn by_name(
    call: &ToolCall<'_>,
    mailbox: Mailbox<'_>,
    argument: &'static str,
    name: &str,
) -> Result<FoundFolder, ToolError> {
    if let Some(known) = well_known(name) {
        return Ok(FoundFolder::by_key(known));
    }
    // As outlook_list_folders shows it.
    let whole = clean_line(&Sanitizer::default(), Cow::Borrowed(name));
    let mut searches = beginnings(bare(&whole));
    let mut candidates = Candidates::default();
    let mut pages = 0;
    while let Some(Search { level, path }) = searches.pop().filter(|_| pages < PAGES) {
        if path.is_empty() {
            match level {
                Some(folder) => return Ok(folder),
                None => break,
            }
        }
        let above = level.as_ref().map_or("", |folder| &folder.shown);
        let key = level.as_ref().map(|folder| &*folder.key);
        let found = Level::read(call, mailbox, key, PAGES - pages).await?;
        pages += found.pages;
        let known_before = searches.len();
        searches.extend(found.steps(path).map(|(folder, rest)| {
            let shown = folder.below(above).into();
            Search::below(FoundFolder { key: folder.id.clone().into(), shown }, rest)
        }));
        searches.extend(step_by_id(above, path));
        // The longest name is looked into first.
        searches[known_before..].reverse();
        if searches.len() == known_before {
            candidates.add(&found, above);
        }
    }
    Err(not_found(argument, name, &candidates))
}

/// Where `path` may begin, the likeliest last.
fn beginnings(path: &str) -> Vec<Search<'_>> {
    if let Some(search) = step_by_id("", path) {
        return vec![search];
    }
    let (first, rest) = heads(path).last().unwrap_or((path, ""));
    if let Some(known) = well_known(first) {
        return vec![Search::below(FoundFolder::by_key(known), rest)];
    }
    // Most people keep their folders below the inbox.
    let inbox = FoundFolder { key: "inbox".into(), shown: "Inbox".into() };
    let called_so = alias(first).map(|known| Search::below(FoundFolder::by_key(known), rest));
    called_so.into_iter().chain([Search::below(inbox, path), Search { level: None, path }]).collect()
}

/// The folder whose id `path` begins with.
fn step_by_id<'p>(above: &str, path: &'p str) -> Option<Search<'p>> {
    let (first, rest) = heads(path).last().filter(|(first, _)| is_id(first))?;
    let shown = path_below(above, "", first).into();
    Some(Search::below(FoundFolder { key: first.to_owned().into(), shown }, rest))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    /// If this failed, what people copy from a list would be taken for a folder's name.
    #[rstest]
    #[case::own("mail:///folders/Inbox/My%20projects", Ok(Some("Inbox/My projects")))]
    #[case::shared("mail:///folders/A?owner=adele%40contoso.example", Ok(Some("A")))]
    #[case::name("Inbox/My projects", Ok(None))]
    #[case::message("mail:///messages/A", Err("folderName: a uri, but not that of a folder."))]
    #[case::all("mail:///folders/", Err("folderName: a uri, but not that of a folder."))]
    fn the_uri_of_a_folder_names_it(#[case] text: &str, #[case] expected: Result<Option<&str>, &str>) {
        match (folder_in_uri(FolderArgument { name: "folderName", text }), expected) {
            (Ok(found), Ok(expected)) => {
                assert_eq!(found.as_ref().map(|(name, _)| &**name), expected);
            }
            (Err(ToolError::Actionable(error)), Err(expected)) => assert_eq!(error.why(), expected),
            (found, _) => panic!("{found:?}"),
        }
    }
}
