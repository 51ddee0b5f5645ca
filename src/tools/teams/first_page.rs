//! The first page of a search by words alone, for whoever asks several services at once.

use connector_actors::lease::GrantedScopes;

use super::found::{question as found_question, read_hits};
use super::hit::Hit;
use super::search::{OPENED_BY, part_of};
use super::search_query::{Conditions, Where};
use crate::graph::{GraphBody, GraphError, GraphRequest};
use crate::tools::error::ToolError;
use crate::tools::review::{Review, Reviewed};
use crate::tools::zone::Zone;

/// Asks for the newest messages that `query`, which may be KQL, finds; and says which conversations the permissions
/// leave out.
pub(in crate::tools) fn question(
    query: &str,
    size: u32,
    granted: &GrantedScopes,
) -> Result<(GraphRequest, Option<&'static str>), ToolError> {
    let unsearched = part_of(granted, Where::All)?;
    let conditions = Conditions { query, ..Conditions::default() };
    Ok((GraphRequest::ask(found_question(conditions.query_string(), 0, size), OPENED_BY), unsearched))
}

/// The messages of the answer, as their hits tell them, and whether there are more.
pub(in crate::tools) fn read(
    body: &GraphBody,
    zone: &Zone,
    review: &Review<'_>,
) -> Result<(Vec<Reviewed<Hit>>, bool), GraphError> {
    let page = read_hits(body)?;
    let shape = |hit| {
        let admitted = review.admit(hit)?;
        Some(admitted.shape(|hit, withheld| Hit::of(hit, None, withheld, zone, review)))
    };
    let has_more = page.has_more;
    Ok((page.hits.into_iter().filter_map(shape).collect(), has_more))
}
