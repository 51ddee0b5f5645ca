//! Drives and drive items as JSON.

use serde_json::{Value, json};

use super::download::{Grant, Recipient, Rendition, Signer};
use super::estate::{Estate, Place};
use super::library::{Item, Library};
use crate::directory::Tenant;
use crate::graph::odata::select::Selection;
use crate::graph::respond::Object;

/// The properties of an item, in the order in which Graph writes them.
pub(in crate::graph) const NAMES: &[&str] = &[
    DOWNLOAD_URL,
    "createdDateTime",
    "eTag",
    "id",
    "lastModifiedDateTime",
    "name",
    "webUrl",
    "cTag",
    "size",
    "createdBy",
    "lastModifiedBy",
    "parentReference",
    "fileSystemInfo",
    "file",
    "folder",
    "package",
    "root",
    "shared",
    "sharepointIds",
    "searchResult",
    CONTENT_URL,
];
pub(in crate::graph) const TYPE_NAME: &str = "microsoft.graph.driveItem";
const DOWNLOAD_URL: &str = "@microsoft.graph.downloadUrl";
/// The name by which SharePoint wants the address of the content selected.
const CONTENT_URL: &str = "content.downloadUrl";

/// A library as somebody sees it.
#[derive(Debug, Clone, Copy)]
pub(in crate::graph) struct View<'a> {
    pub(in crate::graph) tenant: &'a Tenant,
    pub(in crate::graph) estate: &'a Estate,
    pub(in crate::graph) place: Place,
    pub(in crate::graph) library: &'a Library,
    pub(super) signer: &'a Signer,
    /// Whom addresses of files are given to.
    pub(super) recipient: Recipient,
    /// The address of the Graph that was asked.
    pub(super) asked_at: &'a str,
}

/// Whether items written so hold addresses that soon are worth nothing.
pub(super) fn is_momentary(selection: &Selection) -> bool {
    [DOWNLOAD_URL, CONTENT_URL].iter().any(|url| {
        NAMES
            .iter()
            .position(|name| name == url)
            .is_some_and(|place| selection.holds(place, *url == DOWNLOAD_URL))
    })
}

impl View<'_> {
    pub(in crate::graph) fn item(self, place: usize, selection: &Selection) -> Object {
        let item = &self.library.items[place];
        let mut object = Object::new();
        for (number, name) in NAMES.iter().enumerate() {
            let by_default = !matches!(*name, "sharepointIds" | "searchResult" | CONTENT_URL);
            if *name != "id" && !selection.holds(number, by_default) {
                continue;
            }
            if let Some(value) = self.property(name, place, item) {
                object.set(if *name == CONTENT_URL { DOWNLOAD_URL } else { name }, value);
            }
        }
        object
    }

    fn property(self, name: &str, place: usize, item: &Item) -> Option<Value> {
        Some(match name {
            DOWNLOAD_URL | CONTENT_URL => self.address(place, Rendition::AsItIs)?.into(),
            "createdDateTime" => item.created.to_string().into(),
            "eTag" => item.e_tag().into(),
            "id" => item.id.as_str().into(),
            "lastModifiedDateTime" => item.modified.to_string().into(),
            "name" => item.name.as_str().into(),
            "webUrl" => item.web_url.as_str().into(),
            "cTag" => item.c_tag().into(),
            "size" => item.size.into(),
            "createdBy" => self.identity(item.created_by),
            "lastModifiedBy" => self.identity(item.modified_by),
            "parentReference" => self.parent(place),
            "fileSystemInfo" => json!({
                "createdDateTime": item.created.to_string(),
                "lastModifiedDateTime": item.modified.to_string(),
            }),
            "file" => {
                let file = item.file.as_ref()?;
                json!({ "mimeType": file.mime_type, "hashes": { "quickXorHash": file.hash } })
            }
            "folder" if item.file.is_none() => json!({ "childCount": item.children.len() }),
            "root" if place == 0 => json!({}),
            "shared" if !item.shared_with.is_empty() => json!({ "scope": "users" }),
            "shared" if item.tenant_link => json!({ "scope": "organization" }),
            "sharepointIds" => self.sharepoint_ids(place, item),
            "searchResult" => json!({ "onClickTelemetryUrl": telemetry_url(self.estate, item) }),
            _ => return None,
        })
    }

    /// Where the bytes of a file are; nothing for a folder.
    pub(super) fn address(self, place: usize, rendition: Rendition) -> Option<String> {
        let item = &self.library.items[place];
        item.file.as_ref()?;
        let grant = Grant {
            recipient: self.recipient,
            tenant: self.tenant.id,
            drive: self.library.drive_id.clone(),
            item: item.id.clone(),
            rendition,
        };
        let site_url = self.estate.site_url(self.tenant, self.place);
        let site_path = site_url.splitn(4, '/').nth(3).map(|path| format!("/{path}")).unwrap_or_default();
        Some(self.signer.address(&grant, &site_path, item.unique, self.asked_at))
    }

    pub(in crate::graph) fn identity(self, seat: usize) -> Value {
        identity(self.tenant, seat)
    }

    fn parent(self, place: usize) -> Value {
        let mut reference = json!({
            "driveType": self.drive_type(),
            "driveId": self.library.drive_id,
            "siteId": self.estate.site_id(self.place),
        });
        if place != 0 {
            let parent = &self.library.items[self.library.items[place].parent];
            let slash = if parent.path.is_empty() { "" } else { "/" };
            reference["id"] = parent.id.as_str().into();
            reference["name"] = parent.name.as_str().into();
            reference["path"] =
                format!("/drives/{}/root:{slash}{}", self.library.drive_id, parent.path).into();
        }
        reference
    }

    fn sharepoint_ids(self, place: usize, item: &Item) -> Value {
        let ids = self.library.ids;
        json!({
            "listId": ids.list,
            "listItemId": place.to_string(),
            "listItemUniqueId": item.unique,
            "siteId": ids.site,
            "siteUrl": self.estate.site_url(self.tenant, self.place),
            "tenantId": self.tenant.id,
            "webId": ids.web,
        })
    }

    pub(super) const fn drive_type(self) -> &'static str {
        match self.place {
            Place::Home(_) => "business",
            Place::Site(_) => "documentLibrary",
        }
    }

    /// An item of somebody else's, as it stands among the things shared with one: the item itself is in
    /// `remoteItem`, with the ids by which it is read.
    pub(super) fn remote(self, place: usize) -> Object {
        let item = &self.library.items[place];
        let owner = match self.place {
            Place::Home(seat) => self.identity(seat),
            Place::Site(_) => Value::Null,
        };
        let mut remote = json!({
            "id": item.id,
            "name": item.name,
            "size": item.size,
            "webUrl": item.web_url,
            "createdDateTime": item.created.to_string(),
            "lastModifiedDateTime": item.modified.to_string(),
            "createdBy": self.identity(item.created_by),
            "lastModifiedBy": self.identity(item.modified_by),
            "parentReference": self.parent(place),
            "sharepointIds": self.sharepoint_ids(place, item),
            "shared": { "scope": "users", "owner": owner, "sharedDateTime": item.modified.to_string() },
        });
        for name in ["file", "folder"] {
            if let Some(facet) = self.property(name, place, item) {
                remote[name] = facet;
            }
        }
        let mut object = Object::new();
        object.set("id", item.id.as_str());
        object.set("name", item.name.as_str());
        object.set("webUrl", item.web_url.as_str());
        object.set("size", item.size);
        object.set("createdDateTime", item.created.to_string());
        object.set("lastModifiedDateTime", item.modified.to_string());
        object.set("remoteItem", remote);
        object
    }
}

