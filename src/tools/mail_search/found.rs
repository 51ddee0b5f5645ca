//! One answer's worth of messages, within bounds.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::plan::{Paging, Plan};
use crate::graph::{GraphBody, GraphRequest, Message, Page};
use crate::tools::error::ToolError;
use crate::tools::list::Ended;
use crate::tools::pages::{self, Basket, Ending, Onward, Reading, Shelf, Stop, Turn, everything, link_of};
use crate::tools::user_context::UserContext;

/// Messages that are looked at for one answer where some are sorted out.
const EXAMINED: usize = 250;
/// Pages of one answer.
pub(super) const PAGES: u32 = 10;
/// Graph's own bound on the results of one `$search`.
/// Source: <https://learn.microsoft.com/graph/search-query-parameter>.
const SEARCH_RESULTS: usize = 1_000;

/// Where the next answer begins.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::tools) struct Position {
    page: pages::Position,
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

/// In a place of its own: on its way to its shape it passes through many hands, which would move hundreds of bytes each.
type Boxed<'b> = Box<Message<'b>>;

#[derive(Debug)]
pub(super) struct Found<'b> {
    pub(super) messages: Vec<Boxed<'b>>,
    pub(super) onward: Onward<Position>,
    /// All that fit, where that is known.
    pub(super) total: Option<usize>,
}

const MORE: &str = "There are more messages; go on with nextCursor.";
/// Where what follows has not been looked at.
const PERHAPS_MORE: &str = "There may be more messages; go on with nextCursor.";
const CAPPED: &str = "Microsoft 365 gives at most 1,000 search results; narrow the time range for others.";

/// One answer's worth of messages from `from` on.
pub(super) async fn find<'b>(
    user: &UserContext<'_>,
    plan: &Plan<'_>,
    request: &GraphRequest,
    from: &Position,
    shelf: &'b Shelf,
) -> Result<Found<'b>, ToolError> {
    let reading = Reading { user, request, most_pages: PAGES, refused: ToolError::from };
    match plan.paging {
        Paging::Straight | Paging::Scan => scan(reading, plan, from, shelf).await,
        Paging::Gather => gather(reading, plan, from, shelf).await,
    }
}

async fn scan<'b>(
    reading: Reading<'_>,
    plan: &Plan<'_>,
    from: &Position,
    shelf: &'b Shelf,
) -> Result<Found<'b>, ToolError> {
    let (mut basket, mut examined) = (Basket::of(plan.limit), 0);
    let look = |body, skip| {
        let turn = basket.fill(shelf.keep(body).parse()?, skip, everything, |message: Boxed<'b>| {
            examined += 1;
            Ok(plan.admits(&message).then_some(message).into())
        })?;
        Ok(match turn {
            Turn::On(link) if examined >= EXAMINED => Turn::Bound(link),
            turn => turn,
        })
    };
    let (ending, page) = reading.read(from.page.clone(), look).await?;
    let at = Position { page, examined: from.examined + examined, behind: None };
    Ok(Found { messages: basket.items, onward: told(ending, plan, at, examined), total: None })
}

/// How a search ended at a place, `examined` messages having been looked at for this answer.
fn told(ending: Ending, plan: &Plan<'_>, at: Position, examined: usize) -> Onward<Position> {
    let reason = match ending {
        Ending::Complete => return exhausted(plan, at.examined),
        Ending::NoWayOn => return Onward::NO_WAY,
        Ending::Full if plan.paging == Paging::Straight => MORE.into(),
        Ending::Full | Ending::Long | Ending::Enough => PERHAPS_MORE.into(),
        Ending::Stopped(Stop::Requests) => unfinished(plan, examined),
        Ending::Stopped(stop) => stop.reason().into(),
    };
    Onward { ended: Ended::Partial(reason), next: Some(at) }
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
    reading: Reading<'_>,
    plan: &Plan<'_>,
    from: &Position,
    shelf: &'b Shelf,
) -> Result<Found<'b>, ToolError> {
    let (mut messages, mut examined) = (Vec::new(), 0);
    let look = |body: GraphBody, _| {
        let page: Page<'b, Boxed<'b>> = shelf.keep(body).parse()?;
        examined += page.value.len();
        messages.extend(page.value.into_iter().filter(|message| plan.admits(message)));
        let link = link_of(page.next_link);
        Ok(if examined >= EXAMINED { Turn::Bound(link) } else { Turn::On(link) })
    };
    let (ending, page) = reading.read(from.page.clone(), look).await?;
    // Without a page nobody knows which are the oldest: what has come so far is no part of the answer.
    let ending = ending.unless_cut_off()?;
    let is_all = matches!(ending, Ending::Complete);
    if examined == 0 && !is_all {
        let at = Position { page, ..from.clone() };
        return Ok(Found { messages, onward: told(ending, plan, at, examined), total: None });
    }
    let total = is_all.then_some(messages.len());
    let (messages, behind) = oldest(messages, from.behind.as_ref(), plan.limit);
    let next = behind.map(|place| Position { behind: Some(place), ..from.clone() });
    let ended = match (is_all, &next) {
        (false, _) => Ended::Partial(oldest_of_the_newest(examined, next.as_ref()).into()),
        (true, Some(_)) => Ended::Partial(MORE.into()),
        (true, None) => Ended::Complete,
    };
    Ok(Found { messages, onward: Onward { ended, next }, total })
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
    mut messages: Vec<Boxed<'b>>,
    behind: Option<&Place>,
    limit: usize,
) -> (Vec<Boxed<'b>>, Option<Place>) {
    if let Some(last) = behind {
        messages.retain(|message| place(message) > (&last.received, &last.id));
    }
    messages.sort_unstable_by(|left, right| place(left).cmp(&place(right)));
    let more = messages.len() > limit;
    messages.truncate(limit);
    let last = messages.last().filter(|_| more).map(|message| Place::of(message));
    (messages, last)
}

/// Graph has no further page, after `examined` messages in this answer and those before.
fn exhausted(plan: &Plan<'_>, examined: usize) -> Onward<Position> {
    if plan.is_search() && examined >= SEARCH_RESULTS {
        return Onward { ended: Ended::Partial(CAPPED.into()), next: None };
    }
    Onward::COMPLETE
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::super::conditions::Conditions;
    use super::*;
    use crate::tools::mailbox::MailAccess;

    /// A message of that minute and id.
    fn message(json: &str) -> Boxed<'_> {
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
        let onward = exhausted(&plan, examined);
        assert_eq!(onward.ended != Ended::Complete, capped);
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
            given.extend(page.iter().map(|message| Place::of(message)));
            let all: Vec<&String> = at_first.iter().chain(&later).collect();
            let all_were_given = behind.is_none();
            while let Some(last) = behind {
                let (page, next) = oldest(all.iter().rev().map(|json| message(json)).collect(), Some(&last), limit);
                given.extend(page.iter().map(|message| Place::of(message)));
                behind = next;
            }
            let expected = if all_were_given { at_first.iter().collect() } else { all };
            let mut expected: Vec<Place> = expected.iter().map(|json| Place::of(&message(json))).collect();
            expected.sort();
            prop_assert_eq!(given, expected);
        }
    }
}
