//! Collections of Graph's, read page by page as far as one answer goes.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::cursor::Binding;
use super::error::ToolError;
use super::list::{Ended, Gathering, INTERRUPTED, List};
use super::review::{Review, Reviewed};
use super::tool::UserContext;
use crate::graph::{GraphBody, GraphError, GraphRequest, Page, Text, UserGraph};

/// Pages of one answer.
const PAGES: u32 = 10;
const MORE: &str = "There is more; go on with nextCursor.";
/// Where the last page came to its end just when there was enough: what follows has not been looked at.
const PERHAPS_MORE: &str = "There may be more; go on with nextCursor.";
/// Where Microsoft 365's own link to the next page is too long to be carried on, or leads somewhere else.
const NO_CURSOR: &str = "There may be more, but this list can't be continued; narrow it.";

/// Where the next answer begins.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Position {
    /// Graph's page; `None` is the first.
    link: Option<String>,
    /// Entries of that page to pass over.
    skip: usize,
}

impl Position {
    /// From the cursor, or at the beginning.
    pub(super) fn of(
        user: &UserContext<'_>,
        cursor: Option<&str>,
        binding: &Binding<'_>,
    ) -> Result<Self, ToolError> {
        match cursor {
            Some(cursor) => user.cursors.open(cursor, binding, user.clock.now()),
            None => Ok(Self::default()),
        }
    }

    /// Whether nothing has been given yet.
    pub(super) fn is_start(&self) -> bool {
        *self == Self::default()
    }
}

/// One answer's worth of a collection.
#[derive(Debug)]
pub(super) struct Collected<S> {
    pub(super) items: Vec<S>,
    ended: Ended,
    next: Option<Position>,
    /// Of all pages that were read, in bytes.
    pub(super) size: usize,
}

/// Reads on from `from` until `limit` entries are shaped, the collection or the call's time is over, or as many pages
/// have been read as one answer may take. `shape` gives nothing for an entry that is not shown.
pub(super) async fn collect<S>(
    user: &UserContext<'_>,
    request: &GraphRequest,
    from: Position,
    limit: usize,
    shape: impl FnMut(&RawValue) -> Result<Option<S>, ToolError>,
) -> Result<Collected<S>, ToolError> {
    collect_or(user, request, from, limit, shape, ToolError::from).await
}

/// The same where the service has refusals of its own: `refused` says what they mean.
pub(super) async fn collect_or<S>(
    user: &UserContext<'_>,
    request: &GraphRequest,
    from: Position,
    limit: usize,
    mut shape: impl FnMut(&RawValue) -> Result<Option<S>, ToolError>,
    refused: fn(GraphError) -> ToolError,
) -> Result<Collected<S>, ToolError> {
    let mut collected = Collected { items: Vec::new(), ended: Ended::Complete, next: None, size: 0 };
    let mut at = from;
    let mut gathering = Gathering::new(user, PAGES);
    loop {
        if let Err(stop) = gathering.next_page() {
            return Ok(collected.stopped(stop.reason(), at));
        }
        let body = match gathering.in_time(fetch(user.graph, request, at.link.as_deref())).await {
            Ok(body) => body,
            Err(error) if gathering.survives(&error) => return Ok(collected.stopped(INTERRUPTED, at)),
            Err(error) => return Err(refused(error)),
        };
        collected.size += body.size();
        let page: Page<'_, &RawValue> = body.parse_raw()?;
        for (index, entry) in page.value.into_iter().enumerate().skip(at.skip) {
            if collected.items.len() == limit {
                at.skip = index;
                return Ok(collected.stopped(MORE, at));
            }
            collected.items.extend(shape(entry)?);
        }
        let Some(link) = page.next_link else { return Ok(collected) };
        if !user.graph.leads_on(request, &link) {
            return Ok(Collected { ended: Ended::Partial(NO_CURSOR.into()), ..collected });
        }
        at = Position { link: Some(Text::into_cow(link).into_owned()), skip: 0 };
        if collected.items.len() >= limit {
            return Ok(collected.stopped(PERHAPS_MORE, at));
        }
    }
}

async fn fetch(
    graph: &UserGraph<'_>,
    request: &GraphRequest,
    link: Option<&str>,
) -> Result<GraphBody, GraphError> {
    match link {
        Some(link) => graph.follow(request, link).await,
        None => graph.get(request).await,
    }
}

/// An entry of a page, read as what it is.
pub(super) fn entry<'a, T: Deserialize<'a>>(raw: &'a RawValue) -> Result<T, ToolError> {
    serde_json::from_str(raw.get()).map_err(|_| GraphError::Unintelligible.into())
}

impl<S> Collected<S> {
    /// The items, and the rest with room for what is made of them.
    pub(super) fn take<T>(self) -> (Vec<S>, Collected<T>) {
        let Self { items, ended, next, size } = self;
        (items, Collected { items: Vec::new(), ended, next, size })
    }

    fn stopped(self, reason: &'static str, at: Position) -> Self {
        Self { ended: Ended::Partial(reason.into()), next: Some(at), ..self }
    }
}

impl<T> Collected<Reviewed<T>> {
    /// The list, with a cursor for `binding` where there is more.
    pub(super) fn into_list<U>(
        self,
        user: &UserContext<'_>,
        binding: &Binding<'_>,
        review: &Review<'_>,
    ) -> Result<List<T, U>, ToolError> {
        let has_more = self.next.is_some();
        let next_cursor = match self.next {
            Some(next) => user.cursors.seal(&next, binding, user.clock.now())?,
            None => None,
        };
        let ended = match self.ended {
            Ended::Partial(_) if has_more && next_cursor.is_none() => Ended::Partial(NO_CURSOR.into()),
            ended => ended,
        };
        Ok(List::new(self.items, ended, next_cursor, review))
    }
}
