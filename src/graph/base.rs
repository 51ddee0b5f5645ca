//! The one place that bearers go to.

use memchr::memchr;
use percent_encoding::percent_decode_str;
use thiserror::Error;
use url::Url;

use crate::many_bytes;

/// A base that no request can be built on.
#[derive(Debug, Error, PartialEq, Eq)]
#[error("the Graph base must be an http(s) URL with a host, and without user, query and fragment")]
pub struct UnusableBase;

/// `https://graph.microsoft.com/v1.0`, or its like in another cloud: every request stays under it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct GraphBase {
    /// Its path ends with a slash.
    url: Url,
}

impl GraphBase {
    /// Takes Graph's origin, with or without `/v1.0`.
    pub(super) fn new(url: &Url) -> Result<Self, UnusableBase> {
        let plain = matches!(url.scheme(), "https" | "http")
            && url.has_host()
            && url.username().is_empty()
            && url.password().is_none()
            && url.query().is_none()
            && url.fragment().is_none();
        if !plain {
            return Err(UnusableBase);
        }
        let path = url.path().trim_end_matches('/');
        let versioned = if path.ends_with("/v1.0") { format!("{path}/") } else { format!("{path}/v1.0/") };
        let mut url = url.clone();
        url.set_path(&versioned);
        Ok(Self { url })
    }

    /// The address of `path`, which begins with a slash and may have a query. `None` where it leads out of the base.
    pub(super) fn below(&self, path: &str) -> Option<Url> {
        // Joined, for scheme and host need not be parsed again for each request.
        let url = self.url.join(path.strip_prefix('/')?).ok()?;
        url.as_str().starts_with(self.url.as_str()).then_some(url)
    }

    /// Path and query of `url` below the base, with a slash in front: how a batch names it. `None` for what is not
    /// below it.
    pub(super) fn relative<'u>(&self, url: &'u Url) -> Option<&'u str> {
        // The base ends with the slash that the path begins with.
        let from = self.url.as_str().len().checked_sub(1)?;
        url.as_str().get(from..).filter(|_| self.covers(url))
    }

    /// Whether `link` is the address of `path`, whichever of its signs are encoded.
    pub(super) fn names(&self, link: &str, path: &str) -> bool {
        let (below, path) = (link.strip_prefix(self.url.as_str()), path.strip_prefix('/'));
        below.zip(path).is_some_and(|(below, path)| percent_decode_str(below).eq(percent_decode_str(path)))
    }

    /// Host and port, for telemetry.
    pub(super) fn authority(&self) -> (&str, u16) {
        (self.url.host_str().unwrap_or_default(), self.url.port_or_known_default().unwrap_or_default())
    }

    /// Whether the host is this machine itself.
    pub(super) fn is_loopback(&self) -> bool {
        match self.url.host() {
            Some(url::Host::Ipv4(address)) => address.is_loopback(),
            Some(url::Host::Ipv6(address)) => address.is_loopback(),
            Some(url::Host::Domain(name)) => name == "localhost",
            None => false,
        }
    }

    /// Whether `link` needs no second look: it begins like the base, and no character of it could make another address of
    /// it. Where this says no, [`covers`](Self::covers) may say yes.
    pub(super) fn plainly_covers(&self, link: &str) -> bool {
        let Some(below) = link.strip_prefix(self.url.as_str()) else { return false };
        let plain =
            |byte: u8| byte.is_ascii_graphic() & !matches!(byte, b'#' | b'\\' | b'"' | b'<' | b'>' | b'`');
        let path = &below[..memchr(b'?', below.as_bytes()).unwrap_or(below.len())];
        // Only a full stop, written out or encoded, climbs.
        !path.contains("/.")
            && !path.starts_with('.')
            && !path.contains("%2")
            && many_bytes::every(below.as_bytes(), plain)
    }

    /// Whether a bearer may go to `link`: same scheme, host and port, no user, and below the same path.
    pub(super) fn covers(&self, link: &Url) -> bool {
        let same_origin = link.scheme() == self.url.scheme()
            && link.host() == self.url.host()
            && link.port_or_known_default() == self.url.port_or_known_default();
        let anonymous = link.username().is_empty() && link.password().is_none();
        same_origin && anonymous && link.path().starts_with(self.url.path())
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    /// If this failed, requests would go to a path that Graph does not have.
    #[rstest]
    #[case::bare("https://graph.microsoft.com", "https://graph.microsoft.com/v1.0")]
    #[case::slash("https://graph.microsoft.com/", "https://graph.microsoft.com/v1.0")]
    #[case::versioned("https://graph.microsoft.com/v1.0/", "https://graph.microsoft.com/v1.0")]
    #[case::below_a_path("http://127.0.0.1:81/graph", "http://127.0.0.1:81/graph/v1.0")]
    fn the_version_is_part_of_the_base(#[case] given: &str, #[case] expected: &str) {
        let base = GraphBase::new(&Url::parse(given).unwrap()).unwrap();
        assert_eq!(base.below("/me?$top=1").unwrap().as_str(), format!("{expected}/me?$top=1"));
    }

    /// If this failed, a path could carry a bearer to another version of Graph, or to another host.
    #[rstest]
    #[case::climbing("/../beta/me")]
    #[case::climbing_encoded("/%2e%2e/beta/me")]
    #[case::host("//evil.example/v1.0/me")]
    #[case::backslashes("/\\\\evil.example/v1.0/me")]
    #[case::address("/https://evil.example/v1.0/me")]
    #[case::relative("me")]
    fn a_path_that_leads_out_of_the_base_is_refused(#[case] path: &str) {
        let base = GraphBase::new(&Url::parse("https://graph.microsoft.com").unwrap()).unwrap();
        assert_eq!(base.below(path), None);
    }

    /// If this failed, a configuration mistake would send bearers somewhere unexpected.
    #[rstest]
    #[case::user("https://someone@graph.microsoft.com")]
    #[case::query("https://graph.microsoft.com/?a=b")]
    #[case::scheme("ftp://graph.microsoft.com/")]
    fn a_base_with_more_than_an_origin_and_a_path_is_refused(#[case] given: &str) {
        assert_eq!(GraphBase::new(&Url::parse(given).unwrap()), Err(UnusableBase));
    }

    /// If this failed, a list whose first page names itself would be read twice, or one that goes on would end too early.
    #[rstest]
    #[case::the_same("https://graph.microsoft.com/v1.0/me/messages?$filter=subject%20eq%20%27a%27", true)]
    #[case::encoded_otherwise(
        "https://graph.microsoft.com/v1.0/me/messages?%24filter=subject%20eq%20'a'",
        true
    )]
    #[case::further(
        "https://graph.microsoft.com/v1.0/me/messages?$filter=subject%20eq%20%27a%27&$skip=10",
        false
    )]
    #[case::other_list("https://graph.microsoft.com/v1.0/me/events?$filter=subject%20eq%20%27a%27", false)]
    #[case::other_host("https://evil.example/v1.0/me/messages?$filter=subject%20eq%20%27a%27", false)]
    fn a_link_to_a_known_path_is_recognised(#[case] link: &str, #[case] expected: bool) {
        let base = GraphBase::new(&Url::parse("https://graph.microsoft.com").unwrap()).unwrap();
        assert_eq!(base.names(link, "/me/messages?$filter=subject%20eq%20%27a%27"), expected);
    }
}
