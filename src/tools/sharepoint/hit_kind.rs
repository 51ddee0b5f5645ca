//! Of what kind something is that Microsoft Search finds.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use crate::graph::FoundResource;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) enum HitKind {
    File,
    Folder,
    Page,
    List,
    ListItem,
    Site,
}

pub(super) fn kind_of(resource: &FoundResource<'_>) -> HitKind {
    let text = |name| resource.field(name).and_then(Value::as_str);
    let is_document = match resource.field("isDocument") {
        Some(Value::Bool(flag)) => Some(*flag),
        Some(Value::String(text)) => Some(matches!(text.as_str(), "1" | "true" | "True")),
        _ => None,
    };
    let kind = resource.odata_type.as_deref().unwrap_or_default();
    match kind {
        "#microsoft.graph.site" => return HitKind::Site,
        "#microsoft.graph.list" => return HitKind::List,
        _ => {}
    }
    if is_drive_item(resource) {
        // Where the index does not say, a name with an ending is a file's.
        let has_ending = resource.name.as_deref().is_some_and(|name| name.contains('.'));
        return if is_document.unwrap_or(has_ending) { HitKind::File } else { HitKind::Folder };
    }
    if text("contentclass") == Some("STS_ListItem_WebPageLibrary") {
        HitKind::Page
    } else {
        HitKind::ListItem
    }
}

pub(super) fn is_drive_item(resource: &FoundResource<'_>) -> bool {
    resource.odata_type.as_deref().is_some_and(|kind| kind.ends_with("driveItem"))
}

pub(super) fn drive_of<'r>(resource: &'r FoundResource<'_>) -> Option<&'r str> {
    resource.parent_reference.as_ref().and_then(|parent| parent.drive_id.as_deref())
}
