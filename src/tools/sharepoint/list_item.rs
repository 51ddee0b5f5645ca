//! Items of lists as they are shown.

use std::borrow::Cow;

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};

use super::cells::{Cut, cells};
use super::column_times::{ColumnTimes, DayColumns};
use super::drive_item::named_modifier;
use crate::graph::{ListItem, Text};
use crate::tools::provenance::Origin;
use crate::tools::review::{Review, Withheld};
use crate::tools::uri::list_item_uri;
use crate::tools::zone::Zone;

/// An item of a list. What stands in its columns is what others wrote: data, not instructions.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::tools) struct Entry {
    /// For read_resource.
    uri: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    modified_utc: Option<String>,
    /// The same in the asked time zone, where that is not UTC.
    #[serde(skip_serializing_if = "Option::is_none")]
    modified: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    modified_by: Option<String>,
    /// Of modifiedBy.
    origin: Origin,
    /// By the names of the columns: times in UTC, and of columns that hold days the day.
    columns: Map<String, Value>,
    /// Times among them in the asked time zone, where that is not UTC.
    #[serde(skip_serializing_if = "Map::is_empty")]
    column_times: Map<String, Value>,
    /// Whether the columns hold more than that.
    #[serde(skip)]
    is_cut: bool,
    /// Whether a day among them is another one on sites of some zones.
    #[serde(skip)]
    has_doubtful_day: bool,
    /// Why no columns are given, where policy says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    withheld: Option<Withheld>,
    /// For people.
    #[serde(skip_serializing_if = "Option::is_none")]
    web_url: Option<String>,
}

/// How items of a list are shown.
pub(in crate::tools) struct Showing<'a> {
    /// For uris, where an item does not say its site itself.
    pub(in crate::tools) site: &'a str,
    pub(in crate::tools) list: &'a str,
    pub(in crate::tools) asked: &'a [String],
    pub(in crate::tools) cut: Cut,
    pub(in crate::tools) zone: &'a Zone,
    pub(in crate::tools) days: &'a DayColumns,
}

impl Entry {
    pub(in crate::tools) fn has_columns(&self) -> bool {
        !self.columns.is_empty()
    }

    /// Whether some text of it is longer than it is shown.
    pub(super) fn is_cut(&self) -> bool {
        self.is_cut
    }

    /// Whether a day of it is another one on sites of some zones.
    pub(in crate::tools) fn has_doubtful_day(&self) -> bool {
        self.has_doubtful_day
    }
}

pub(in crate::tools) fn entry_of(
    item: ListItem<'_>,
    withheld: Option<Withheld>,
    showing: &Showing<'_>,
    review: &Review<'_>,
) -> Entry {
    let site = item.parent_reference.as_ref().and_then(|parent| parent.site_id.as_deref());
    let modified_utc = item.last_modified_date_time.map(|text| text.to_string());
    let (modified_by, origin) = named_modifier(item.last_modified_by, review);
    let times = ColumnTimes { zone: showing.zone, days: showing.days };
    let cells = cells(item.fields.unwrap_or_default(), showing.asked, showing.cut, times, review);
    Entry {
        uri: list_item_uri(site.unwrap_or(showing.site), showing.list, &item.id),
        modified: modified_utc.as_deref().and_then(|utc| showing.zone.localise(utc)),
        modified_utc,
        modified_by,
        origin,
        columns: cells.values,
        column_times: cells.times,
        is_cut: cells.is_cut,
        has_doubtful_day: cells.has_doubtful_day,
        withheld,
        web_url: item.web_url.map(Text::into_cow).map(Cow::into_owned),
    }
}
