//! `file:///`: files as text, folders as lists.

use futures_util::future::LocalBoxFuture;

use super::file_content::{FileContent, read_file};
use super::found_content::rows;
use super::{Kind, Read, Reading, Scheme, no_parts};
use crate::graph::{DriveItem, QueryOption};
use crate::tools::error::ToolError;
use crate::tools::pages::{MOST_PAGES, Position};
use crate::tools::resource_listing::ResourceTemplate;
use crate::tools::sharepoint::{
    DriveReference, FILE_SELECT, FILES, FolderList, FolderListing, LABEL, Owned, Ownership, children,
    item_request,
};
use crate::tools::sought::Thing;
use crate::tools::tool::ToolAnswer;
use crate::tools::uri::FileUri;

/// Entries of a page of a folder.
const LIMIT: u32 = 50;

pub(in crate::tools) static FILE_SCHEME: Scheme = Scheme {
    name: "file",
    forms: FileUri::FORMS,
    scopes: FILES,
    most_requests: 2 + MOST_PAGES,
    part: |_| Some(rows),
    names: |_| Thing::File,
    kinds: &[Kind::of::<FileContent<'_>>("file"), Kind::of::<FolderList>("folder")],
    templates: &[ResourceTemplate {
        uri_template: "file:///{driveId}/{itemId}",
        name: "file",
        title: "A file or folder",
        description: "A file of OneDrive or SharePoint as text, or what lies in a folder.",
        mime_type: "application/json",
    }],
    read,
};

fn read<'a>(reading: &'a Reading<'a>) -> LocalBoxFuture<'a, Result<ToolAnswer, ToolError>> {
    Box::pin(async move {
        let FileUri { drive, item } = FileUri::parse("uri", reading.uri)?;
        let drive = DriveReference::Id(drive);
        let request = item_request(&drive, &item)?
            .query(QueryOption::Select, FILE_SELECT)
            .query(QueryOption::Expand, LABEL);
        let asked = async {
            let body = reading.call.graph.get(&request).await?;
            Ok((body, Ownership::of(reading.call, &drive).await?))
        };
        let (zone, (body, ownership)) = reading.beside(asked).await?;
        let found: DriveItem<'_> = body.parse()?;
        let is_folder = found.folder.is_some();
        let found = Owned { item: found, ownership };
        if !is_folder {
            return read_file(reading, found, &drive, &zone).await;
        }
        if reading.part.is_some() {
            return Err(no_parts());
        }
        let folder = reading.review().admit_one(found)?;
        let entries = folder.peek().item.folder.and_then(|folder| folder.child_count);
        let listing =
            FolderListing { drive: &drive, folder: &item, ownership, limit: LIMIT, zone: Some(&zone) };
        let from = Position::of(reading.call, reading.cursor, &reading.binding)?;
        let (list, size) = children(reading.call, &listing, from, &reading.binding).await?;
        ToolAnswer::new(&Read::list("folder", list.total(entries)), size)
    })
}
