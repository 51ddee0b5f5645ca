//! Lists that tell little of each entry: the latest of them, each read whole.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::super::Reading;
use crate::graph::{GraphBody, GraphError, GraphRequest, PathSegment};
use crate::tools::error::ToolError;
use crate::tools::list::{Ended, List, NotEchoed};
use crate::tools::pages::{
    Ending, INTERRUPTED, LONG, Length, MOST_PAGES, Onward, Shaped, Start, look_through,
};
use crate::tools::review::{Review, Reviewable, Reviewed, Withheld};
use crate::tools::zone::Zone;

/// The pages of the list, and a batch of what is given.
pub(super) const MOST_REQUESTS: u32 = MOST_PAGES + 1;
/// Entries of one answer.
const LIMIT: usize = 5;
const MORE: &str = "The latest come first, and there are older ones; go on with nextCursor.";
const MORE_OF_THE_FIRST: &str = "Microsoft 365 lists more than one answer may look through: these are the latest of those that it \
                                 names first. There are older ones of them; go on with nextCursor.";
const OF_THE_FIRST: &str = "Microsoft 365 lists more than one answer may look through: these are the latest of those that it \
                            names first, and the rest can't be reached here.";

/// An entry of a list: when it was made, as Graph writes it, and its id.
pub(super) type Dated = (String, String);

/// Where an answer begins, unless that is the beginning. How long a text is depends on the zone that its times are told in.
pub(super) type From = Start<Option<Place>>;

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Place {
    /// The latest that no earlier answer has given to its end.
    entry: Dated,
    /// How much of it has been given.
    within: usize,
}

/// Some entries, the latest first.
pub(super) struct Latest {
    read: Vec<(Dated, GraphBody)>,
    next: Option<Place>,
    ended: Ended,
}

/// An entry as it is shown, or a piece of it.
pub(super) struct Piece<T> {
    pub(super) shown: T,
    /// Where the next piece begins, where there is one.
    pub(super) next: Option<usize>,
}

/// Where the cursor leads.
pub(super) fn from(reading: &Reading<'_>) -> Result<From, ToolError> {
    Start::of(reading.call, reading.cursor, &reading.binding)
}

/// Reads the list at `list` to its end, and then its latest entries whole, in one request. `dated` reads an entry of the
/// list, `each` completes the request for one, `refused` says what the service's refusals mean.
pub(super) async fn read(
    reading: &Reading<'_>,
    from: &From,
    list: &GraphRequest,
    dated: fn(&RawValue) -> Result<Option<Dated>, ToolError>,
    each: fn(GraphRequest) -> GraphRequest,
    refused: fn(GraphError) -> ToolError,
) -> Result<Latest, ToolError> {
    let call = reading.call;
    let (entries, ending) = look_through(call, list, dated, refused).await?;
    // Nothing says in which order they come: without a page, nobody knows which are the latest.
    let is_all = matches!(ending.unless_cut_off().map_err(refused)?, Ending::Complete);
    let (wanted, next) = latest_of(entries, from.at.as_ref());
    let ended = match (is_all, &next) {
        (true, None) => Ended::Complete,
        (true, Some(_)) => Ended::Partial(MORE.into()),
        (false, None) => Ended::Partial(OF_THE_FIRST.into()),
        (false, Some(_)) => Ended::Partial(MORE_OF_THE_FIRST.into()),
    };
    let mut latest = Latest { read: Vec::with_capacity(wanted.len()), next, ended };
    let requests: Vec<GraphRequest> = wanted
        .iter()
        .filter_map(|(_, id)| Some(each(list.clone().segment(PathSegment::new(id).ok()?))))
        .collect();
    if requests.is_empty() {
        return Ok(latest);
    }
    call.progress.step("Reading the latest.");
    for (entry, answer) in wanted.into_iter().zip(call.graph.batch(&requests).await.map_err(refused)?) {
        match answer {
            Ok(body) => latest.read.push((entry, body)),
            Err(GraphError::NotFound { .. }) => {}
            // What has come is worth giving, and the cursor would pass over the rest.
            Err(error) if error.is_passing() && !latest.read.is_empty() => {
                latest.next = Some(Place { entry, within: 0 });
                latest.ended = Ended::Partial(INTERRUPTED.into());
                break;
            }
            Err(error) => return Err(refused(error)),
        }
    }
    Ok(latest)
}

