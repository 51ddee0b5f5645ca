//! Puts files and folders into a library under construction.

use bytes::Bytes;
use jiff::Timestamp;
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use uuid::Uuid;

use super::format::Format;
use super::hash::quick_xor;
use super::id::{LibraryIds, ROOT};
use super::library::{File, Item, Library, upper};
use crate::directory::random::SplitMix64;

const HOUR: i64 = 3_600;
/// What SharePoint encodes in the path of an address.
pub(in crate::graph) const SEGMENT: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'`')
    .add(b'{')
    .add(b'}');
/// What it encodes in a parameter.
const PARAMETER: &AsciiSet = &SEGMENT.add(b'&').add(b'+').add(b'=').add(b'\'');

#[derive(Debug)]
pub(super) struct Planter {
    pub(super) items: Vec<Item>,
    pub(super) random: SplitMix64,
    ids: LibraryIds,
    site_url: String,
    newest: Timestamp,
    created: Timestamp,
    /// Seats of those who write here.
    authors: Vec<usize>,
}

impl Planter {
    /// A library whose root was made `age` seconds before `newest`.
    pub(super) fn new(
        ids: LibraryIds,
        site_url: String,
        folder: &str,
        random: SplitMix64,
        newest: Timestamp,
        age: i64,
        authors: Vec<usize>,
    ) -> Self {
        let created = before(newest, age);
        let mut planter = Self { items: Vec::new(), random, ids, site_url, newest, created, authors };
        let mut root = planter.item(0, "root", ROOT, None);
        (root.path, root.created, root.modified) = (String::new(), created, newest);
        root.web_url = format!("{}/{}", planter.site_url, utf8_percent_encode(folder, SEGMENT));
        planter.items.push(root);
        planter
    }

    pub(super) fn folder(&mut self, parent: usize, name: &str) -> usize {
        let unique = self.random.uuid();
        let item = self.item(parent, name, unique, None);
        self.push(item)
    }

    /// A file; `text` is what the search index reads in it.
    pub(super) fn file(&mut self, parent: usize, name: &str, content: Vec<u8>, text: String) -> usize {
        let extension = name.rsplit_once('.').map(|(_, extension)| extension.to_lowercase());
        let mime_type = Format::mime_type(extension.as_deref().unwrap_or_default());
        let file = File { hash: quick_xor(&content), content: Bytes::from(content), mime_type, text };
        let unique = self.random.uuid();
        let item = self.item(parent, name, unique, Some(file));
        self.push(item)
    }

    pub(super) fn finish(self) -> Library {
        let web_url = self.items[0].web_url.clone();
        Library::shelved(self.ids, web_url, self.created, self.items)
    }

    fn push(&mut self, item: Item) -> usize {
        self.items.push(item);
        self.items.len() - 1
    }

    fn item(&mut self, parent: usize, name: &str, unique: Uuid, file: Option<File>) -> Item {
        let (path, folder) = match self.items.get(parent) {
            Some(above) if above.path.is_empty() => (name.to_owned(), above.web_url.as_str()),
            Some(above) => (format!("{}/{name}", above.path), above.web_url.as_str()),
            None => (String::new(), ""),
        };
        let web_url = match name.rsplit_once('.') {
            Some((_, "docx" | "xlsx" | "pptx")) => self.viewer(name, unique),
            _ => format!("{folder}/{}", utf8_percent_encode(name, SEGMENT)),
        };
        let modified = before(self.newest, HOUR + self.seconds(120 * 24 * HOUR));
        let created = before(modified, self.seconds(30 * 24 * HOUR));
        let mut author =
            || self.authors.get(self.random.index(self.authors.len())).copied().unwrap_or_default();
        let (created_by, modified_by) = (author(), author());
        Item {
            id: self.ids.item_id(unique),
            unique,
            name: name.to_owned(),
            path,
            parent,
            children: Vec::new(),
            created,
            modified,
            created_by,
            modified_by,
            version: 1 + self.random.index(4),
            web_url,
            size: file.as_ref().map_or(0, |file| file.content.len()),
            file,
            shared_with: Vec::new(),
            tenant_link: false,
            label: None,
        }
    }

    /// Office documents open in the browser.
    fn viewer(&self, name: &str, unique: Uuid) -> String {
        format!(
            "{}/_layouts/15/Doc.aspx?sourcedoc=%7B{}%7D&file={}&action=default&mobileredirect=true",
            self.site_url,
            upper(unique),
            utf8_percent_encode(name, PARAMETER)
        )
    }

    /// A number of seconds in `0..bound`.
    fn seconds(&mut self, bound: i64) -> i64 {
        i64::try_from(self.random.below(bound.unsigned_abs())).unwrap_or_default()
    }
}

fn before(newest: Timestamp, seconds: i64) -> Timestamp {
    Timestamp::from_second(newest.as_second().saturating_sub(seconds)).unwrap_or(Timestamp::MIN)
}
