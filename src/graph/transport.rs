//! Connections to Graph and to the hosts of its files: HTTP/1.1, over TLS except on loopback, and through the proxy that the
//! environment names.
//!
//! It is hyper's own client that asks. The one round it, reqwest, reads each address three times and copies each head for
//! redirects that are never followed here (docs/adr/0026).

use std::error::Error;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use http::header::USER_AGENT;
use http::{HeaderMap, HeaderValue, Uri};
use http_body_util::Full;
use hyper_rustls::{ConfigBuilderExt, HttpsConnector, MaybeHttpsStream};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::proxy::Tunnel;
use hyper_util::client::proxy::matcher::Matcher;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use rustls::ClientConfig;
use rustls::crypto::aws_lc_rs::default_provider;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tower_service::Service;

/// A connection on which nothing is said is asked this often whether its other end is there.
const KEEPALIVE: Duration = Duration::from_secs(15);
/// So many questions without an answer end it.
const KEEPALIVE_RETRIES: u32 = 3;
/// What is sent and not acknowledged for this long ends it, too.
#[cfg(target_os = "linux")]
const UNANSWERED: Duration = Duration::from_secs(30);

/// Asks, over connections of its own.
pub(super) type Transport = hyper_util::client::legacy::Client<Dialer, Full<Bytes>>;

type Broken = Box<dyn Error + Send + Sync>;
type Stream = MaybeHttpsStream<TokioIo<TcpStream>>;

/// Opens connections: to where they lead and through TLS within a bound of time.
#[derive(Clone)]
pub(super) struct Dialer {
    secured: HttpsConnector<Way>,
    bound: Duration,
}

/// Which schemes are dialled, and whether a proxy may see it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reach {
    /// On this machine, where plain text will do. A proxy out of the environment must not see it.
    Loopback,
    Beyond,
}

impl Dialer {
    /// Opens connections within `bound` each. Fails where TLS can't be set up.
    pub(super) fn new(
        reach: Reach,
        user_agent: &HeaderValue,
        bound: Duration,
    ) -> Result<Self, rustls::Error> {
        let proxies = match reach {
            Reach::Loopback => Matcher::builder().build(),
            Reach::Beyond => Matcher::from_system(),
        };
        let way = Way::by(proxies, user_agent.clone(), bound)?;
        let mut tls = trusting_whom_the_machine_trusts()?;
        tls.alpn_protocols = vec![b"http/1.1".to_vec()];
        let mut secured = HttpsConnector::from((way, tls));
        if reach == Reach::Beyond {
            secured.enforce_https();
        }
        Ok(Self { secured, bound })
    }

    /// Keeps up to so many connections that nobody uses, for so long.
    pub(super) fn pooled(&self, most: usize, idle: Duration) -> Transport {
        hyper_util::client::legacy::Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(idle)
            .pool_max_idle_per_host(most)
            .build(self.clone())
    }

    /// Opens a connection for each request.
    pub(super) fn unpooled(&self) -> Transport {
        hyper_util::client::legacy::Client::builder(TokioExecutor::new())
            .pool_max_idle_per_host(0)
            .build(self.clone())
    }
}

impl Service<Uri> for Dialer {
    type Response = MaybeHttpsStream<Stream>;
    type Error = Broken;
    type Future = BoxFuture<'static, Result<Self::Response, Broken>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Broken>> {
        self.secured.poll_ready(context)
    }

    fn call(&mut self, to: Uri) -> Self::Future {
        let opened = timeout(self.bound, self.secured.call(to));
        opened.map(|opened| opened.unwrap_or_else(|late| Err(late.into()))).boxed()
    }
}

/// Straight to where a connection leads, or by way of a proxy.
#[derive(Clone)]
struct Way {
    proxies: Arc<Matcher>,
    user_agent: HeaderValue,
    direct: HttpConnector,
    to_proxies: HttpsConnector<HttpConnector>,
}

impl Way {
    fn by(proxies: Matcher, user_agent: HeaderValue, bound: Duration) -> Result<Self, rustls::Error> {
        let direct = sockets(bound);
        let to_proxies = HttpsConnector::from((direct.clone(), trusting_whom_the_machine_trusts()?));
        Ok(Self { proxies: Arc::new(proxies), user_agent, direct, to_proxies })
    }
}

