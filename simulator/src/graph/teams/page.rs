//! Which entries a page holds, and how to go on: `$top` and `$skiptoken`; and what comes along.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;

use super::page_size::PageSize;
use super::refusal::TeamsRefusal;
use crate::graph::odata::expand;
use crate::graph::odata::query::Query;
use crate::graph::refusal::Refusal;
use crate::graph::respond::Object;

const MARK: &str = "RID:~sim#RT:";

/// One page of a collection. Teams counts what is on the page, not what there is.
#[derive(Debug, Serialize)]
pub(super) struct Listing {
    #[serde(rename = "@odata.context")]
    pub(super) context: String,
    #[serde(rename = "@odata.count")]
    pub(super) count: usize,
    #[serde(rename = "@odata.nextLink", skip_serializing_if = "Option::is_none")]
    pub(super) next_link: Option<String>,
    #[serde(rename = "@odata.deltaLink", skip_serializing_if = "Option::is_none")]
    pub(super) delta_link: Option<String>,
    pub(super) value: Vec<Object>,
}

impl Listing {
    pub(super) const fn new(context: String, value: Vec<Object>, next_link: Option<String>) -> Self {
        Self { context, count: value.len(), next_link, delta_link: None, value }
    }
}

/// A page before it is written.
#[derive(Debug)]
pub(super) struct Slice {
    /// Places of what is listed.
    pub(super) entries: Vec<usize>,
    /// The query of the next page.
    pub(super) next: Option<String>,
}

/// What `$expand` names, in the order of `known`; the options within are of no account here.
pub(super) fn expansions(query: &Query, known: &[&'static str]) -> Result<Vec<&'static str>, TeamsRefusal> {
    let expand = query.expand.as_deref();
    let asked = expand::parse(expand, known).map_err(|_| TeamsRefusal::NotSupported {
        option: "$expand",
        value: expand.unwrap_or_default().to_owned(),
    })?;
    let is_asked = |name: &&&str| asked.iter().any(|expansion| expansion.name == **name);
    Ok(known.iter().filter(is_asked).copied().collect())
}

/// One page of `entries`; refused where more is asked for than may be.
pub(super) fn cut(query: &Query, entries: Vec<usize>, size: PageSize) -> Result<Slice, TeamsRefusal> {
    let PageSize { default, most } = size;
    if let Some(asked) = query.top().filter(|top| *top > most) {
        return Err(Refusal::TopTooLarge { limit: most, asked }.into());
    }
    let start = query.skip_token.as_deref().map_or(Ok(0), opened)?;
    let end = start.saturating_add(query.top().unwrap_or(default));
    let next = (end < entries.len()).then(|| query.continued("skiptoken", &sealed(end)));
    Ok(Slice { entries: entries.into_iter().skip(start).take(end - start).collect(), next })
}

/// A place in a list, written so that nobody is tempted to count with it.
pub(super) fn sealed(place: usize) -> String {
    URL_SAFE_NO_PAD.encode(format!("{MARK}{place}"))
}

fn opened(token: &str) -> Result<usize, TeamsRefusal> {
    let place = URL_SAFE_NO_PAD.decode(token).ok().and_then(|bytes| {
        let text = String::from_utf8(bytes).ok()?;
        usize::try_from(text.strip_prefix(MARK)?.parse::<u32>().ok()?).ok()
    });
    let refused = || Refusal::InvalidOption {
        option: "$skiptoken",
        value: token.to_owned(),
        expected: "a token of a next link",
    };
    place.ok_or_else(|| refused().into())
}
