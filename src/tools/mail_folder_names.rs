//! From a folder's name to what a path takes, with as few requests as possible.

use std::borrow::Cow;

use super::error::{ErrorCode, MODEL, ToolError};
use super::mailbox::Mailbox;
use crate::graph::{GraphError, GraphRequest, MailFolder, Page, PathSegment, QueryOption, UserGraph};

/// Folders of one page.
const PAGE: u32 = 100;
/// Pages that are read to find one name.
const PAGES: usize = 5;
/// Names that an error lists.
const CANDIDATES: usize = 30;
/// Ids of folders are at least this long, in bytes, and no person names a folder so.
const SHORTEST_ID: usize = 60;

const SELECT: &str = "id,displayName,childFolderCount,unreadItemCount,totalItemCount";

/// Folders that Exchange knows by a fixed name in every language: what people write, and the name.
const WELL_KNOWN: &[(&str, &str)] = &[
    ("inbox", "inbox"),
    ("sentitems", "sentitems"),
    ("sent", "sentitems"),
    ("drafts", "drafts"),
    ("deleteditems", "deleteditems"),
    ("trash", "deleteditems"),
    ("archive", "archive"),
    ("junkemail", "junkemail"),
    ("junk", "junkemail"),
    ("spam", "junkemail"),
    ("outbox", "outbox"),
    ("clutter", "clutter"),
    ("conversationhistory", "conversationhistory"),
    ("recoverableitemsdeletions", "recoverableitemsdeletions"),
    ("msgfolderroot", "msgfolderroot"),
];

/// A request for the folders below `parent` (an id or a well-known name), or for the top-level ones.
pub(super) fn children_request(mailbox: Mailbox<'_>, parent: Option<PathSegment<'_>>) -> GraphRequest {
    let request = mailbox.request().part("/mailFolders");
    let request = match parent {
        Some(parent) => request.segment(parent).part("/childFolders"),
        None => request,
    };
    request.query(QueryOption::Select, SELECT).top(PAGE)
}

/// The id, or the well-known name, that `name` stands for: a well-known name or an id without asking Graph, a
/// display name or a path of names (`Inbox/Projects`) with one request a level.
pub(super) async fn resolve<'a>(
    graph: &UserGraph<'_>,
    mailbox: Mailbox<'_>,
    name: &'a str,
) -> Result<Cow<'a, str>, ToolError> {
    if let Some(known) = well_known(name) {
        return Ok(Cow::Borrowed(known));
    }
    if is_id(name) {
        return Ok(Cow::Borrowed(name));
    }
    let path: Vec<&str> = name.split('/').map(str::trim).filter(|part| !part.is_empty()).collect();
    let Some((first, rest)) = path.split_first() else { return Err(not_found(name, &[])) };
    if let Some(known) = well_known(first) {
        return descend(graph, mailbox, known.to_owned(), rest, name).await.map(Cow::Owned);
    }
    let roots = list(graph, mailbox, None).await?;
    if let Some(folder) = named(&roots, name) {
        return Ok(Cow::Owned(folder.id.clone()));
    }
    if let Some(folder) = named(&roots, first) {
        return descend(graph, mailbox, folder.id.clone(), rest, name).await.map(Cow::Owned);
    }
    // Most people keep their folders below the inbox.
    let below_inbox = list(graph, mailbox, Some("inbox")).await?;
    if let Some(folder) = named(&below_inbox, first) {
        return descend(graph, mailbox, folder.id.clone(), rest, name).await.map(Cow::Owned);
    }
    let candidates: Vec<String> = roots
        .iter()
        .map(|folder| folder.name.clone())
        .chain(below_inbox.iter().map(|folder| format!("Inbox/{}", folder.name)))
        .collect();
    Err(not_found(name, &candidates))
}

/// Goes down from `parent`, a name at a time.
async fn descend(
    graph: &UserGraph<'_>,
    mailbox: Mailbox<'_>,
    mut parent: String,
    names: &[&str],
    whole: &str,
) -> Result<String, ToolError> {
    for name in names {
        let children = list(graph, mailbox, Some(&parent)).await?;
        match named(&children, name) {
            Some(folder) => parent.clone_from(&folder.id),
            None => {
                return Err(not_found(
                    whole,
                    &children.into_iter().map(|folder| folder.name).collect::<Vec<_>>(),
                ));
            }
        }
    }
    Ok(parent)
}

struct Named {
    id: String,
    name: String,
}

async fn list(
    graph: &UserGraph<'_>,
    mailbox: Mailbox<'_>,
    parent: Option<&str>,
) -> Result<Vec<Named>, ToolError> {
    let parent = parent.map(PathSegment::new).transpose().map_err(|_| GraphError::Unintelligible)?;
    let request = children_request(mailbox, parent);
    let mut folders = Vec::new();
    let mut body = graph.get(&request).await?;
    for _ in 1..PAGES {
        let page: Page<'_, MailFolder<'_>> = body.parse()?;
        folders.extend(page.value.iter().map(|folder| Named {
            id: folder.id.to_string(),
            name: folder.display_name.as_deref().unwrap_or_default().to_owned(),
        }));
        let Some(link) = page.next_link else { break };
        body = graph.follow(&request, &link).await?;
    }
    Ok(folders)
}

fn named<'a>(folders: &'a [Named], name: &str) -> Option<&'a Named> {
    let wanted = name.to_lowercase();
    folders.iter().find(|folder| folder.name.to_lowercase() == wanted)
}

/// Blanks and case don't count: `Sent Items` is `sentitems`.
fn well_known(name: &str) -> Option<&'static str> {
    let plain: String =
        name.chars().filter(|letter| *letter != ' ').map(|letter| letter.to_ascii_lowercase()).collect();
    WELL_KNOWN.iter().find(|(written, _)| *written == plain).map(|(_, known)| *known)
}

fn is_id(name: &str) -> bool {
    name.len() >= SHORTEST_ID
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'=' | b'+' | b'/'))
}

fn not_found(name: &str, candidates: &[String]) -> ToolError {
    let how = if candidates.is_empty() {
        "List the folders with outlook_list_folders and use a name or uri from there.".to_owned()
    } else {
        let more = if candidates.len() > CANDIDATES { ", …" } else { "" };
        let known = candidates.iter().take(CANDIDATES).map(String::as_str).collect::<Vec<_>>().join(", ");
        format!("Folders there: {known}{more}. outlook_list_folders with recursive true shows all.")
    };
    ToolError::new(
        ErrorCode::NotFound,
        format!("There is no mail folder \"{}\".", name.chars().take(100).collect::<String>()),
        "No folder at the top level or below the inbox has this name.",
        MODEL,
        how,
    )
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    /// If this failed, the commonest folders would cost a request more, or be looked for under English names.
    #[rstest]
    #[case::plain("inbox", Some("inbox"))]
    #[case::as_shown("Sent Items", Some("sentitems"))]
    #[case::short("Junk", Some("junkemail"))]
    #[case::own("Projects", None)]
    #[case::nested("Inbox/Projects", None)]
    fn well_known_folders_are_known_by_what_people_call_them(
        #[case] name: &str,
        #[case] expected: Option<&str>,
    ) {
        assert_eq!(well_known(name), expected);
    }

    /// If this failed, an id would be looked for as a name.
    #[test]
    fn an_id_is_told_from_a_name() {
        assert!(is_id(&format!("AAMkAGVmMDEzMTM4-_{}AAAAAAEMAAA=", "x".repeat(60))));
        assert!(!is_id("A rather long folder name that a person with much time on their hands has given"));
        assert!(!is_id("Projects"));
    }
}
