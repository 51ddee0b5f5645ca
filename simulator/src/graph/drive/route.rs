//! From a path to what is asked of OneDrive and SharePoint.

use crate::graph::refusal::Refusal;
use crate::graph::segment::{Segment, path, segments};
use crate::graph::site_route::{SiteKey, SiteRoute, SiteView};
use crate::graph::who::Who;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::graph) enum FilesRoute {
    Drive(DriveKey, DriveRoute),
    DrivesOf(Who),
    /// What a sharing link leads to; the share itself where nothing follows.
    Share(String, Option<ItemRoute>),
    Site(SiteRoute),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::graph) enum DriveKey {
    OfUser(Who),
    Id(String),
    OfSite(SiteKey),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::graph) enum DriveRoute {
    Drive,
    Recent,
    SharedWithMe,
    /// Everything that the caller may see from here, also what others share.
    SearchAll(String),
    Item(Address, ItemRoute),
}

/// An item by its id or the root, and a path below it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::graph) struct Address {
    /// Nothing for the root.
    pub(in crate::graph) id: Option<String>,
    pub(in crate::graph) path: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::graph) enum ItemRoute {
    Item,
    Children,
    Content,
    Thumbnails,
    Permissions,
    Versions,
    ListItem,
    Search(String),
}

/// Reads a path that is still percent-encoded. Nothing where the path is for another workload.
pub(in crate::graph) fn parse(path: &str) -> Option<Result<FilesRoute, Refusal>> {
    let mut names = path.trim_matches('/').split('/');
    let first = names.next()?;
    let is_ours = |name: &str| {
        ["drive", "drives", "followedSites"].iter().any(|known| known.eq_ignore_ascii_case(name))
    };
    let ours = match first.to_ascii_lowercase().as_str() {
        "drives" | "shares" | "sites" => true,
        "me" => names.next().is_some_and(is_ours),
        "users" => names.nth(1).is_some_and(is_ours),
        _ => false,
    };
    ours.then(|| parse_ours(path))
}

fn parse_ours(path: &str) -> Result<FilesRoute, Refusal> {
    let segments = segments(path)?;
    let Some((first, rest)) = segments.split_first() else {
        return Err(Refusal::MalformedUri("the path is empty"));
    };
    match (first.text.to_ascii_lowercase().as_str(), rest) {
        ("me", rest) => of_user(Who::Me, rest),
        ("users", [key, rest @ ..]) => of_user(Who::Named(key.text.clone()), rest),
        ("drives", [id, rest @ ..]) => Ok(FilesRoute::Drive(DriveKey::Id(id.text.clone()), drive(rest)?)),
        ("shares", [token]) => Ok(FilesRoute::Share(token.text.clone(), None)),
        ("shares", [token, kind, rest @ ..]) if kind.is("driveItem") || kind.is("root") => {
            Ok(FilesRoute::Share(token.text.clone(), Some(item(rest)?)))
        }
        ("shares", [_, kind, ..]) => Err(kind.unknown()),
        ("sites", rest) => sites(rest),
        _ => Err(first.unknown()),
    }
}

fn of_user(who: Who, rest: &[Segment<'_>]) -> Result<FilesRoute, Refusal> {
    match rest {
        [first, rest @ ..] if first.is("drive") => Ok(FilesRoute::Drive(DriveKey::OfUser(who), drive(rest)?)),
        [first] if first.is("drives") => Ok(FilesRoute::DrivesOf(who)),
        [first] if first.is("followedSites") && who == Who::Me => Ok(FilesRoute::Site(SiteRoute::Followed)),
        [.., last] => Err(last.unknown()),
        [] => Err(Refusal::MalformedUri("the path is empty")),
    }
}

/// What follows `sites`: a site's own, or its drive.
fn sites(rest: &[Segment<'_>]) -> Result<FilesRoute, Refusal> {
    let Some((first, rest)) = rest.split_first() else { return Ok(FilesRoute::Site(SiteRoute::Search)) };
    let (key, rest) = SiteKey::parse(first, rest);
    match rest {
        [first, rest @ ..] if first.is("drive") => Ok(FilesRoute::Drive(DriveKey::OfSite(key), drive(rest)?)),
        rest => Ok(FilesRoute::Site(SiteRoute::Site(key, SiteView::parse(rest)?))),
    }
}

/// What follows a drive.
fn drive(rest: &[Segment<'_>]) -> Result<DriveRoute, Refusal> {
    let Some((first, rest)) = rest.split_first() else { return Ok(DriveRoute::Drive) };
    let address = |id: Option<String>, path| Address { id, path };
    if first.before_colon().is_some_and(|name| name.eq_ignore_ascii_case("root")) {
        let (path, rest) = path(rest);
        return Ok(DriveRoute::Item(address(None, path), item(rest)?));
    }
    if first.is("root") {
        return Ok(DriveRoute::Item(address(None, Vec::new()), item(rest)?));
    }
    if let Some(words) = search(first, rest) {
        return words.map(DriveRoute::SearchAll);
    }
    match rest {
        [key, rest @ ..] if first.is("items") => match key.before_colon() {
            Some(id) => {
                let id = Some(id.to_owned());
                let (path, rest) = path(rest);
                Ok(DriveRoute::Item(address(id, path), item(rest)?))
            }
            None => Ok(DriveRoute::Item(address(Some(key.text.clone()), Vec::new()), item(rest)?)),
        },
        [] if first.is("recent") || first.text == "recent()" => Ok(DriveRoute::Recent),
        [] if first.is("sharedWithMe") || first.text == "sharedWithMe()" => Ok(DriveRoute::SharedWithMe),
        _ => Err(first.unknown()),
    }
}

fn item(rest: &[Segment<'_>]) -> Result<ItemRoute, Refusal> {
    const NAMES: [(&str, ItemRoute); 6] = [
        ("children", ItemRoute::Children),
        ("content", ItemRoute::Content),
        ("thumbnails", ItemRoute::Thumbnails),
        ("permissions", ItemRoute::Permissions),
        ("versions", ItemRoute::Versions),
        ("listItem", ItemRoute::ListItem),
    ];
    let Some((first, rest)) = rest.split_first() else { return Ok(ItemRoute::Item) };
    if let Some(words) = search(first, rest) {
        return words.map(ItemRoute::Search);
    }
    let route = NAMES.into_iter().find(|(name, _)| first.is(name)).ok_or_else(|| first.unknown())?.1;
    match rest.first() {
        None => Ok(route),
        Some(next) => Err(next.unknown()),
    }
}

/// `search(q='…')`; a slash in it may have been sent as it is.
fn search(first: &Segment<'_>, rest: &[Segment<'_>]) -> Option<Result<String, Refusal>> {
    let is_search = first.text.get(..7).is_some_and(|name| name.eq_ignore_ascii_case("search("));
    if !is_search {
        return None;
    }
    let mut whole = first.text.clone();
    for segment in rest {
        whole.extend(["/", &segment.text]);
    }
    let malformed =
        || Refusal::MalformedUri("a search is written search(q='text'), with quotes in it doubled");
    let words = whole[7..]
        .strip_suffix(')')
        .and_then(|inner| inner.trim().strip_prefix("q="))
        .and_then(|quoted| quoted.trim().strip_prefix('\'')?.strip_suffix('\''))
        .ok_or_else(malformed);
    Some(words.and_then(|words| {
        let single = words.replace("''", "");
        if single.contains('\'') { Err(malformed()) } else { Ok(words.replace("''", "'")) }
    }))
}
