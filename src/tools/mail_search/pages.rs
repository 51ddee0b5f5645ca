//! Reads as many of Graph's pages as one page of ours takes, within bounds.

use std::borrow::Cow;
use std::cell::OnceCell;

use serde::{Deserialize, Serialize};

use super::plan::{Paging, Plan};
use crate::graph::{GraphBody, GraphError, GraphRequest, Message, Page, UserGraph};
use crate::tools::error::ToolError;
use crate::tools::list::{Ended, Gathering, INTERRUPTED};
use crate::tools::tool::UserContext;

/// Messages that are looked at for one answer where some are sorted out.
const EXAMINED: usize = 250;
/// Pages of one answer.
const PAGES_OF_AN_ANSWER: u32 = 10;
const PAGES: usize = PAGES_OF_AN_ANSWER as usize;
/// Graph's own bound on the results of one `$search`.
/// Source: <https://learn.microsoft.com/graph/search-query-parameter>.
const SEARCH_RESULTS: usize = 1_000;

/// Room for the pages of one answer, from which it borrows.
#[derive(Debug, Default)]
pub(in crate::tools) struct Slots([OnceCell<GraphBody>; PAGES]);

impl Slots {
    /// Of all pages that were read, in bytes.
    pub(in crate::tools) fn size(&self) -> usize {
        self.0.iter().filter_map(OnceCell::get).map(GraphBody::size).sum()
    }
}

/// Where the next answer begins.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::tools) struct Position {
    /// Graph's page; `None` is the first.
    link: Option<String>,
    /// Messages of that page to pass over.
    skip: usize,
    /// Messages that earlier answers looked at.
    examined: usize,
    /// The last message given, where the order is made here.
    behind: Option<Place>,
}

/// A message's place from oldest to newest. Graph writes all times alike, in UTC, so that their order is that of the
/// texts; of messages of the same second the ids make one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
struct Place {
    received: String,
    id: String,
}

impl Place {
    fn of(message: &Message<'_>) -> Self {
        let (received, id) = place(message);
        Self { received: received.to_owned(), id: id.to_owned() }
    }
}

fn place<'m>(message: &'m Message<'_>) -> (&'m str, &'m str) {
    (message.received_date_time.as_deref().unwrap_or_default(), &message.id)
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
/// Where what follows has not been looked at.
const PERHAPS_MORE: &str = "There may be more messages; go on with nextCursor.";

/// Where Microsoft 365's own link to the next page is too long to be carried on, or leads somewhere else.
pub(super) const NO_CURSOR: &str =
    "There may be more messages, but this search can't be continued; narrow it.";

/// One answer's worth of messages from `from` on.
pub(super) async fn find<'b>(
    user: &UserContext<'_>,
    plan: &Plan<'_>,
    request: &GraphRequest,
    from: &Position,
    slots: &'b Slots,
) -> Result<Found<'b>, ToolError> {
    match plan.paging {
        Paging::Straight | Paging::Scan => scan(user, plan, request, from, slots).await,
        Paging::Gather => gather(user, plan, request, from, slots).await,
    }
}

async fn scan<'b>(
    user: &UserContext<'_>,
    plan: &Plan<'_>,
    request: &GraphRequest,
    from: &Position,
    slots: &'b Slots,
) -> Result<Found<'b>, ToolError> {
    let mut messages: Vec<Message<'b>> = Vec::with_capacity(plan.limit);
    let mut at = from.clone();
    let mut gathering = Gathering::new(user, PAGES_OF_AN_ANSWER);
    for slot in &slots.0 {
        if let Err(stop) = gathering.next_page() {
            return Ok(partial(messages, stop.reason(), at));
        }
        let page = match gathering.in_time(fetch(user.graph, request, at.link.as_deref(), slot)).await {
            Ok(page) => page,
            Err(error) if gathering.survives(&error) => return Ok(interrupted(messages, at)),
            Err(error) => return Err(error.into()),
        };
        for (index, message) in page.value.into_iter().enumerate().skip(at.skip) {
            if messages.len() == plan.limit {
                at.skip = index;
                let reason = if plan.paging == Paging::Straight { MORE } else { PERHAPS_MORE };
                return Ok(partial(messages, reason, at));
            }
            at.examined += 1;
            if plan.admits(&message) {
                messages.push(message);
            }
        }
        let Some(link) = page.next_link else { return Ok(exhausted(messages, plan, at.examined)) };
        if !user.graph.leads_on(request, &link) {
            return Ok(Found { messages, ended: Ended::Partial(NO_CURSOR.into()), next: None, total: None });
        }
        at.link = Some(link.into_cow().into_owned());
        at.skip = 0;
        if messages.len() >= plan.limit {
            return Ok(partial(messages, PERHAPS_MORE, at));
        }
        if at.examined - from.examined >= EXAMINED {
            break;
        }
    }
    let reason = unfinished(plan, at.examined - from.examined);
    Ok(partial(messages, reason, at))
}

