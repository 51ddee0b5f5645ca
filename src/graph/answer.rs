//! What comes back of one attempt.

use bytes::Bytes;
use reqwest::header::HeaderMap;
use reqwest::{Response, StatusCode};

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
    /// What was to be asked could not be written as JSON.
    Unwritable,
}

/// Reads at most `limit` bytes. A body that came in one piece is not copied.
pub(super) async fn read_body(mut response: Response, limit: usize) -> Result<Bytes, SendFault> {
    let announced = response.content_length().and_then(|length| usize::try_from(length).ok());
    if announced.is_some_and(|length| length > limit) {
        return Err(SendFault::TooLarge);
    }
    let Some(first) = chunk(&mut response).await? else { return Ok(Bytes::new()) };
    let Some(second) = chunk(&mut response).await? else { return within(first, limit) };
    let mut whole = Vec::with_capacity(announced.unwrap_or((first.len() + second.len()) * 2));
    whole.extend_from_slice(&first);
    let mut next = Some(second);
    while let Some(piece) = next {
        if whole.len() + piece.len() > limit {
            return Err(SendFault::TooLarge);
        }
        whole.extend_from_slice(&piece);
        next = chunk(&mut response).await?;
    }
    Ok(whole.into())
}

fn within(body: Bytes, limit: usize) -> Result<Bytes, SendFault> {
    if body.len() > limit { Err(SendFault::TooLarge) } else { Ok(body) }
}

async fn chunk(response: &mut Response) -> Result<Option<Bytes>, SendFault> {
    response.chunk().await.map_err(|error| fault(&error))
}

/// The value of a header, where it is plain ASCII.
pub(super) fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

/// Why nothing was answered.
pub(super) fn fault(error: &reqwest::Error) -> SendFault {
    SendFault::Graph(if error.is_connect() { GraphFault::Unreachable } else { GraphFault::Interrupted })
}
