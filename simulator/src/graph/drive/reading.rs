//! One request for files: whose drive, which item, what of it.

use std::sync::Arc;

use bytes::Bytes;
use serde_json::{Value, json};

use super::Files;
use super::download::{Recipient, Rendition};
use super::estate::{self, Estate, Place, is_open_to};
use super::id;
use super::library::Library;
use super::list::{ItemOrder, Slice, paged};
use super::list_item::Wanted;
use super::refusal::FileRefusal;
use super::render::{self, DRIVE_NAMES, NAMES, TYPE_NAME, View};
use super::route::{Address, DriveKey, DriveRoute, ItemRoute};
use super::scopes::FileScopes;
use crate::directory::Tenant;
use crate::graph::odata::expand::{self, Expansion};
use crate::graph::odata::query::Query;
use crate::graph::odata::select::Selection;
use crate::graph::options;
use crate::graph::people::Person;
use crate::graph::refusal::Refusal;
use crate::graph::request::GraphRequest;
use crate::graph::respond::{Entity, Object, Page, bytes};
use crate::graph::who::Who;

/// Sources of which Graph makes a PDF, as far as files here have them.
const CONVERTIBLE: &[&str] = &["docx", "xlsx", "pptx", "html", "md"];
const EXPANDABLE: &[&str] = &["children", "thumbnails", "permissions", "versions", "listItem"];
/// Items that `recent` tells of.
const RECENT: usize = 20;

/// What comes of a request that is not refused.
#[derive(Debug)]
pub(in crate::graph) enum Outcome {
    /// The same whenever it is asked for.
    Lasting(Bytes),
    /// Holds addresses that expire.
    Momentary(Bytes),
    /// A redirect.
    Elsewhere(String),
    /// What the caller has already is still good; the tag of it.
    Unchanged(String),
}

/// Who asks, for what, and how.
pub(in crate::graph) struct Reading<'a> {
    pub(in crate::graph) files: &'a Files,
    pub(in crate::graph) tenant: &'a Tenant,
    pub(in crate::graph) estate: &'a Estate,
    pub(in crate::graph) seat: usize,
    pub(in crate::graph) scopes: FileScopes,
    pub(in crate::graph) recipient: Recipient,
    pub(in crate::graph) query: Query,
    pub(in crate::graph) request: &'a GraphRequest<'a>,
}

