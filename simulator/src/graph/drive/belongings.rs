//! What belongs to an item: its thumbnails, permissions and versions, as lists.

use bytes::Bytes;

use super::list::paged;
use super::reading::{Outcome, Reading};
use super::refusal::FileRefusal;
use super::render::View;
use crate::graph::respond::Object;

/// One such list: its name in the address, the type of its entries and their properties.
struct Belongings {
    name: &'static str,
    resource: &'static str,
    properties: &'static [&'static str],
}

const THUMBNAILS: Belongings = Belongings {
    name: "thumbnails",
    resource: "microsoft.graph.thumbnailSet",
    properties: &["id", "large", "largeSquare", "medium", "mediumSquare", "small", "smallSquare", "source"],
};
const PERMISSIONS: Belongings = Belongings {
    name: "permissions",
    resource: "microsoft.graph.permission",
    properties: &[
        "expirationDateTime",
        "grantedTo",
        "grantedToIdentities",
        "grantedToIdentitiesV2",
        "grantedToV2",
        "hasPassword",
        "id",
        "inheritedFrom",
        "invitation",
        "link",
        "roles",
        "shareId",
    ],
};
/// Of versions nothing can be selected: their reference names no option.
const VERSIONS: Belongings =
    Belongings { name: "versions", resource: "microsoft.graph.driveItemVersion", properties: &[] };

impl Reading<'_> {
    pub(super) fn thumbnails(&self, view: View<'_>, item: usize) -> Result<Outcome, FileRefusal> {
        self.belongings(view, item, &THUMBNAILS, view.thumbnails(item)).map(Outcome::Momentary)
    }

    pub(super) fn permissions(&self, view: View<'_>, item: usize) -> Result<Outcome, FileRefusal> {
        self.belongings(view, item, &PERMISSIONS, view.permissions(item)).map(Outcome::Lasting)
    }

    pub(super) fn versions(&self, view: View<'_>, item: usize) -> Result<Outcome, FileRefusal> {
        self.belongings(view, item, &VERSIONS, view.versions(item)).map(Outcome::Lasting)
    }

    /// One page of such a list.
    fn belongings(
        &self,
        view: View<'_>,
        item: usize,
        what: &Belongings,
        objects: Vec<Object>,
    ) -> Result<Bytes, FileRefusal> {
        let Belongings { name, resource, properties } = *what;
        let selection = self.selection(properties, resource)?;
        let (drive, item) = (&view.library.drive_id, &view.library.items[item].id);
        let slice = paged(&self.query, self.request, objects)?;
        let kept = slice.entries.into_iter().map(|object| object.keep(properties, &selection)).collect();
        let selected = selection.context(properties);
        let context = format!("drives('{drive}')/items('{item}')/{name}{selected}");
        Ok(self.page(&context, kept, slice.next_link))
    }
}
