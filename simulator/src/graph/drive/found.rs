//! Drives and what lies in them, as Microsoft Search finds and shows them.

use std::borrow::Cow;
use std::sync::Arc;

use jiff::Timestamp;
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value, json};

use super::estate::{self, Place};
use super::library::{Item, Library};
use super::reading::Reading;
use super::render::View;
use crate::directory::User;
use crate::graph::findable::{Document, Entity, Found};
use crate::graph::kql::{Attribute, Flag, Moment, Needle, Place as Where, Searchable, normalised};

/// As what an item of a library is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    DriveItem,
    ListItem,
}

struct ItemDocument<'a> {
    reading: &'a Reading<'a>,
    library: Arc<Library>,
    place: Place,
    item: usize,
    shape: Shape,
}

struct DriveDocument<'a> {
    reading: &'a Reading<'a>,
    library: Arc<Library>,
    place: Place,
}

impl Reading<'_> {
    /// Everything of these types that the caller may see. A file is a drive item where those are looked for, else a
    /// list item, and never both.
    pub(in crate::graph) fn documents(&self, entities: &[Entity]) -> Vec<Found<'_>> {
        let has = |entity: Entity| entities.contains(&entity);
        let shape = match (has(Entity::DriveItem), has(Entity::ListItem)) {
            (true, _) => Some(Shape::DriveItem),
            (false, true) => Some(Shape::ListItem),
            (false, false) => None,
        };
        let mut found = Vec::new();
        for (place, library) in self.visible_libraries() {
            if let Some(shape) = shape {
                let seen = (1..library.items.len()).filter(|item| self.may_see(&library, place, *item));
                found.extend(seen.map(|item| {
                    let library = Arc::clone(&library);
                    Found::made(ItemDocument { reading: self, library, place, item, shape })
                }));
            }
            if has(Entity::Drive) && estate::is_open_to(place, self.seat) {
                found.push(Found::made(DriveDocument { reading: self, library, place }));
            }
        }
        found.extend(self.site_documents(entities));
        found
    }

    /// The libraries of the caller's sites, the caller's own, and those of which something is shared with the caller.
    fn visible_libraries(&self) -> Vec<(Place, Arc<Library>)> {
        let mut places: Vec<Place> = self.visible_sites().map(Place::Site).collect();
        let has_home = self.tenant.users.get(self.seat).is_some_and(estate::has_home);
        places.extend(has_home.then_some(Place::Home(self.seat)));
        let mut libraries: Vec<_> = places.into_iter().map(|place| (place, self.library(place))).collect();
        libraries.extend(self.sharers());
        libraries
    }

    fn user(&self, seat: usize) -> Option<&User> {
        self.tenant.users.get(seat)
    }

    /// Name and address of somebody, as far as there is somebody.
    pub(in crate::graph) fn name_of(&self, seat: usize) -> Vec<&str> {
        self.user(seat).map(|user| vec![user.name.as_str(), user.upn.as_str()]).unwrap_or_default()
    }
}

/// An address as it stands in links, and as people write it.
pub(in crate::graph) fn addresses(url: String) -> Vec<Cow<'static, str>> {
    let plain = percent_decode_str(&url).decode_utf8_lossy().into_owned();
    vec![plain.into(), url.into()]
}

/// The name of the site or the person that a library belongs to.
fn site_title<'a>(reading: &'a Reading<'_>, place: Place) -> Option<&'a str> {
    match place {
        Place::Site(site) => Some(estate::plan(site).name),
        Place::Home(seat) => reading.user(seat).map(|user| user.name.as_str()),
    }
}

impl ItemDocument<'_> {
    fn item(&self) -> &Item {
        &self.library.items[self.item]
    }

    fn view(&self) -> View<'_> {
        self.reading.view(&self.library, self.place)
    }

    fn sharepoint_ids(&self) -> Value {
        json!({
            "listId": self.library.ids.list,
            "listItemId": self.item.to_string(),
            "listItemUniqueId": self.item().unique,
        })
    }
}

impl Searchable for ItemDocument<'_> {
    /// A file without a title is called by its name.
    fn subject(&self) -> &str {
        let name = &self.item().name;
        if self.item().file.is_none() {
            return name;
        }
        name.rsplit_once('.').map_or(name.as_str(), |(stem, _)| stem)
    }

    fn body_holds(&self, needle: &Needle) -> bool {
        self.item().file.as_ref().is_some_and(|file| needle.is_in(&normalised(&file.text)))
    }

    fn texts(&self, place: Where) -> Vec<&str> {
        match place {
            Where::Anywhere | Where::FileName => vec![&self.item().name],
            Where::Author => self.reading.name_of(self.item().created_by),
            Where::Editor => self.reading.name_of(self.item().modified_by),
            Where::SiteTitle => site_title(self.reading, self.place).into_iter().collect(),
            _ => Vec::new(),
        }
    }

    fn attributes(&self, attribute: Attribute) -> Vec<Cow<'_, str>> {
        match (attribute, self.place) {
            (Attribute::FileType, _) if self.item().file.is_some() => vec![self.item().extension().into()],
            (Attribute::Path, _) => addresses(self.item().web_url.clone()),
            (Attribute::ContentClass, Place::Site(_)) => vec!["STS_ListItem_DocumentLibrary".into()],
            (Attribute::ContentClass, Place::Home(_)) => vec!["STS_ListItem_MySiteDocumentLibrary".into()],
            _ => Vec::new(),
        }
    }

    fn flag(&self, flag: Flag) -> bool {
        flag == Flag::IsDocument && self.item().file.is_some()
    }

    fn moment(&self, which: Moment) -> Option<Timestamp> {
        match which {
            Moment::Created => Some(self.item().created),
            Moment::Modified => Some(self.item().modified),
            _ => None,
        }
    }

    fn size(&self) -> u64 {
        self.item().size as u64
    }
}