impl Reading<'_> {
    pub(super) fn drive_route(&self, key: &DriveKey, route: &DriveRoute) -> Result<Outcome, FileRefusal> {
        let place = self.place(key)?;
        match route {
            DriveRoute::Drive => self.drive(key, place),
            DriveRoute::Item(address, route) => {
                let library = self.library(place);
                let item = find(&library, address)?;
                self.require_item(&library, place, item)?;
                self.item_route(&library, place, item, route)
            }
            DriveRoute::Recent => self.recent(place),
            DriveRoute::SharedWithMe => self.shared_with_me(place),
            DriveRoute::SearchAll(words) => self.search_all(place, words),
        }
    }

    /// Which library a drive is.
    pub(super) fn place(&self, key: &DriveKey) -> Result<Place, FileRefusal> {
        match key {
            DriveKey::OfUser(who) => self.home(who),
            DriveKey::OfSite(key) => self.find_site(key).map(Place::Site),
            DriveKey::Id(id) if !id::is_drive_id(id) => Err(FileRefusal::MalformedDrive),
            DriveKey::Id(id) => self.estate.place_of(id).ok_or(FileRefusal::ItemNotFound),
        }
    }

    fn home(&self, who: &Who) -> Result<Place, FileRefusal> {
        let seat = match who {
            Who::Me => self.seat,
            Who::Named(key) => {
                let person =
                    Person::find(self.tenant, key).ok_or_else(|| Refusal::UnknownPerson(key.clone()))?;
                self.estate.seat(person.id()).ok_or(FileRefusal::NoHome)?
            }
        };
        if estate::has_home(&self.tenant.users[seat]) {
            Ok(Place::Home(seat))
        } else {
            Err(FileRefusal::NoHome)
        }
    }

    pub(in crate::graph) fn library(&self, place: Place) -> Arc<Library> {
        self.files.library(self.tenant, self.estate, place)
    }

    pub(in crate::graph) fn view<'b>(&'b self, library: &'b Library, place: Place) -> View<'b> {
        View {
            tenant: self.tenant,
            estate: self.estate,
            place,
            library,
            signer: &self.files.signer,
            recipient: self.recipient,
            asked_at: self.request.base_url,
        }
    }

    /// An item is open to those who may see its library, and to those it or a folder above it is shared with.
    fn require_item(&self, library: &Library, place: Place, item: usize) -> Result<(), FileRefusal> {
        if !self.scopes.library(place, self.seat) {
            return Err(FileRefusal::ScopeMissing);
        }
        if self.may_see(library, place, item) {
            return Ok(());
        }
        Err(closed(place))
    }

    pub(super) fn may_see(&self, library: &Library, place: Place, item: usize) -> bool {
        is_open_to(place, self.seat)
            || library.lineage(item).any(|above| library.items[above].shared_with.contains(&self.seat))
    }

    /// The drive itself, without what lies in it: under the caller's own name even less than `Files.Read` opens it.
    fn drive(&self, key: &DriveKey, place: Place) -> Result<Outcome, FileRefusal> {
        let is_by_name = matches!(key, DriveKey::OfUser(_)) && place == Place::Home(self.seat);
        if !is_by_name && !self.scopes.library(place, self.seat) {
            return Err(FileRefusal::ScopeMissing);
        }
        if !is_open_to(place, self.seat) {
            return Err(closed(place));
        }
        let selection = self.selection(DRIVE_NAMES, "microsoft.graph.drive")?;
        self.refuse_expansions()?;
        let object = render::drive(self.view(&self.library(place), place), &selection);
        Ok(self.entity(&format!("drives{}/$entity", selection.context(DRIVE_NAMES)), object))
    }

    pub(super) fn drives_of(&self, who: &Who) -> Result<Outcome, FileRefusal> {
        let place = self.home(who)?;
        if !is_open_to(place, self.seat) {
            return Err(closed(place));
        }
        self.drives(place)
    }

    /// The one drive there is at a place, as a collection.
    pub(in crate::graph) fn drives(&self, place: Place) -> Result<Outcome, FileRefusal> {
        let selection = self.selection(DRIVE_NAMES, "microsoft.graph.drive")?;
        let drive = render::drive(self.view(&self.library(place), place), &selection);
        let slice = paged(&self.query, self.request, vec![drive])?;
        Ok(Outcome::Lasting(self.page("drives", slice.entries, slice.next_link)))
    }

    pub(super) fn item_route(
        &self,
        library: &Library,
        place: Place,
        item: usize,
        route: &ItemRoute,
    ) -> Result<Outcome, FileRefusal> {
        let view = self.view(library, place);
        match route {
            ItemRoute::Item => self.item(view, item),
            ItemRoute::Children => self.children(view, item),
            ItemRoute::Content => self.content(view, item),
            ItemRoute::Search(words) => self.search(view, item, words),
            ItemRoute::Thumbnails => self.thumbnails(view, item),
            ItemRoute::Permissions => self.permissions(view, item),
            ItemRoute::Versions if library.items[item].file.is_none() => Err(FileRefusal::NoContent),
            ItemRoute::Versions => self.versions(view, item),
            ItemRoute::ListItem => {
                let wanted = Wanted::parse(self.query.select.as_deref(), self.query.expand.as_deref())?;
                let mut value = wanted.of(view.list_item(item), || view.fields(item));
                let context = format!("listItems{}/$entity", wanted.context());
                value["@odata.context"] = self.context(&context).into();
                Ok(Outcome::Lasting(bytes(&value)))
            }
        }
    }

    fn item(&self, view: View<'_>, item: usize) -> Result<Outcome, FileRefusal> {
        let selection = self.selection(NAMES, TYPE_NAME)?;
        let object = self.expanded(view, item, &selection)?;
        let drive = &view.library.drive_id;
        let context = self.context(&format!("drives('{drive}')/items{}/$entity", selection.context(NAMES)));
        Ok(self.with_expansions(bytes(&Entity { context, object }), &selection))
    }

    fn children(&self, view: View<'_>, item: usize) -> Result<Outcome, FileRefusal> {
        let entries = view.library.items[item].children.clone();
        let of = format!("('{}')/children", view.library.items[item].id);
        self.items(view, entries, &of)
    }

    fn search(&self, view: View<'_>, item: usize, words: &str) -> Result<Outcome, FileRefusal> {
        let entries =
            view.library.descendants(item).filter(|place| matches(view.library, *place, words)).collect();
        self.items(view, entries, "")
    }

    /// A page of items of one library.
    fn items(&self, view: View<'_>, entries: Vec<usize>, of: &str) -> Result<Outcome, FileRefusal> {
        let selection = self.selection(NAMES, TYPE_NAME)?;
        let slice = self.shown_items(view, entries, &selection)?;
        let what = format!("drives('{}')/items{of}{}", view.library.drive_id, selection.context(NAMES));
        Ok(self.with_expansions(self.page(&what, slice.entries, slice.next_link), &selection))
    }

    fn shown_items(
        &self,
        view: View<'_>,
        mut entries: Vec<usize>,
        selection: &Selection,
    ) -> Result<Slice<Object>, FileRefusal> {
        let order = ItemOrder::parse(self.query.order_by.as_deref())?;
        entries.sort_by(|left, right| order.order(&view.library.items[*left], &view.library.items[*right]));
        let slice = paged(&self.query, self.request, entries)?;
        let objects = slice.entries.into_iter().map(|place| self.expanded(view, place, selection));
        Ok(Slice { entries: objects.collect::<Result<_, _>>()?, next_link: slice.next_link })
    }

    fn expanded(&self, view: View<'_>, item: usize, selection: &Selection) -> Result<Object, FileRefusal> {
        let mut object = view.item(item, selection);
        for expansion in expand::parse(self.query.expand.as_deref(), EXPANDABLE)? {
            if expansion.name == "children" {
                let children = self.expanded_children(view, item, &expansion)?;
                object.set("children", json!(children.entries));
                if let Some(link) = children.next_link {
                    object.set("children@odata.nextLink", link);
                }
                continue;
            }
            let (name, value) = expanded(view, item, &expansion)?;
            object.set(name, value);
        }
        Ok(object)
    }

    /// What lies in a folder, as it comes along with it: the first page. The next link leads to the rest, and to it alone.
    fn expanded_children(
        &self,
        view: View<'_>,
        item: usize,
        expansion: &Expansion,
    ) -> Result<Slice<Object>, FileRefusal> {
        let folder = &view.library.items[item];
        let path = format!("/drives/{}/items/{}/children", view.library.drive_id, folder.id);
        self.along(&path, expansion, |reading| {
            let selection = reading.selection(NAMES, TYPE_NAME)?;
            reading.shown_items(view, folder.children.clone(), &selection)
        })
    }

    /// What comes along with something, read as if it had been asked for at `path` with the options within the expansion.
    pub(in crate::graph) fn along<T>(
        &self,
        path: &str,
        expansion: &Expansion,
        read: impl FnOnce(&Reading<'_>) -> Result<T, FileRefusal>,
    ) -> Result<T, FileRefusal> {
        let query = expansion.query()?;
        if let Some(option) = options::not_taken(path, &query) {
            return Err(FileRefusal::OptionNotSupported(option.name()));
        }
        let request = GraphRequest { path, ..self.request.clone() };
        read(&Reading { query, request: &request, ..*self })
    }

    /// What comes along with an item may hold addresses that expire, whatever is selected of the item.
    fn with_expansions(&self, body: Bytes, selection: &Selection) -> Outcome {
        if self.query.expand.is_some() { Outcome::Momentary(body) } else { timed(body, selection) }
    }

    fn content(&self, view: View<'_>, item: usize) -> Result<Outcome, FileRefusal> {
        let wanted = &view.library.items[item];
        if wanted.file.is_none() {
            return Err(FileRefusal::NoContent);
        }
        let rendition = match option(self.request.query, "format") {
            None => Rendition::AsItIs,
            Some("pdf") if CONVERTIBLE.contains(&wanted.extension().as_str()) => Rendition::Pdf,
            Some(_) => return Err(FileRefusal::FormatNotSupported),
        };
        if self.request.if_none_match.is_some_and(|tag| tag == wanted.e_tag() || tag == wanted.c_tag()) {
            return Ok(Outcome::Unchanged(wanted.e_tag()));
        }
        view.address(item, rendition).map(Outcome::Elsewhere).ok_or(FileRefusal::NoContent)
    }

    /// What the owner changed last.
    fn recent(&self, place: Place) -> Result<Outcome, FileRefusal> {
        let library = self.library(place);
        self.require_item(&library, place, 0)?;
        let mut entries: Vec<usize> =
            (1..library.items.len()).filter(|item| library.items[*item].file.is_some()).collect();
        entries.sort_by_key(|item| std::cmp::Reverse(library.items[*item].modified));
        entries.truncate(RECENT);
        let view = self.view(&library, place);
        let selection = self.selection(NAMES, TYPE_NAME)?;
        let slice = paged(&self.query, self.request, entries)?;
        let objects = slice.entries.into_iter().map(|item| view.item(item, &selection)).collect();
        Ok(timed(self.page("Collection(driveItem)", objects, slice.next_link), &selection))
    }

    pub(in crate::graph) fn selection(
        &self,
        names: &[&'static str],
        resource: &'static str,
    ) -> Result<Selection, FileRefusal> {
        Ok(Selection::parse(self.query.select.as_deref(), names, resource)?)
    }

    /// Of what has nothing that could come along.
    pub(in crate::graph) fn refuse_expansions(&self) -> Result<(), FileRefusal> {
        Ok(expand::parse(self.query.expand.as_deref(), &[]).map(drop)?)
    }

    pub(in crate::graph) fn context(&self, what: &str) -> String {
        format!("{}/$metadata#{what}", self.request.base_url)
    }

    pub(in crate::graph) fn entity(&self, what: &str, object: Object) -> Outcome {
        Outcome::Lasting(bytes(&Entity { context: self.context(what), object }))
    }

    pub(in crate::graph) fn page(&self, what: &str, value: Vec<Object>, next_link: Option<String>) -> Bytes {
        bytes(&Page { context: self.context(what), count: None, value, next_link })
    }
}

/// An item by its address.
fn find(library: &Library, address: &Address) -> Result<usize, FileRefusal> {
    let start = match &address.id {
        None => 0,
        Some(id) if id.eq_ignore_ascii_case("root") => 0,
        Some(id) => library.find(id).ok_or(FileRefusal::ItemNotFound)?,
    };
    library.below(start, &address.path).ok_or(FileRefusal::ItemNotFound)
}

/// What is said to those who may not see a library.
pub(super) const fn closed(place: Place) -> FileRefusal {
    match place {
        Place::Home(_) => FileRefusal::OwnerOnly,
        Place::Site(_) => FileRefusal::AccessDenied,
    }
}

fn expanded(
    view: View<'_>,
    item: usize,
    expansion: &Expansion,
) -> Result<(&'static str, Value), FileRefusal> {
    Ok(match expansion.name.as_str() {
        "thumbnails" => ("thumbnails", json!(view.thumbnails(item))),
        "permissions" => ("permissions", json!(view.permissions(item))),
        "versions" => ("versions", json!(view.versions(item))),
        _ => {
            let wanted = Wanted::parse(expansion.option("select"), expansion.option("expand"))?;
            ("listItem", wanted.of(view.list_item(item), || view.fields(item)))
        }
    })
}

/// Every word must stand in the name or the text.
pub(super) fn matches(library: &Library, place: usize, words: &str) -> bool {
    let item = &library.items[place];
    let text = item.file.as_ref().map(|file| file.text.to_lowercase()).unwrap_or_default();
    let name = item.name.to_lowercase();
    words.to_lowercase().split_whitespace().all(|word| name.contains(word) || text.contains(word))
}

pub(super) fn timed(body: Bytes, selection: &Selection) -> Outcome {
    if render::is_momentary(selection) { Outcome::Momentary(body) } else { Outcome::Lasting(body) }
}

fn option<'a>(query: &'a str, name: &str) -> Option<&'a str> {
    query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))
}
