//! Cuts a list into pages.

use super::Asking;
use crate::graph::exchange_page::page_size;
use crate::graph::refusal::Refusal;
use crate::graph::respond::{Object, Page};

/// One page of `entries` by `$skip`, written by `write`.
pub(super) fn paged<T>(
    asking: &Asking<'_>,
    context: String,
    entries: &[T],
    write: impl Fn(&T) -> Object,
) -> Result<Page, Refusal> {
    let query = &asking.query;
    if query.skip_token.is_some() {
        return Err(Refusal::UnsupportedOption("$skiptoken"));
    }
    let start = query.skip.unwrap_or(0);
    let end = start.saturating_add(page_size(query)?);
    let next_link = (end < entries.len()).then(|| {
        let (base, path) = (asking.request.base_url, asking.request.path);
        format!("{base}{path}?{}", query.continued("skip", &end.to_string()))
    });
    Ok(Page {
        context,
        count: (query.count && start == 0).then_some(entries.len()),
        value: entries.iter().skip(start).take(end.saturating_sub(start)).map(write).collect(),
        next_link,
    })
}
