//! Which hosts and origins are answered: the wall against DNS rebinding.
//!
//! A request is for us when its host is that of `public_url` or an allowed one. An `Origin` that is present must
//! be one of ours, or one that the operator allows (MCP 2026-07-28, streamable HTTP: an invalid one is refused
//! with 403). What is there twice is refused: two readers on the way could believe different ones.

use std::net::IpAddr;

use actix_web::HttpRequest;
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use ipnet::IpNet;

use super::cors::WebOrigin;
use super::public_url::PublicUrl;
use super::refusal::Refusal;

const FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");

/// The hosts that are ours, and the proxies whose word about the host is taken.
#[derive(Debug)]
pub(crate) struct HostRules {
    authorities: Vec<String>,
    origins: Vec<String>,
    /// Of pages that are not ours and may call all the same.
    allowed_origins: Vec<WebOrigin>,
    /// That of our scheme, which a host may name or leave out.
    default_port: &'static str,
    trusted_proxies: Vec<IpNet>,
}

impl HostRules {
    pub(crate) fn new(
        public_url: &PublicUrl,
        allowed_hosts: &[String],
        allowed_origins: &[WebOrigin],
        trusted_proxies: &[IpNet],
    ) -> Self {
        let scheme = public_url.scheme();
        let default_port = if scheme == "https" { ":443" } else { ":80" };
        let authorities: Vec<String> = std::iter::once(public_url.authority())
            .chain(allowed_hosts.iter().cloned())
            .map(|host| without_suffix(&host, default_port).to_ascii_lowercase())
            .collect();
        let origins = authorities.iter().map(|authority| format!("{scheme}://{authority}")).collect();
        Self {
            authorities,
            origins,
            allowed_origins: allowed_origins.to_vec(),
            default_port,
            trusted_proxies: trusted_proxies.to_vec(),
        }
    }

    /// Checks what a request says about where it goes and where it comes from.
    pub(crate) fn check(&self, request: &HttpRequest) -> Result<(), Refusal> {
        self.check_host(request)?;
        self.check_origin(request.headers())
    }

    /// Checks the host alone, for what any page may read.
    pub(crate) fn check_host(&self, request: &HttpRequest) -> Result<(), Refusal> {
        // The target of a request in absolute form goes before its Host (RFC 9112 section 3.2.2). Both must be ours.
        let target = request.uri().authority().is_none_or(|target| self.is_ours(target.as_str()));
        let peer = request.peer_addr().map(|peer| peer.ip().to_canonical());
        if target && self.effective_host(request.headers(), peer).is_some_and(|host| self.is_ours(host)) {
            return Ok(());
        }
        Err(Refusal::ForeignHost)
    }

    fn check_origin(&self, headers: &HeaderMap) -> Result<(), Refusal> {
        match occurrence(headers, &header::ORIGIN) {
            Occurrence::None => Ok(()),
            Occurrence::Once(origin) if self.is_our_origin(origin.as_bytes()) => Ok(()),
            Occurrence::Once(origin) if self.is_allowed_origin(origin.as_bytes()) => Ok(()),
            Occurrence::Once(_) | Occurrence::Often => Err(Refusal::ForeignOrigin),
        }
    }

    /// The origin of a page, not ours, that may read the answer. Other clients than browsers send none.
    pub(super) fn shared_with<'a>(&self, headers: &'a HeaderMap) -> Option<&'a HeaderValue> {
        match occurrence(headers, &header::ORIGIN) {
            Occurrence::Once(origin) if self.is_allowed_origin(origin.as_bytes()) => Some(origin),
            _ => None,
        }
    }

    /// The host that the client asked for. A trusted proxy that names it more than once names none.
    fn effective_host<'a>(&self, headers: &'a HeaderMap, peer: Option<IpAddr>) -> Option<&'a str> {
        let trusted = peer.is_some_and(|peer| self.trusted_proxies.iter().any(|net| net.contains(&peer)));
        let named = match occurrence(headers, &FORWARDED_HOST) {
            Occurrence::None => occurrence(headers, &header::HOST),
            _ if !trusted => occurrence(headers, &header::HOST),
            forwarded => forwarded,
        };
        match named {
            Occurrence::Once(host) => host.to_str().ok(),
            Occurrence::None | Occurrence::Often => None,
        }
    }

    fn is_ours(&self, authority: &str) -> bool {
        let authority = without_suffix(authority, self.default_port);
        self.authorities.iter().any(|ours| ours.eq_ignore_ascii_case(authority))
    }

    fn is_our_origin(&self, origin: &[u8]) -> bool {
        self.origins.iter().any(|ours| ours.as_bytes().eq_ignore_ascii_case(origin))
    }

    fn is_allowed_origin(&self, origin: &[u8]) -> bool {
        self.allowed_origins.iter().any(|allowed| allowed.is(origin))
    }
}

