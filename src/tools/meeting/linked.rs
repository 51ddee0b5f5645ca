//! The meetings behind the links of events.

use super::failure;
use super::look_up::{by_join_url, first_meeting};
use crate::graph::{GraphBody, GraphError};
use crate::tools::error::ToolError;
use crate::tools::tool::ToolCall;

/// What is behind one link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Linked {
    Meeting(String),
    /// None that Graph finds: it was called elsewhere.
    Nothing,
    Unread(Unread),
}

/// Why it is not known which meeting it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unread {
    Denied,
    /// Another time there may be an answer.
    Unanswered,
}

impl Unread {
    pub(super) const fn told(self) -> &'static str {
        match self {
            Self::Denied => "can't be read by the signed-in user: organizer and invited alone can",
            Self::Unanswered => "got no answer from Microsoft 365 just now; try again later",
        }
    }
}

impl Linked {
    pub(super) fn meeting(self) -> Option<String> {
        match self {
            Self::Meeting(id) => Some(id),
            Self::Nothing | Self::Unread(_) => None,
        }
    }

    pub(super) const fn unread(&self) -> Option<Unread> {
        match self {
            Self::Unread(why) => Some(*why),
            Self::Meeting(_) | Self::Nothing => None,
        }
    }

    /// `error` is all that came. The permission that opens meetings opens all of them, or none.
    fn without(error: GraphError) -> Result<Self, ToolError> {
        match error {
            GraphError::AccessDenied { missing: None, .. } => Ok(Self::Unread(Unread::Denied)),
            error if error.is_passing() => Ok(Self::Unread(Unread::Unanswered)),
            error => Err(failure::meeting(error)),
        }
    }
}

/// The id of the meeting that has this link, in the user's calendar: `None` where it was called elsewhere.
pub(super) async fn meeting_of(call: &ToolCall<'_>, link: &str) -> Result<Option<String>, ToolError> {
    found(call.graph.get(&by_join_url(link)).await)?.map_err(failure::meeting)
}

/// What is behind links.
pub(super) struct Behind {
    /// In the order of the links.
    pub(super) linked: Vec<Linked>,
    /// Why none of them can be read, where that is so: first of all what may be otherwise another time.
    pub(super) refused: Option<ToolError>,
}

/// What is behind each of these links, in one request. One that can't be read does not cost the others.
pub(super) async fn meetings_of(call: &ToolCall<'_>, links: &[&str]) -> Result<Behind, ToolError> {
    let mut distinct: Vec<&str> = links.to_vec();
    distinct.sort_unstable();
    distinct.dedup();
    if distinct.is_empty() {
        return Ok(Behind { linked: Vec::new(), refused: None });
    }
    let requests: Vec<_> = distinct.iter().map(|link| by_join_url(link)).collect();
    let mut behind: Vec<Linked> = Vec::with_capacity(requests.len());
    let mut reason: Option<GraphError> = None;
    for answer in call.graph.batch(&requests).await? {
        behind.push(match found(answer)? {
            Ok(meeting) => meeting.map_or(Linked::Nothing, Linked::Meeting),
            Err(error) => {
                if reason.as_ref().is_none_or(|known| !known.is_passing()) {
                    reason = Some(error.clone());
                }
                Linked::without(error)?
            }
        });
    }
    let is_refused = behind.iter().all(|linked| linked.unread().is_some());
    let refused = reason.filter(|_| is_refused).map(failure::meeting);
    let of = |link: &&str| distinct.binary_search(link).ok().and_then(|place| behind.get(place).cloned());
    let linked = links.iter().map(|link| of(link).unwrap_or(Linked::Nothing)).collect();
    Ok(Behind { linked, refused })
}

/// An event is worth giving without a meeting that Graph does not find.
fn found(answer: Result<GraphBody, GraphError>) -> Result<Result<Option<String>, GraphError>, ToolError> {
    match answer {
        Ok(body) => Ok(Ok(first_meeting(&body)?.map(|meeting| meeting.id.into_cow().into_owned()))),
        Err(GraphError::NotFound { .. } | GraphError::Rejected { .. }) => Ok(Ok(None)),
        Err(error) => Ok(Err(error)),
    }
}
