//! When somebody works: hours on the wall, in that one's own zone, whatever the clocks do.

use jiff::civil::{Date, Time, Weekday};
use jiff::{Timestamp, ToSpan};

use super::intervals::{Interval, Intervals};
use crate::graph::WorkingHours;
use crate::tools::own_zone;
use crate::tools::zone::Zone;

#[derive(Debug, Clone)]
pub(super) struct WorkingWeek {
    days: Vec<Weekday>,
    start: Time,
    /// Not later than `start` where work goes on behind midnight.
    end: Time,
    zone: Zone,
}

impl WorkingWeek {
    /// `None` where the mailbox does not say when its owner works.
    pub(super) fn of(hours: &WorkingHours<'_>) -> Option<Self> {
        let days: Vec<Weekday> = hours.days_of_week.as_ref()?.iter().filter_map(|day| weekday(day)).collect();
        let time = |text: Option<&str>| text?.parse::<Time>().ok();
        let (start, end) = (time(hours.start_time.as_deref())?, time(hours.end_time.as_deref())?);
        let zone = hours.time_zone.as_ref().and_then(own_zone::name_of)?;
        (!days.is_empty()).then(|| Self { days, start, end, zone: Zone::remembered(&zone) })
    }

    /// Of somebody whose mailbox does not say: the usual days, from their first moment to their last.
    pub(super) fn unknown(zone: Zone) -> Self {
        let days = WEEK.iter().take(5).map(|(day, _)| *day).collect();
        Self { days, start: Time::midnight(), end: Time::midnight(), zone }
    }

    pub(super) fn zone(&self) -> &Zone {
        &self.zone
    }

    /// The working hours that lie within `window`.
    pub(super) fn within(&self, window: Interval) -> Intervals {
        let day_of = |moment: Timestamp| moment.to_zoned_datetime(self.zone.time_zone().clone()).date();
        // Work that began the evening before may reach into the window.
        let first = day_of(window.start()).yesterday().unwrap_or(Date::MIN);
        let last = day_of(window.end());
        let days =
            std::iter::successors(Some(first), |day| day.tomorrow().ok()).take_while(|day| *day <= last);
        days.filter_map(|day| self.on(day)?.common(window)).collect()
    }

    /// The working hours of one day. `None` on days off, and where the clocks skip all of them.
    fn on(&self, day: Date) -> Option<Interval> {
        if !self.days.contains(&day.weekday()) {
            return None;
        }
        let end_day = if self.end > self.start { day } else { day.checked_add(1.day()).ok()? };
        let moment = |day: Date, time| self.zone.time_zone().to_timestamp(day.to_datetime(time)).ok();
        Interval::new(moment(day, self.start)?, moment(end_day, self.end)?)
    }

    /// `monday friday 08:00-17:00, Europe/Berlin`.
    pub(super) fn told(&self) -> String {
        let days: Vec<&str> = self.days.iter().map(|day| name(*day)).collect();
        let time = |time: Time| time.strftime("%H:%M").to_string();
        format!("{} {}-{}, {}", days.join(" "), time(self.start), time(self.end), self.zone.name())
    }
}

const WEEK: [(Weekday, &str); 7] = [
    (Weekday::Monday, "monday"),
    (Weekday::Tuesday, "tuesday"),
    (Weekday::Wednesday, "wednesday"),
    (Weekday::Thursday, "thursday"),
    (Weekday::Friday, "friday"),
    (Weekday::Saturday, "saturday"),
    (Weekday::Sunday, "sunday"),
];

fn weekday(text: &str) -> Option<Weekday> {
    WEEK.iter().find(|(_, name)| name.eq_ignore_ascii_case(text)).map(|(day, _)| *day)
}

fn name(wanted: Weekday) -> &'static str {
    WEEK.iter().find(|(day, _)| *day == wanted).map_or("", |(_, name)| *name)
}

#[cfg(test)]
pub(super) mod tests {
    use rstest::rstest;

    use super::*;