enum Occurrence<'a> {
    None,
    Once(&'a HeaderValue),
    Often,
}

fn occurrence<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Occurrence<'a> {
    let mut values = headers.get_all(name);
    match (values.next(), values.next()) {
        (None, _) => Occurrence::None,
        (Some(value), None) => Occurrence::Once(value),
        (Some(_), Some(_)) => Occurrence::Often,
    }
}

fn without_suffix<'a>(host: &'a str, suffix: &str) -> &'a str {
    host.strip_suffix(suffix).unwrap_or(host)
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;

    use actix_web::test::TestRequest;
    use rstest::rstest;

    use super::*;

    const PROXY: &str = "10.1.2.3";
    const MAPPED_PROXY: &str = "::ffff:10.1.2.3";
    const STRANGER: &str = "203.0.113.7";

    const HOST: (&str, &str) = ("host", "connector.example.com");
    const BACKEND: (&str, &str) = ("host", "backend:8080");
    const ORIGIN: (&str, &str) = ("origin", "https://connector.example.com");

    fn rules() -> HostRules {
        let url = "https://connector.example.com/mcp".parse().unwrap();
        HostRules::new(
            &url,
            &["internal.example.com:8443".to_owned(), "gateway.example.com:443".to_owned()],
            &["https://inspector.example".parse().unwrap()],
            &["10.0.0.0/8".parse().unwrap()],
        )
    }

    fn request(peer: &str, target: &str, headers: &[(&str, &str)]) -> HttpRequest {
        let peer = SocketAddr::new(peer.parse().unwrap(), 50_000);
        let request = TestRequest::with_uri(target).peer_addr(peer);
        headers.iter().fold(request, |request, header| request.append_header(*header)).to_http_request()
    }

    /// If this failed, a page on another host could speak to a connector in its visitor's network, or an honest
    /// client would be turned away.
    #[rstest]
    #[case::ours(&[HOST], Ok(()))]
    #[case::ours_with_port(&[("host", "Connector.Example.com:443")], Ok(()))]
    #[case::allowed(&[("host", "internal.example.com:8443")], Ok(()))]
    #[case::allowed_with_the_default_port(&[("host", "gateway.example.com")], Ok(()))]
    #[case::other_schemes_port(&[("host", "connector.example.com:80")], Err(Refusal::ForeignHost))]
    #[case::missing(&[], Err(Refusal::ForeignHost))]
    #[case::empty(&[("host", "")], Err(Refusal::ForeignHost))]
    #[case::other(&[("host", "evil.example")], Err(Refusal::ForeignHost))]
    #[case::suffix(&[("host", "connector.example.com.evil.example")], Err(Refusal::ForeignHost))]
    #[case::user(&[("host", "connector.example.com@evil.example")], Err(Refusal::ForeignHost))]
    #[case::list(&[("host", "connector.example.com, evil.example")], Err(Refusal::ForeignHost))]
    #[case::twice(&[HOST, HOST], Err(Refusal::ForeignHost))]
    #[case::our_origin(&[HOST, ORIGIN], Ok(()))]
    #[case::allowed_origin(&[HOST, ("origin", "https://inspector.example")], Ok(()))]
    #[case::allowed_origin_twice(&[HOST, ("origin", "https://inspector.example"), ("origin", "https://inspector.example")], Err(Refusal::ForeignOrigin))]
    #[case::allowed_host_other_port(&[HOST, ("origin", "https://inspector.example:8443")], Err(Refusal::ForeignOrigin))]
    #[case::allowed_host_other_scheme(&[HOST, ("origin", "http://inspector.example")], Err(Refusal::ForeignOrigin))]
    #[case::below_an_allowed_one(&[HOST, ("origin", "https://a.inspector.example")], Err(Refusal::ForeignOrigin))]
    #[case::other_origin(&[HOST, ("origin", "https://evil.example")], Err(Refusal::ForeignOrigin))]
    #[case::null_origin(&[HOST, ("origin", "null")], Err(Refusal::ForeignOrigin))]
    #[case::empty_origin(&[HOST, ("origin", "")], Err(Refusal::ForeignOrigin))]
    #[case::plain_origin(&[HOST, ("origin", "http://connector.example.com")], Err(Refusal::ForeignOrigin))]
    #[case::origin_with_a_path(&[HOST, ("origin", "https://connector.example.com/")], Err(Refusal::ForeignOrigin))]
    #[case::second_origin_foreign(&[HOST, ORIGIN, ("origin", "https://evil.example")], Err(Refusal::ForeignOrigin))]
    #[case::origin_twice(&[HOST, ORIGIN, ORIGIN], Err(Refusal::ForeignOrigin))]
    fn only_our_hosts_and_origins_are_answered(
        #[case] sent: &[(&str, &str)],
        #[case] expected: Result<(), Refusal>,
    ) {
        assert_eq!(rules().check(&request(STRANGER, "/mcp", sent)), expected);
    }

    /// If this failed, a page that nobody allowed could read the answers to its visitor, or one that is allowed could not.
    #[rstest]
    #[case::allowed(&[("origin", "https://inspector.example")], Some("https://inspector.example"))]
    #[case::other(&[("origin", "https://evil.example")], None)]
    #[case::ours_needs_no_leave(&[ORIGIN], None)]
    #[case::no_page(&[], None)]
    #[case::sandboxed(&[("origin", "null")], None)]
    #[case::twice(&[("origin", "https://inspector.example"), ("origin", "https://evil.example")], None)]
    fn answers_are_shared_with_allowed_pages_alone(
        #[case] sent: &[(&str, &str)],
        #[case] expected: Option<&str>,
    ) {
        let request = request(STRANGER, "/mcp", sent);
        let origin = rules().shared_with(request.headers()).map(HeaderValue::as_bytes);
        assert_eq!(origin, expected.map(str::as_bytes));
    }

    /// If this failed, anybody could name the host, or a proxy's word would be read in two ways.
    #[rstest]
    #[case::proxy(PROXY, &[BACKEND, ("x-forwarded-host", "connector.example.com")], true)]
    #[case::proxy_over_ipv6(MAPPED_PROXY, &[BACKEND, ("x-forwarded-host", "connector.example.com")], true)]
    #[case::proxy_that_keeps_the_host(PROXY, &[HOST], true)]
    #[case::proxy_relays_evil(PROXY, &[HOST, ("x-forwarded-host", "evil.example")], false)]
    #[case::proxy_says_it_twice(PROXY, &[HOST, ("x-forwarded-host", "connector.example.com"), ("x-forwarded-host", "evil.example")], false)]
    #[case::proxy_sends_a_list(PROXY, &[HOST, ("x-forwarded-host", "connector.example.com, evil.example")], false)]
    #[case::proxy_says_nothing(PROXY, &[HOST, ("x-forwarded-host", "")], false)]
    #[case::proxy_in_the_other_form(PROXY, &[BACKEND, ("forwarded", "host=connector.example.com")], false)]
    #[case::stranger(STRANGER, &[BACKEND, ("x-forwarded-host", "connector.example.com")], false)]
    #[case::strangers_are_not_heard(STRANGER, &[HOST, ("x-forwarded-host", "evil.example")], true)]
    #[case::underscores(STRANGER, &[BACKEND, ("x_forwarded_host", "connector.example.com")], false)]
    #[case::underscores_of_the_proxy(PROXY, &[BACKEND, ("x_forwarded_host", "connector.example.com")], false)]
    #[case::server(PROXY, &[BACKEND, ("x-forwarded-server", "connector.example.com")], false)]
    #[case::original(PROXY, &[BACKEND, ("x-original-host", "connector.example.com")], false)]
    #[case::peer_claimed(STRANGER, &[BACKEND, ("x-forwarded-for", PROXY), ("x-forwarded-host", "connector.example.com")], false)]
    fn the_host_is_the_trusted_proxys_to_name(
        #[case] peer: &str,
        #[case] sent: &[(&str, &str)],
        #[case] answered: bool,
    ) {
        assert_eq!(rules().check(&request(peer, "/mcp", sent)).is_ok(), answered);
    }

    /// If this failed, a target in absolute form would say another host than the one that was checked.
    #[rstest]
    #[case::ours("https://connector.example.com/mcp", true)]
    #[case::ours_with_port("https://connector.example.com:443/mcp", true)]
    #[case::allowed("https://internal.example.com:8443/mcp", true)]
    #[case::other("http://evil.example/mcp", false)]
    #[case::user("http://connector.example.com@evil.example/mcp", false)]
    #[case::our_name_as_user("http://user@connector.example.com/mcp", false)]
    fn an_absolute_target_must_be_ours_too(#[case] target: &str, #[case] answered: bool) {
        assert_eq!(rules().check(&request(STRANGER, target, &[HOST])).is_ok(), answered);
    }
}
