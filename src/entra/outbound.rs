//! HTTP to Entra: one client, bounded answers.

use std::time::Duration;

use reqwest::redirect::Policy;
use reqwest::{Client, ClientBuilder, Response};
use thiserror::Error;
use zeroize::Zeroizing;

use super::cloud::{Cloud, is_loopback};

/// Entra's documents and answers are a few kilobytes.
pub(super) const MAX_ANSWER_BYTES: usize = 1024 * 1024;

/// A connection that takes longer has no prospects.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// Beside Entra's own idle limit, so that a request seldom meets a connection that is just being closed.
const IDLE_TIMEOUT: Duration = Duration::from_secs(30);

/// The HTTP client could not be built, for example because the machine's certificates cannot be read.
#[derive(Debug, Error)]
#[error("the HTTP client for Entra could not be built")]
pub struct ClientNotBuilt(#[from] reqwest::Error);

/// An answer that did not arrive as it should.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum AnswerFault {
    TooLarge,
    TimedOut,
    Broken,
}

/// Follows no redirect and has no retries of its own: each request is one attempt with a bound of `timeout`.
pub(super) fn client(cloud: &Cloud, timeout: Duration) -> Result<Client, ClientNotBuilt> {
    Ok(builder(cloud, timeout).build()?)
}

/// As [`client`], with a fresh connection for each request.
pub(super) fn unpooled_client(cloud: &Cloud, timeout: Duration) -> Result<Client, ClientNotBuilt> {
    Ok(builder(cloud, timeout).pool_max_idle_per_host(0).build()?)
}

fn builder(cloud: &Cloud, timeout: Duration) -> ClientBuilder {
    let on_loopback = is_loopback(&cloud.authority);
    let mut builder = Client::builder()
        .redirect(Policy::none())
        .connect_timeout(CONNECT_TIMEOUT.min(timeout))
        .timeout(timeout)
        .pool_idle_timeout(IDLE_TIMEOUT)
        .https_only(!on_loopback);
    if on_loopback {
        builder = builder.no_proxy();
    }
    builder
}

/// The whole body, wiped when it is dropped: it may hold a token.
pub(super) async fn read_answer(mut response: Response) -> Result<Zeroizing<Vec<u8>>, AnswerFault> {
    let mut body = Zeroizing::new(Vec::new());
    while let Some(chunk) = response.chunk().await.map_err(|error| broken(&error))? {
        let length = body.len() + chunk.len();
        if length > MAX_ANSWER_BYTES {
            return Err(AnswerFault::TooLarge);
        }
        make_room(&mut body, length);
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// Room for `length` bytes in all. A vector that grows by itself leaves behind what it held before.
fn make_room(body: &mut Zeroizing<Vec<u8>>, length: usize) {
    if length > body.capacity() {
        let mut larger = Zeroizing::new(Vec::with_capacity(length.max(2 * body.capacity())));
        larger.extend_from_slice(body);
        *body = larger;
    }
}

fn broken(error: &reqwest::Error) -> AnswerFault {
    if error.is_timeout() { AnswerFault::TimedOut } else { AnswerFault::Broken }
}
