//! Folders of the mailbox, and what comes next in the calendar.

use connector_actors::throttle::Workload;
use jiff::SignedDuration;

use super::suggestion::Suggestion;
use crate::graph::{Event, GraphError, GraphRequest, MailFolder, Page, QueryOption};
use crate::tools::mailbox::OWN_MAIL;
use crate::tools::meeting::view_request;
use crate::tools::user_context::UserContext;
use crate::tools::zone::moment;

/// Entries that are asked for.
const ENTRIES: u32 = 100;
/// How far ahead events are looked for.
const AHEAD: SignedDuration = SignedDuration::from_hours(14 * 24);

pub(super) async fn folders(user: &UserContext<'_>) -> Result<Vec<Suggestion>, GraphError> {
    let request = GraphRequest::get(Workload::Outlook, OWN_MAIL, "/me/mailFolders")
        .query(QueryOption::Select, "id,displayName")
        .top(ENTRIES);
    let body = user.graph.get(&request).await?;
    let page: Page<'_, MailFolder<'_>> = body.parse()?;
    Ok(page.value.iter().filter_map(|folder| folder.display_name.as_deref()).map(Suggestion::plain).collect())
}

pub(super) async fn events(user: &UserContext<'_>) -> Result<Vec<Suggestion>, GraphError> {
    let now = moment(user.clock.now());
    let request = view_request(now, now.checked_add(AHEAD).unwrap_or(now));
    let body = user.graph.get(&request).await?;
    let page: Page<'_, Event<'_>> = body.parse()?;
    Ok(page.value.iter().filter_map(|event| event.subject.as_deref()).map(Suggestion::plain).collect())
}
