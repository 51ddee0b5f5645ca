//! From what follows `/sites` to what is asked for.

use crate::graph::refusal::Refusal;
use crate::graph::segment::{Segment, path};

#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::graph) enum SiteRoute {
    /// `/sites?search=…`
    Search,
    Followed,
    Site(SiteKey, SiteView),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::graph) enum SiteKey {
    Root,
    Id(String),
    /// A host and a server-relative path.
    Path {
        host: String,
        path: Vec<String>,
    },
}

/// What of a site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::graph) enum SiteView {
    Site,
    Subsites,
    Drives,
    Lists,
    /// By id, name or title.
    List(String),
    Columns(String),
    ContentTypes(String),
    ListItems(String),
    ListItem {
        list: String,
        item: String,
    },
    Pages,
    Page {
        page: String,
        is_site_page: bool,
    },
}

/// The name by which a page is taken for what it is.
const SITE_PAGE: &str = "microsoft.graph.sitePage";

impl SiteKey {
    /// Which site, and what follows it.
    pub(in crate::graph) fn parse<'a, 'b>(
        first: &Segment<'_>,
        rest: &'a [Segment<'b>],
    ) -> (Self, &'a [Segment<'b>]) {
        if let Some(host) = first.before_colon() {
            let (path, rest) = path(rest);
            return (Self::Path { host: host.to_owned(), path }, rest);
        }
        let key = if first.is("root") { Self::Root } else { Self::Id(first.text.clone()) };
        (key, rest)
    }
}

impl SiteView {
    /// Reads the segments after a site, where they do not lead to its drive.
    pub(in crate::graph) fn parse(rest: &[Segment<'_>]) -> Result<Self, Refusal> {
        let Some((first, rest)) = rest.split_first() else { return Ok(Self::Site) };
        match rest {
            [] if first.is("sites") => Ok(Self::Subsites),
            [] if first.is("drives") => Ok(Self::Drives),
            rest if first.is("lists") => lists(rest),
            rest if first.is("pages") => pages(rest),
            _ => Err(first.unknown()),
        }
    }
}

fn lists(rest: &[Segment<'_>]) -> Result<SiteView, Refusal> {
    match rest {
        [] => Ok(SiteView::Lists),
        [list] => Ok(SiteView::List(list.text.clone())),
        [list, next] if next.is("columns") => Ok(SiteView::Columns(list.text.clone())),
        [list, next] if next.is("contentTypes") => Ok(SiteView::ContentTypes(list.text.clone())),
        [list, next] if next.is("items") => Ok(SiteView::ListItems(list.text.clone())),
        [list, next, item] if next.is("items") => {
            Ok(SiteView::ListItem { list: list.text.clone(), item: item.text.clone() })
        }
        [.., last] => Err(last.unknown()),
    }
}

fn pages(rest: &[Segment<'_>]) -> Result<SiteView, Refusal> {
    match rest {
        [] => Ok(SiteView::Pages),
        [cast] if cast.is(SITE_PAGE) => Ok(SiteView::Pages),
        [page] => Ok(SiteView::Page { page: page.text.clone(), is_site_page: false }),
        [page, cast] if cast.is(SITE_PAGE) => {
            Ok(SiteView::Page { page: page.text.clone(), is_site_page: true })
        }
        [.., last] => Err(last.unknown()),
    }
}