impl Service<Uri> for Way {
    type Response = Stream;
    type Error = Broken;
    type Future = BoxFuture<'static, Result<Stream, Broken>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Broken>> {
        self.direct.poll_ready(context).map_err(Into::into)
    }

    fn call(&mut self, to: Uri) -> Self::Future {
        let Some(proxy) = self.proxies.intercept(&to) else {
            return self.direct.call(to).map(|opened| Ok(MaybeHttpsStream::Http(opened?))).boxed();
        };
        let said = HeaderMap::from_iter([(USER_AGENT, self.user_agent.clone())]);
        let mut tunnel = Tunnel::new(proxy.uri().clone(), self.to_proxies.clone()).with_headers(said);
        if let Some(credentials) = proxy.basic_auth() {
            tunnel = tunnel.with_auth(credentials.clone());
        }
        tunnel.call(to).map(|opened| Ok(opened?)).boxed()
    }
}

fn trusting_whom_the_machine_trusts() -> Result<ClientConfig, rustls::Error> {
    Ok(ClientConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()?
        .try_with_platform_verifier()?
        .with_no_client_auth())
}

/// Each address of a host gets its share of the `bound`, so that one that swallows everything leaves time for the next.
fn sockets(bound: Duration) -> HttpConnector {
    let mut sockets = HttpConnector::new();
    sockets.enforce_http(false);
    sockets.set_nodelay(true);
    sockets.set_connect_timeout(Some(bound));
    sockets.set_keepalive(Some(KEEPALIVE));
    sockets.set_keepalive_interval(Some(KEEPALIVE));
    sockets.set_keepalive_retries(Some(KEEPALIVE_RETRIES));
    #[cfg(target_os = "linux")]
    sockets.set_tcp_user_timeout(Some(UNANSWERED));
    sockets
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    use super::*;

    const BOUND: Duration = Duration::from_secs(5);
    const US: HeaderValue = HeaderValue::from_static("m365-connector");

    /// A proxy that opens whatever it is asked to open: what it was asked.
    async fn asked_of(proxy: TcpListener) -> String {
        let (mut connection, _) = proxy.accept().await.unwrap();
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(connection.read_u8().await.unwrap());
        }
        connection.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.unwrap();
        String::from_utf8(head).unwrap().to_ascii_lowercase()
    }

    async fn listener() -> (TcpListener, u16) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        (listener, port)
    }

    /// If this failed, a connector in a network that lets nothing out but through its proxy would reach nothing.
    #[tokio::test]
    async fn what_leads_beyond_this_machine_goes_through_the_proxy() {
        let (proxy, port) = listener().await;
        let proxies = Matcher::builder().https(format!("http://user:secret@127.0.0.1:{port}")).build();
        let mut way = Way::by(proxies, US, BOUND).unwrap();
        let opened = way.call(Uri::from_static("https://graph.example/v1.0/me"));
        let (opened, asked) = tokio::join!(opened, asked_of(proxy));
        assert!(opened.is_ok());
        assert!(asked.starts_with("connect graph.example:443 http/1.1\r\n"), "{asked}");
        for header in ["proxy-authorization: basic dxnlcjpzzwnyzxq=", "user-agent: m365-connector"] {
            assert!(asked.lines().any(|line| line == header), "{header}: {asked}");
        }
    }

    /// If this failed, what is meant for this network would be handed to the proxy.
    #[tokio::test]
    async fn what_the_proxy_is_not_for_is_reached_without_it() {
        let (server, port) = listener().await;
        let proxies = Matcher::builder().https("http://proxy.invalid").no("127.0.0.1").build();
        let mut way = Way::by(proxies, US, BOUND).unwrap();
        let to = format!("https://127.0.0.1:{port}/").parse().unwrap();
        let accepted = async { server.accept().await.map_err(Into::into) };
        assert!(tokio::try_join!(way.call(to), accepted).is_ok());
    }

    /// If this failed, a token could leave this machine in plain text.
    #[tokio::test]
    async fn beyond_this_machine_nothing_is_asked_in_plain_text() {
        let (_server, port) = listener().await;
        let to: Uri = format!("http://127.0.0.1:{port}/").parse().unwrap();
        assert!(Dialer::new(Reach::Loopback, &US, BOUND).unwrap().call(to.clone()).await.is_ok());
        let refused = Dialer::new(Reach::Beyond, &US, BOUND).unwrap().call(to).await.err().unwrap();
        assert_eq!(refused.to_string(), "unsupported scheme http");
    }

    /// If this failed, a machine that takes connections and says nothing would hold a call to its deadline.
    #[tokio::test(start_paused = true)]
    async fn a_connection_that_is_not_secured_in_time_is_given_up() {
        let (_silent, port) = listener().await;
        let to = format!("https://127.0.0.1:{port}/").parse().unwrap();
        let late = Dialer::new(Reach::Beyond, &US, BOUND).unwrap().call(to).await.err().unwrap();
        assert!(late.is::<tokio::time::error::Elapsed>(), "{late}");
    }
}
