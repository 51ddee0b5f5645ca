//! The answer of `getSchedule`: when people are busy, their working hours, and the zone that those are in.
//! Source: <https://learn.microsoft.com/graph/api/resources/scheduleinformation>.

use serde::Deserialize;

use super::calendar::DateTimeTimeZone;
use super::text::Text;

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
    /// As it was asked for.
    #[serde(borrow, default)]
    pub schedule_id: Option<Text<'a>>,
    /// One digit for each interval: 0 free, 1 tentative, 2 busy, 3 out of office, 4 working elsewhere.
    #[serde(borrow, default)]
    pub availability_view: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub schedule_items: Option<Vec<ScheduleItem<'a>>>,
    /// Why nothing is known of this one.
    #[serde(borrow, default)]
    pub error: Option<ScheduleError<'a>>,
}

#[derive(Debug, Deserialize)]
pub struct ScheduleItem<'a> {
    /// `free`, `tentative`, `busy`, `oof`, `workingElsewhere` or `unknown`.
    #[serde(borrow, default)]
    pub status: Option<Text<'a>>,
    #[serde(borrow)]
    pub start: DateTimeTimeZone<'a>,
    #[serde(borrow)]
    pub end: DateTimeTimeZone<'a>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ScheduleError<'a> {
    #[serde(borrow, default)]
    pub response_code: Option<Text<'a>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct WorkingHours<'a> {
    /// `monday` to `sunday`.
    #[serde(borrow, default)]
    pub days_of_week: Option<Vec<Text<'a>>>,
    /// `08:00:00.0000000`, on the wall.
    #[serde(borrow, default)]
    pub start_time: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub end_time: Option<Text<'a>>,
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
