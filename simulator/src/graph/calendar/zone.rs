//! Time zones by the names that Exchange takes: Windows' own and IANA's.

use bytes::Bytes;
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde_json::{Value, json};

use super::zone_names::WINDOWS;
use crate::graph::refusal::calendar::CalendarRefusal;
use crate::graph::respond::bytes;

/// What `/me/outlook/supportedTimeZones` answers: the zones of Windows.
pub(super) fn supported(base_url: &str) -> Bytes {
    let zones: Vec<Value> =
        WINDOWS.iter().map(|(name, _)| json!({ "alias": name, "displayName": name })).collect();
    let context = format!("{base_url}/$metadata#Collection(microsoft.graph.timeZoneInformation)");
    bytes(&json!({ "@odata.context": context, "value": zones }))
}

/// A zone, and the name under which it was asked for.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Zone {
    pub(super) name: String,
    pub(super) rules: TimeZone,
}

impl Zone {
    pub(super) fn utc() -> Self {
        Self { name: "UTC".to_owned(), rules: TimeZone::UTC }
    }

    /// Finds a zone by its Windows or IANA name, without regard to case.
    pub(super) fn named(name: &str) -> Result<Self, CalendarRefusal> {
        let unknown = || CalendarRefusal::UnknownTimeZone(name.to_owned());
        let windows = WINDOWS.iter().find(|(windows, _)| windows.eq_ignore_ascii_case(name));
        let iana = match windows {
            Some((_, iana)) => iana,
            None if name.contains('/') || name.eq_ignore_ascii_case("UTC") => name,
            None => return Err(unknown()),
        };
        if iana.eq_ignore_ascii_case("UTC") {
            return Ok(Self { name: name.to_owned(), rules: TimeZone::UTC });
        }
        let rules = TimeZone::get(iana).map_err(|_| unknown())?;
        Ok(Self { name: name.to_owned(), rules })
    }

    /// The instant of a time on the wall. A time that the clocks skip is taken after the skip, one that comes twice
    /// the first time.
    pub(super) fn instant(&self, wall: DateTime) -> Timestamp {
        self.rules.to_timestamp(wall).unwrap_or(Timestamp::MIN)
    }

    pub(super) fn wall(&self, instant: Timestamp) -> DateTime {
        self.rules.to_datetime(instant)
    }

    /// An instant as a `dateTimeTimeZone`.
    pub(super) fn shown(&self, instant: Timestamp) -> Value {
        self.labelled(self.wall(instant))
    }

    /// A time on the wall as a `dateTimeTimeZone`: seven decimals, no offset.
    pub(super) fn labelled(&self, wall: DateTime) -> Value {
        json!({ "dateTime": wall.strftime("%Y-%m-%dT%H:%M:%S.0000000").to_string(), "timeZone": self.name })
    }
}
