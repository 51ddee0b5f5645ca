//! What comes back of one attempt.

use std::time::Duration;

use bytes::Bytes;
use http::StatusCode;
use http::header::HeaderMap;
use http_body_util::BodyExt;
use hyper::body::{Body, Incoming};
use tokio::time::timeout;

use super::error::GraphFault;

/// What Graph answered, read to its end.
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

/// Why an attempt brought no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SendFault {
    Graph(GraphFault),
    TooLarge,
    /// What was to be asked could not be written as JSON, or its address can't stand in a request.
    Unwritable,
}

impl SendFault {
    /// Nothing more came for too long.
    pub(super) const SILENCE: Self = Self::Graph(GraphFault::Interrupted);
}

/// Reads at most `limit` bytes, each piece of which comes after `silence` at the latest. A body that came in one piece is not
/// copied.
pub(super) async fn read_body(
    mut body: Incoming,
    limit: usize,
    silence: Duration,
) -> Result<Bytes, SendFault> {
    let announced = body.size_hint().exact().and_then(|length| usize::try_from(length).ok());
    if announced.is_some_and(|length| length > limit) {
        return Err(SendFault::TooLarge);
    }
    let Some(first) = next_piece(&mut body, silence).await? else { return Ok(Bytes::new()) };
    let Some(second) = next_piece(&mut body, silence).await? else { return within(first, limit) };
    let mut whole = Vec::with_capacity(announced.unwrap_or((first.len() + second.len()) * 2));
    whole.extend_from_slice(&first);
    let mut next = Some(second);
    while let Some(piece) = next {
        if whole.len() + piece.len() > limit {
            return Err(SendFault::TooLarge);
        }
        whole.extend_from_slice(&piece);
        next = next_piece(&mut body, silence).await?;
    }
    Ok(whole.into())
}

fn within(body: Bytes, limit: usize) -> Result<Bytes, SendFault> {
    if body.len() > limit { Err(SendFault::TooLarge) } else { Ok(body) }
}

/// The next bytes of a body. What stands behind it, HTTP's trailers, says nothing here.
async fn next_piece(body: &mut Incoming, silence: Duration) -> Result<Option<Bytes>, SendFault> {
    while !body.is_end_stream() {
        let frame = timeout(silence, body.frame()).await.map_err(|_| SendFault::SILENCE)?;
        let Some(frame) = frame else { break };
        let frame = frame.map_err(|_| SendFault::Graph(GraphFault::Interrupted))?;
        if let Ok(bytes) = frame.into_data() {
            return Ok(Some(bytes));
        }
    }
    Ok(None)
}

/// The value of a header, where it is plain ASCII.
pub(super) fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

/// Why nothing was answered.
pub(super) fn fault(error: &hyper_util::client::legacy::Error) -> SendFault {
    SendFault::Graph(if error.is_connect() { GraphFault::Unreachable } else { GraphFault::Interrupted })
}
