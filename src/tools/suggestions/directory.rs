//! People of the organisation.

use connector_actors::throttle::Workload;

use super::suggestion::{Extent, Suggestion, Suggestions};
use crate::graph::{GraphError, GraphRequest, Page, Profile, QueryOption};
use crate::tools::user_context::UserContext;

pub(super) const PEOPLE: &[&str] = &["User.ReadBasic.All"];

/// Entries that are asked for.
const ENTRIES: u32 = 100;

/// By the beginnings of names and addresses, as the directory searches.
pub(super) async fn people(user: &UserContext<'_>, typed: &str) -> Result<Suggestions, GraphError> {
    let words: String = typed.chars().filter(|letter| !matches!(letter, '"' | '\\')).collect();
    let mut request = GraphRequest::get(Workload::Directory, PEOPLE, "/users")
        .query(QueryOption::Select, "id,displayName,mail,userPrincipalName")
        .top(ENTRIES);
    if !words.trim().is_empty() {
        let search = format!("\"displayName:{words}\" OR \"mail:{words}\"");
        request = request.query(QueryOption::Search, &search).eventually_consistent();
    }
    let body = user.graph.get(&request).await?;
    let page: Page<'_, Profile<'_>> = body.parse()?;
    let extent = Extent::of(&page);
    let addresses = page.value.into_iter().filter_map(|person| person.mail.or(person.user_principal_name));
    Ok(Suggestions { values: addresses.map(|address| Suggestion::plain(&*address)).collect(), extent })
}
