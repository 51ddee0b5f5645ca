//! Folders of the mailbox, and what comes next in the calendar.

use connector_actors::throttle::Workload;
use jiff::SignedDuration;

use super::suggestion::{Extent, Suggestion, Suggestions};
use crate::graph::{Event, GraphError, GraphRequest, MailFolder, Page, QueryOption};
use crate::tools::mailbox::OWN_MAIL;
use crate::tools::meeting::view_request;
use crate::tools::user_context::UserContext;
use crate::tools::zone::moment;

/// Entries that are asked for.
const ENTRIES: u32 = 100;
/// How far ahead events are looked for.
const AHEAD: SignedDuration = SignedDuration::from_hours(14 * 24);

/// Those of the top level. Folders below them are meant by paths, which people type themselves.
pub(super) async fn folders(user: &UserContext<'_>) -> Result<Suggestions, GraphError> {
    let request = GraphRequest::get(Workload::Outlook, OWN_MAIL, "/me/mailFolders")
        .query(QueryOption::Select, "id,displayName,childFolderCount")
        .top(ENTRIES);
    let body = user.graph.get(&request).await?;
    let page: Page<'_, MailFolder<'_>> = body.parse()?;
    let has_folders = |folder: &MailFolder<'_>| folder.child_folder_count.is_some_and(|folders| folders > 0);
    let extent = if page.value.iter().any(has_folders) { Extent::Some } else { Extent::of(&page) };
    let names = page.value.iter().filter_map(|folder| folder.display_name.as_deref());
    Ok(Suggestions { values: names.map(Suggestion::plain).collect(), extent })
}

/// Later ones may be meant, too.
pub(super) async fn events(user: &UserContext<'_>) -> Result<Suggestions, GraphError> {
    let now = moment(user.clock.now());
    let request = view_request(now, now.checked_add(AHEAD).unwrap_or(now));
    let body = user.graph.get(&request).await?;
    let page: Page<'_, Event<'_>> = body.parse()?;
    let subjects = page.value.iter().filter_map(|event| event.subject.as_deref());
    Ok(Suggestions { values: subjects.map(Suggestion::plain).collect(), extent: Extent::Some })
}
