//! The HTTP client of one worker.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use connector_actors::lease::Lease;
use http::header::{
    ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, RANGE, USER_AGENT,
};
use http::{Method, Request, Uri};
use http_body_util::Full;
use serde::Serialize;
use thiserror::Error;
use tokio::time::timeout;
use url::Url;
use uuid::Uuid;

use super::answer::{Answer, SendFault, fault, read_body};
use super::base::{GraphBase, UnusableBase};
use super::batch_items::BatchBody;
use super::downloads::{ByteRange, DownloadHosts};
use super::request::{Consistency, GraphRequest};
use super::transport::{Dialer, Reach, Transport};

/// In bytes: what a successful answer may weigh.
const BODY_LIMIT: usize = 8 * 1024 * 1024;
/// In bytes: what is read of an answer that is an error.
const ERROR_BODY_LIMIT: usize = 64 * 1024;
/// Connections of one worker that wait for their next request.
const IDLE_CONNECTIONS: usize = 128;
/// Headers of a request, with the host's.
const MOST_HEADERS: usize = 8;

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
    #[error("the user agent can't stand in a header")]
    UserAgent(#[from] http::header::InvalidHeaderValue),
    #[error("TLS could not be set up")]
    Tls(#[from] rustls::Error),
}

/// One worker's way to Graph. A pooled connection is driven by the runtime that opened it, so each worker has a
/// client of its own. Redirects are not followed, and nothing but Graph's own base is ever asked.
#[derive(Debug)]
pub struct GraphClient {
    base: GraphBase,
    user_agent: HeaderValue,
    pooled: Transport,
    /// Keeps no connections: for attempts after a 503 or a broken connection, where the pool's may be bad too.
    unpooled: Transport,
    /// The longest silence while an answer is awaited or read.
    silence: Duration,
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
        let reach = if base.is_loopback() { Reach::Loopback } else { Reach::Beyond };
        let user_agent = HeaderValue::from_str(user_agent)?;
        let dialer = Dialer::new(reach, &user_agent, timeouts.connect)?;
        let (server, port) = base.authority();
        Ok(Self {
            user_agent,
            pooled: dialer.pooled(IDLE_CONNECTIONS, timeouts.idle),
            unpooled: dialer.unpooled(),
            silence: timeouts.read,
            server: server.into(),
            port,
            base,
            download_hosts,
        })
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
        let mut message = self.message(url)?;
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
        let mut message = self.message(url)?;
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
        let mut message = self.message(url)?;
        message.headers_mut().insert(ACCEPT, wanted.accept());
        write_range(message.headers_mut(), wanted);
        self.execute(message, connection, wanted.limit()).await
    }

    /// A GET without a body, as yet.
    fn message(&self, url: Url) -> Result<Request<Full<Bytes>>, SendFault> {
        let mut message = Request::new(Full::default());
        *message.uri_mut() = Uri::try_from(String::from(url)).map_err(|_| SendFault::Unwritable)?;
        message.headers_mut().reserve(MOST_HEADERS);
        message.headers_mut().insert(USER_AGENT, self.user_agent.clone());
        Ok(message)
    }

    async fn execute(
        &self,
        message: Request<Full<Bytes>>,
        connection: Connection,
        limit: usize,
    ) -> Result<Answer, SendFault> {
        let transport = match connection {
            Connection::Pooled => &self.pooled,
            Connection::Fresh => &self.unpooled,
        };
        let answered = timeout(self.silence, transport.request(message)).await;
        let answer = answered.map_err(|_| SendFault::SILENCE)?.map_err(|error| fault(&error))?;
        let (head, body) = answer.into_parts();
        let body = if head.status.is_success() {
            read_body(body, limit, self.silence).await?
        } else {
            // Only codes are wanted of it: one that is too long or breaks off has none.
            read_body(body, ERROR_BODY_LIMIT, self.silence).await.unwrap_or_default()
        };
        Ok(Answer { status: head.status, headers: head.headers, body })
    }
}

/// Makes a POST of `message`.
fn put_body(message: &mut Request<Full<Bytes>>, body: &impl Serialize) -> Result<(), SendFault> {
    let json = serde_json::to_vec(body).map_err(|_| SendFault::Unwritable)?;
    *message.method_mut() = Method::POST;
    *message.body_mut() = Full::from(json);
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
    headers.insert(ACCEPT, sending.wanted.accept());
    headers.insert(AUTHORIZATION, sending.lease.authorization().clone());
    let mut buffer = Uuid::encode_buffer();
    if let Ok(id) = HeaderValue::from_str(sending.correlation_id.hyphenated().encode_lower(&mut buffer)) {
        headers.insert(CLIENT_REQUEST_ID, id);
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use tokio::io::AsyncWriteExt;
    use tokio::net::{TcpListener, TcpStream};

    use super::*;
    use crate::graph::error::GraphFault;

    const CUT_OFF: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf";

    async fn asked(port: u16) -> SendFault {
        let base: Url = format!("http://127.0.0.1:{port}").parse().unwrap();
        let client =
            GraphClient::new(&base, DownloadHosts::default(), "us", GraphTimeouts::default()).unwrap();
        client.download(base, Connection::Pooled, Expected::Json).await.err().unwrap()
    }

    /// A server that says this, and then nothing more.
    async fn says(beginning: &[u8]) -> (TcpListener, Option<TcpStream>, SendFault) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let answer = async {
            let (mut connection, _) = listener.accept().await.unwrap();
            connection.write_all(beginning).await.unwrap();
            Some(connection)
        };
        let (connection, fault) = tokio::join!(answer, asked(port));
        (listener, connection, fault)
    }

    /// If this failed, a server that falls silent would hold every call to its deadline.
    #[rstest]
    #[case::before_its_answer(b"")]
    #[case::within_its_head(&CUT_OFF[..20])]
    #[case::within_its_body(CUT_OFF)]
    #[tokio::test(start_paused = true)]
    async fn a_server_that_falls_silent_is_left(#[case] beginning: &[u8]) {
        let (_listening, connection, fault) = says(beginning).await;
        assert!(connection.is_some());
        assert_eq!(fault, SendFault::Graph(GraphFault::Interrupted));
    }

    /// If this failed, an answer that breaks off would pass for the whole.
    #[tokio::test]
    async fn an_answer_that_breaks_off_is_none() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let answer = async { listener.accept().await.unwrap().0.write_all(CUT_OFF).await };
        let (answered, fault) = tokio::join!(answer, asked(port));
        assert!(answered.is_ok());
        assert_eq!(fault, SendFault::Graph(GraphFault::Interrupted));
    }

    /// If this failed, a machine that is not there would look like one that broke off, on whose pool others wait.
    #[tokio::test]
    async fn a_server_that_takes_no_connection_is_unreachable() {
        let port = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
        assert_eq!(asked(port).await, SendFault::Graph(GraphFault::Unreachable));
    }
}
