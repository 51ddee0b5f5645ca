//! The time zone that a call asks for, and times told in it.

use std::borrow::Cow;

use connector_actors::clock::Timestamp;
use jiff::Unit;
use jiff::fmt::temporal::DateTimePrinter;
use jiff::tz::{Offset, TimeZone};
use serde::{Deserialize, Serialize};

use super::error::ToolError;
use super::windows_zones::iana_of_windows;

/// Whole seconds: what comes after them is left out.
const TO_THE_SECOND: DateTimePrinter = DateTimePrinter::new().precision(Some(0));

/// A named zone. Written down, as in cursors, it is what a session remembers it by.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub(super) struct Zone {
    clocks: TimeZone,
    name: Cow<'static, str>,
    /// Of a zone that has no name.
    rule: Option<Box<str>>,
}

impl From<String> for Zone {
    fn from(remembered: String) -> Self {
        Self::remembered(&remembered)
    }
}

impl From<Zone> for String {
    fn from(zone: Zone) -> Self {
        zone.rule.map_or_else(|| zone.name.into_owned(), Self::from)
    }
}

impl Zone {
    /// `None` is UTC; a name is one of the IANA database or of Windows, in any case.
    pub(super) fn of_argument(name: Option<&str>) -> Result<Self, ToolError> {
        let Some(name) = name.filter(|name| !name.eq_ignore_ascii_case("utc")) else {
            return Ok(Self::utc());
        };
        let time_zone = TimeZone::get(iana_of_windows(name).unwrap_or(name)).map_err(|_| {
            ToolError::invalid_argument(
                "timeZone",
                "not a time zone of the IANA database.",
                "Use a name such as Europe/Berlin, America/New_York or UTC.",
            )
        })?;
        let name = time_zone.iana_name().unwrap_or(name).to_owned().into();
        Ok(Self { clocks: time_zone, name, rule: None })
    }

    /// By what a session remembers: an IANA name, or the rule of a zone that has none.
    pub(super) fn remembered(name: &str) -> Self {
        if let Ok(zone) = Self::of_argument(Some(name)) {
            return zone;
        }
        match TimeZone::posix(name) {
            Ok(time_zone) => {
                Self { clocks: time_zone, name: Cow::Borrowed("the user's own"), rule: Some(name.into()) }
            }
            Err(_) => Self::utc(),
        }
    }

    pub(super) fn utc() -> Self {
        Self { clocks: TimeZone::UTC, name: Cow::Borrowed("UTC"), rule: None }
    }

    pub(super) fn name(&self) -> Cow<'static, str> {
        self.name.clone()
    }

    pub(super) fn time_zone(&self) -> &TimeZone {
        &self.clocks
    }

    /// A time as Graph writes it (`2026-11-23T10:00:00Z`), told in this zone with its offset. `None` where that says
    /// nothing new: in UTC, and of a time that can't be read.
    pub(super) fn localise(&self, utc: &str) -> Option<String> {
        if self.clocks == TimeZone::UTC {
            return None;
        }
        utc.parse::<jiff::Timestamp>().ok().map(|moment| self.tell(moment))
    }

    /// `2026-11-23T11:00:00+01:00`.
    pub(super) fn tell(&self, moment: jiff::Timestamp) -> String {
        if self.clocks == TimeZone::UTC {
            return moment.to_string();
        }
        written(moment, self.clocks.to_offset(moment))
    }

    /// For sentences: in UTC and, where this zone is another, told in it: `2026-11-23T10:00:00Z (2026-11-23T11:00:00+01:00)`.
    pub(super) fn tell_both(&self, moment: jiff::Timestamp) -> String {
        if self.clocks == TimeZone::UTC {
            return moment.to_string();
        }
        format!("{moment} ({})", self.tell(moment))
    }
}

