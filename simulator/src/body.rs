//! Reads a request body whole, within a bound that is said to whoever exceeds it.

use actix_web::web::Payload;
use bytes::{Bytes, BytesMut};
use futures_util::StreamExt;
use thiserror::Error;

/// Largest request body, in bytes.
pub(crate) const BODY_LIMIT: usize = 1024 * 1024;

/// Why a body could not be had.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub(crate) enum BodyError {
    #[error("the body is longer than {BODY_LIMIT} bytes")]
    TooLong,
    #[error("the body did not arrive whole")]
    Incomplete,
}

impl BodyError {
    /// The HTTP status of an answer that says so.
    pub(crate) fn status(self) -> u16 {
        match self {
            Self::TooLong => 413,
            Self::Incomplete => 400,
        }
    }
}

/// Reads a body to its end. What exceeds the limit is read too and thrown away: a client that is still sending
/// would not see an answer on a connection that is closed under it.
pub(crate) async fn read(mut payload: Payload) -> Result<Bytes, BodyError> {
    let first = next(&mut payload).await?.unwrap_or_default();
    let Some(second) = next(&mut payload).await? else { return within_limit(first) };
    let mut length = first.len() + second.len();
    let mut body = BytesMut::from(first);
    body.extend_from_slice(&second);
    while let Some(chunk) = next(&mut payload).await? {
        length += chunk.len();
        if length <= BODY_LIMIT {
            body.extend_from_slice(&chunk);
        }
    }
    if length > BODY_LIMIT { Err(BodyError::TooLong) } else { Ok(body.freeze()) }
}

fn within_limit(body: Bytes) -> Result<Bytes, BodyError> {
    if body.len() > BODY_LIMIT { Err(BodyError::TooLong) } else { Ok(body) }
}

async fn next(payload: &mut Payload) -> Result<Option<Bytes>, BodyError> {
    payload.next().await.transpose().map_err(|_| BodyError::Incomplete)
}
