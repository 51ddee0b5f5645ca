//! Which messages or folders a page holds, and how to go on.

use std::cmp::Reverse;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::schema::{Entry, MessageSchema};
use super::{Reading, folder};
use crate::graph::exchange_page::page_size;
use crate::graph::kql::{self, Kql};
use crate::graph::odata::filter::Filter;
use crate::graph::odata::orderby::OrderBy;
use crate::graph::refusal::Refusal;
use crate::graph::scopes::MailAccess;

/// More than this no search gives, however many pages are read.
const MAX_SEARCH_RESULTS: usize = 1_000;

/// A page before it is written.
pub(super) struct List<T> {
    pub(super) entries: Vec<T>,
    /// Of all pages; on the first page alone, and where it was asked for.
    pub(super) count: Option<usize>,
    pub(super) next_link: Option<String>,
}

/// Messages by `$filter` and `$orderby`; newest first where no order is asked for.
pub(super) fn messages<'a>(
    reading: &'a Reading<'_>,
    folder: Option<usize>,
) -> Result<List<Entry<'a>>, Refusal> {
    let filter = reading.query.filter.as_deref().map(Filter::parse::<MessageSchema>).transpose()?;
    let order_by = reading.query.order_by.as_deref().map(OrderBy::parse::<MessageSchema>).transpose()?;
    if let (Some(filter), Some(order_by)) = (&filter, &order_by) {
        order_by.agrees_with(filter)?;
    }
    let reads_bodies =
        filter.as_ref().is_some_and(|filter| filter.fields.iter().any(|field| field.is_body()));
    if reads_bodies && reading.access == MailAccess::Basic {
        return Err(Refusal::MailAccessDenied);
    }
    let mut entries = within(reading, folder);
    if let Some(filter) = filter {
        entries.retain(|entry| filter.passes(entry));
    }
    if let Some(order_by) = order_by {
        entries.sort_by(|left, right| order_by.order(left, right));
    }
    paged(reading, entries)
}

/// Messages by `$search`: the latest sent first, at most a thousand.
pub(super) fn search<'a>(
    reading: &'a Reading<'_>,
    folder: Option<usize>,
    search: &str,
) -> Result<List<Entry<'a>>, Refusal> {
    if reading.access == MailAccess::Basic {
        return Err(Refusal::MailAccessDenied);
    }
    if reading.query.order_by.is_some() {
        return Err(Refusal::SearchWithOrderBy);
    }
    if reading.query.filter.is_some() {
        return Err(Refusal::SearchWithFilter);
    }
    if reading.query.skip.is_some() {
        return Err(Refusal::SearchWithSkip);
    }
    let kql = Kql::parse(search)?;
    let start = reading.query.skip_token.as_deref().map_or(Ok(0), opened)?;
    let mut entries = within(reading, folder);
    entries.retain(|entry| kql::matches(&kql, entry.message));
    entries.sort_by_key(|entry| Reverse(entry.message.sent));
    entries.truncate(MAX_SEARCH_RESULTS);
    let end = start.saturating_add(page_size(&reading.query)?);
    let next_link = (end < entries.len()).then(|| next_link(reading, "skiptoken", &sealed(end)));
    Ok(List { entries: slice(entries, start, end), count: None, next_link })
}

/// Folders under `parent`. Exchange has no rule here that ties `$orderby` to `$filter`.
pub(super) fn folders<'a>(
    reading: &'a Reading<'_>,
    parent: usize,
) -> Result<List<folder::Entry<'a>>, Refusal> {
    let mailbox = reading.mailbox;
    let filter = reading.query.filter.as_deref().map(Filter::parse::<folder::FolderSchema>).transpose()?;
    let order_by =
        reading.query.order_by.as_deref().map(OrderBy::parse::<folder::FolderSchema>).transpose()?;
    let mut entries: Vec<_> = mailbox
        .folders
        .iter()
        .enumerate()
        .filter(|(place, folder)| folder.parent == parent && *place != 0)
        .map(|(_, folder)| folder::Entry { mailbox, folder })
        .filter(|entry| reading.query.include_hidden_folders || !entry.folder.is_hidden)
        .filter(|entry| filter.as_ref().is_none_or(|filter| filter.passes(entry)))
        .collect();
    match order_by {
        Some(order_by) => entries.sort_by(|left, right| order_by.order(left, right)),
        None => entries.sort_by_key(|entry| entry.folder.name),
    }
    paged(reading, entries)
}

/// One page of `entries` by `$skip`.
pub(super) fn paged<T>(reading: &Reading<'_>, entries: Vec<T>) -> Result<List<T>, Refusal> {
    if reading.query.skip_token.is_some() {
        return Err(Refusal::UnsupportedOption("$skiptoken"));
    }
    let start = reading.query.skip.unwrap_or(0);
    let end = start.saturating_add(page_size(&reading.query)?);
    let count = (reading.query.count && start == 0).then_some(entries.len());
    let next_link = (end < entries.len()).then(|| next_link(reading, "skip", &end.to_string()));
    Ok(List { entries: slice(entries, start, end), count, next_link })
}

fn within<'a>(reading: &'a Reading<'_>, folder: Option<usize>) -> Vec<Entry<'a>> {
    let mailbox = reading.mailbox;
    mailbox
        .messages
        .iter()
        .filter(|message| folder.is_none_or(|place| place == message.folder))
        .map(|message| Entry { mailbox, message })
        .collect()
}

fn slice<T>(entries: Vec<T>, start: usize, end: usize) -> Vec<T> {
    entries.into_iter().skip(start).take(end.saturating_sub(start)).collect()
}

fn next_link(reading: &Reading<'_>, option: &str, place: &str) -> String {
    format!("{}{}?{}", reading.base_url, reading.path, reading.query.continued(option, place))
}

/// A place in a search, written so that nobody is tempted to count with it.
fn sealed(place: usize) -> String {
    URL_SAFE_NO_PAD.encode(format!("s:{place}"))
}

fn opened(token: &str) -> Result<usize, Refusal> {
    URL_SAFE_NO_PAD
        .decode(token)
        .ok()
        .and_then(|bytes| String::from_utf8(bytes).ok())
        .and_then(|text| text.strip_prefix("s:")?.parse().ok())
        .ok_or_else(|| Refusal::InvalidOption {
            option: "$skiptoken",
            value: token.to_owned(),
            expected: "a token of a next link",
        })
}
