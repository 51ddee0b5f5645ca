//! The uris of files, sites, lists and pages.

use std::borrow::Cow;

use super::segments::Family;
use crate::tools::error::ToolError;

const FILE: Family = Family { root: "file:///", forms: "file:///{driveId}/{itemId}" };
const SITE: Family = Family { root: "site:///", forms: "site:///{siteId}" };
const LIST: Family =
    Family { root: "list:///", forms: "list:///{siteId}/{listId}, list:///{siteId}/{listId}/items/{itemId}" };
pub(in crate::tools) const PAGE: Family =
    Family { root: "page:///", forms: "page:///sites/{siteId}/pages/{pageId}" };

/// `file:///{driveId}/{itemId}`; the item `root` is the drive's uppermost folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::tools) struct FileUri<'a> {
    pub(in crate::tools) drive: Cow<'a, str>,
    pub(in crate::tools) item: Cow<'a, str>,
}

impl<'a> FileUri<'a> {
    pub(in crate::tools) const ROOT: &'static str = FILE.root;
    pub(in crate::tools) const FORMS: &'static str = FILE.forms;

    pub(in crate::tools) fn parse(argument: &'static str, uri: &'a str) -> Result<Self, ToolError> {
        match <[_; 2]>::try_from(FILE.segments(argument, uri)?) {
            Ok([drive, item]) => Ok(Self { drive, item }),
            Err(_) => Err(FILE.refused(argument)),
        }
    }
}

pub(in crate::tools) fn file_uri(drive: &str, item: &str) -> String {
    FILE.uri(&[drive, item])
}

/// `site:///{siteId}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::tools) struct SiteUri<'a> {
    pub(in crate::tools) site: Cow<'a, str>,
}

impl<'a> SiteUri<'a> {
    pub(in crate::tools) const ROOT: &'static str = SITE.root;
    pub(in crate::tools) const FORMS: &'static str = SITE.forms;

    pub(in crate::tools) fn parse(argument: &'static str, uri: &'a str) -> Result<Self, ToolError> {
        match <[_; 1]>::try_from(SITE.segments(argument, uri)?) {
            Ok([site]) => Ok(Self { site }),
            Err(_) => Err(SITE.refused(argument)),
        }
    }
}

pub(in crate::tools) fn site_uri(site: &str) -> String {
    SITE.uri(&[site])
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::tools) enum ListUri<'a> {
    /// `list:///{siteId}/{listId}`
    List { site: Cow<'a, str>, list: Cow<'a, str> },
    /// `list:///{siteId}/{listId}/items/{itemId}`
    Item { site: Cow<'a, str>, list: Cow<'a, str>, item: Cow<'a, str> },
}

impl<'a> ListUri<'a> {
    pub(in crate::tools) const ROOT: &'static str = LIST.root;
    pub(in crate::tools) const FORMS: &'static str = LIST.forms;

    pub(in crate::tools) fn parse(argument: &'static str, uri: &'a str) -> Result<Self, ToolError> {
        let mut segments = LIST.segments(argument, uri)?.into_iter();
        match (segments.next(), segments.next(), segments.next(), segments.next(), segments.next()) {
            (Some(site), Some(list), None, ..) => Ok(Self::List { site, list }),
            (Some(site), Some(list), Some(items), Some(item), None) if items == "items" => {
                Ok(Self::Item { site, list, item })
            }
            _ => Err(Self::refused(argument)),
        }
    }

    /// The error that names the forms.
    pub(in crate::tools) fn refused(argument: &'static str) -> ToolError {
        LIST.refused(argument)
    }
}

pub(in crate::tools) fn list_uri(site: &str, list: &str) -> String {
    LIST.uri(&[site, list])
}

pub(in crate::tools) fn list_item_uri(site: &str, list: &str, item: &str) -> String {
    LIST.uri(&[site, list, "items", item])
}

pub(in crate::tools) fn page_uri(site: &str, page: &str) -> String {
    PAGE.uri(&["sites", site, "pages", page])
}
