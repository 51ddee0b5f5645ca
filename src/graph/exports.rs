//! Mailboxes as the import and export view shows them: what there is, and nothing of what is in it.
//!
//! Source: <https://learn.microsoft.com/graph/api/resources/mailbox>.

use serde::Deserialize;

use super::text::Text;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ExportedFolder<'a> {
    #[serde(borrow)]
    pub id: Text<'a>,
    #[serde(borrow, default)]
    pub display_name: Option<Text<'a>>,
    #[serde(default)]
    pub child_folder_count: Option<u32>,
    #[serde(default)]
    pub total_item_count: Option<u32>,
    /// The class of what it holds (`IPF.Note`).
    #[serde(borrow, default, rename = "type")]
    pub kind: Option<Text<'a>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ExportedItem<'a> {
    #[serde(borrow)]
    pub id: Text<'a>,
    #[serde(borrow, default)]
    pub created_date_time: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub last_modified_date_time: Option<Text<'a>>,
    /// In bytes.
    #[serde(default)]
    pub size: Option<u64>,
    /// The class of the item (`IPM.Note`).
    #[serde(borrow, default, rename = "type")]
    pub kind: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub single_value_extended_properties: Option<Vec<ExtendedProperty<'a>>>,
}

/// The only way to learn a subject or a sender from this view.
#[derive(Debug, Deserialize)]
pub struct ExtendedProperty<'a> {
    /// `String 0x37`.
    #[serde(borrow)]
    pub id: Text<'a>,
    #[serde(borrow, default)]
    pub value: Option<Text<'a>>,
}

impl ExportedItem<'_> {
    /// The extended property of this tag (MS-OXPROPS), where it was asked for and is there.
    pub fn property(&self, tag: u16) -> Option<&str> {
        let properties = self.single_value_extended_properties.as_deref().unwrap_or_default();
        let property = properties.iter().find(|property| property.tag() == Some(tag))?;
        property.value.as_deref().filter(|value| !value.is_empty())
    }
}

impl ExtendedProperty<'_> {
    /// The service does not write digits as it was asked for them.
    fn tag(&self) -> Option<u16> {
        let (_, tag) = self.id.split_once(' ')?;
        u16::from_str_radix(tag.trim().to_ascii_lowercase().strip_prefix("0x")?, 16).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// If this failed, the items of an archive would come without their subjects.
    #[test]
    fn a_property_is_found_however_its_tag_is_written() {
        let json = r#"{"id":"A","singleValueExtendedProperties":[{"id":"String 0x37","value":"Budget"},
            {"id":"String 0xC1F","value":""}]}"#;
        let item: ExportedItem<'_> = serde_json::from_str(json).unwrap();
        assert_eq!(item.property(0x0037), Some("Budget"));
        assert_eq!(item.property(0x0c1f), None);
        assert_eq!(item.property(0x0c1a), None);
    }
}
