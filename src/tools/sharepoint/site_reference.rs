//! A site, as an argument names it.

use std::borrow::Cow;

use connector_actors::throttle::Workload;
use percent_encoding::percent_decode_str;
use url::Url;

use super::access::SITE;
use super::site_address::{MANAGED_PATHS, SiteAddress};
use crate::graph::{GraphBody, GraphError, GraphRequest, PathSegment, QueryOption};
use crate::tools::error::ToolError;
use crate::tools::tool::ToolCall;
use crate::tools::uri::{SiteUri, site_uri};

/// As Graph calls the organisation's uppermost site.
const ROOT_SITE: &str = "root";
/// What sites have of their own: no site below one is called that.
const OWN_FOLDERS: &[&str] = &["SitePages", "Pages", "SiteAssets", "Lists", "Shared Documents", "Forms"];
/// How far sites are looked for below one another: as many as one request asks for, with the uppermost of them.
const MOST_LEVELS: usize = 3;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::tools) enum SiteReference<'a> {
    /// The organisation's uppermost site.
    Root,
    /// `host,guid,guid`, or a host alone for its root site.
    Id(Cow<'a, str>),
    /// A host, and a path of two names (`sites`, `handbook`), or of others to a site below that one or below the root site.
    Address {
        host: String,
        path: Vec<String>,
        /// Names behind it: of a site below, or of something in the site. Graph alone can say which. One more of them than
        /// are looked at says that the address goes on.
        behind: Vec<String>,
    },
}

impl<'a> SiteReference<'a> {
    /// `root`, a `site:///` uri, an id, or the address of the site or of anything in it.
    pub(super) fn parse(argument: &'static str, text: &'a str) -> Result<Self, ToolError> {
        if text.eq_ignore_ascii_case(ROOT_SITE) {
            return Ok(Self::Root);
        }
        if text.starts_with(SiteUri::ROOT) {
            return Ok(Self::of_segment(SiteUri::parse(argument, text)?.site));
        }
        if text.split(',').count() == 3 && !text.contains(['/', ' ']) {
            return Ok(Self::Id(text.into()));
        }
        Self::of_address(text).ok_or_else(|| {
            ToolError::invalid_argument(
                argument,
                "no site can be told from it.",
                "Give the site:/// uri or the https address of a site, or root for the organisation's main site; \
                 sharepoint_search with kind site finds sites by name.",
            )
        })
    }

    fn of_address(text: &str) -> Option<Self> {
        let url = Url::parse(text).ok().filter(|url| url.scheme() == "https")?;
        let host = url.host_str()?.to_owned();
        let given: Vec<&str> = url.path_segments()?.filter(|name| !name.is_empty()).collect();
        let decoded = |name: &&str| percent_decode_str(name).decode_utf8().ok().map(Cow::into_owned);
        let mut names: Vec<String> = given.iter().map_while(decoded).collect();
        if names.len() < given.len().min(2) {
            return None;
        }
        let is_managed = names
            .first()
            .is_some_and(|name| MANAGED_PATHS.iter().any(|managed| managed.eq_ignore_ascii_case(name)));
        let behind = match names.len() {
            1 if is_managed => Vec::new(),
            2.. if is_managed => names.split_off(2),
            _ => std::mem::take(&mut names),
        };
        let behind =
            behind.into_iter().take_while(|name| may_name_a_site(name)).take(MOST_LEVELS + 1).collect();
        let path = if names.len() < 2 { Vec::new() } else { names };
        Some(Self::Address { host, path, behind }.or_root())
    }

    /// The same, the root site by its host alone.
    fn or_root(self) -> Self {
        match self {
            Self::Address { host, path, behind } if path.is_empty() && behind.is_empty() => {
                Self::Id(host.into())
            }
            other => other,
        }
    }

    /// By what stands for the site in a uri.
    pub(super) fn of_segment(site: Cow<'a, str>) -> Self {
        if site.eq_ignore_ascii_case(ROOT_SITE) { Self::Root } else { Self::Id(site) }
    }

    /// The address of the site, where it is told without asking Graph.
    pub(super) fn told_address(&self) -> Option<SiteAddress> {
        match self {
            Self::Root => None,
            // An id has commas, and its parts are no hosts.
            Self::Id(id) if id.contains(',') || !id.contains('.') => None,
            Self::Id(host) => Some(SiteAddress::Host(format!("https://{host}"))),
            Self::Address { host, path, .. } if path.is_empty() => {
                Some(SiteAddress::Host(format!("https://{host}")))
            }
            Self::Address { host, path, .. } => {
                let mut url = Url::parse(&format!("https://{host}")).ok()?;
                url.path_segments_mut().ok()?.extend(path);
                Some(SiteAddress::Below(url.into()))
            }
        }
    }

    /// As answers name it.
    pub(super) fn told(&self) -> String {
        match (self, self.told_address()) {
            (Self::Id(id), _) => site_uri(id),
            (_, Some(address)) => address.as_str().to_owned(),
            (_, None) => ROOT_SITE.to_owned(),
        }
    }

