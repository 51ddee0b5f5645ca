//! Pictures of people: a pattern made of the object id. Every fourth member has none; guests and shared mailboxes neither.

use bytes::Bytes;

use super::{Asking, Person};
use crate::graph::odata::select::Selection;
use crate::graph::picture;
use crate::graph::prepared::Prepared;
use crate::graph::refusal::Refusal;
use crate::graph::refusal::directory::DirectoryRefusal;
use crate::graph::respond::{Entity, Object, Page, bytes};

/// Sides in pixels of the squares that are kept, the smallest first.
const SIZES: &[u32] = &[48, 64, 96, 120, 240];
/// The side of what was uploaded.
pub(super) const ORIGINAL: u32 = 240;
/// Every so many members one has no picture.
const WITHOUT_PICTURE: usize = 4;
const CONTENT_TYPE: &str = "image/png";
const NAMES: &[&str] = &["height", "id", "width"];
const TYPE_NAME: &str = "microsoft.graph.profilePhoto";

/// A size as it stands in an address: `48x48`.
pub(super) fn size(text: &str) -> Result<u32, DirectoryRefusal> {
    let lower = text.to_ascii_lowercase();
    SIZES
        .iter()
        .copied()
        .find(|side| lower == format!("{side}x{side}"))
        .ok_or(DirectoryRefusal::ImageNotFound)
}

impl Asking<'_> {
    pub(super) fn photo(&self, person: Person<'_>) -> Result<Bytes, Refusal> {
        self.require_picture(person)?;
        self.picture("photo", person, ORIGINAL)
    }

    pub(super) fn photo_of_size(&self, person: Person<'_>, wanted: &str) -> Result<Bytes, Refusal> {
        self.require_picture(person)?;
        self.picture("photos", person, size(wanted)?)
    }

    fn picture(&self, what: &str, person: Person<'_>, side: u32) -> Result<Bytes, Refusal> {
        let selection = Selection::parse(self.query.select.as_deref(), NAMES, TYPE_NAME)?;
        let context = self.photo_context(person, &format!("{what}{}/$entity", selection.context(NAMES)));
        Ok(bytes(&Entity { context, object: described(person, side).keep(NAMES, &selection) }))
    }

    pub(super) fn photos(&self, person: Person<'_>) -> Result<Bytes, Refusal> {
        self.require_picture(person)?;
        let value = SIZES.iter().map(|side| described(person, *side)).collect();
        let context = self.photo_context(person, "photos");
        Ok(bytes(&Page { context, count: None, value, next_link: None }))
    }

    pub(super) fn photo_value(&self, person: Person<'_>, side: u32) -> Result<Prepared, Refusal> {
        self.require_picture(person)?;
        let body = Bytes::from(picture::pattern(person.id(), side));
        Ok(Prepared { content_type: Some(CONTENT_TYPE), ..Prepared::json(body) })
    }

    fn photo_context(&self, person: Person<'_>, rest: &str) -> String {
        format!("{}/$metadata#users('{}')/{rest}", self.request.base_url, person.id())
    }

    fn require_picture(&self, person: Person<'_>) -> Result<(), DirectoryRefusal> {
        let has_picture = match person {
            Person::Shared(_) => false,
            Person::User(user) => {
                let seat = self.tenant.users.iter().position(|other| other.id == user.id);
                user.guest.is_none() && seat.is_some_and(|seat| (seat + 1) % WITHOUT_PICTURE != 0)
            }
        };
        if has_picture { Ok(()) } else { Err(DirectoryRefusal::ImageNotFound) }
    }
}

fn described(person: Person<'_>, side: u32) -> Object {
    let mut object = Object::new();
    object.set("@odata.mediaContentType", CONTENT_TYPE);
    object.set("@odata.mediaEtag", format!("\"{}{side}\"", person.id().simple()));
    object.set("id", format!("{side}x{side}"));
    object.set("height", side);
    object.set("width", side);
    object
}