/// Each hit of a list tells a time or two. Nearly all are of years with four digits: those are filled into a form.
fn written(moment: jiff::Timestamp, offset: Offset) -> String {
    let offset = in_minutes(offset);
    let local = offset.to_datetime(moment);
    let ahead = offset.seconds().unsigned_abs();
    let Ok(year @ 0..=9_999) = u16::try_from(local.year()) else { return in_full(moment, offset) };
    let mut form = *b"0000-00-00T00:00:00+00:00";
    let mut fill = |at: usize, number: u8| {
        form[at] += number / 10;
        form[at + 1] += number % 10;
    };
    fill(0, low_byte(u32::from(year / 100)));
    fill(2, low_byte(u32::from(year % 100)));
    fill(5, local.month().unsigned_abs());
    fill(8, local.day().unsigned_abs());
    fill(11, local.hour().unsigned_abs());
    fill(14, local.minute().unsigned_abs());
    fill(17, local.second().unsigned_abs());
    fill(20, low_byte(ahead / 3_600));
    fill(23, low_byte(ahead / 60 % 60));
    if offset.is_negative() {
        form[19] = b'-';
    }
    std::str::from_utf8(&form).map_or_else(|_| in_full(moment, offset), str::to_owned)
}

/// An offset is written in minutes. Before about 1972 some had seconds: the clock is read by the nearest that can be written,
/// so that both together say the same moment.
fn in_minutes(offset: Offset) -> Offset {
    offset.round(Unit::Minute).unwrap_or(Offset::UTC)
}

fn in_full(moment: jiff::Timestamp, offset: Offset) -> String {
    TO_THE_SECOND.timestamp_with_offset_to_string(&moment, offset)
}

/// Of a number below 100.
fn low_byte(number: u32) -> u8 {
    number.to_le_bytes()[0]
}

/// The clock's time as jiff's; the end of its range stands for everything later.
pub(super) fn moment(at: Timestamp) -> jiff::Timestamp {
    i64::try_from(at.unix_millis())
        .ok()
        .and_then(|millis| jiff::Timestamp::from_millisecond(millis).ok())
        .unwrap_or(jiff::Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    proptest! {
        /// If this failed, a time would be told as another one.
        #[test]
        fn times_are_filled_in_as_they_are_written_out_and_read_as_they_were(
            second in jiff::Timestamp::MIN.as_second()..=jiff::Timestamp::MAX.as_second(),
            offset in prop_oneof![(-1_559_i32..=1_559).prop_map(|minutes| minutes * 60), -93_599_i32..=93_599],
        ) {
            let moment = jiff::Timestamp::from_second(second).unwrap();
            let offset = Offset::from_seconds(offset).unwrap();
            let told = written(moment, offset);
            prop_assert_eq!(told.parse::<jiff::Timestamp>().unwrap(), moment, "{}", told);
            prop_assert_eq!(told, in_full(moment, in_minutes(offset)));
        }
    }

    /// If this failed, people would read times that are hours off.
    #[rstest]
    #[case::utc(None, None)]
    #[case::utc_by_name(Some("utc"), None)]
    #[case::winter(Some("Europe/Berlin"), Some("2026-11-23T11:00:00+01:00"))]
    #[case::any_case(Some("europe/berlin"), Some("2026-11-23T11:00:00+01:00"))]
    #[case::windows(Some("W. Europe Standard Time"), Some("2026-11-23T11:00:00+01:00"))]
    #[case::half_hours(Some("Asia/Kolkata"), Some("2026-11-23T15:30:00+05:30"))]
    fn a_time_is_told_in_the_asked_zone(#[case] zone: Option<&str>, #[case] expected: Option<&str>) {
        let zone = Zone::of_argument(zone).unwrap();
        assert_eq!(zone.localise("2026-11-23T10:00:00Z").as_deref(), expected);
        assert_eq!(zone.localise("some day"), None);
    }

    /// If this failed, a list would go on in another zone than it began in.
    #[rstest]
    #[case::utc("UTC")]
    #[case::named("Europe/Berlin")]
    #[case::by_a_rule("<own>-03:30<own>-04:30,M3.5.0/02:00:00,M10.5.0/03:00:00")]
    fn a_zone_that_is_written_down_is_the_same_again(#[case] remembered: &str) {
        let zone = Zone::remembered(remembered);
        let again: Zone = serde_json::from_str(&serde_json::to_string(&zone).unwrap()).unwrap();
        assert_eq!((again.time_zone(), again.name()), (zone.time_zone(), zone.name()));
        assert_eq!(again.time_zone() == &TimeZone::UTC, remembered == "UTC");
    }

    /// If this failed, a wrong zone would silently be taken for UTC.
    #[test]
    fn an_unknown_zone_is_an_error() {
        assert!(Zone::of_argument(Some("Mars/Olympus")).is_err());
    }
}