    /// Hours as Graph writes them; `zone` is a name or an object.
    pub(in super::super) fn week(days: &[&str], start: &str, end: &str, zone: &str) -> WorkingWeek {
        let zone = if zone.starts_with('{') { zone.to_owned() } else { format!(r#"{{"name":"{zone}"}}"#) };
        let json = format!(
            r#"{{"daysOfWeek":{days:?},"startTime":"{start}:00.0000000","endTime":"{end}:00.0000000","timeZone":{zone}}}"#
        );
        WorkingWeek::of(&serde_json::from_str(&json).unwrap()).unwrap()
    }

    pub(in super::super) const WORKDAYS: &[&str] = &["monday", "tuesday", "wednesday", "thursday", "friday"];
    /// London's rules under a made-up name.
    const CUSTOMIZED: &str = r#"{"bias":0,"name":"Customized Time Zone",
        "standardOffset":{"time":"02:00:00.0000000","dayOccurrence":5,"dayOfWeek":"sunday","month":10,"year":0},
        "daylightOffset":{"daylightBias":-60,"time":"01:00:00.0000000","dayOccurrence":5,"dayOfWeek":"sunday","month":3,"year":0}}"#;

    fn told(intervals: &Intervals) -> Vec<(String, String)> {
        intervals.iter().map(|interval| (interval.start().to_string(), interval.end().to_string())).collect()
    }

    fn between(start: &str, end: &str) -> Interval {
        Interval::new(start.parse().unwrap(), end.parse().unwrap()).unwrap()
    }

    /// If this failed, people would be offered the night, or lose the first hour of their day when the clocks change.
    #[rstest]
    #[case::the_week_of_a_change(week(WORKDAYS, "08:00", "17:00", "W. Europe Standard Time"), ("2026-10-23T00:00:00Z", "2026-10-26T23:00:00Z"),
        &[("2026-10-23T06:00:00Z", "2026-10-23T15:00:00Z"), ("2026-10-26T07:00:00Z", "2026-10-26T16:00:00Z")])]
    #[case::a_night_that_is_an_hour_longer(week(&["saturday"], "22:00", "06:00", "Europe/Berlin"), ("2026-10-24T12:00:00Z", "2026-10-25T12:00:00Z"),
        &[("2026-10-24T20:00:00Z", "2026-10-25T05:00:00Z")])]
    #[case::a_night_that_is_an_hour_shorter(week(&["saturday"], "22:00", "06:00", "Europe/Berlin"), ("2026-03-28T12:00:00Z", "2026-03-29T12:00:00Z"),
        &[("2026-03-28T21:00:00Z", "2026-03-29T04:00:00Z")])]
    #[case::a_night_that_began_before(week(WORKDAYS, "22:00", "06:00", "UTC"), ("2026-11-24T01:00:00Z", "2026-11-24T12:00:00Z"),
        &[("2026-11-24T01:00:00Z", "2026-11-24T06:00:00Z")])]
    #[case::until_midnight(week(&["tuesday"], "16:00", "00:00", "UTC"), ("2026-11-24T00:00:00Z", "2026-11-26T00:00:00Z"),
        &[("2026-11-24T16:00:00Z", "2026-11-25T00:00:00Z")])]
    #[case::beyond_the_date_line(week(&["monday"], "09:00", "17:00", "Pacific/Auckland"), ("2026-11-22T12:00:00Z", "2026-11-23T12:00:00Z"),
        &[("2026-11-22T20:00:00Z", "2026-11-23T04:00:00Z")])]
    #[case::sunday_to_thursday(week(&["sunday", "thursday"], "09:00", "18:00", "Asia/Jerusalem"), ("2026-11-20T00:00:00Z", "2026-11-23T00:00:00Z"),
        &[("2026-11-22T07:00:00Z", "2026-11-22T16:00:00Z")])]
    #[case::customized_winter(week(&["tuesday"], "08:00", "17:00", CUSTOMIZED), ("2026-11-24T00:00:00Z", "2026-11-25T00:00:00Z"),
        &[("2026-11-24T08:00:00Z", "2026-11-24T17:00:00Z")])]
    #[case::customized_summer(week(&["tuesday"], "08:00", "17:00", CUSTOMIZED), ("2026-07-07T00:00:00Z", "2026-07-08T00:00:00Z"),
        &[("2026-07-07T07:00:00Z", "2026-07-07T16:00:00Z")])]
    #[case::clipped(week(WORKDAYS, "08:00", "17:00", "UTC"), ("2026-11-24T10:00:00Z", "2026-11-24T12:00:00Z"),
        &[("2026-11-24T10:00:00Z", "2026-11-24T12:00:00Z")])]
    #[case::a_weekend(week(WORKDAYS, "08:00", "17:00", "UTC"), ("2026-11-21T00:00:00Z", "2026-11-23T00:00:00Z"), &[])]
    fn working_hours_are_hours_on_the_wall(
        #[case] week: WorkingWeek,
        #[case] (start, end): (&str, &str),
        #[case] expected: &[(&str, &str)],
    ) {
        let expected: Vec<(String, String)> =
            expected.iter().map(|(start, end)| ((*start).to_owned(), (*end).to_owned())).collect();
        assert_eq!(told(&week.within(between(start, end))), expected);
    }

    /// If this failed, hours that make no sense would pass for somebody's.
    #[rstest]
    #[case::nothing("{}")]
    #[case::no_days(
        r#"{"daysOfWeek":[],"startTime":"08:00:00","endTime":"17:00:00","timeZone":{"name":"UTC"}}"#
    )]
    #[case::no_zone(r#"{"daysOfWeek":["monday"],"startTime":"08:00:00","endTime":"17:00:00"}"#)]
    #[case::no_time(
        r#"{"daysOfWeek":["monday"],"startTime":"morning","endTime":"17:00:00","timeZone":{"name":"UTC"}}"#
    )]
    fn what_is_no_working_week_is_none(#[case] json: &str) {
        assert!(WorkingWeek::of(&serde_json::from_str(json).unwrap()).is_none());
    }
}
