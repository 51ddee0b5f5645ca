//! Reads a request body whole, within its bounds of size and time.

use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::task::Poll;

use actix_web::http::header::{self, HeaderMap, HeaderValue};
use actix_web::web::Payload;
use bytes::{Bytes, BytesMut};
use futures_util::StreamExt;
use tokio::time::{Instant, timeout_at};

use super::refusal::Refusal;

/// Reserved at most before a byte has arrived, whatever the client announces.
const INITIAL_CAPACITY: usize = 64 * 1024;

/// Refuses a body that the server would read up to the end of the connection, whatever length is announced: so it does
/// beside `Upgrade: websocket`. Whoever is in front reads by the length, and takes what follows for another request.
pub(super) fn check_framing(headers: &HeaderMap) -> Result<(), Refusal> {
    let is_websocket = |value: &HeaderValue| value.as_bytes().trim_ascii().eq_ignore_ascii_case(b"websocket");
    if headers.get_all(header::UPGRADE).any(is_websocket) {
        return Err(Refusal::BodyUnframed);
    }
    Ok(())
}

/// Reads the body: at most `limit` bytes, by `deadline`. When it has not come with its head, `wait` is asked for a place
/// to wait, which is kept until the body is whole.
pub(super) async fn read<P>(
    payload: Payload,
    headers: &HeaderMap,
    limit: usize,
    deadline: Instant,
    wait: impl FnOnce() -> Result<P, Refusal>,
) -> Result<Bytes, Refusal> {
    let announced = announced_length(headers);
    if announced.is_some_and(|length| length > limit) {
        return Err(Refusal::BodyTooLarge { limit });
    }
    let mut body = pin!(collect(payload, announced.unwrap_or(0), limit));
    if let Some(body) = at_once(body.as_mut()).await {
        return body;
    }
    let _place = wait()?;
    timeout_at(deadline, body).await.map_err(|_| Refusal::BodyTooSlow)?
}

/// What `work` comes to without waiting for the network. The server hands over what it has read of a body after it has
/// asked the handler for the first time, so that the second look counts.
async fn at_once<F: Future>(mut work: Pin<&mut F>) -> Option<F::Output> {
    for _ in 0..2 {
        let look = poll_fn(|context| Poll::Ready(work.as_mut().poll(context))).await;
        if let Poll::Ready(output) = look {
            return Some(output);
        }
        tokio::task::yield_now().await;
    }
    None
}

async fn collect(mut payload: Payload, announced: usize, limit: usize) -> Result<Bytes, Refusal> {
    // Most bodies are one chunk: it is handed on as it came.
    let first = next_chunk(&mut payload, 0, limit).await?.unwrap_or_default();
    let Some(second) = next_chunk(&mut payload, first.len(), limit).await? else {
        return Ok(first);
    };
    let mut body = BytesMut::with_capacity(announced.min(INITIAL_CAPACITY));
    body.extend_from_slice(&first);
    body.extend_from_slice(&second);
    while let Some(chunk) = next_chunk(&mut payload, body.len(), limit).await? {
        body.extend_from_slice(&chunk);
    }
    Ok(body.freeze())
}

async fn next_chunk(payload: &mut Payload, so_far: usize, limit: usize) -> Result<Option<Bytes>, Refusal> {
    let Some(chunk) = payload.next().await else {
        return Ok(None);
    };
    let chunk = chunk.map_err(|_| Refusal::BodyIncomplete)?;
    if so_far + chunk.len() > limit {
        return Err(Refusal::BodyTooLarge { limit });
    }
    Ok(Some(chunk))
}

fn announced_length(headers: &HeaderMap) -> Option<usize> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}
