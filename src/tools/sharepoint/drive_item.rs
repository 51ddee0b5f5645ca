//! Drive items: where they are asked for, what policy asks of them, and who changed them.

use std::borrow::Cow;

use connector_actors::throttle::Workload;

use super::access::{ANY_DRIVE, OWN_DRIVE};
use super::label;
use super::site_reference::SiteReference;
use crate::graph::{Drive, DriveItem, GraphError, GraphRequest, IdentitySet, PathSegment, QueryOption};
use crate::policy::{AllowedSite, ItemFacts, Label, Place, TenantPolicy};
use crate::tools::error::ToolError;
use crate::tools::line::clean_line;
use crate::tools::person::Person;
use crate::tools::provenance::Origin;
use crate::tools::review::{Review, Reviewable};
use crate::tools::text::Sanitizer;
use crate::tools::user_context::UserContext;

pub(in crate::tools) const FILE_SELECT: &str =
    "id,name,size,webUrl,lastModifiedDateTime,lastModifiedBy,parentReference,file,folder,package";
/// The sensitivity label, which the item's library knows.
pub(in crate::tools) const LABEL: &str = "listItem($expand=fields($select=_DisplayName))";

/// A drive, as it is asked for.
#[derive(Debug, Clone)]
pub(in crate::tools) enum DriveReference<'a> {
    /// The user's own OneDrive.
    Own,
    Id(Cow<'a, str>),
    /// A site's default library.
    OfSite(SiteReference<'a>),
}

impl DriveReference<'_> {
    /// Where requests for this drive begin.
    pub(super) fn request(&self) -> Result<GraphRequest, ToolError> {
        Ok(match self {
            Self::Own => own_drive_request(),
            Self::Id(id) => {
                GraphRequest::get(Workload::SharePoint, ANY_DRIVE, "/drives").segment(segment(id)?)
            }
            Self::OfSite(site) => site.request(ANY_DRIVE)?.part("/drive"),
        })
    }
}

fn own_drive_request() -> GraphRequest {
    GraphRequest::get(Workload::SharePoint, OWN_DRIVE, "/me").part("/drive")
}

/// One item of a drive; `root` is its uppermost folder.
pub(in crate::tools) fn item_request(
    drive: &DriveReference<'_>,
    item: &str,
) -> Result<GraphRequest, ToolError> {
    let request = drive.request()?;
    Ok(if item == "root" { request.part("/root") } else { request.part("/items").segment(segment(item)?) })
}

pub(super) fn segment(id: &str) -> Result<PathSegment<'_>, ToolError> {
    PathSegment::new(id).map_err(|_| {
        ToolError::invalid_argument(
            "uri",
            "it holds an id that can't be one.",
            "Take the uri from a search result as it is.",
        )
    })
}

/// Whether a drive is the user's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::tools) enum Ownership {
    Own,
    /// Somebody else's, or nobody needs to know.
    Other,
    /// Nobody could tell.
    Unknown,
}

impl Ownership {
    /// Of the drive with this id. Asks Graph only where the tenant's policy makes a difference of it.
    pub(in crate::tools) async fn of(
        user: &UserContext<'_>,
        drive: &DriveReference<'_>,
    ) -> Result<Self, ToolError> {
        let id = match drive {
            DriveReference::Own => return Ok(Self::Own),
            DriveReference::OfSite(_) => return Ok(Self::Other),
            DriveReference::Id(id) => id,
        };
        Ok(own_drive(user).await?.map_or(Self::Other, |own| Self::of_drive(id, Some(&own))))
    }

    /// Of the drive with this id, where `own` is the user's.
    pub(super) fn of_drive(id: &str, own: Option<&str>) -> Self {
        if own == Some(id) { Self::Own } else { Self::Other }
    }
}

/// The id of the user's own drive, where the tenant's policy makes a difference of it.
pub(super) async fn own_drive(user: &UserContext<'_>) -> Result<Option<String>, GraphError> {
    let sites = user.policy.content.sites.as_ref();
    if !sites.is_some_and(|sites| sites.contains(&AllowedSite::OwnDrive)) {
        return Ok(None);
    }
    let body = user.graph.get(&own_drive_request().query(QueryOption::Select, "id")).await?;
    Ok(Some(body.parse::<Drive<'_>>()?.id.to_string()))
}

/// A drive item, and whether it lies in the user's own drive.
#[derive(Debug)]
pub(in crate::tools) struct Owned<'a> {
    pub(in crate::tools) item: DriveItem<'a>,
    pub(in crate::tools) ownership: Ownership,
}

impl Reviewable for Owned<'_> {
    fn facts(&self, _: &TenantPolicy) -> ItemFacts<'_> {
        let item = &self.item;
        let place = Place {
            site_id: item.parent_reference.as_ref().and_then(|parent| parent.site_id.as_deref()),
            url: item.web_url.as_deref(),
            is_own_drive: self.ownership == Ownership::Own,
        };
        ItemFacts { label: label_of(item), place: Some(place), mail_from: None }
    }

    /// The content is no part of the item: who sees that it is withheld does not fetch it.
    fn withhold(&mut self) {}
}

/// The label that its library knows. A folder has none: what lies in it has.
pub(super) fn label_of<'i>(item: &'i DriveItem<'_>) -> Label<'i> {
    if item.folder.is_some() {
        return Label::None;
    }
    let columns = item.list_item.as_ref().and_then(|item| item.fields.as_ref());
    label::learned(columns, |columns| columns.label.as_deref())
}

/// Who changed something last, as items name them, and whether they belong to the user's organisation.
pub(super) fn named_modifier(by: Option<IdentitySet<'_>>, review: &Review<'_>) -> (Option<String>, Origin) {
    let by = modifier(by, review.texts());
    let origin = Origin::of(by.as_ref().and_then(|by| by.address.as_deref()), review.policy());
    (by.and_then(|by| by.name.or(by.address)).map(Cow::into_owned), origin)
}

/// Who changed something last.
pub(in crate::tools) fn modifier<'a>(by: Option<IdentitySet<'a>>, texts: &Sanitizer) -> Option<Person<'a>> {
    let user = by?.user?;
    let clean = |text: crate::graph::Text<'a>| {
        Some(clean_line(texts, text.into_cow())).filter(|text| !text.is_empty())
    };
    let (name, address) = (user.display_name.and_then(clean), user.email.and_then(clean));
    (name.is_some() || address.is_some()).then_some(Person { name, address })
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    /// If this failed, a file whose label did not come would pass for one that has none.
    #[rstest]
    #[case::no_columns_asked(r#"{"id":"1"}"#, Label::Unknown)]
    #[case::no_columns_given(r#"{"id":"1","listItem":{"id":"2"}}"#, Label::Unknown)]
    #[case::no_label(r#"{"id":"1","listItem":{"fields":{}}}"#, Label::None)]
    #[case::label(
        r#"{"id":"1","listItem":{"fields":{"_DisplayName":"Secret"}}}"#,
        Label::Known { id: None, name: Some("Secret") }
    )]
    #[case::folder(r#"{"id":"1","folder":{"childCount":3}}"#, Label::None)]
    fn a_label_is_as_its_library_tells_it(#[case] json: &str, #[case] expected: Label<'_>) {
        let item: DriveItem<'_> = serde_json::from_str(json).unwrap();
        assert_eq!(label_of(&item), expected);
    }
}
