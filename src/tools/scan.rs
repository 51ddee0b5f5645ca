//! Reads as many of Graph's pages as one page of ours takes, and sorts out what does not fit.

use std::cell::OnceCell;

use serde::{Deserialize, Serialize};

use super::error::ToolError;
use super::list::{Ended, Gathering, INTERRUPTED};
use super::tool::UserContext;
use crate::graph::{GraphBody, GraphError, GraphRequest, Page, Text, UserGraph};

/// Pages of one answer.
const PAGES_OF_AN_ANSWER: u32 = 10;
const PAGES: usize = PAGES_OF_AN_ANSWER as usize;

const MORE: &str = "There may be more; go on with nextCursor.";
const UNFINISHED: &str = "As much was looked through as one answer may, and Microsoft 365 names a further page; go on with \
                          nextCursor, or narrow the search.";
/// Where Microsoft 365's own link to the next page is too long to be carried on, or leads somewhere else.
pub(super) const NO_CURSOR: &str = "There may be more, but this list can't be continued; narrow it.";

/// Room for the pages of one answer, from which it borrows.
#[derive(Debug, Default)]
pub(super) struct Slots([OnceCell<GraphBody>; PAGES]);

impl Slots {
    /// Of all pages that were read, in bytes.
    pub(super) fn size(&self) -> usize {
        self.0.iter().filter_map(OnceCell::get).map(GraphBody::size).sum()
    }
}

/// Where the next answer begins.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Position {
    /// Graph's page; `None` is the first.
    link: Option<String>,
    /// Items of that page to pass over.
    skip: usize,
}

#[derive(Debug)]
pub(super) struct Scanned<T> {
    pub(super) items: Vec<T>,
    pub(super) ended: Ended,
    pub(super) next: Option<Position>,
}

/// The first `limit` items from `from` on that `admits` lets pass, in Graph's order.
pub(super) async fn scan<'b, T: Deserialize<'b>>(
    user: &UserContext<'_>,
    request: &GraphRequest,
    from: &Position,
    slots: &'b Slots,
    limit: usize,
    admits: impl Fn(&T) -> bool,
) -> Result<Scanned<T>, ToolError> {
    let mut items: Vec<T> = Vec::with_capacity(limit);
    let mut at = from.clone();
    let mut gathering = Gathering::new(user, PAGES_OF_AN_ANSWER);
    for slot in &slots.0 {
        if let Err(stop) = gathering.next_page() {
            return Ok(partial(items, stop.reason(), at));
        }
        let page: Page<'b, T> =
            match gathering.in_time(fetch(user.graph, request, at.link.as_deref(), slot)).await {
                Ok(page) => page,
                Err(error) if gathering.survives(&error) => return Ok(partial(items, INTERRUPTED, at)),
                Err(error) => return Err(error.into()),
            };
        for (index, item) in page.value.into_iter().enumerate().skip(at.skip) {
            if items.len() == limit {
                at.skip = index;
                return Ok(partial(items, MORE, at));
            }
            if admits(&item) {
                items.push(item);
            }
        }
        let Some(link) = page.next_link.map(Text::into_cow) else {
            return Ok(Scanned { items, ended: Ended::Complete, next: None });
        };
        if !user.graph.leads_on(request, &link) {
            return Ok(Scanned { items, ended: Ended::Partial(NO_CURSOR.into()), next: None });
        }
        at = Position { link: Some(link.into_owned()), skip: 0 };
        if items.len() >= limit {
            return Ok(partial(items, MORE, at));
        }
    }
    Ok(partial(items, UNFINISHED, at))
}

fn partial<T>(items: Vec<T>, reason: &'static str, next: Position) -> Scanned<T> {
    Scanned { items, ended: Ended::Partial(reason.into()), next: Some(next) }
}

async fn fetch<'b, T: Deserialize<'b>>(
    graph: &UserGraph<'_>,
    request: &GraphRequest,
    link: Option<&str>,
    slot: &'b OnceCell<GraphBody>,
) -> Result<Page<'b, T>, GraphError> {
    let body = match link {
        Some(link) => graph.follow(request, link).await?,
        None => graph.get(request).await?,
    };
    slot.get_or_init(|| body).parse()
}
