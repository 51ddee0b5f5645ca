//! The sensitivity labels of what Microsoft Search finds.

use serde_json::Value;

use super::access::SITE;
use super::drive_item::{self, DriveReference, LABEL, item_request, segment};
use super::hit_kind::{HitKind, drive_of, is_drive_item, kind_of};
use super::label;
use super::site_item;
use super::site_reference::SiteReference;
use crate::graph::{FoundResource, GraphRequest, QueryOption, SharePointHit};
use crate::policy::Label;
use crate::tools::error::ToolError;
use crate::tools::pages::in_time;
use crate::tools::user_context::UserContext;

/// The label of an entry, which its list knows.
const LABEL_OF_ENTRY: &str = "fields($select=_DisplayName)";

/// What is known of a hit's sensitivity label, on its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum FoundLabel {
    None,
    Named(String),
    Unknown,
}

impl FoundLabel {
    fn of(label: Label<'_>) -> Self {
        match label {
            Label::None => Self::None,
            Label::Known { id, name } => {
                name.or(id).map_or(Self::Unknown, |name| Self::Named(name.to_owned()))
            }
            Label::Unknown => Self::Unknown,
        }
    }

    /// As the index tells it: one that tells of none need not know.
    fn indexed(resource: &FoundResource<'_>) -> Option<Self> {
        let text = |name| resource.field(name).and_then(Value::as_str).filter(|text| !text.is_empty());
        let label = text(label::COLUMN).or_else(|| text("InformationProtectionLabelId"));
        label.map(|label| Self::Named(label.to_owned()))
    }

    pub(super) fn as_label(&self) -> Label<'_> {
        match self {
            Self::None => Label::None,
            // The index may name it either way.
            Self::Named(label) => Label::Known { id: Some(label), name: Some(label) },
            Self::Unknown => Label::Unknown,
        }
    }
}

/// The label of each hit. Where the tenant has a ceiling, the libraries and lists of those that can bear one are asked
/// for what the index does not tell.
pub(super) async fn labels(
    user: &UserContext<'_>,
    hits: &[SharePointHit<'_>],
) -> Result<Vec<FoundLabel>, ToolError> {
    if user.policy.content.labels.is_none() {
        return Ok(vec![FoundLabel::Unknown; hits.len()]);
    }
    let mut labels = Vec::with_capacity(hits.len());
    let (mut asked, mut requests) = (Vec::new(), Vec::new());
    for (place, SharePointHit { resource, .. }) in hits.iter().enumerate() {
        let label = match kind_of(resource) {
            HitKind::Site | HitKind::Page | HitKind::List => Some(FoundLabel::None),
            HitKind::File | HitKind::Folder | HitKind::ListItem => FoundLabel::indexed(resource),
        };
        if label.is_none()
            && let Some(request) = label_request(resource)?
        {
            requests.push(request);
            asked.push(place);
        }
        labels.push(label.unwrap_or(FoundLabel::Unknown));
    }
    if requests.is_empty() {
        return Ok(labels);
    }
    // Whoever gives no answer has a label that is not known.
    let answers = match in_time(user, user.graph.batch(&requests)).await {
        Some(Ok(answers)) => answers,
        Some(Err(error)) if error.ends_the_call() => return Err(error.into()),
        Some(Err(_)) | None => Vec::new(),
    };
    for (place, answer) in asked.into_iter().zip(answers) {
        let Ok(body) = answer else { continue };
        labels[place] = if is_drive_item(&hits[place].resource) {
            FoundLabel::of(drive_item::label_of(&body.parse()?))
        } else {
            FoundLabel::of(site_item::label_of(&body.parse()?))
        };
    }
    Ok(labels)
}

/// The request for the label of a file or an entry; `None` where the hit does not say where it stands.
fn label_request(resource: &FoundResource<'_>) -> Result<Option<GraphRequest>, ToolError> {
    if is_drive_item(resource) {
        let Some(drive) = drive_of(resource) else { return Ok(None) };
        let request = item_request(&DriveReference::Id(drive.into()), &resource.id)?;
        return Ok(Some(request.query(QueryOption::Select, "id,folder").query(QueryOption::Expand, LABEL)));
    }
    let ids = resource.sharepoint_ids.as_ref();
    let site = resource.parent_reference.as_ref().and_then(|parent| parent.site_id.as_deref());
    let list = ids.and_then(|ids| ids.list_id.as_deref());
    let item = ids.and_then(|ids| ids.list_item_id.as_deref());
    let (Some(site), Some(list), Some(item)) = (site, list, item) else { return Ok(None) };
    let request = SiteReference::Id(site.into())
        .request(SITE)?
        .part("/lists")
        .segment(segment(list)?)
        .part("/items")
        .segment(segment(item)?);
    Ok(Some(request.query(QueryOption::Select, "id").query(QueryOption::Expand, LABEL_OF_ENTRY)))
}