impl Document for ItemDocument<'_> {
    fn hit_id(&self) -> String {
        match self.shape {
            Shape::DriveItem => self.item().id.clone(),
            Shape::ListItem => self.item().unique.to_string(),
        }
    }

    fn text(&self) -> Cow<'_, str> {
        Cow::Borrowed(self.item().file.as_ref().map_or("", |file| &file.text))
    }

    fn web_url(&self) -> Option<String> {
        Some(self.item().web_url.clone())
    }

    fn column(&self, name: &str) -> Option<Value> {
        let fields = self.view().fields(self.item);
        let fields = fields.as_object()?.iter();
        fields.into_iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.clone())
    }

    fn fingerprint(&self) -> Option<&str> {
        self.item().file.as_ref().map(|file| file.hash.as_str())
    }

    fn resource(&self, fields: Map<String, Value>) -> Value {
        let (item, view) = (self.item(), self.view());
        let mut resource = json!({
            "createdDateTime": item.created.to_string(),
            "lastModifiedDateTime": item.modified.to_string(),
            "webUrl": item.web_url,
            "createdBy": view.identity(item.created_by),
            "lastModifiedBy": view.identity(item.modified_by),
        });
        let site_id = self.reading.estate.site_id(self.place);
        match self.shape {
            Shape::ListItem => {
                resource["@odata.type"] = "#microsoft.graph.listItem".into();
                resource["id"] = self.hit_id().into();
                resource["parentReference"] = json!({ "siteId": site_id });
                resource["sharepointIds"] = self.sharepoint_ids();
                if !fields.is_empty() {
                    resource["fields"] = fields.into();
                }
            }
            Shape::DriveItem => {
                resource["@odata.type"] = "#microsoft.graph.driveItem".into();
                resource["id"] = self.hit_id().into();
                resource["name"] = item.name.as_str().into();
                resource["size"] = item.size.into();
                resource["fileSystemInfo"] = json!({
                    "createdDateTime": item.created.to_string(),
                    "lastModifiedDateTime": item.modified.to_string(),
                });
                resource["parentReference"] = json!({
                    "driveId": self.library.drive_id,
                    "id": self.library.items[item.parent].id,
                    "siteId": site_id,
                    "sharepointIds": self.sharepoint_ids(),
                });
                if !fields.is_empty() {
                    let id = item.unique;
                    let shown =
                        json!({ "@odata.type": "#microsoft.graph.listItem", "id": id, "fields": fields });
                    resource["listItem"] = shown;
                }
            }
        }
        resource
    }
}

impl Searchable for DriveDocument<'_> {
    fn subject(&self) -> &str {
        match self.place {
            Place::Home(_) => "OneDrive",
            Place::Site(_) => "Documents",
        }
    }

    fn body_holds(&self, _needle: &Needle) -> bool {
        false
    }

    fn texts(&self, place: Where) -> Vec<&str> {
        match place {
            Where::Anywhere | Where::SiteTitle => site_title(self.reading, self.place).into_iter().collect(),
            _ => Vec::new(),
        }
    }

    fn attributes(&self, attribute: Attribute) -> Vec<Cow<'_, str>> {
        match attribute {
            Attribute::Path => addresses(self.library.web_url.clone()),
            Attribute::ContentClass => vec!["STS_List_DocumentLibrary".into()],
            _ => Vec::new(),
        }
    }

    fn moment(&self, which: Moment) -> Option<Timestamp> {
        match which {
            Moment::Created => Some(self.library.created),
            Moment::Modified => Some(self.library.items[0].modified),
            _ => None,
        }
    }
}

impl Document for DriveDocument<'_> {
    fn hit_id(&self) -> String {
        self.library.drive_id.clone()
    }

    fn text(&self) -> Cow<'_, str> {
        Cow::Borrowed("")
    }

    fn web_url(&self) -> Option<String> {
        Some(self.library.web_url.clone())
    }

    fn resource(&self, _fields: Map<String, Value>) -> Value {
        json!({
            "@odata.type": "#microsoft.graph.drive",
            "id": self.library.drive_id,
            "name": self.subject(),
            "webUrl": self.library.web_url,
            "createdDateTime": self.library.created.to_string(),
            "lastModifiedDateTime": self.library.items[0].modified.to_string(),
            "parentReference": { "siteId": self.reading.estate.site_id(self.place) },
        })
    }
}
