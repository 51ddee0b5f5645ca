//! Sites, lists and pages of SharePoint as Graph writes them. Every field that may be left out is optional.

use std::fmt;

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::{Map, Value};

use super::files::{IdentitySet, ItemReference};
use super::text::Text;

/// Source: <https://learn.microsoft.com/graph/api/resources/site>.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Site<'a> {
    /// `host,guid,guid`.
    #[serde(borrow)]
    pub id: Text<'a>,
    #[serde(borrow, default)]
    pub display_name: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub description: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub web_url: Option<Text<'a>>,
}

/// A list or a library. Source: <https://learn.microsoft.com/graph/api/resources/list>.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SiteList<'a> {
    #[serde(borrow)]
    pub id: Text<'a>,
    #[serde(borrow, default)]
    pub display_name: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub description: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub web_url: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub parent_reference: Option<ItemReference<'a>>,
    #[serde(borrow, default)]
    pub list: Option<ListFacet<'a>>,
}

#[derive(Debug, Deserialize)]
pub struct ListFacet<'a> {
    /// `genericList`, `documentLibrary`, …
    #[serde(borrow, default)]
    pub template: Option<Text<'a>>,
    #[serde(default)]
    pub hidden: Option<bool>,
}

/// What a column holds is said by which facet it has.
/// Source: <https://learn.microsoft.com/graph/api/resources/columndefinition>.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Column<'a> {
    /// As requests and items call it.
    #[serde(borrow)]
    pub name: Text<'a>,
    /// As people see it.
    #[serde(borrow, default)]
    pub display_name: Option<Text<'a>>,
    #[serde(default)]
    pub indexed: Option<bool>,
    #[serde(default)]
    pub hidden: Option<bool>,
    #[serde(default)]
    text: Option<IgnoredAny>,
    #[serde(default)]
    choice: Option<IgnoredAny>,
    #[serde(default)]
    number: Option<IgnoredAny>,
    #[serde(default)]
    currency: Option<IgnoredAny>,
    #[serde(borrow, default)]
    date_time: Option<DateTimeColumn<'a>>,
    #[serde(default)]
    boolean: Option<IgnoredAny>,
    #[serde(default)]
    person_or_group: Option<IgnoredAny>,
    #[serde(default)]
    lookup: Option<IgnoredAny>,
    #[serde(borrow, default)]
    calculated: Option<CalculatedColumn<'a>>,
}

/// Source: <https://learn.microsoft.com/graph/api/resources/calculatedcolumn>.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct CalculatedColumn<'a> {
    /// `boolean`, `currency`, `dateTime`, `number` or `text`.
    #[serde(borrow, default)]
    output_type: Option<Text<'a>>,
    /// Of `dateTime`: `dateOnly` or `dateTime`.
    #[serde(borrow, default)]
    format: Option<Text<'a>>,
}

/// Source: <https://learn.microsoft.com/graph/api/resources/datetimecolumn>.
#[derive(Debug, Deserialize)]
struct DateTimeColumn<'a> {
    /// `dateOnly` or `dateTime`.
    #[serde(borrow, default)]
    format: Option<Text<'a>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColumnKind {
    Text,
    Choice,
    Number,
    DateTime,
    Boolean,
    Person,
    Lookup,
    Other,
}

impl Column<'_> {
    /// Whether it holds days, without a time.
    pub fn is_date_only(&self) -> bool {
        let entered = self.date_time.as_ref().and_then(|column| column.format.as_deref());
        let calculated = self.calculated.as_ref().filter(|column| column.kind() == ColumnKind::DateTime);
        let calculated = calculated.and_then(|column| column.format.as_deref());
        entered.or(calculated) == Some("dateOnly")
    }

    pub fn kind(&self) -> ColumnKind {
        let facets = [
            (self.text.is_some(), ColumnKind::Text),
            (self.choice.is_some(), ColumnKind::Choice),
            (self.number.is_some() || self.currency.is_some(), ColumnKind::Number),
            (self.date_time.is_some(), ColumnKind::DateTime),
            (self.boolean.is_some(), ColumnKind::Boolean),
            (self.person_or_group.is_some(), ColumnKind::Person),
            (self.lookup.is_some(), ColumnKind::Lookup),
        ];
        let entered = facets.into_iter().find(|(is_there, _)| *is_there).map(|(_, kind)| kind);
        let calculated = || self.calculated.as_ref().map(CalculatedColumn::kind);
        entered.or_else(calculated).unwrap_or(ColumnKind::Other)
    }
}

impl CalculatedColumn<'_> {
    fn kind(&self) -> ColumnKind {
        match self.output_type.as_deref() {
            Some("boolean") => ColumnKind::Boolean,
            Some("currency" | "number") => ColumnKind::Number,
            Some("dateTime") => ColumnKind::DateTime,
            Some("text") => ColumnKind::Text,
            _ => ColumnKind::Other,
        }
    }
}

/// Source: <https://learn.microsoft.com/graph/api/resources/listitem>.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ListItem<'a> {
    #[serde(borrow)]
    pub id: Text<'a>,
    #[serde(borrow, default)]
    pub web_url: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub last_modified_date_time: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub last_modified_by: Option<IdentitySet<'a>>,
    #[serde(borrow, default)]
    pub parent_reference: Option<ItemReference<'a>>,
    #[serde(default)]
    pub fields: Option<Fields>,
}

