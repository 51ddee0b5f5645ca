//! A document library with everything in it, immutable: what is behind one drive.

use std::collections::HashMap;

use bytes::Bytes;
use jiff::Timestamp;
use uuid::Uuid;

use super::id::LibraryIds;

/// The content of a library. The first item is its root folder.
#[derive(Debug)]
pub(in crate::graph) struct Library {
    pub(in crate::graph) ids: LibraryIds,
    pub(in crate::graph) drive_id: String,
    /// Address of the root folder, without a slash at the end.
    pub(in crate::graph) web_url: String,
    pub(in crate::graph) created: Timestamp,
    pub(in crate::graph) items: Vec<Item>,
    by_id: HashMap<String, usize>,
    /// By lower-case path below the root; a library has no case.
    by_path: HashMap<String, usize>,
}

#[derive(Debug)]
pub(in crate::graph) struct Item {
    pub(in crate::graph) id: String,
    /// `UniqueId` in SharePoint.
    pub(in crate::graph) unique: Uuid,
    pub(in crate::graph) name: String,
    /// Below the root, without a slash at either end; empty for the root.
    pub(in crate::graph) path: String,
    /// Place in [`Library::items`]; the root is its own.
    pub(in crate::graph) parent: usize,
    pub(in crate::graph) children: Vec<usize>,
    pub(in crate::graph) created: Timestamp,
    pub(in crate::graph) modified: Timestamp,
    /// Seats of those who did it.
    pub(in crate::graph) created_by: usize,
    pub(in crate::graph) modified_by: usize,
    pub(in crate::graph) version: usize,
    pub(in crate::graph) web_url: String,
    /// Of everything below, for a folder.
    pub(in crate::graph) size: usize,
    /// Nothing for a folder.
    pub(in crate::graph) file: Option<File>,
    /// Seats of those it is shared with, besides those who may see the library.
    pub(in crate::graph) shared_with: Vec<usize>,
    /// Whether there is a link by which everybody of the tenant may read it.
    pub(in crate::graph) tenant_link: bool,
    /// Name of the sensitivity label.
    pub(in crate::graph) label: Option<&'static str>,
}

#[derive(Debug, Clone)]
pub(in crate::graph) struct File {
    pub(in crate::graph) content: Bytes,
    pub(in crate::graph) mime_type: &'static str,
    pub(in crate::graph) hash: String,
    /// What the search index has read, and what a conversion writes.
    pub(in crate::graph) text: String,
}

impl Library {
    /// Counts, sizes and finds. `items` begin with the root; parents stand before their children.
    pub(super) fn shelved(
        ids: LibraryIds,
        web_url: String,
        created: Timestamp,
        mut items: Vec<Item>,
    ) -> Self {
        for place in (1..items.len()).rev() {
            let (parent, size) = (items[place].parent, items[place].size);
            items[parent].size += size;
        }
        for place in 1..items.len() {
            let parent = items[place].parent;
            items[parent].children.push(place);
        }
        let by_id = items.iter().enumerate().map(|(place, item)| (item.id.clone(), place)).collect();
        let by_path =
            items.iter().enumerate().map(|(place, item)| (item.path.to_lowercase(), place)).collect();
        Self { drive_id: ids.drive_id(), ids, web_url, created, items, by_id, by_path }
    }

    pub(in crate::graph) fn find(&self, id: &str) -> Option<usize> {
        self.by_id.get(id).copied()
    }

    /// Finds what lies at a path below an item.
    pub(in crate::graph) fn below(&self, start: usize, path: &[String]) -> Option<usize> {
        let mut names: Vec<&str> = Vec::with_capacity(path.len() + 1);
        names.extend(Some(self.items[start].path.as_str()).filter(|path| !path.is_empty()));
        names.extend(path.iter().map(String::as_str));
        self.by_path.get(&names.join("/").to_lowercase()).copied()
    }

    /// The item and what it lies in, up to the root.
    pub(in crate::graph) fn lineage(&self, place: usize) -> impl Iterator<Item = usize> {
        let mut next = Some(place);
        std::iter::from_fn(move || {
            let place = next?;
            next = Some(self.items[place].parent).filter(|_| place != 0);
            Some(place)
        })
    }

    /// Everything below a folder, the folder itself left out.
    pub(in crate::graph) fn descendants(&self, place: usize) -> impl Iterator<Item = usize> {
        (1..self.items.len())
            .filter(move |item| *item != place && self.lineage(*item).any(|above| above == place))
    }
}

impl Item {
    pub(in crate::graph) fn e_tag(&self) -> String {
        format!("\"{{{}}},{}\"", upper(self.unique), self.version)
    }

    /// Changes with the content alone; a folder has none.
    pub(in crate::graph) fn c_tag(&self) -> String {
        let version = if self.file.is_some() { self.version } else { 0 };
        format!("\"c:{{{}}},{version}\"", upper(self.unique))
    }

    /// What stands after the last point of the name, in lower case.
    pub(in crate::graph) fn extension(&self) -> String {
        self.name.rsplit_once('.').map(|(_, extension)| extension.to_lowercase()).unwrap_or_default()
    }
}

/// As SharePoint writes ids in addresses and tags.
pub(in crate::graph) fn upper(id: Uuid) -> String {
    id.to_string().to_uppercase()
}