pub(in crate::graph) fn identity(tenant: &Tenant, seat: usize) -> Value {
    match tenant.users.get(seat) {
        Some(user) => json!({ "user": { "email": user.upn, "id": user.id, "displayName": user.name } }),
        None => json!({ "user": { "displayName": "System Account" } }),
    }
}

fn telemetry_url(estate: &Estate, item: &Item) -> String {
    format!("https://{}/_api/search/clicks/{}", estate.host, item.unique)
}

/// The properties of a drive, in the order in which Graph writes them.
pub(super) const DRIVE_NAMES: &[&str] = &[
    "createdDateTime",
    "description",
    "id",
    "lastModifiedDateTime",
    "name",
    "webUrl",
    "driveType",
    "createdBy",
    "lastModifiedBy",
    "owner",
    "quota",
];

/// A drive, which needs a library's content for its quota alone.
pub(super) fn drive(view: View<'_>, selection: &Selection) -> Object {
    let mut object = Object::new();
    for (number, name) in DRIVE_NAMES.iter().enumerate() {
        if *name == "id" || selection.holds(number, true) {
            object.set(name, drive_property(view, name));
        }
    }
    object
}

fn drive_property(view: View<'_>, name: &str) -> Value {
    const TOTAL: usize = 1 << 40;
    let library = view.library;
    match (name, view.place) {
        ("createdDateTime", _) => library.created.to_string().into(),
        ("description", _) => "".into(),
        ("id", _) => library.drive_id.as_str().into(),
        ("lastModifiedDateTime", _) => library.items[0].modified.to_string().into(),
        ("name", Place::Home(_)) => "OneDrive".into(),
        ("name", Place::Site(_)) => "Documents".into(),
        ("webUrl", _) => library.web_url.as_str().into(),
        ("driveType", _) => view.drive_type().into(),
        ("createdBy" | "lastModifiedBy", Place::Site(_)) => {
            json!({ "user": { "displayName": "System Account" } })
        }
        ("createdBy" | "lastModifiedBy" | "owner", Place::Home(seat)) => view.identity(seat),
        ("owner", Place::Site(site)) => {
            let name = super::estate::plan(site).name;
            json!({ "group": { "id": library.ids.site, "displayName": format!("{name} Owners") } })
        }
        ("quota", _) => json!({
            "deleted": 0,
            "remaining": TOTAL - library.items[0].size,
            "state": "normal",
            "total": TOTAL,
            "used": library.items[0].size,
        }),
        _ => Value::Null,
    }
}