    /// Where requests for what belongs to this site begin. For an address that is a path between colons, behind which
    /// something must follow.
    pub(in crate::tools) fn request(
        &self,
        opened_by: &'static [&'static str],
    ) -> Result<GraphRequest, ToolError> {
        let sites = GraphRequest::get(Workload::SharePoint, opened_by, "/sites");
        Ok(match self {
            Self::Root => sites.part("/root"),
            Self::Id(id) => sites.segment(segment(id)?),
            Self::Address { host, path, .. } if path.is_empty() => sites.segment(segment(host)?),
            Self::Address { host, path, .. } => {
                let mut request = sites.segment(segment(host)?).part(":");
                for name in path {
                    request = request.segment(segment(name)?);
                }
                request.part(":")
            }
        })
    }

    /// Whether there may be a site of its own below the one that the address begins with.
    pub(super) fn may_be_below(&self) -> bool {
        matches!(self, Self::Address { behind, .. } if !behind.is_empty())
    }

    /// The sites that the address may mean, the uppermost first.
    fn levels(&self) -> Vec<Self> {
        let Self::Address { host, path, behind } = self else { return vec![self.clone()] };
        let level = |depth| {
            let path = path.iter().chain(&behind[..depth]).cloned().collect();
            Self::Address { host: host.clone(), path, behind: Vec::new() }.or_root()
        };
        (0..=behind.len().min(MOST_LEVELS)).map(level).collect()
    }

    /// The undermost of the sites that the address may mean, and what Graph says of it, where it was asked: it is where the
    /// address may go on to a site below, and is asked for all of them at once. Refuses where there may be one further down than
    /// is looked at: the site above it would be another one.
    pub(super) async fn undermost(self, call: &ToolCall<'_>) -> Result<(Self, Option<GraphBody>), ToolError> {
        if !self.may_be_below() {
            return Ok((self, None));
        }
        let goes_on = matches!(&self, Self::Address { behind, .. } if behind.len() > MOST_LEVELS);
        let levels = self.levels();
        let requests: Vec<GraphRequest> = levels.iter().map(itself).collect::<Result<_, _>>()?;
        let answers = call.graph.batch(&requests).await?;
        let mut missing = GraphError::Unintelligible;
        for (depth, (site, answer)) in levels.into_iter().zip(answers).enumerate().rev() {
            match answer.map_err(not_there) {
                Ok(_) if goes_on && depth == MOST_LEVELS => return Err(too_deep()),
                Ok(body) => return Ok((site, Some(body))),
                Err(error @ GraphError::NotFound { .. }) => missing = error,
                // Of one that is there and denied, too: it is meant. And where nobody can tell which one is, a list begun in
                // one of them must not go on in another.
                Err(error) => return Err(error.into()),
            }
        }
        Err(missing.into())
    }
}

fn too_deep() -> ToolError {
    ToolError::invalid_arguments(
        "Below the site that the address begins with stand more sites than are looked at, and which of them it means is not known.",
        "Give the site:/// uri of the site; sharepoint_search with kind site finds sites by name.",
    )
}

fn may_name_a_site(name: &str) -> bool {
    !name.starts_with('_')
        && !OWN_FOLDERS.iter().any(|own| own.eq_ignore_ascii_case(name))
        && PathSegment::new(name).is_ok()
}

fn segment(text: &str) -> Result<PathSegment<'_>, ToolError> {
    PathSegment::new(text).map_err(|_| {
        ToolError::invalid_argument(
            "site",
            "no site can be told from it.",
            "Give the site:/// uri of the site.",
        )
    })
}

/// For the site, and nothing in it.
fn itself(site: &SiteReference<'_>) -> Result<GraphRequest, ToolError> {
    Ok(site.request(SITE)?.query(QueryOption::Select, "id,webUrl"))
}

/// Of a host that is none of the organisation's Graph says that the request is wrong: such a site is not there either.
fn not_there(error: GraphError) -> GraphError {
    match error {
        GraphError::Rejected { status: 400, codes } => GraphError::NotFound { codes },
        error => error,
    }
}

