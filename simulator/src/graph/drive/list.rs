//! Which entries a page holds, and how to go on.

use std::cmp::Ordering;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::library::Item;
use super::refusal::FileRefusal;
use crate::graph::odata::query::Query;
use crate::graph::refusal::Refusal;
use crate::graph::request::GraphRequest;

/// Entries of a page where `$top` is not given.
const DEFAULT_TOP: usize = 200;
/// The most that `$top` may ask for.
const MOST: usize = 1_000;
/// The most items of a list that SharePoint gives at once: beyond is its threshold for views. It refuses no `$top`.
const MOST_LIST_ITEMS: usize = 5_000;

/// A page before it is written.
#[derive(Debug)]
pub(in crate::graph) struct Slice<T> {
    pub(in crate::graph) entries: Vec<T>,
    pub(in crate::graph) next_link: Option<String>,
}

/// One page of `entries`, by `$skiptoken`; refused where more is asked for than may be.
pub(in crate::graph) fn paged<T>(
    query: &Query,
    request: &GraphRequest<'_>,
    entries: Vec<T>,
) -> Result<Slice<T>, FileRefusal> {
    match query.top() {
        Some(asked) if asked > MOST => Err(FileRefusal::TopTooLarge { limit: MOST, asked }),
        top => cut(query, request, entries, top.unwrap_or(DEFAULT_TOP)),
    }
}

/// One page of the items of a list, as long as it may be where more is asked for.
pub(in crate::graph) fn paged_items<T>(
    query: &Query,
    request: &GraphRequest<'_>,
    entries: Vec<T>,
) -> Result<Slice<T>, FileRefusal> {
    cut(query, request, entries, query.top().unwrap_or(DEFAULT_TOP).min(MOST_LIST_ITEMS))
}

fn cut<T>(
    query: &Query,
    request: &GraphRequest<'_>,
    entries: Vec<T>,
    size: usize,
) -> Result<Slice<T>, FileRefusal> {
    let start = query.skip_token.as_deref().map_or(Ok(0), opened)?;
    let end = start.saturating_add(size);
    let next_link = (end < entries.len()).then(|| {
        format!("{}{}?{}", request.base_url, request.path, query.continued("skiptoken", &sealed(end)))
    });
    let entries = entries.into_iter().skip(start).take(end - start).collect();
    Ok(Slice { entries, next_link })
}

/// A place in a list, written so that nobody is tempted to count with it.
fn sealed(place: usize) -> String {
    URL_SAFE_NO_PAD.encode(format!("Paged=TRUE&p_ID={place}"))
}

fn opened(token: &str) -> Result<usize, FileRefusal> {
    URL_SAFE_NO_PAD
        .decode(token)
        .ok()
        .and_then(|bytes| String::from_utf8(bytes).ok())
        .and_then(|text| text.strip_prefix("Paged=TRUE&p_ID=")?.parse::<u32>().ok())
        .and_then(|place| usize::try_from(place).ok())
        .ok_or_else(|| {
            let expected = "a token of a next link";
            Refusal::InvalidOption { option: "$skiptoken", value: token.to_owned(), expected }.into()
        })
}

/// `$orderby` of drive items.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ItemOrder {
    key: Key,
    is_descending: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Key {
    Name,
    Size,
    Modified,
}

impl ItemOrder {
    /// By name where nothing is asked. The OneDrive API sorts by name, size and time of change alone.
    pub(super) fn parse(order_by: Option<&str>) -> Result<Self, FileRefusal> {
        let Some(text) = order_by else { return Ok(Self { key: Key::Name, is_descending: false }) };
        let refused = || FileRefusal::ValueNotSupported { option: "$orderby", value: text.to_owned() };
        let mut words = text.split_whitespace();
        let key = match words.next().map(str::to_ascii_lowercase).as_deref() {
            Some("name") => Key::Name,
            Some("size") => Key::Size,
            Some("lastmodifieddatetime") => Key::Modified,
            _ => return Err(refused()),
        };
        let is_descending = match words.next().map(str::to_ascii_lowercase).as_deref() {
            None | Some("asc") => false,
            Some("desc") => true,
            Some(_) => return Err(refused()),
        };
        if words.next().is_some() {
            return Err(refused());
        }
        Ok(Self { key, is_descending })
    }

    pub(super) fn order(self, left: &Item, right: &Item) -> Ordering {
        let by_name = || left.name.to_lowercase().cmp(&right.name.to_lowercase());
        let order = match self.key {
            Key::Name => by_name(),
            Key::Size => left.size.cmp(&right.size).then_with(by_name),
            Key::Modified => left.modified.cmp(&right.modified).then_with(by_name),
        };
        if self.is_descending { order.reverse() } else { order }
    }
}
