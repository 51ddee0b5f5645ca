//! Reads as many of Graph's pages as one page of ours takes, within bounds.

use std::borrow::Cow;
use std::cell::OnceCell;

use serde::{Deserialize, Serialize};

use super::plan::{Paging, Plan};
use crate::graph::{GraphBody, GraphError, GraphRequest, Message, Page, UserGraph};
use crate::tools::error::ToolError;

/// Messages that are looked at for one answer where some are sorted out.
const EXAMINED: usize = 250;
/// Pages of one answer.
const PAGES: usize = 10;
/// Graph's own bound on the results of one `$search`.
/// Source: <https://learn.microsoft.com/graph/search-query-parameter>.
const SEARCH_RESULTS: usize = 1_000;

/// Room for the pages of one answer, from which it borrows.
#[derive(Debug, Default)]
pub(in crate::tools) struct Slots([OnceCell<GraphBody>; PAGES]);

/// Where the next answer begins.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::tools) struct Position {
    /// Graph's page; `None` is the first.
    link: Option<String>,
    /// Messages to pass over: of that page, or of all that were gathered.
    skip: usize,
    /// Messages given in earlier answers.
    given: usize,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Ended {
    Complete,
    /// Why, and how to go on.
    Partial(Cow<'static, str>),
}

#[derive(Debug)]
pub(super) struct Found<'b> {
    pub(super) messages: Vec<Message<'b>>,
    pub(super) ended: Ended,
    pub(super) next: Option<Position>,
    /// All that fit, where that is known.
    pub(super) total: Option<usize>,
}

const MORE: &str = "There are more messages; go on with nextCursor.";

/// One answer's worth of messages from `from` on.
pub(super) async fn find<'b>(
    graph: &UserGraph<'_>,
    plan: &Plan<'_>,
    request: &GraphRequest,
    from: &Position,
    slots: &'b Slots,
) -> Result<Found<'b>, ToolError> {
    match plan.paging {
        Paging::Straight | Paging::Scan => scan(graph, plan, request, from, slots).await,
        Paging::Gather => gather(graph, plan, request, from, slots).await,
    }
}

async fn scan<'b>(
    graph: &UserGraph<'_>,
    plan: &Plan<'_>,
    request: &GraphRequest,
    from: &Position,
    slots: &'b Slots,
) -> Result<Found<'b>, ToolError> {
    let mut messages: Vec<Message<'b>> = Vec::with_capacity(plan.limit);
    let mut at = from.clone();
    let mut examined = 0;
    for (number, slot) in slots.0.iter().enumerate() {
        let page = match fetch(graph, request, at.link.as_deref(), slot).await {
            Ok(page) => page,
            Err(error) if number > 0 && error.is_passing() => return Ok(interrupted(messages, at, from)),
            Err(error) => return Err(error.into()),
        };
        for (index, message) in page.value.into_iter().enumerate().skip(at.skip) {
            if messages.len() == plan.limit {
                at.skip = index;
                return Ok(partial(messages, MORE, at, from));
            }
            examined += 1;
            if plan.admits(&message) {
                messages.push(message);
            }
        }
        let Some(link) = page.next_link else { return Ok(exhausted(messages, plan, from)) };
        at = Position { link: Some(link.into_cow().into_owned()), skip: 0, given: 0 };
        if messages.len() >= plan.limit {
            return Ok(partial(messages, MORE, at, from));
        }
        if examined >= EXAMINED {
            break;
        }
    }
    let reason = format!(
        "Microsoft 365 could not be asked for all conditions at once, so {examined} messages were looked at one by \
         one; there are more. Go on with nextCursor, or narrow the search."
    );
    Ok(partial(messages, reason, at, from))
}

async fn gather<'b>(
    graph: &UserGraph<'_>,
    plan: &Plan<'_>,
    request: &GraphRequest,
    from: &Position,
    slots: &'b Slots,
) -> Result<Found<'b>, ToolError> {
    let mut messages: Vec<Message<'b>> = Vec::new();
    let mut link: Option<Cow<'b, str>> = None;
    let mut examined = 0;
    let mut rest: Option<&'static str> = None;
    for (number, slot) in slots.0.iter().enumerate() {
        let page = match fetch(graph, request, link.as_deref(), slot).await {
            Ok(page) => page,
            Err(error) if number > 0 && error.is_passing() => {
                rest = Some(
                    "Microsoft 365 did not answer in time, so that older messages may be missing; try again.",
                );
                break;
            }
            Err(error) => return Err(error.into()),
        };
        examined += page.value.len();
        messages.extend(page.value.into_iter().filter(|message| plan.admits(message)));
        link = page.next_link.map(crate::graph::Text::into_cow);
        if link.is_none() {
            break;
        }
        if examined >= EXAMINED || number + 1 == PAGES {
            rest = Some(
                "Microsoft 365 gives search results newest first: these are the oldest of the newest 250. Narrow the \
                 time range to reach older ones.",
            );
            break;
        }
    }
    // Graph writes all times alike, in UTC, so that their order is that of the texts.
    messages
        .sort_by(|left, right| left.received_date_time.as_deref().cmp(&right.received_date_time.as_deref()));
    let total = messages.len();
    let page: Vec<_> = messages.into_iter().skip(from.skip).take(plan.limit).collect();
    let upto = from.skip + page.len();
    let next = (upto < total).then_some(Position { link: None, skip: upto, given: 0 });
    let ended = match (rest, &next) {
        (Some(rest), _) => Ended::Partial(rest.into()),
        (None, Some(_)) => Ended::Partial(MORE.into()),
        (None, None) => Ended::Complete,
    };
    Ok(Found { messages: page, ended, next, total: rest.is_none().then_some(total) })
}

async fn fetch<'b>(
    graph: &UserGraph<'_>,
    request: &GraphRequest,
    link: Option<&str>,
    slot: &'b OnceCell<GraphBody>,
) -> Result<Page<'b, Message<'b>>, GraphError> {
    let body = match link {
        Some(link) => graph.follow(request, link).await?,
        None => graph.get(request).await?,
    };
    slot.get_or_init(|| body).parse()
}

/// Graph has no further page.
fn exhausted<'b>(messages: Vec<Message<'b>>, plan: &Plan<'_>, from: &Position) -> Found<'b> {
    let capped = plan.is_search() && from.given + messages.len() >= SEARCH_RESULTS;
    let ended = if capped {
        Ended::Partial(
            "Microsoft 365 gives at most 1,000 search results; narrow the time range for others.".into(),
        )
    } else {
        Ended::Complete
    };
    Found { messages, ended, next: None, total: None }
}

fn interrupted<'b>(messages: Vec<Message<'b>>, at: Position, from: &Position) -> Found<'b> {
    partial(messages, "Microsoft 365 did not answer in time for the rest; go on with nextCursor.", at, from)
}

fn partial<'b>(
    messages: Vec<Message<'b>>,
    reason: impl Into<Cow<'static, str>>,
    at: Position,
    from: &Position,
) -> Found<'b> {
    let given = from.given + messages.len();
    Found {
        messages,
        ended: Ended::Partial(reason.into()),
        next: Some(Position { given, ..at }),
        total: None,
    }
}
