//! What Microsoft Search answers about files, pages, entries of lists and sites.

use serde::Deserialize;

use super::files::{IdentitySet, ItemReference};
use super::search_answer::SearchHit;
use super::sites::Fields;
use super::text::Text;

/// A hit on a file, a page, a list, an entry of one or a site.
pub type SharePointHit<'a> = SearchHit<'a, FoundResource<'a>>;

/// A drive item, a list, an item of one or a site, as far as a hit tells.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FoundResource<'a> {
    #[serde(borrow, default, rename = "@odata.type")]
    pub odata_type: Option<Text<'a>>,
    #[serde(borrow)]
    pub id: Text<'a>,
    #[serde(borrow, default)]
    pub name: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub display_name: Option<Text<'a>>,
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
    pub sharepoint_ids: Option<SharePointIds<'a>>,
    /// The fields that were asked for, of a list item.
    #[serde(default)]
    pub fields: Option<Fields>,
    /// The same of a drive item.
    #[serde(default)]
    pub list_item: Option<FieldsOfItem>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SharePointIds<'a> {
    #[serde(borrow, default)]
    pub list_id: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub list_item_id: Option<Text<'a>>,
}

#[derive(Debug, Deserialize)]
pub struct FieldsOfItem {
    #[serde(default)]
    pub fields: Option<Fields>,
}

impl FoundResource<'_> {
    /// A field that was asked for, whatever its case.
    pub fn field(&self, name: &str) -> Option<&serde_json::Value> {
        let of_item = self.list_item.as_ref().and_then(|item| item.fields.as_ref());
        let fields = self.fields.as_ref().or(of_item)?;
        fields.0.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// If this failed, a hit's title or label would be missed because of how the service writes its name.
    #[test]
    fn a_field_is_found_in_either_place_and_any_case() {
        let of_list = r#"{"id":"1","fields":{"contentClass":"STS_ListItem"}}"#;
        let of_drive = r#"{"id":"1","listItem":{"id":"2","fields":{"contentclass":"STS_ListItem"}}}"#;
        for json in [of_list, of_drive] {
            let found: FoundResource<'_> = serde_json::from_str(json).unwrap();
            assert_eq!(found.field("ContentClass").and_then(serde_json::Value::as_str), Some("STS_ListItem"));
            assert_eq!(found.field("title"), None);
        }
    }
}
