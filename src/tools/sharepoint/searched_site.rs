//! The site that a search is narrowed to, by `siteUrl`.

use std::borrow::Cow;

use super::access::SITE;
use super::site_address::SiteAddress;
use super::site_reference::{SiteReference, site_itself};
use crate::graph::{GraphError, Site};
use crate::tools::error::ToolError;
use crate::tools::sought::{Sought, Thing};
use crate::tools::tool::ToolCall;

/// Of the tools that search within a site.
const SITE_URL: Sought = Sought::new("siteUrl", Thing::Site);
const UNCHECKED: &str = "siteUrl: nothing was found in it, and whether there is such a site could not be learned; check the \
                         address.";
const WHOLE: &str = "siteUrl: whether a site of its own stands at the address could not be learned without Sites.Read.All; the \
                     whole site that the address begins with was searched.";

/// The address of the site that `siteUrl` names, and what is to be said where it may not be looked for a site below that one.
pub(super) async fn site_to_search(
    call: &ToolCall<'_>,
    text: &str,
) -> Result<(SiteAddress, Option<Cow<'static, str>>), ToolError> {
    let reference = SiteReference::parse(SITE_URL.argument, text)?;
    if reference.may_be_below() && !call.graph.may_ask(SITE).await? {
        return Ok((reference.told_address().ok_or(GraphError::Unintelligible)?, Some(WHOLE.into())));
    }
    let (reference, _) = reference.undermost(call).await.map_err(|error| SITE_URL.explain(error))?;
    if let Some(address) = reference.told_address() {
        return Ok((address, None));
    }
    let body = site_itself(call, &reference).await.map_err(|error| SITE_URL.explain(error))?;
    let address = body.parse::<Site<'_>>()?.web_url.as_deref().and_then(SiteAddress::of_web_url);
    Ok((address.ok_or(GraphError::Unintelligible)?, None))
}

/// Where nothing was found in the site that `siteUrl` names by its address: an error where it is not there or not shared,
/// for a search finds nothing in such a site and says no more. A note, where that can't be learned.
pub(super) async fn require_site(
    call: &ToolCall<'_>,
    text: &str,
) -> Result<Option<Cow<'static, str>>, ToolError> {
    let reference = SiteReference::parse(SITE_URL.argument, text)?;
    if reference.told_address().is_none() {
        // It was asked for.
        return Ok(None);
    }
    if !call.graph.may_ask(SITE).await? {
        return Ok(Some(UNCHECKED.into()));
    }
    if reference.may_be_below() {
        // It was asked for, with those below it.
        return Ok(None);
    }
    match site_itself(call, &reference).await {
        Ok(_) => Ok(None),
        Err(error) if error.is_unnamed() => Err(SITE_URL.explain(error)),
        Err(ToolError::Internal(error)) => Err(error.into()),
        Err(ToolError::Actionable(_)) => Ok(Some(UNCHECKED.into())),
    }
}
