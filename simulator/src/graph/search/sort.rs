//! `sortProperties` of what lies in SharePoint.

use std::cmp::Ordering;

use serde_json::Value;

use super::refusal::SearchRefusal;
use crate::graph::findable::Document;
use crate::graph::kql::{Moment, Place};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct SortKey {
    by: By,
    direction: Direction,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum By {
    Time(Moment),
    Title,
    Name,
    Author,
    Size,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Direction {
    Ascending,
    Descending,
}

impl SortKey {
    pub(super) fn parse(sent: &Value) -> Result<Self, SearchRefusal> {
        let name =
            sent.get("name").and_then(Value::as_str).ok_or(SearchRefusal::Missing("sortProperties/name"))?;
        let by = match name.to_ascii_lowercase().as_str() {
            "lastmodifieddatetime" | "lastmodifiedtime" | "write" => By::Time(Moment::Modified),
            "createddatetime" | "created" => By::Time(Moment::Created),
            "title" => By::Title,
            "name" | "filename" => By::Name,
            "author" | "createdby" => By::Author,
            "size" => By::Size,
            _ => return Err(SearchRefusal::SortName(name.to_owned())),
        };
        let direction = match sent.get("isDescending") {
            Some(Value::Bool(true)) => Direction::Descending,
            None | Some(Value::Null | Value::Bool(false)) => Direction::Ascending,
            Some(_) => {
                let property = "sortProperties/isDescending";
                return Err(SearchRefusal::Invalid { property, expected: "true or false" });
            }
        };
        Ok(Self { by, direction })
    }

    pub(super) fn order(self, left: &dyn Document, right: &dyn Document) -> Ordering {
        let text = |document: &dyn Document, place| {
            document.texts(place).first().map(|text| text.to_lowercase()).unwrap_or_default()
        };
        let order = match self.by {
            By::Time(moment) => left.moment(moment).cmp(&right.moment(moment)),
            By::Title => left.subject().to_lowercase().cmp(&right.subject().to_lowercase()),
            By::Name => text(left, Place::FileName).cmp(&text(right, Place::FileName)),
            By::Author => text(left, Place::Author).cmp(&text(right, Place::Author)),
            By::Size => left.size().cmp(&right.size()),
        };
        if self.direction == Direction::Descending { order.reverse() } else { order }
    }
}
