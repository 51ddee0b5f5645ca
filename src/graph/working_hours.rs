//! The user's own time zone, as `getSchedule` tells it.

use serde::Deserialize;

use super::text::Text;

/// The answer of `getSchedule`, for the zone alone.
#[derive(Debug, Deserialize)]
pub struct Schedules<'a> {
    #[serde(borrow, default)]
    pub value: Vec<Schedule<'a>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Schedule<'a> {
    #[serde(borrow, default)]
    pub working_hours: Option<WorkingHours<'a>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct WorkingHours<'a> {
    #[serde(borrow, default)]
    pub time_zone: Option<TimeZoneBase<'a>>,
}

/// A zone by its Windows name, or one that somebody made up (`customTimeZone`).
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TimeZoneBase<'a> {
    #[serde(borrow, default)]
    pub name: Option<Text<'a>>,
    /// In minutes: UTC is local time and this.
    #[serde(default)]
    pub bias: Option<i32>,
    #[serde(borrow, default)]
    pub standard_offset: Option<ZoneChange<'a>>,
    #[serde(borrow, default)]
    pub daylight_offset: Option<ZoneChange<'a>>,
}

/// When a half of the year begins: the `day_occurrence`th `day_of_week` of `month`, 5 being the last one.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ZoneChange<'a> {
    /// `02:00:00.0000000`.
    #[serde(borrow, default)]
    pub time: Option<Text<'a>>,
    #[serde(default)]
    pub day_occurrence: u8,
    #[serde(borrow, default)]
    pub day_of_week: Option<Text<'a>>,
    /// 0 where the zone has no such change.
    #[serde(default)]
    pub month: u8,
    /// In minutes, on top of the zone's own bias; of the daylight half alone.
    #[serde(default)]
    pub daylight_bias: Option<i32>,
}
