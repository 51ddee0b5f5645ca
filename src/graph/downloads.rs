//! Files by way of the pre-authenticated addresses that Graph redirects to.

use std::fmt;

use bytes::Bytes;
use url::{Host, Url};

use super::content_disposition::file_name;

/// Hosts that have the cloud's files, and that they may be fetched from: `sharepoint.com` stands for itself and for every
/// host below it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DownloadHosts(Vec<String>);

impl DownloadHosts {
    /// Domains, or the loopback address of a simulator.
    pub fn new(suffixes: &[String]) -> Self {
        Self(suffixes.iter().map(|suffix| suffix.to_ascii_lowercase()).collect())
    }

    /// The domain below which a file may be fetched from `url`: https on its usual port and a host of ours; of loopback hosts
    /// that are named themselves, plain http on any port. Never with a user or a password in it. `None`: from there nothing
    /// is fetched.
    pub(super) fn domain_of(&self, url: &Url) -> Option<&str> {
        if !url.username().is_empty() || url.password().is_some() {
            return None;
        }
        match url.host()? {
            Host::Domain("localhost") => self.named("localhost"),
            Host::Domain(host) if url.scheme() == "https" && url.port().is_none() => {
                self.0.iter().map(String::as_str).find(|suffix| is_below(host, suffix))
            }
            Host::Ipv4(address) if address.is_loopback() => self.named(&address.to_string()),
            Host::Ipv6(address) if address.is_loopback() => self.named(&address.to_string()),
            Host::Domain(_) | Host::Ipv4(_) | Host::Ipv6(_) => None,
        }
    }

    fn named(&self, loopback: &str) -> Option<&str> {
        self.0.iter().map(String::as_str).find(|suffix| *suffix == loopback)
    }
}

fn is_below(host: &str, suffix: &str) -> bool {
    host.strip_suffix(suffix).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

/// What of some content is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wanted {
    /// In bytes: more is [`GraphError::TooLarge`](super::GraphError::TooLarge).
    pub limit: usize,
    /// `None`: from the first to the last byte.
    pub range: Option<ByteRange>,
}

/// First and last byte, both included, counted from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ByteRange {
    pub first: u64,
    pub last: u64,
}

/// As a header says it.
impl fmt::Display for ByteRange {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "bytes={}-{}", self.first, self.last)
    }
}

/// What the headers of an answer say of the bytes in it.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Described<'a> {
    pub(super) media_type: Option<&'a str>,
    pub(super) range: Option<&'a str>,
    pub(super) disposition: Option<&'a str>,
}

/// Bytes that Graph or a download host gave.
#[derive(Clone)]
pub struct Download {
    pub bytes: Bytes,
    /// Of the file, as the answer named it: what others wrote.
    pub name: Option<Box<str>>,
    /// The media type as the answer named it, without parameters, lower case.
    pub media_type: Option<Box<str>>,
    /// Of the whole, in bytes, where that is known.
    pub total: Option<u64>,
}

/// Only the length, for it is content.
impl fmt::Debug for Download {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Download({} bytes)", self.bytes.len())
    }
}

impl Download {
    pub(super) fn new(bytes: Bytes, described: Described<'_>) -> Self {
        let media_type = described.media_type.map(|value| {
            let essence = value.split(';').next().unwrap_or_default();
            essence.trim().to_ascii_lowercase().into_boxed_str()
        });
        let total = match described.range {
            Some(range) => range.rsplit_once('/').and_then(|(_, total)| total.trim().parse().ok()),
            None => u64::try_from(bytes.len()).ok(),
        };
        Self { bytes, name: described.disposition.and_then(file_name), media_type, total }
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn hosts() -> DownloadHosts {
        DownloadHosts::new(&["sharepoint.com".to_owned(), "127.0.0.1".to_owned()])
    }

    /// If this failed, files could not be read, or the names of tenants would be in metrics and traces.
    #[rstest]
    #[case::tenant("https://contoso.sharepoint.com/_layouts/15/download.aspx?tempauth=x", "sharepoint.com")]
    #[case::personal("https://contoso-my.sharepoint.com/a", "sharepoint.com")]
    #[case::capitals("https://CONTOSO.SharePoint.com/a", "sharepoint.com")]
    #[case::usual_port("https://contoso.sharepoint.com:443/a", "sharepoint.com")]
    #[case::simulator("http://127.0.0.1:8082/download?x", "127.0.0.1")]
    fn the_clouds_own_file_hosts_are_admitted_by_their_domain(#[case] url: &str, #[case] domain: &str) {
        assert_eq!(hosts().domain_of(&Url::parse(url).unwrap()), Some(domain), "{url}");
    }

    /// If this failed, a redirect could make the connector fetch from anywhere: from inside its own network, too.
    #[rstest]
    #[case::stranger("https://evil.example/a")]
    #[case::lookalike("https://evilsharepoint.com/a")]
    #[case::suffix_inside("https://sharepoint.com.evil.example/a")]
    #[case::plain_http("http://contoso.sharepoint.com/a")]
    #[case::other_port("https://contoso.sharepoint.com:8443/a")]
    #[case::user("https://contoso.sharepoint.com@evil.example/a")]
    #[case::userinfo("https://a:b@contoso.sharepoint.com/a")]
    #[case::other_loopback("http://127.0.0.2/a")]
    #[case::ipv6("http://[::1]/a")]
    #[case::mapped("http://[::ffff:127.0.0.1]/a")]
    #[case::metadata("http://169.254.169.254/latest")]
    #[case::localhost("http://localhost/a")]
    #[case::file("file:///etc/passwd")]
    #[case::closing_dot("https://contoso.sharepoint.com./a")]
    fn every_other_address_is_refused(#[case] url: &str) {
        assert_eq!(hosts().domain_of(&Url::parse(url).unwrap()), None, "{url}");
    }

    /// If this failed, a reader of ranges would not know where a file ends.
    #[rstest]
    #[case::whole(None, Some(3))]
    #[case::piece(Some("bytes 0-2/90"), Some(90))]
    #[case::unknown(Some("bytes 0-2/*"), None)]
    fn the_length_of_the_whole_is_known(#[case] range: Option<&str>, #[case] total: Option<u64>) {
        let described =
            Described { media_type: Some("Text/Plain; charset=utf-8"), range, ..Described::default() };
        let download = Download::new(Bytes::from_static(b"abc"), described);
        assert_eq!((download.media_type.as_deref(), download.total), (Some("text/plain"), total));
    }
}
