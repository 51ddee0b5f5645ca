//! The one place that bearers go to.

use thiserror::Error;
use url::Url;

/// A base that no request can be built on.
#[derive(Debug, Error, PartialEq, Eq)]
#[error("the Graph base must be an http(s) URL with a host, and without user, query and fragment")]
pub struct UnusableBase;

/// `https://graph.microsoft.com/v1.0`, or its like in another cloud: every request stays under it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GraphBase {
    url: Url,
    /// Scheme, authority and path, without a slash at the end.
    prefix: Box<str>,
}

impl GraphBase {
    /// Takes Graph's origin, with or without `/v1.0`.
    pub fn new(url: &Url) -> Result<Self, UnusableBase> {
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
        let versioned = if path.ends_with("/v1.0") { path.to_owned() } else { format!("{path}/v1.0") };
        let mut url = url.clone();
        url.set_path(&versioned);
        let prefix = url.as_str().into();
        Ok(Self { url, prefix })
    }

    /// Scheme, authority and path, without a slash at the end.
    pub(super) fn prefix(&self) -> &str {
        &self.prefix
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

    /// Whether a bearer may go to `link`: same scheme, host and port, no user, and below the same path.
    pub(super) fn covers(&self, link: &Url) -> bool {
        let same_origin = link.scheme() == self.url.scheme()
            && link.host() == self.url.host()
            && link.port_or_known_default() == self.url.port_or_known_default();
        let anonymous = link.username().is_empty() && link.password().is_none();
        let below = link.path().strip_prefix(self.url.path()).is_some_and(|rest| rest.starts_with('/'));
        same_origin && anonymous && below
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
        assert_eq!(base.prefix(), expected);
    }

    /// If this failed, a configuration mistake would send bearers somewhere unexpected.
    #[rstest]
    #[case::user("https://someone@graph.microsoft.com")]
    #[case::query("https://graph.microsoft.com/?a=b")]
    #[case::scheme("ftp://graph.microsoft.com/")]
    fn a_base_with_more_than_an_origin_and_a_path_is_refused(#[case] given: &str) {
        assert_eq!(GraphBase::new(&Url::parse(given).unwrap()), Err(UnusableBase));
    }
}
