//! The first page of a search by words alone, for whoever asks several services at once.

use super::answer::{Hit, hit};
use super::conditions::Conditions;
use super::plan::Plan;
use crate::graph::{GraphBody, GraphError, GraphRequest, Message, Page};
use crate::tools::error::ToolError;
use crate::tools::mailbox::{MailAccess, Mailbox};
use crate::tools::review::{Review, Reviewed};
use crate::tools::zone::Zone;

/// Asks for the newest messages in the user's own mailbox that `query`, which may be KQL, finds.
pub(in crate::tools) fn question(query: &str, size: u32) -> Result<GraphRequest, ToolError> {
    let conditions = Conditions { query: Some(query), ..Conditions::default() };
    let access = MailAccess::Full;
    Ok(Plan::new(&conditions, access, size)?.request(Mailbox::Own, None, access))
}

/// The messages of the answer, and whether there are more.
pub(in crate::tools) fn read<'b>(
    body: &'b GraphBody,
    zone: &Zone,
    review: &Review<'_>,
) -> Result<(Vec<Reviewed<Hit<'b>>>, bool), GraphError> {
    let page: Page<'b, Box<Message<'b>>> = body.parse()?;
    let hits = page
        .value
        .into_iter()
        .filter_map(|message| review.admit(message))
        .map(|message| message.shape(|message, withheld| hit(message, withheld, Mailbox::Own, zone, review)))
        .collect();
    Ok((hits, page.next_link.is_some()))
}
