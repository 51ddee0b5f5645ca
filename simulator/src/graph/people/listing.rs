//! The list of people: which of them, in what order, and page by page.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;

use super::schema::{Entry, UserSchema, is_open};
use super::search::Search;
use super::{Asking, Person, profile};
use crate::graph::odata::filter::Filter;
use crate::graph::odata::orderby::OrderBy;
use crate::graph::prepared::Prepared;
use crate::graph::refusal::Refusal;
use crate::graph::refusal::directory::DirectoryRefusal;
use crate::graph::respond::{Page, bytes};

/// Page size where `$top` is not given.
const DEFAULT_TOP: usize = 100;
const MAX_TOP: usize = 999;
/// What every page token of the directory begins with.
const TOKEN: &str = "RFNwdAIAAQAAAA";

impl Asking<'_> {
    pub(super) fn list(&self) -> Result<Bytes, Refusal> {
        let (selection, chain, found) = (self.selection()?, self.chain_of_many()?, self.found()?);
        let write = |entry: &Entry<'_>| {
            let mut object = self.shown(entry.person, &selection);
            self.append_managers(&mut object, entry.person, chain.as_ref());
            object
        };
        let (shown, next_link) = self.page(&found)?;
        let page = Page {
            context: format!(
                "{}/$metadata#users{}",
                self.request.base_url,
                selection.context(&profile::names())
            ),
            count: self.counted(found.len()),
            value: shown.iter().map(write).collect(),
            next_link,
        };
        Ok(bytes(&page))
    }

    /// The entries of the page that is asked for, and the address of the next one.
    pub(super) fn page<'a, T>(&self, found: &'a [T]) -> Result<(&'a [T], Option<String>), DirectoryRefusal> {
        let query = &self.query;
        let size = match query.top() {
            Some(top) if top > MAX_TOP => return Err(DirectoryRefusal::PageSize(top)),
            top => top.unwrap_or(DEFAULT_TOP),
        };
        let start = query.skip_token.as_deref().map_or(Ok(0), opened)?;
        let end = start.saturating_add(size);
        let next_link = (end < found.len()).then(|| {
            let (base, path) = (self.request.base_url, self.request.path);
            format!("{base}{path}?{}", query.continued("skiptoken", &sealed(end)))
        });
        Ok((found.get(start..end.min(found.len())).unwrap_or_default(), next_link))
    }

    /// `@odata.count`, of the first page alone. Without eventual consistency the directory counts nothing, and doesn't say
    /// so.
    pub(super) fn counted(&self, found: usize) -> Option<usize> {
        let query = &self.query;
        (query.count && self.is_eventual() && query.skip_token.is_none()).then_some(found)
    }

    pub(super) fn count(&self) -> Result<Prepared, Refusal> {
        if !self.is_eventual() {
            return Err(DirectoryRefusal::CountWithoutEventual.into());
        }
        let body = Bytes::from(self.found()?.len().to_string());
        Ok(Prepared { content_type: Some("text/plain"), ..Prepared::json(body) })
    }

    fn is_eventual(&self) -> bool {
        self.request.consistency_level.is_some_and(|level| level.eq_ignore_ascii_case("eventual"))
    }

    fn found(&self) -> Result<Vec<Entry<'_>>, Refusal> {
        let query = &self.query;
        let is_advanced = self.is_eventual() && query.count;
        let mut entries: Vec<Entry<'_>> = Person::all(self.tenant).map(Entry::new).collect();
        if let Some(search) = &query.search {
            if !self.is_eventual() {
                return Err(DirectoryRefusal::SearchWithoutEventual.into());
            }
            let search = Search::parse(search)?;
            entries.retain(|entry| search.finds(entry.person));
        }
        if let Some(filter) = &query.filter {
            let filter = Filter::parse::<UserSchema>(filter)?;
            // A filter must not tell what isn't shown.
            if !self.scopes.whole_profiles() && filter.fields.iter().any(|field| !field.is_basic()) {
                return Err(Refusal::DirectoryAccessDenied);
            }
            is_open(&filter, is_advanced)?;
            entries.retain(|entry| filter.passes(entry));
        }
        if let Some(order_by) = &query.order_by {
            let order_by = OrderBy::parse::<UserSchema>(order_by)?;
            if order_by.fields().any(|field| !field.is_sortable()) {
                return Err(DirectoryRefusal::UnsupportedSort.into());
            }
            if (query.filter.is_some() || query.search.is_some()) && !is_advanced {
                return Err(DirectoryRefusal::AdvancedQuery("Sorting of a filtered list").into());
            }
            entries.sort_by(|left, right| order_by.order(left, right));
        }
        Ok(entries)
    }
}

fn sealed(place: usize) -> String {
    format!("{TOKEN}{}", URL_SAFE_NO_PAD.encode(place.to_string()))
}

fn opened(token: &str) -> Result<usize, DirectoryRefusal> {
    token
        .strip_prefix(TOKEN)
        .and_then(|place| URL_SAFE_NO_PAD.decode(place).ok())
        .and_then(|place| String::from_utf8(place).ok()?.parse().ok())
        .ok_or(DirectoryRefusal::PageToken)
}
