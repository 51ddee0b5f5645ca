//! Sites, and the lists of one.

use connector_actors::throttle::Workload;

use super::suggestion::{Extent, Suggestion, Suggestions};
use crate::graph::{GraphError, GraphRequest, Page, PathSegment, QueryOption, Site, SiteList};
use crate::tools::review::Review;
use crate::tools::user_context::UserContext;

pub(super) const SITES: &[&str] = &["Sites.Read.All"];

/// Lists that are asked for.
const ENTRIES: u32 = 100;

pub(super) async fn site_addresses(user: &UserContext<'_>, typed: &str) -> Result<Suggestions, GraphError> {
    sites(user, typed, |site| site.web_url.as_deref().map(Suggestion::plain)).await
}

pub(super) async fn site_ids(user: &UserContext<'_>, typed: &str) -> Result<Suggestions, GraphError> {
    sites(user, typed, |site| Some(Suggestion::named(&*site.id, named(site.display_name.as_deref())))).await
}

/// Nothing is looked for until something is typed: an organisation can have any number of sites.
async fn sites(
    user: &UserContext<'_>,
    typed: &str,
    suggestion: impl Fn(&Site<'_>) -> Option<Suggestion>,
) -> Result<Suggestions, GraphError> {
    if typed.is_empty() {
        return Ok(Suggestions::none(Extent::Some));
    }
    let request =
        GraphRequest::get(Workload::SharePoint, SITES, "/sites").query(QueryOption::PlainSearch, typed);
    let body = user.graph.get(&request).await?;
    let page: Page<'_, Site<'_>> = body.parse()?;
    let review = Review::of(user);
    let extent = Extent::of(&page);
    let admitted = page.value.into_iter().filter_map(|site| review.admit(site));
    Ok(Suggestions { values: admitted.filter_map(|site| suggestion(site.peek())).collect(), extent })
}

/// Those that people see.
pub(super) async fn lists(user: &UserContext<'_>, site: Option<&String>) -> Result<Suggestions, GraphError> {
    let Some(site) = site.and_then(|site| PathSegment::new(site).ok()) else {
        return Ok(Suggestions::none(Extent::All));
    };
    let request =
        GraphRequest::get(Workload::SharePoint, SITES, "/sites").segment(site).part("/lists").top(ENTRIES);
    let body = user.graph.get(&request).await?;
    let page: Page<'_, SiteList<'_>> = body.parse()?;
    let review = Review::of(user);
    let is_shown = |list: &SiteList<'_>| list.list.as_ref().is_none_or(|facet| facet.hidden != Some(true));
    let extent = Extent::of(&page);
    let admitted = page.value.into_iter().filter(is_shown).filter_map(|list| review.admit(list));
    let suggestion = |list: &SiteList<'_>| Suggestion::named(&*list.id, named(list.display_name.as_deref()));
    Ok(Suggestions { values: admitted.map(|list| suggestion(list.peek())).collect(), extent })
}

fn named(name: Option<&str>) -> &str {
    name.unwrap_or_default()
}
