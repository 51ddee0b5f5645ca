//! What chats need to know of the meetings of a team: every online meeting has a chat.

use jiff::Timestamp;

use super::draft::Draft;
use super::generate::{event_id, known};
use super::team;
use super::zone::Zone;
use crate::directory::{Tenant, User};

/// An online meeting as its chat sees it.
#[derive(Debug)]
pub(in crate::graph) struct MeetingChat {
    /// `19:meeting_…@thread.v2`, as in the join address.
    pub(in crate::graph) thread: String,
    pub(in crate::graph) subject: String,
    pub(in crate::graph) join_url: String,
    /// Object id.
    pub(in crate::graph) organizer: uuid::Uuid,
    /// Id of the event in the organizer's default calendar.
    pub(in crate::graph) event: String,
    /// Of a series the first time.
    pub(in crate::graph) start: Timestamp,
    pub(in crate::graph) is_series: bool,
}

/// The chats of the meetings that six neighbours have in common; they stand at `place` times six and after it.
pub(in crate::graph) fn meeting_chats(
    tenant: &Tenant,
    place: usize,
    seed: u64,
    newest: Timestamp,
) -> Vec<MeetingChat> {
    let drafts = team::drafts(tenant, place, seed, Zone::utc().wall(newest).date());
    let chat = |(number, draft): (usize, &Draft)| {
        let organizer = tenant.users.iter().find(|user: &&User| user.upn == draft.organizer.address)?;
        let join_url = draft.join_url.clone()?;
        let (_, rest) = join_url.split_once("/19%3a")?;
        let (thread, _) = rest.split_once("%40thread.v2")?;
        Some(MeetingChat {
            thread: format!("19:{thread}@thread.v2"),
            subject: draft.subject.clone(),
            organizer: organizer.id,
            event: event_id(tenant, organizer, seed, number, draft.calendar),
            start: draft.when.span(&known(draft.zone)).0,
            is_series: draft.series.is_some(),
            join_url,
        })
    };
    drafts.iter().enumerate().filter_map(chat).collect()
}
