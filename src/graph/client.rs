//! The HTTP client of one worker.

use std::sync::Arc;
use std::time::Duration;

use connector_actors::lease::Lease;
use reqwest::Method;
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, RANGE};
use serde::Serialize;
use thiserror::Error;
use url::Url;
use uuid::Uuid;

use super::answer::{Answer, SendFault, fault, read_body};
use super::base::{GraphBase, UnusableBase};
use super::batch_items::BatchBody;
use super::downloads::{ByteRange, DownloadHosts};
use super::request::{Consistency, GraphRequest};

/// In bytes: what a successful answer may weigh.
const BODY_LIMIT: usize = 8 * 1024 * 1024;
/// In bytes: what is read of an answer that is an error.
const ERROR_BODY_LIMIT: usize = 64 * 1024;
/// Connections of one worker that wait for their next request.
const IDLE_CONNECTIONS: usize = 128;

const CLIENT_REQUEST_ID: HeaderName = HeaderName::from_static("client-request-id");
const PREFER: HeaderName = HeaderName::from_static("prefer");
const CONSISTENCY_LEVEL: HeaderName = HeaderName::from_static("consistencylevel");
const EVENTUAL: HeaderValue = HeaderValue::from_static("eventual");
const ANYTHING: HeaderValue = HeaderValue::from_static("*/*");
const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// Bounds of one exchange with Graph; the call's own deadline comes on top.
#[derive(Debug, Clone, Copy)]
pub struct GraphTimeouts {
    pub connect: Duration,
    /// The longest silence while an answer is awaited or read.
    pub read: Duration,
    /// How long an unused connection is kept.
    pub idle: Duration,
}

impl Default for GraphTimeouts {
    fn default() -> Self {
        Self { connect: Duration::from_secs(5), read: Duration::from_secs(30), idle: Duration::from_secs(60) }
    }
}

/// Why there is no client.
#[derive(Debug, Error)]
pub enum ClientBuildError {
    #[error(transparent)]
    Base(#[from] UnusableBase),
    #[error("the HTTP client could not be set up")]
    Http(#[from] reqwest::Error),
}

/// One worker's way to Graph. A pooled connection is driven by the runtime that opened it, so each worker has a
/// client of its own. Redirects are not followed, and nothing but Graph's own base is ever asked.
#[derive(Debug)]
pub struct GraphClient {
    base: GraphBase,
    pooled: reqwest::Client,
    /// Keeps no connections: for attempts after a 503 or a broken connection, where the pool's may be bad too.
    unpooled: reqwest::Client,
    download_hosts: DownloadHosts,
    server: Arc<str>,
    port: u16,
}

/// Which connection an attempt is made on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Connection {
    Pooled,
    Fresh,
}

/// What one attempt sends besides the request itself.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sending<'a> {
    pub(super) lease: &'a Arc<Lease>,
    pub(super) correlation_id: Uuid,
    pub(super) connection: Connection,
    pub(super) wanted: Expected,
}

/// What kind of body an attempt is made for.
#[derive(Debug, Clone, Copy)]
pub(super) enum Expected {
    Json,
    /// At most so many bytes of anything, or a piece of it.
    Content {
        limit: usize,
        range: Option<ByteRange>,
    },
}

impl Expected {
    /// In bytes: what the body of a successful answer may weigh.
    pub(super) const fn limit(self) -> usize {
        match self {
            Self::Json => BODY_LIMIT,
            Self::Content { limit, .. } => limit,
        }
    }

    const fn accept(self) -> HeaderValue {
        match self {
            Self::Json => JSON,
            Self::Content { .. } => ANYTHING,
        }
    }

    const fn range(self) -> Option<ByteRange> {
        match self {
            Self::Json => None,
            Self::Content { range, .. } => range,
        }
    }
}

impl GraphClient {
    /// In bytes: what the body of a successful answer may weigh.
    pub const BODY_LIMIT: usize = BODY_LIMIT;

    /// `base` is Graph's origin with or without `/v1.0`; `user_agent` the decorated name that Microsoft asks for.
    pub fn new(
        base: &Url,
        download_hosts: DownloadHosts,
        user_agent: &str,
        timeouts: GraphTimeouts,
    ) -> Result<Self, ClientBuildError> {
        let base = GraphBase::new(base)?;
        let pooled = builder(&base, user_agent, timeouts)
            .pool_idle_timeout(timeouts.idle)
            .pool_max_idle_per_host(IDLE_CONNECTIONS)
            .build()?;
        let unpooled = builder(&base, user_agent, timeouts).pool_max_idle_per_host(0).build()?;
        let (server, port) = base.authority();
        Ok(Self { server: server.into(), port, base, pooled, unpooled, download_hosts })
    }