/// Why an answer ends although Graph names a further page. How many messages stand there nobody knows: a page may be
/// empty, and the next one not.
fn unfinished(plan: &Plan<'_>, examined: usize) -> Cow<'static, str> {
    match (plan.paging, examined) {
        (_, 0) => "Microsoft 365 has given only empty pages so far and names a further one: the search is not over. Go on \
                   with nextCursor."
            .into(),
        (Paging::Straight, _) => "Microsoft 365 gives few messages at a time and names a further page: the search is not \
                                  over. Go on with nextCursor."
            .into(),
        (Paging::Scan | Paging::Gather, _) => format!(
            "Microsoft 365 could not be asked for all conditions at once, so {examined} messages were looked at one by \
             one, and it names a further page: the search is not over. Go on with nextCursor, or narrow the search."
        )
        .into(),
    }
}

async fn gather<'b>(
    user: &UserContext<'_>,
    plan: &Plan<'_>,
    request: &GraphRequest,
    from: &Position,
    slots: &'b Slots,
) -> Result<Found<'b>, ToolError> {
    let mut messages: Vec<Message<'b>> = Vec::new();
    let mut link: Option<Cow<'b, str>> = from.link.clone().map(Cow::Owned);
    let mut examined = 0;
    let mut gathering = Gathering::new(user, PAGES_OF_AN_ANSWER);
    for slot in &slots.0 {
        // A part would be no part of the answer, as below.
        gathering.next_page().map_err(|_| GraphError::DeadlineExceeded)?;
        // Without this page nobody knows which are the oldest: what has come so far is no part of the answer.
        let page = fetch(user.graph, request, link.as_deref(), slot).await?;
        examined += page.value.len();
        messages.extend(page.value.into_iter().filter(|message| plan.admits(message)));
        link = page.next_link.map(crate::graph::Text::into_cow);
        if link.is_none() || examined >= EXAMINED {
            break;
        }
    }
    if let (0, Some(further)) = (examined, &link) {
        let at = Position { link: Some(further.to_string()), ..from.clone() };
        return Ok(partial(messages, unfinished(plan, examined), at));
    }
    let total = link.is_none().then_some(messages.len());
    let (page, behind) = oldest(messages, from.behind.as_ref(), plan.limit);
    let next = behind.map(|place| Position { behind: Some(place), ..from.clone() });
    let ended = match (&link, &next) {
        (Some(_), _) => Ended::Partial(oldest_of_the_newest(examined, next.as_ref()).into()),
        (None, Some(_)) => Ended::Partial(MORE.into()),
        (None, None) => Ended::Complete,
    };
    Ok(Found { messages: page, ended, next, total })
}

/// Why the oldest of a search are not simply the oldest.
fn oldest_of_the_newest(examined: usize, next: Option<&Position>) -> String {
    let go_on = if next.is_some() { " Go on with nextCursor for the next of these." } else { "" };
    format!(
        "Microsoft 365 gives search results newest first, and the newest {examined} were looked at: these are the oldest \
         of those.{go_on} Narrow the time range to reach older ones."
    )
}

