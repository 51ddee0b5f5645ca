//! What a search within a site looks through.

use url::Url;

use crate::graph::kql_value;

/// Below these stand sites; the other addresses of a host belong to its root site.
pub(super) const MANAGED_PATHS: &[&str] = &["sites", "teams", "personal"];

/// Of which addresses a search within a site gives what stands there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum SiteAddress {
    /// All that begin with this one.
    Below(String),
    /// All of this host's but those below managed paths, where other sites stand.
    Host(String),
}

impl SiteAddress {
    /// As Graph tells it of a site.
    pub(super) fn of_web_url(web_url: &str) -> Option<Self> {
        let url = Url::parse(web_url).ok()?;
        let is_root = url.path().trim_matches('/').is_empty();
        let address = web_url.trim_end_matches('/').to_owned();
        Some(if is_root { Self::Host(address) } else { Self::Below(address) })
    }

    /// For people, and for whoever asks which site is meant.
    pub(super) fn as_str(&self) -> &str {
        match self {
            Self::Below(address) | Self::Host(address) => address,
        }
    }

    /// As KQL.
    pub(super) fn clause(&self) -> String {
        let path = |address: &str| format!("path:{}", kql_value(address));
        match self {
            Self::Below(address) => path(address),
            Self::Host(address) => {
                let others = MANAGED_PATHS.iter().map(|managed| path(&format!("{address}/{managed}")));
                others.fold(path(address), |clause, other| format!("{clause} AND NOT {other}"))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    /// If this failed, the root site would be searched with all other sites, by the address that Graph tells of it.
    #[rstest]
    #[case::root("https://contoso.sharepoint.com/", SiteAddress::Host("https://contoso.sharepoint.com".to_owned()))]
    #[case::site(
        "https://contoso.sharepoint.com/sites/a/below",
        SiteAddress::Below("https://contoso.sharepoint.com/sites/a/below".to_owned())
    )]
    fn the_address_that_graph_tells_is_taken_whole(#[case] web_url: &str, #[case] expected: SiteAddress) {
        assert_eq!(SiteAddress::of_web_url(web_url), Some(expected));
    }
}
