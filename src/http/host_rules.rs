//! Which hosts and origins are answered: the wall against DNS rebinding.
//!
//! A request is for us when its host is that of `public_url` or an allowed one. An `Origin` that is present must
//! be one of ours too (MCP 2026-07-28, streamable HTTP: an invalid one is refused with 403).

use std::net::IpAddr;

use actix_web::http::header::{self, HeaderMap, HeaderName};
use ipnet::IpNet;

use super::public_url::PublicUrl;
use super::refusal::Refusal;

const FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");

/// The hosts that are ours, and the proxies whose word about the host is taken.
#[derive(Debug)]
pub(crate) struct HostRules {
    authorities: Vec<String>,
    origins: Vec<String>,
    /// That of our scheme, which a host may name or leave out.
    default_port: &'static str,
    trusted_proxies: Vec<IpNet>,
}

impl HostRules {
    pub(crate) fn new(public_url: &PublicUrl, allowed_hosts: &[String], trusted_proxies: &[IpNet]) -> Self {
        let scheme = public_url.scheme();
        let default_port = if scheme == "https" { ":443" } else { ":80" };
        let authorities: Vec<String> = std::iter::once(public_url.authority())
            .chain(allowed_hosts.iter().cloned())
            .map(|host| without_suffix(&host, default_port).to_ascii_lowercase())
            .collect();
        let origins = authorities.iter().map(|authority| format!("{scheme}://{authority}")).collect();
        Self { authorities, origins, default_port, trusted_proxies: trusted_proxies.to_vec() }
    }

    /// Checks the headers of a request that came from `peer`.
    pub(crate) fn check(&self, headers: &HeaderMap, peer: Option<IpAddr>) -> Result<(), Refusal> {
        let host = self.effective_host(headers, peer).ok_or(Refusal::ForeignHost)?;
        let host = without_suffix(host, self.default_port);
        if !self.authorities.iter().any(|ours| ours.eq_ignore_ascii_case(host)) {
            return Err(Refusal::ForeignHost);
        }
        match headers.get(header::ORIGIN) {
            None => Ok(()),
            Some(origin) if self.is_our_origin(origin.as_bytes()) => Ok(()),
            Some(_) => Err(Refusal::ForeignOrigin),
        }
    }

    fn effective_host<'a>(&self, headers: &'a HeaderMap, peer: Option<IpAddr>) -> Option<&'a str> {
        let trusted = peer.is_some_and(|peer| self.trusted_proxies.iter().any(|net| net.contains(&peer)));
        let forwarded = if trusted { only_value(headers, &FORWARDED_HOST) } else { None };
        forwarded.or_else(|| only_value(headers, &header::HOST))
    }

    fn is_our_origin(&self, origin: &[u8]) -> bool {
        self.origins.iter().any(|ours| ours.as_bytes().eq_ignore_ascii_case(origin))
    }
}

/// The value of a header that is there exactly once and is readable.
fn only_value<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    let mut values = headers.get_all(name);
    let value = values.next()?.to_str().ok()?;
    if values.next().is_some() { None } else { Some(value) }
}

fn without_suffix<'a>(host: &'a str, suffix: &str) -> &'a str {
    host.strip_suffix(suffix).unwrap_or(host)
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::HeaderValue;
    use rstest::rstest;

    use super::*;

    const PROXY: &str = "10.1.2.3";
    const STRANGER: &str = "203.0.113.7";

    fn rules() -> HostRules {
        let url = "https://connector.example.com/mcp".parse().unwrap();
        HostRules::new(
            &url,
            &["internal.example.com:8443".to_owned(), "gateway.example.com:443".to_owned()],
            &["10.0.0.0/8".parse().unwrap()],
        )
    }

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)))
            .collect()
    }

    /// If this failed, a page on another host could speak to a connector in its visitor's network, or an honest
    /// client would be turned away.
    #[rstest]
    #[case::ours(STRANGER, &[("host", "connector.example.com")], Ok(()))]
    #[case::ours_with_port(STRANGER, &[("host", "Connector.Example.com:443")], Ok(()))]
    #[case::allowed(STRANGER, &[("host", "internal.example.com:8443")], Ok(()))]
    #[case::allowed_with_the_default_port(STRANGER, &[("host", "gateway.example.com")], Ok(()))]
    #[case::other_schemes_port(STRANGER, &[("host", "connector.example.com:80")], Err(Refusal::ForeignHost))]
    #[case::missing(STRANGER, &[], Err(Refusal::ForeignHost))]
    #[case::other(STRANGER, &[("host", "evil.example")], Err(Refusal::ForeignHost))]
    #[case::suffix(STRANGER, &[("host", "connector.example.com.evil.example")], Err(Refusal::ForeignHost))]
    #[case::our_origin(STRANGER, &[("host", "connector.example.com"), ("origin", "https://connector.example.com")], Ok(()))]
    #[case::other_origin(STRANGER, &[("host", "connector.example.com"), ("origin", "https://evil.example")], Err(Refusal::ForeignOrigin))]
    #[case::null_origin(STRANGER, &[("host", "connector.example.com"), ("origin", "null")], Err(Refusal::ForeignOrigin))]
    #[case::plain_origin(STRANGER, &[("host", "connector.example.com"), ("origin", "http://connector.example.com")], Err(Refusal::ForeignOrigin))]
    #[case::proxy_speaks(PROXY, &[("host", "backend:8080"), ("x-forwarded-host", "connector.example.com")], Ok(()))]
    #[case::stranger_claims(STRANGER, &[("host", "backend:8080"), ("x-forwarded-host", "connector.example.com")], Err(Refusal::ForeignHost))]
    #[case::proxy_relays_evil(PROXY, &[("host", "connector.example.com"), ("x-forwarded-host", "evil.example")], Err(Refusal::ForeignHost))]
    fn only_our_hosts_and_origins_are_answered(
        #[case] peer: &str,
        #[case] sent: &[(&'static str, &'static str)],
        #[case] expected: Result<(), Refusal>,
    ) {
        assert_eq!(rules().check(&headers(sent), peer.parse().ok()), expected);
    }
}
