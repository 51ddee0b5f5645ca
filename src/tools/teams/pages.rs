//! Reads as many of Graph's pages as one page of ours takes, until there is enough or an item says that it is over.

use std::cell::OnceCell;

use serde::{Deserialize, Serialize};

use super::window::Understood;
use crate::graph::{GraphBody, GraphError, GraphRequest, Page, Text, UserGraph};
use crate::tools::cursor::Binding;
use crate::tools::error::ToolError;
use crate::tools::list::{Ended, Gathering, INTERRUPTED, List};
use crate::tools::review::{Review, Reviewed};
use crate::tools::tool::UserContext;
use crate::tools::zone::moment;

/// Pages of one answer. Of chats and of the messages of one chat, Teams lets a user read one page a second.
const PAGES_OF_AN_ANSWER: u32 = 6;
const PAGES: usize = PAGES_OF_AN_ANSWER as usize;

const MORE: &str = "There may be more; go on with nextCursor.";
const UNFINISHED: &str = "As much was looked through as one answer may, and Microsoft 365 names a further page; go on \
                          with nextCursor, or narrow the search.";
/// Where Microsoft 365's own link to the next page is too long to be carried on, or leads somewhere else.
const NO_CURSOR: &str = "There may be more, but this list can't be continued; narrow it.";

/// Room for the pages of one answer, from which it borrows.
#[derive(Debug, Default)]
pub(in crate::tools) struct Slots([OnceCell<GraphBody>; PAGES]);

impl Slots {
    /// Of all pages that were read, in bytes.
    pub(in crate::tools) fn size(&self) -> usize {
        self.0.iter().filter_map(OnceCell::get).map(GraphBody::size).sum()
    }
}

/// Where a list begins: carried on in its cursor, so that "today" stays the same day on every page.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(in crate::tools) struct Start {
    /// In milliseconds since the Unix epoch.
    as_of: i64,
    /// Graph's page; `None` is the first.
    link: Option<String>,
    /// Items of that page to pass over.
    skip: usize,
}

impl Start {
    /// From the cursor, or at the beginning and now.
    pub(in crate::tools) fn of(
        user: &UserContext<'_>,
        cursor: Option<&str>,
        binding: &Binding<'_>,
    ) -> Result<Self, ToolError> {
        match cursor {
            Some(cursor) => user.cursors.open(cursor, binding, user.clock.now()),
            None => Ok(Self::now(user)),
        }
    }

    pub(in crate::tools) fn now(user: &UserContext<'_>) -> Self {
        Self { as_of: moment(user.clock.now()).as_millisecond(), link: None, skip: 0 }
    }

    pub(in crate::tools) fn is_first(&self) -> bool {
        self.link.is_none() && self.skip == 0
    }

    pub(super) fn as_of(&self) -> jiff::Timestamp {
        jiff::Timestamp::from_millisecond(self.as_of).unwrap_or(jiff::Timestamp::MAX)
    }
}

/// What becomes of an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::tools) enum Verdict {
    Given,
    PassedOver,
    /// Neither this item nor any behind it is wanted.
    Over,
}

/// One answer's worth of items.
#[derive(Debug)]
pub(in crate::tools) struct Gathered<T> {
    pub(in crate::tools) items: Vec<T>,
    pub(in crate::tools) ended: Ended,
    pub(in crate::tools) next: Option<Start>,
}

/// The first `limit` items from `from` on that are given, in Graph's order.
pub(in crate::tools) async fn gather<'b, T: Deserialize<'b>>(
    user: &UserContext<'_>,
    request: &GraphRequest,
    from: &Start,
    slots: &'b Slots,
    limit: usize,
    judge: impl Fn(&T) -> Verdict,
) -> Result<Gathered<T>, ToolError> {
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
            let verdict = judge(&item);
            if verdict == Verdict::Over {
                return Ok(Gathered { items, ended: Ended::Complete, next: None });
            }
            if verdict == Verdict::PassedOver {
                continue;
            }
            if items.len() == limit {
                at.skip = index;
                return Ok(partial(items, MORE, at));
            }
            items.push(item);
        }
        let Some(link) = page.next_link.map(Text::into_cow) else {
            return Ok(Gathered { items, ended: Ended::Complete, next: None });
        };
        if !user.graph.leads_on(request, &link) {
            return Ok(Gathered { items, ended: Ended::Partial(NO_CURSOR.into()), next: None });
        }
        at.link = Some(link.into_owned());
        at.skip = 0;
        if items.len() >= limit {
            return Ok(partial(items, MORE, at));
        }
    }
    Ok(partial(items, UNFINISHED, at))
}

fn partial<T>(items: Vec<T>, reason: &'static str, next: Start) -> Gathered<T> {
    Gathered { items, ended: Ended::Partial(reason.into()), next: Some(next) }
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

/// The list of what was gathered, with a cursor for `binding` where there is more.
pub(in crate::tools) fn into_list<T>(
    (ended, next): (Ended, Option<impl Serialize>),
    items: Vec<Reviewed<T>>,
    understood: Understood,
    user: &UserContext<'_>,
    binding: &Binding<'_>,
    review: &Review<'_>,
) -> Result<List<T, Understood>, ToolError> {
    let has_more = next.is_some();
    let next_cursor = match next {
        Some(next) => user.cursors.seal(&next, binding, user.clock.now())?,
        None => None,
    };
    let ended = match ended {
        Ended::Partial(_) if has_more && next_cursor.is_none() => Ended::Partial(NO_CURSOR.into()),
        ended => ended,
    };
    Ok(List::new(items, ended, next_cursor, review).understood(understood))
}
