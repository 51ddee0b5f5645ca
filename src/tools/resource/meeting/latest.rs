//! Lists that tell little of each entry: the latest of them, each read whole.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::super::Reading;
use crate::graph::{GraphBody, GraphError, GraphRequest, PathSegment};
use crate::tools::error::ToolError;
use crate::tools::list::{Ended, List, NotEchoed};
use crate::tools::pages::{INTERRUPTED, MOST_PAGES, Onward, Position, collect_or};
use crate::tools::review::{Review, Reviewable, Withheld};

/// Entries that are looked at to find the latest.
const MOST: usize = 200;
/// The pages of the list, and a batch of what is given.
pub(super) const MOST_REQUESTS: u32 = MOST_PAGES + 1;
/// Entries of one answer.
const LIMIT: usize = 5;
const MORE: &str = "The latest come first, and there are older ones; go on with nextCursor.";

/// How many entries earlier answers have given, the latest first.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
struct Given {
    count: usize,
}

/// Some entries, the latest first.
pub(super) struct Latest {
    bodies: Vec<GraphBody>,
    next: Option<Given>,
    is_interrupted: bool,
}

/// An entry of a list: when it was made, as Graph writes it, and its id.
pub(super) type Dated = (String, String);

/// Reads the list at `list` to its end, and then its latest entries whole, in one request. `dated` reads an entry of the
/// list, `each` completes the request for one, `refused` says what the service's refusals mean.
pub(super) async fn read(
    reading: &Reading<'_>,
    list: &GraphRequest,
    dated: fn(&RawValue) -> Result<Option<Dated>, ToolError>,
    each: fn(GraphRequest) -> GraphRequest,
    refused: fn(GraphError) -> ToolError,
) -> Result<Latest, ToolError> {
    let call = reading.call;
    let given: Given = match reading.cursor {
        Some(cursor) => call.cursors.open(cursor, &reading.binding, call.clock.now())?,
        None => Given::default(),
    };
    let collected = collect_or(call, list, Position::default(), MOST, dated, refused).await?;
    let mut entries = collected.items;
    // Times of the same form and zone: their order is that of the texts.
    entries.sort_unstable_by(|left, right| right.cmp(left));
    let wanted: Vec<GraphRequest> = entries
        .iter()
        .skip(given.count)
        .take(LIMIT)
        .filter_map(|(_, id)| Some(each(list.clone().segment(PathSegment::new(id).ok()?))))
        .collect();
    let count = given.count + LIMIT;
    let next = (entries.len() > count).then_some(Given { count });
    let mut latest = Latest { bodies: Vec::with_capacity(wanted.len()), next, is_interrupted: false };
    if wanted.is_empty() {
        return Ok(latest);
    }
    call.progress.step("Reading the latest.");
    for answer in call.graph.batch(&wanted).await.map_err(refused)? {
        match answer {
            Ok(body) => latest.bodies.push(body),
            Err(GraphError::NotFound { .. }) => {}
            // What has come is worth giving, and the cursor would pass over the rest.
            Err(error) if error.is_passing() && !latest.bodies.is_empty() => {
                latest.next = Some(Given { count: given.count + latest.bodies.len() });
                latest.is_interrupted = true;
                break;
            }
            Err(error) => return Err(refused(error)),
        }
    }
    Ok(latest)
}

impl Latest {
    /// Of all entries that were read, in bytes.
    pub(super) fn size(&self) -> usize {
        self.bodies.iter().map(GraphBody::size).sum()
    }

    /// The list of the entries that `review` lets be named, each as `shape` shows it.
    pub(super) fn list<'l, E: Deserialize<'l> + Reviewable, T>(
        &'l self,
        reading: &Reading<'_>,
        review: &Review<'_>,
        shape: impl Fn(E, Option<Withheld>) -> T,
    ) -> Result<List<T, NotEchoed>, ToolError> {
        let call = reading.call;
        let mut items = Vec::with_capacity(self.bodies.len());
        for body in &self.bodies {
            items.extend(review.admit(body.parse::<E>()?).map(|entry| entry.shape(&shape)));
        }
        let ended = match (&self.next, self.is_interrupted) {
            (None, _) => Ended::Complete,
            (Some(_), false) => Ended::Partial(MORE.into()),
            (Some(_), true) => Ended::Partial(INTERRUPTED.into()),
        };
        Onward { ended, next: self.next.as_ref() }.into_list(items, call, &reading.binding, review)
    }
}
