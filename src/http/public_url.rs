//! The address of the MCP endpoint as clients see it.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;
use url::{Host, Url};

use super::icons::ICONS;
use crate::tools::ICON_SET;

/// The full address of the MCP endpoint, for example `https://connector.example.com/mcp`.
///
/// Character for character the `resource` of the metadata and the App ID URI of the registration: Entra compares
/// the two without any normalisation, and refuses an App ID URI that ends with a slash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicUrl {
    text: String,
    url: Url,
}

/// Why a text is no public address.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum PublicUrlError {
    #[error("is not an absolute URL: {0}")]
    NotAUrl(String),
    #[error("must use https (plain http is for loopback alone)")]
    NotHttps,
    #[error("must have a path, such as /mcp, that does not end with a slash")]
    NoPath,
    #[error("must have no user, query or fragment")]
    Decorated,
    #[error("must be written in its normal form, {0}")]
    NotNormal(String),
}

impl FromStr for PublicUrl {
    type Err = PublicUrlError;

    fn from_str(text: &str) -> Result<Self, PublicUrlError> {
        let url = Url::parse(text).map_err(|error| PublicUrlError::NotAUrl(error.to_string()))?;
        if url.scheme() != "https" && !(url.scheme() == "http" && is_loopback(&url)) {
            return Err(PublicUrlError::NotHttps);
        }
        if url.query().is_some()
            || url.fragment().is_some()
            || !url.username().is_empty()
            || url.password().is_some()
        {
            return Err(PublicUrlError::Decorated);
        }
        if url.path().ends_with('/') {
            return Err(PublicUrlError::NoPath);
        }
        if url.as_str() != text {
            return Err(PublicUrlError::NotNormal(url.into()));
        }
        Ok(Self { text: text.to_owned(), url })
    }
}

impl PublicUrl {
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Scheme, host and port: `https://connector.example.com`.
    pub fn origin(&self) -> String {
        self.url.origin().ascii_serialization()
    }

    /// What stands before the names of icons. They are where their address says, whatever the path of the endpoint is:
    /// clients take icons of the server's own origin alone.
    pub fn icons(&self) -> String {
        format!("{}{ICONS}/{ICON_SET}/", self.origin())
    }

    /// `https`, or `http` on loopback.
    pub fn scheme(&self) -> &'static str {
        if self.url.scheme() == "http" { "http" } else { "https" }
    }

    /// Host, and the port when it is not the scheme's own: what a `Host` header should say.
    pub fn authority(&self) -> String {
        let host = self.url.host_str().unwrap_or_default();
        match self.url.port() {
            Some(port) => format!("{host}:{port}"),
            None => host.to_owned(),
        }
    }

    /// The path of the endpoint, with its leading slash.
    pub fn path(&self) -> &str {
        self.url.path()
    }
}

impl fmt::Display for PublicUrl {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.text)
    }
}

/// True for `localhost` and the loopback addresses.
pub(super) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    /// If this failed, an address that Entra or a client would read differently could be configured.
    #[rstest]
    #[case::relative("/mcp", PublicUrlError::NotAUrl("relative URL without a base".to_owned()))]
    #[case::plain_http("http://connector.example.com/mcp", PublicUrlError::NotHttps)]
    #[case::no_path("https://connector.example.com/", PublicUrlError::NoPath)]
    #[case::trailing_slash("https://connector.example.com/mcp/", PublicUrlError::NoPath)]
    #[case::query("https://connector.example.com/mcp?x=1", PublicUrlError::Decorated)]
    #[case::user("https://me@connector.example.com/mcp", PublicUrlError::Decorated)]
    #[case::upper_case("https://Connector.example.com/mcp", PublicUrlError::NotNormal("https://connector.example.com/mcp".to_owned()))]
    fn an_ambiguous_address_is_refused(#[case] text: &str, #[case] expected: PublicUrlError) {
        assert_eq!(text.parse::<PublicUrl>(), Err(expected));
    }

    /// If this failed, Host headers of honest clients would be refused.
    #[rstest]
    #[case("https://connector.example.com/mcp", "connector.example.com", "https://connector.example.com")]
    #[case("http://127.0.0.1:8080/mcp", "127.0.0.1:8080", "http://127.0.0.1:8080")]
    #[case("https://[::1]:8443/m365/mcp", "[::1]:8443", "https://[::1]:8443")]
    fn authority_and_origin_follow_from_the_address(
        #[case] text: &str,
        #[case] authority: &str,
        #[case] origin: &str,
    ) {
        let url: PublicUrl = text.parse().unwrap();
        assert_eq!((url.authority().as_str(), url.origin().as_str()), (authority, origin));
    }
}