/// The columns of an item, by their names.
#[derive(Clone, Default, Deserialize)]
#[serde(transparent)]
pub struct Fields(pub Map<String, Value>);

/// Only how many, for they are content.
impl fmt::Debug for Fields {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Fields({})", self.0.len())
    }
}

/// A page with what is on it. Source: <https://learn.microsoft.com/graph/api/resources/sitepage>.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SitePage<'a> {
    #[serde(borrow)]
    pub id: Text<'a>,
    #[serde(borrow, default)]
    pub title: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub web_url: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub last_modified_date_time: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub last_modified_by: Option<IdentitySet<'a>>,
    #[serde(borrow, default)]
    pub parent_reference: Option<ItemReference<'a>>,
    #[serde(borrow, default)]
    pub canvas_layout: Option<CanvasLayout<'a>>,
}

/// Source: <https://learn.microsoft.com/graph/api/resources/canvaslayout>.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CanvasLayout<'a> {
    #[serde(borrow, default)]
    pub horizontal_sections: Option<Vec<HorizontalSection<'a>>>,
    /// Beside the others, to their right.
    #[serde(borrow, default)]
    pub vertical_section: Option<CanvasColumn<'a>>,
}

#[derive(Debug, Deserialize)]
pub struct HorizontalSection<'a> {
    /// From left to right.
    #[serde(borrow, default)]
    pub columns: Option<Vec<CanvasColumn<'a>>>,
}

#[derive(Debug, Deserialize)]
pub struct CanvasColumn<'a> {
    #[serde(borrow, default)]
    pub webparts: Option<Vec<WebPart<'a>>>,
}

/// A text (`inner_html`), or a standard web part (`data`).
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct WebPart<'a> {
    #[serde(borrow, default)]
    pub inner_html: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub data: Option<WebPartData<'a>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct WebPartData<'a> {
    #[serde(borrow, default)]
    pub title: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub server_processed_content: Option<ProcessedContent<'a>>,
}

/// What SharePoint has found in a web part. Texts are escaped as in HTML.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ProcessedContent<'a> {
    #[serde(borrow, default)]
    pub html_strings: Option<Vec<KeyedText<'a>>>,
    #[serde(borrow, default)]
    pub searchable_plain_texts: Option<Vec<KeyedText<'a>>>,
    #[serde(borrow, default)]
    pub links: Option<Vec<KeyedText<'a>>>,
}

#[derive(Debug, Deserialize)]
pub struct KeyedText<'a> {
    #[serde(borrow, default)]
    pub value: Option<Text<'a>>,
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    /// If this failed, a filter would compare a column's values as what they are not.
    #[rstest]
    #[case::text(r#"{"name":"A","text":{}}"#, ColumnKind::Text)]
    #[case::choice(r#"{"name":"A","choice":{"choices":["a"]}}"#, ColumnKind::Choice)]
    #[case::currency(r#"{"name":"A","currency":{"locale":"de-de"}}"#, ColumnKind::Number)]
    #[case::time(r#"{"name":"A","dateTime":{"format":"dateOnly"}}"#, ColumnKind::DateTime)]
    #[case::another(r#"{"name":"A","geolocation":{}}"#, ColumnKind::Other)]
    #[case::null(r#"{"name":"A","text":null,"boolean":{}}"#, ColumnKind::Boolean)]
    #[case::calculated_time(r#"{"name":"A","calculated":{"outputType":"dateTime"}}"#, ColumnKind::DateTime)]
    #[case::calculated_sum(r#"{"name":"A","calculated":{"outputType":"currency"}}"#, ColumnKind::Number)]
    #[case::calculated_text(r#"{"name":"A","calculated":{"outputType":"text"}}"#, ColumnKind::Text)]
    #[case::calculated_flag(r#"{"name":"A","calculated":{"outputType":"boolean"}}"#, ColumnKind::Boolean)]
    #[case::calculated_somehow(r#"{"name":"A","calculated":{"formula":"=1"}}"#, ColumnKind::Other)]
    fn a_facet_says_what_a_column_holds(#[case] json: &str, #[case] expected: ColumnKind) {
        assert_eq!(serde_json::from_str::<Column<'_>>(json).unwrap().kind(), expected);
    }

    /// If this failed, a day would be told as a time, and look like the one before it.
    #[rstest]
    #[case::entered(r#"{"name":"A","dateTime":{"format":"dateOnly"}}"#, true)]
    #[case::entered_time(r#"{"name":"A","dateTime":{"format":"dateTime"}}"#, false)]
    #[case::calculated(r#"{"name":"A","calculated":{"outputType":"dateTime","format":"dateOnly"}}"#, true)]
    #[case::calculated_time(
        r#"{"name":"A","calculated":{"outputType":"dateTime","format":"dateTime"}}"#,
        false
    )]
    #[case::format_of_a_number(
        r#"{"name":"A","calculated":{"outputType":"number","format":"dateOnly"}}"#,
        false
    )]
    fn a_format_says_whether_a_column_holds_days(#[case] json: &str, #[case] expected: bool) {
        assert_eq!(serde_json::from_str::<Column<'_>>(json).unwrap().is_date_only(), expected);
    }
}
