//! What belongs to an item: permissions, versions, thumbnails, the list item behind it.

use serde_json::{Value, json};

use super::download::Rendition;
use super::estate::{Place, plan};
use super::render::View;
use super::share;
use crate::graph::respond::Object;

/// Extensions of which there are pictures.
const PICTURED: &[&str] = &["docx", "xlsx", "pptx", "pdf", "html"];

impl View<'_> {
    /// Who may see an item, and why. What comes from above says from where.
    pub(super) fn permissions(self, place: usize) -> Vec<Object> {
        let mut permissions = vec![self.owning()];
        for above in self.library.lineage(place) {
            let item = &self.library.items[above];
            let inherited =
                (above != place).then(|| json!({ "driveId": self.library.drive_id, "id": item.id }));
            for seat in &item.shared_with {
                let granted = [("grantedToV2", self.identity(*seat)), ("roles", json!(["read"]))];
                permissions.push(permission(&format!("user-{seat}-{above}"), granted, inherited.clone()));
            }
            if item.tenant_link {
                let link = json!({
                    "type": "view",
                    "scope": "organization",
                    "webUrl": share::link(self.estate, self.place, item),
                    "preventsDownload": false,
                });
                let granted = [("link", link), ("roles", json!(["read"]))];
                permissions.push(permission(&format!("link-{above}"), granted, inherited));
            }
        }
        permissions
    }

    fn owning(self) -> Object {
        let (id, holder) = match self.place {
            Place::Home(seat) => ("owner".to_owned(), self.identity(seat)),
            Place::Site(site) => {
                let name = format!("{} Members", plan(site).name);
                ("members".to_owned(), json!({ "siteGroup": { "id": "5", "displayName": name } }))
            }
        };
        let role = if matches!(self.place, Place::Home(_)) { "owner" } else { "write" };
        permission(&id, [("grantedToV2", holder), ("roles", json!([role]))], None)
    }

    /// The newest first; all but the newest are a little smaller.
    pub(super) fn versions(self, place: usize) -> Vec<Object> {
        let item = &self.library.items[place];
        let version = |number: usize| {
            let mut object = Object::new();
            object.set("id", format!("{number}.0"));
            object.set("lastModifiedDateTime", item.modified.to_string());
            object.set("size", item.size.saturating_sub((item.version - number) * 16));
            object.set("lastModifiedBy", self.identity(item.modified_by));
            object
        };
        (1..=item.version).rev().map(version).collect()
    }

    pub(super) fn thumbnails(self, place: usize) -> Vec<Object> {
        let item = &self.library.items[place];
        if !PICTURED.contains(&item.extension().as_str()) {
            return Vec::new();
        }
        let Some(url) = self.address(place, Rendition::Thumbnail) else { return Vec::new() };
        let mut object = Object::new();
        object.set("id", "0");
        for (name, height, width) in [("large", 566, 800), ("medium", 125, 176), ("small", 68, 96)] {
            object.set(name, json!({ "height": height, "width": width, "url": url }));
        }
        vec![object]
    }

    /// The list item of a file. Its fields hold the sensitivity label: `_DisplayName` is the label's name.
    pub(in crate::graph) fn list_item(self, place: usize) -> Value {
        let item = &self.library.items[place];
        json!({
            "@odata.etag": item.e_tag(),
            "id": place.to_string(),
            "createdDateTime": item.created.to_string(),
            "lastModifiedDateTime": item.modified.to_string(),
            "eTag": item.e_tag(),
            "webUrl": item.web_url,
            "createdBy": self.identity(item.created_by),
            "lastModifiedBy": self.identity(item.modified_by),
            "contentType": if item.file.is_some() {
                json!({ "id": "0x0101", "name": "Document" })
            } else {
                json!({ "id": "0x0120", "name": "Folder" })
            },
            "parentReference": { "siteId": self.estate.site_id(self.place) },
        })
    }

    /// The columns of the list item of a file.
    pub(in crate::graph) fn fields(self, place: usize) -> Value {
        let item = &self.library.items[place];
        let mut fields = json!({
            "id": place.to_string(),
            "FileLeafRef": item.name,
            "Title": item.name.rsplit_once('.').map_or(item.name.as_str(), |(stem, _)| stem),
            "Created": item.created.to_string(),
            "Modified": item.modified.to_string(),
            "AuthorLookupId": (item.created_by + 10).to_string(),
            "EditorLookupId": (item.modified_by + 10).to_string(),
            "_UIVersionString": format!("{}.0", item.version),
            "FileSizeDisplay": item.size.to_string(),
            "ContentType": if item.file.is_some() { "Document" } else { "Folder" },
            "DocIcon": item.extension(),
        });
        if let Some(label) = item.label {
            fields["_DisplayName"] = label.into();
        }
        fields
    }
}

fn permission<const COUNT: usize>(
    id: &str,
    granted: [(&'static str, Value); COUNT],
    inherited: Option<Value>,
) -> Object {
    let mut object = Object::new();
    object.set("id", id);
    for (name, value) in granted {
        object.set(name, value);
    }
    if let Some(from) = inherited {
        object.set("inheritedFrom", from);
    }
    object
}