/// Those of one answer, the latest first, and where the next one begins.
fn latest_of(mut entries: Vec<Dated>, from: Option<&Place>) -> (Vec<Dated>, Option<Place>) {
    // Times of the same form and zone: their order is that of the texts.
    entries.sort_unstable_by(|left, right| right.cmp(left));
    // Pages of a list that has moved on meanwhile name some twice.
    entries.dedup();
    entries
        .retain(|entry| from.is_none_or(|from| *entry <= from.entry) && PathSegment::new(&entry.1).is_ok());
    let next = entries.get(LIMIT).cloned();
    entries.truncate(LIMIT);
    (entries, next.map(|entry| Place { entry, within: 0 }))
}

impl Latest {
    /// Of all entries that were read, in bytes.
    pub(super) fn size(&self) -> usize {
        self.read.iter().map(|(_, body)| body.size()).sum()
    }

    /// The list of the entries that `review` lets be named, as `shape` shows them in `zone`, each from the given place within it
    /// on, as many as one answer has room for.
    pub(super) fn list<'l, E: Deserialize<'l> + Reviewable, T: Serialize>(
        &'l self,
        reading: &Reading<'_>,
        (from, zone): (&From, &Zone),
        review: &Review<'_>,
        shape: impl Fn(E, Option<Withheld>, usize) -> Result<Piece<T>, ToolError>,
    ) -> Result<List<T, NotEchoed>, ToolError> {
        let mut items: Vec<Reviewed<T>> = Vec::with_capacity(self.read.len());
        let mut onward = Onward { ended: self.ended.clone(), next: self.next.clone() };
        let mut length = Length::of_a_list();
        for (entry, body) in &self.read {
            let begun = from.at.as_ref().filter(|place| place.entry == *entry);
            let begun = begun.map_or(0, |begun| begun.within);
            let mut next = None;
            let shaped = length.keep(review, || {
                let Some(admitted) = review.admit(body.parse::<E>()?) else { return Ok(None) };
                let shaped = admitted.try_shape(|item, withheld| {
                    let part = shape(item, withheld, begun)?;
                    next = part.next;
                    Ok(part.shown)
                })?;
                Ok(Some(shaped))
            })?;
            let within = match shaped {
                Shaped::Shown(item) => {
                    items.push(item);
                    next
                }
                Shaped::NotShown => None,
                Shaped::TooLong => Some(begun),
            };
            if let Some(within) = within {
                onward = Onward {
                    ended: Ended::Partial(LONG.into()),
                    next: Some(Place { entry: entry.clone(), within }),
                };
                break;
            }
        }
        let onward = onward.map(|next| from.further(Some(next), zone));
        onward.into_list(items, reading.call, &reading.binding, review)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(number: usize) -> Dated {
        (format!("2026-11-{number:0>2}T10:00:00Z"), format!("A{number}"))
    }

    /// If this failed, what comes in between two answers would make the second repeat an entry, or pass over one.
    #[test]
    fn what_comes_in_between_two_answers_moves_nothing() {
        let (first, next) = latest_of((1..=7).map(entry).collect(), None);
        let (second, end) = latest_of((1..=9).map(entry).collect(), next.as_ref());
        let told: Vec<Dated> = first.into_iter().chain(second).collect();
        assert!(told.iter().eq((1..=7).rev().map(entry).collect::<Vec<_>>().iter()), "{told:?}");
        assert!(end.is_none());
    }
}