/// What Graph says of the site.
pub(super) async fn site_itself(
    call: &ToolCall<'_>,
    reference: &SiteReference<'_>,
) -> Result<GraphBody, ToolError> {
    Ok(call.graph.get(&itself(reference)?).await.map_err(not_there)?)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn address(path: &str, behind: &[&str]) -> SiteReference<'static> {
        SiteReference::Address {
            host: "contoso.sharepoint.com".to_owned(),
            path: path.split('/').filter(|name| !name.is_empty()).map(str::to_owned).collect(),
            behind: behind.iter().map(|name| (*name).to_owned()).collect(),
        }
    }

    /// If this failed, people could not name a site by what they have of it, or would read another one.
    #[rstest]
    #[case::root("root", SiteReference::Root)]
    #[case::uri("site:///h,1,2", SiteReference::Id("h,1,2".into()))]
    #[case::uri_of_the_root("site:///root", SiteReference::Root)]
    #[case::id("contoso.sharepoint.com,1,2", SiteReference::Id("contoso.sharepoint.com,1,2".into()))]
    #[case::address("https://contoso.sharepoint.com/sites/handbook", address("sites/handbook", &[]))]
    #[case::deeper(
        "https://contoso.sharepoint.com/teams/A%20b/Shared%20Documents/x.docx",
        address("teams/A b", &[])
    )]
    #[case::perhaps_below(
        "https://contoso.sharepoint.com/sites/a/b/c%20d/e/f",
        address("sites/a", &["b", "c d", "e", "f"])
    )]
    #[case::further_than_is_looked_at(
        "https://contoso.sharepoint.com/sites/a/b/c/d/e/f/g",
        address("sites/a", &["b", "c", "d", "e"])
    )]
    #[case::page_of_a_site_below(
        "https://contoso.sharepoint.com/sites/a/b/SitePages/Home.aspx",
        address("sites/a", &["b"])
    )]
    #[case::settings("https://contoso.sharepoint.com/sites/a/_layouts/15/viewlsts.aspx", address("sites/a", &[]))]
    #[case::root_address("https://contoso.sharepoint.com/", SiteReference::Id("contoso.sharepoint.com".into()))]
    #[case::below_the_root("https://contoso.sharepoint.com/hr/SitePages/Home.aspx", address("", &["hr"]))]
    #[case::managed_path_alone("https://contoso.sharepoint.com/sites", SiteReference::Id("contoso.sharepoint.com".into()))]
    #[case::page_of_root(
        "https://contoso.sharepoint.com/SitePages/Home.aspx",
        SiteReference::Id("contoso.sharepoint.com".into())
    )]
    fn a_site_is_named_in_many_ways(#[case] text: &str, #[case] expected: SiteReference<'_>) {
        assert_eq!(SiteReference::parse("site", text).unwrap(), expected);
    }

    /// If this failed, a site below another one would not be looked for, or the one above it be forgotten.
    #[test]
    fn an_address_may_mean_each_site_on_its_way() {
        let given = SiteReference::parse("site", "https://contoso.sharepoint.com/sites/a/b/c").unwrap();
        let expected = ["sites/a", "sites/a/b", "sites/a/b/c"].map(|path| address(path, &[]));
        assert_eq!(given.levels(), expected);
        let deep = SiteReference::parse("site", "https://contoso.sharepoint.com/sites/a/b/c/d/e/f").unwrap();
        assert_eq!(deep.levels().last(), Some(&address("sites/a/b/c/d", &[])));
        let given = SiteReference::parse("site", "https://contoso.sharepoint.com/hr").unwrap();
        assert_eq!(given.levels(), [SiteReference::Id("contoso.sharepoint.com".into()), address("hr", &[])]);
    }

    /// If this failed, a search within a site would look through a page of it alone, or through all sites of the host.
    #[rstest]
    #[case::site(
        "https://contoso.sharepoint.com/sites/handbook/",
        "path:\"https://contoso.sharepoint.com/sites/handbook\""
    )]
    #[case::page_of_site(
        "https://contoso.sharepoint.com/sites/handbook/SitePages/Home.aspx?web=1",
        "path:\"https://contoso.sharepoint.com/sites/handbook\""
    )]
    #[case::blanks(
        "https://contoso.sharepoint.com/teams/A%20b",
        "path:\"https://contoso.sharepoint.com/teams/A%20b\""
    )]
    #[case::root("https://contoso.sharepoint.com/", ROOT_CLAUSE)]
    #[case::page_of_root("https://contoso.sharepoint.com/SitePages/Home.aspx", ROOT_CLAUSE)]
    #[case::root_uri("site:///contoso.sharepoint.com", ROOT_CLAUSE)]
    fn an_address_is_searched_as_its_whole_site(#[case] text: &str, #[case] expected: &str) {
        let address = SiteReference::parse("siteUrl", text).unwrap().told_address().unwrap();
        assert_eq!(address.clause(), expected);
    }

    const ROOT_CLAUSE: &str = "path:\"https://contoso.sharepoint.com\" AND NOT path:\"https://contoso.sharepoint.com/sites\" \
                               AND NOT path:\"https://contoso.sharepoint.com/teams\" AND NOT \
                               path:\"https://contoso.sharepoint.com/personal\"";

    /// If this failed, a name would be guessed at instead of explained.
    #[rstest]
    #[case::name("Handbook")]
    #[case::plain_http("http://contoso.sharepoint.com/sites/a")]
    #[case::file("file:///a/b")]
    #[case::empty("")]
    fn what_names_no_site_is_explained(#[case] text: &str) {
        let Err(ToolError::Actionable(error)) = SiteReference::parse("site", text) else { panic!("{text}") };
        assert!(error.why().starts_with("site: "), "{}", error.why());
    }
}