    pub(super) fn base(&self) -> &GraphBase {
        &self.base
    }

    pub(super) fn server(&self) -> &Arc<str> {
        &self.server
    }

    pub(super) fn port(&self) -> u16 {
        self.port
    }

    pub(super) fn download_hosts(&self) -> &DownloadHosts {
        &self.download_hosts
    }

    /// One attempt.
    pub(super) async fn send(
        &self,
        request: &GraphRequest,
        url: Url,
        sending: Sending<'_>,
    ) -> Result<Answer, SendFault> {
        let mut message = reqwest::Request::new(Method::GET, url);
        write_headers(message.headers_mut(), request, sending);
        if let Some(question) = request.question() {
            put_body(&mut message, question)?;
        }
        self.execute(message, sending.connection, sending.wanted.limit()).await
    }

    /// One attempt at a batch: `body` holds requests that were checked one by one.
    pub(super) async fn send_batch(
        &self,
        body: &BatchBody<'_>,
        url: Url,
        sending: Sending<'_>,
    ) -> Result<Answer, SendFault> {
        let mut message = reqwest::Request::new(Method::GET, url);
        write_credentials(message.headers_mut(), sending);
        put_body(&mut message, body)?;
        self.execute(message, sending.connection, sending.wanted.limit()).await
    }

    /// One attempt at a pre-authenticated address, which gets nothing that says who asks: it says all by itself.
    pub(super) async fn download(
        &self,
        url: Url,
        connection: Connection,
        wanted: Expected,
    ) -> Result<Answer, SendFault> {
        let mut message = reqwest::Request::new(Method::GET, url);
        message.headers_mut().insert(ACCEPT, wanted.accept());
        write_range(message.headers_mut(), wanted);
        self.execute(message, connection, wanted.limit()).await
    }

    async fn execute(
        &self,
        message: reqwest::Request,
        connection: Connection,
        limit: usize,
    ) -> Result<Answer, SendFault> {
        let client = match connection {
            Connection::Pooled => &self.pooled,
            Connection::Fresh => &self.unpooled,
        };
        let mut response = client.execute(message).await.map_err(|error| fault(&error))?;
        let status = response.status();
        let headers = std::mem::take(response.headers_mut());
        let body = if status.is_success() {
            read_body(response, limit).await?
        } else {
            // Only codes are wanted of it: one that is too long or breaks off has none.
            read_body(response, ERROR_BODY_LIMIT).await.unwrap_or_default()
        };
        Ok(Answer { status, headers, body })
    }
}

fn builder(base: &GraphBase, user_agent: &str, timeouts: GraphTimeouts) -> reqwest::ClientBuilder {
    let builder = reqwest::Client::builder()
        .user_agent(user_agent)
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .referer(false)
        .tcp_nodelay(true)
        .connect_timeout(timeouts.connect)
        .read_timeout(timeouts.read);
    // A proxy out of the environment must not see what stays on this machine.
    if base.is_loopback() { builder.no_proxy() } else { builder }
}

/// Makes a POST of `message`.
fn put_body(message: &mut reqwest::Request, body: &impl Serialize) -> Result<(), SendFault> {
    let json = serde_json::to_vec(body).map_err(|_| SendFault::Unwritable)?;
    *message.method_mut() = Method::POST;
    *message.body_mut() = Some(json.into());
    message.headers_mut().insert(CONTENT_TYPE, JSON);
    Ok(())
}

fn write_headers(headers: &mut HeaderMap, request: &GraphRequest, sending: Sending<'_>) {
    write_credentials(headers, sending);
    write_range(headers, sending.wanted);
    if let Some(media_type) = request.content_form().media_type() {
        headers.insert(ACCEPT, HeaderValue::from_static(media_type));
    }
    if let Some(preference) = request.preference() {
        headers.insert(PREFER, HeaderValue::from_static(preference.header()));
    }
    if request.consistency() == Consistency::Eventual {
        headers.insert(CONSISTENCY_LEVEL, EVENTUAL);
    }
}

fn write_range(headers: &mut HeaderMap, wanted: Expected) {
    if let Some(range) = wanted.range()
        && let Ok(range) = HeaderValue::from_str(&range.to_string())
    {
        headers.insert(RANGE, range);
    }
}

fn write_credentials(headers: &mut HeaderMap, sending: Sending<'_>) {
    headers.reserve(5);
    headers.insert(ACCEPT, sending.wanted.accept());
    headers.insert(AUTHORIZATION, sending.lease.authorization().clone());
    let mut buffer = Uuid::encode_buffer();
    if let Ok(id) = HeaderValue::from_str(sending.correlation_id.hyphenated().encode_lower(&mut buffer)) {
        headers.insert(CLIENT_REQUEST_ID, id);
    }
}
