//! Lists whose items are made one by one, each of its own entry.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::basket::{Basket, everything};
use super::gathering::Stop;
use super::length::{Length, Shaped};
use super::onward::{Onward, Sentences};
use super::reading::{Ending, Opening, Position, Reading, Turn, link_of};
use super::start::Start;
use crate::graph::{GraphBody, GraphError, GraphRequest, Page};
use crate::tools::cursor::Binding;
use crate::tools::error::ToolError;
use crate::tools::list::List;
use crate::tools::review::{Review, Reviewed};
use crate::tools::user_context::UserContext;
use crate::tools::zone::Zone;

/// Pages of one answer.
pub(in crate::tools) const MOST_PAGES: u32 = 10;
const SENTENCES: Sentences =
    Sentences { full: "There is more; go on with nextCursor.", bound: Stop::Requests.reason() };

/// One answer's worth of a list.
#[derive(Debug)]
pub(in crate::tools) struct Collected<S> {
    pub(in crate::tools) items: Vec<S>,
    onward: Onward,
    /// Of all pages that were read, in bytes.
    pub(in crate::tools) size: usize,
}

/// Reads on from `from` until `limit` entries are shaped, the list or the call's time is over, or as many pages have
/// been read as one answer may take. `shape` gives nothing for an entry that is not shown.
pub(in crate::tools) async fn collect<S>(
    user: &UserContext<'_>,
    request: &GraphRequest,
    from: Position,
    limit: usize,
    shape: impl FnMut(&RawValue) -> Result<Option<S>, ToolError>,
) -> Result<Collected<S>, ToolError> {
    collect_or(user, request, from, limit, shape, ToolError::from).await
}

/// The same where the service has refusals of its own: `refused` says what they mean.
pub(in crate::tools) async fn collect_or<S>(
    user: &UserContext<'_>,
    request: &GraphRequest,
    from: Position,
    limit: usize,
    mut shape: impl FnMut(&RawValue) -> Result<Option<S>, ToolError>,
    refused: fn(GraphError) -> ToolError,
) -> Result<Collected<S>, ToolError> {
    read(user, request, from, limit, |raw| Ok(shape(raw)?.into()), refused).await
}

/// The same for an answer that is kept short: it ends, too, before the entry with which it would be too long.
pub(in crate::tools) async fn collect_short<S: Serialize>(
    user: &UserContext<'_>,
    request: &GraphRequest,
    from: impl Into<Opening>,
    limit: usize,
    review: &Review<'_>,
    mut shape: impl FnMut(&RawValue) -> Result<Option<S>, ToolError>,
) -> Result<Collected<S>, ToolError> {
    let mut length = Length::of_a_list();
    let shape = |raw: &RawValue| length.keep(review, || shape(raw));
    read(user, request, from, limit, shape, ToolError::from).await
}

async fn read<S>(
    user: &UserContext<'_>,
    request: &GraphRequest,
    from: impl Into<Opening>,
    limit: usize,
    mut shape: impl FnMut(&RawValue) -> Result<Shaped<S>, ToolError>,
    refused: fn(GraphError) -> ToolError,
) -> Result<Collected<S>, ToolError> {
    let (mut basket, mut size) = (Basket::of(limit), 0);
    let look = |body: GraphBody, skip| {
        size += body.size();
        basket.fill(body.parse_raw()?, skip, everything::<&RawValue>, &mut shape)
    };
    let reading = Reading { user, request, most_pages: MOST_PAGES, refused };
    let onward = Onward::told(reading.read(from, look).await?, &SENTENCES);
    Ok(Collected { items: basket.items, onward, size })
}

/// Reads a list from its beginning, as far as one answer goes, for somebody who looks for something in it and can't go on with
/// the rest. `shape` gives nothing for an entry that is of no use. Unless the ending is [`Ending::Complete`], what is looked
/// for may be among the rest.
pub(in crate::tools) async fn look_through<S>(
    user: &UserContext<'_>,
    request: &GraphRequest,
    mut shape: impl FnMut(&RawValue) -> Result<Option<S>, ToolError>,
    refused: fn(GraphError) -> ToolError,
) -> Result<(Vec<S>, Ending), ToolError> {
    let mut items = Vec::new();
    let look = |body: GraphBody, _| {
        let page: Page<'_, &RawValue> = body.parse_raw()?;
        for raw in page.value {
            items.extend(shape(raw)?);
        }
        Ok(Turn::On(link_of(page.next_link)))
    };
    let reading = Reading { user, request, most_pages: MOST_PAGES, refused };
    let (ending, _) = reading.read(Position::default(), look).await?;
    Ok((items, ending))
}

/// An entry of a page, read as what it is.
pub(in crate::tools) fn entry<'a, T: Deserialize<'a>>(raw: &'a RawValue) -> Result<T, ToolError> {
    serde_json::from_str(raw.get()).map_err(|_| GraphError::Unintelligible.into())
}

impl<S> Collected<S> {
    /// The items, and the rest with room for what is made of them.
    pub(in crate::tools) fn take<T>(self) -> (Vec<S>, Collected<T>) {
        let Self { items, onward, size } = self;
        (items, Collected { items: Vec::new(), onward, size })
    }
}

impl<T> Collected<Reviewed<T>> {
    /// The list, with a cursor for `binding` where there is more.
    pub(in crate::tools) fn into_list<U>(
        self,
        user: &UserContext<'_>,
        binding: &Binding<'_>,
        review: &Review<'_>,
    ) -> Result<List<T, U>, ToolError> {
        self.onward.into_list(self.items, user, binding, review)
    }

    /// The same of a list that depends on the time: its cursor says when `start` was, and in which zone it is read, so that the
    /// next answer is of the same list.
    pub(in crate::tools) fn into_list_as_of<U>(
        self,
        (start, zone): (&Start, &Zone),
        user: &UserContext<'_>,
        binding: &Binding<'_>,
        review: &Review<'_>,
    ) -> Result<List<T, U>, ToolError> {
        self.onward.map(|at| start.further(at, zone)).into_list(self.items, user, binding, review)
    }
}
