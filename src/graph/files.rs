//! Files as Graph writes them: items of OneDrive and of SharePoint's libraries. Every field that `$select` may leave
//! out is optional.

use serde::Deserialize;

use super::text::Text;

/// Source: <https://learn.microsoft.com/graph/api/resources/driveitem>.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DriveItem<'a> {
    #[serde(borrow)]
    pub id: Text<'a>,
    #[serde(borrow, default)]
    pub name: Option<Text<'a>>,
    /// In bytes; of a folder everything below it.
    #[serde(default)]
    pub size: Option<u64>,
    #[serde(borrow, default)]
    pub web_url: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub last_modified_date_time: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub last_modified_by: Option<IdentitySet<'a>>,
    #[serde(borrow, default)]
    pub parent_reference: Option<ItemReference<'a>>,
    #[serde(borrow, default)]
    pub file: Option<FileFacet<'a>>,
    #[serde(default)]
    pub folder: Option<FolderFacet>,
    /// What Microsoft 365 keeps as a folder and shows as one thing, such as a notebook.
    #[serde(default)]
    pub package: Option<serde::de::IgnoredAny>,
    /// The item as its library sees it, where it was asked for.
    #[serde(borrow, default)]
    pub list_item: Option<LabelledItem<'a>>,
}

/// Who did something.
#[derive(Debug, Deserialize)]
pub struct IdentitySet<'a> {
    #[serde(borrow, default)]
    pub user: Option<Identity<'a>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Identity<'a> {
    #[serde(borrow, default)]
    pub display_name: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub email: Option<Text<'a>>,
}

/// Where an item lies.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ItemReference<'a> {
    #[serde(borrow, default)]
    pub drive_id: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub site_id: Option<Text<'a>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FileFacet<'a> {
    #[serde(borrow, default)]
    pub mime_type: Option<Text<'a>>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FolderFacet {
    #[serde(default)]
    pub child_count: Option<usize>,
}

/// The columns of an item that say how sensitive it is.
#[derive(Debug, Deserialize)]
pub struct LabelledItem<'a> {
    #[serde(borrow, default)]
    pub fields: Option<LabelFields<'a>>,
}

#[derive(Debug, Deserialize)]
pub struct LabelFields<'a> {
    /// The name of the sensitivity label.
    #[serde(borrow, default, rename = "_DisplayName")]
    pub label: Option<Text<'a>>,
}

/// A drive, of which nothing but its id is read.
#[derive(Debug, Deserialize)]
pub struct Drive<'a> {
    #[serde(borrow)]
    pub id: Text<'a>,
}
