//! Reads a request body whole, within its bounds of size and time.

use actix_web::http::header::{self, HeaderMap};
use actix_web::web::Payload;
use bytes::{Bytes, BytesMut};
use futures_util::StreamExt;
use tokio::time::{Instant, timeout_at};

use super::refusal::Refusal;

/// Reserved at most before a byte has arrived, whatever the client announces.
const INITIAL_CAPACITY: usize = 64 * 1024;

/// Reads the body: at most `limit` bytes, by `deadline`.
pub(super) async fn read(
    payload: Payload,
    headers: &HeaderMap,
    limit: usize,
    deadline: Instant,
) -> Result<Bytes, Refusal> {
    let announced = announced_length(headers);
    if announced.is_some_and(|length| length > limit) {
        return Err(Refusal::BodyTooLarge { limit });
    }
    timeout_at(deadline, collect(payload, announced.unwrap_or(0), limit))
        .await
        .map_err(|_| Refusal::BodyTooSlow)?
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