/// The `limit` oldest messages behind a place, and the last one's place where there are more behind it.
fn oldest<'b>(
    mut messages: Vec<Message<'b>>,
    behind: Option<&Place>,
    limit: usize,
) -> (Vec<Message<'b>>, Option<Place>) {
    if let Some(last) = behind {
        messages.retain(|message| place(message) > (&last.received, &last.id));
    }
    messages.sort_unstable_by(|left, right| place(left).cmp(&place(right)));
    let more = messages.len() > limit;
    messages.truncate(limit);
    let last = messages.last().filter(|_| more).map(Place::of);
    (messages, last)
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

/// Graph has no further page, after `examined` messages in this answer and those before.
fn exhausted<'b>(messages: Vec<Message<'b>>, plan: &Plan<'_>, examined: usize) -> Found<'b> {
    let capped = plan.is_search() && examined >= SEARCH_RESULTS;
    let ended = if capped {
        Ended::Partial(
            "Microsoft 365 gives at most 1,000 search results; narrow the time range for others.".into(),
        )
    } else {
        Ended::Complete
    };
    Found { messages, ended, next: None, total: None }
}

fn interrupted(messages: Vec<Message<'_>>, at: Position) -> Found<'_> {
    partial(messages, INTERRUPTED, at)
}

fn partial(messages: Vec<Message<'_>>, reason: impl Into<Cow<'static, str>>, at: Position) -> Found<'_> {
    Found { messages, ended: Ended::Partial(reason.into()), next: Some(at), total: None }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::super::conditions::Conditions;
    use super::*;
    use crate::tools::mailbox::MailAccess;

    /// A message of that minute and id.
    fn message(json: &str) -> Message<'_> {
        serde_json::from_str(json).unwrap()
    }

    fn json(minute: u8, id: u8) -> String {
        format!(r#"{{"id":"{id:03}","receivedDateTime":"2026-11-23T10:{minute:02}:00Z"}}"#)
    }

    /// If this failed, a search with more hits than Graph gives would pass for complete.
    #[rstest]
    #[case::all_of_them_looked_at(1_000, true)]
    #[case::fewer(999, false)]
    fn the_bound_of_graphs_search_counts_what_was_looked_at(#[case] examined: usize, #[case] capped: bool) {
        let conditions = Conditions { query: Some("budget"), is_unread: Some(true), ..Conditions::default() };
        let plan = Plan::new(&conditions, MailAccess::Full, 10).unwrap();
        let found = exhausted(Vec::new(), &plan, examined);
        assert_eq!(found.ended != Ended::Complete, capped);
    }

    /// If this failed, a search that Graph answers with empty pages would be explained by what did not happen.
    #[rstest]
    #[case::nothing_yet(Some("budget"), 0, "only empty pages")]
    #[case::few_at_a_time(None, 3, "few messages at a time")]
    #[case::sorted_out_here(Some("budget"), 250, "250 messages were looked at one by one")]
    fn why_a_search_is_not_over_is_told_as_it_was(
        #[case] query: Option<&str>,
        #[case] examined: usize,
        #[case] expected: &str,
    ) {
        let conditions = Conditions { query, is_unread: Some(true), ..Conditions::default() };
        let plan = Plan::new(&conditions, MailAccess::Full, 10).unwrap();
        let reason = unfinished(&plan, examined);
        assert!(reason.contains(expected) && reason.contains("Go on with nextCursor"), "{reason}");
    }

    proptest! {
        /// If this failed, pages from the oldest on would lose or repeat messages while mail comes in.
        #[test]
        fn pages_from_the_oldest_on_neither_lose_nor_repeat(
            at_first in proptest::collection::btree_set((0_u8..5, 0_u8..30), 0..30),
            came_later in proptest::collection::btree_set((5_u8..8, 30_u8..60), 0..10),
            limit in 1_usize..5,
        ) {
            let at_first: Vec<String> = at_first.iter().map(|(minute, id)| json(*minute, *id)).collect();
            let later: Vec<String> = came_later.iter().map(|(minute, id)| json(*minute, *id)).collect();
            let mut given = Vec::new();
            let (page, mut behind) = oldest(at_first.iter().map(|json| message(json)).collect(), None, limit);
            given.extend(page.iter().map(Place::of));
            let all: Vec<&String> = at_first.iter().chain(&later).collect();
            let all_were_given = behind.is_none();
            while let Some(last) = behind {
                let (page, next) = oldest(all.iter().rev().map(|json| message(json)).collect(), Some(&last), limit);
                given.extend(page.iter().map(Place::of));
                behind = next;
            }
            let expected = if all_were_given { at_first.iter().collect() } else { all };
            let mut expected: Vec<Place> = expected.iter().map(|json| Place::of(&message(json))).collect();
            expected.sort();
            prop_assert_eq!(given, expected);
        }
    }
}
