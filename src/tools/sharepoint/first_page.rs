//! The first page of a search by words alone, for whoever asks several services at once.

use connector_actors::lease::GrantedScopes;

use super::found::Search;
use super::search::{FILES_ALONE, searched};
use super::search_query::Conditions;
use crate::graph::GraphRequest;
use crate::tools::error::ToolError;

/// Asks for the best of the files, pages, lists, entries and sites that `query`, which may be KQL, finds; and says what the
/// permissions leave out. [`FoundPage`](super::FoundPage) reads the answer.
pub(in crate::tools) fn question(
    query: &str,
    size: u32,
    granted: &GrantedScopes,
) -> Result<(GraphRequest, Option<&'static str>), ToolError> {
    let (entity_types, opened_by) = searched(None, granted)?;
    let unsearched = (entity_types.len() == 1).then_some(FILES_ALONE);
    let query_string = Conditions { query: Some(query), ..Conditions::default() }.query_string();
    Ok((Search { entity_types, query_string, from: 0, size, opened_by }.request(), unsearched))
}
