//! The window of a view: `startDateTime` and `endDateTime`.

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::instance::Window;
use crate::graph::odata::query::Query;
use crate::graph::refusal::calendar::CalendarRefusal;

/// No view is longer.
const LONGEST: SignedDuration = SignedDuration::from_hours(1_825 * 24);

/// Both ends must be given. An offset counts, none means UTC, and the preferred zone has no say.
pub(super) fn of(query: &Query) -> Result<Window, CalendarRefusal> {
    let (Some(start), Some(end)) = (&query.start_date_time, &query.end_date_time) else {
        return Err(CalendarRefusal::WindowMissing);
    };
    let window = Window { start: moment("StartDateTime", start)?, end: moment("EndDateTime", end)? };
    if window.end < window.start {
        return Err(CalendarRefusal::WindowBackwards);
    }
    if window.end.duration_since(window.start) > LONGEST {
        return Err(CalendarRefusal::WindowTooLong);
    }
    Ok(window)
}

fn moment(parameter: &'static str, value: &str) -> Result<Timestamp, CalendarRefusal> {
    parsed(value).ok_or_else(|| CalendarRefusal::InvalidMoment { parameter, value: value.to_owned() })
}

fn parsed(value: &str) -> Option<Timestamp> {
    if let Ok(instant) = value.parse::<Timestamp>() {
        return Some(instant);
    }
    let wall = match value.parse::<Date>() {
        Ok(date) if value.len() == 10 => date.into(),
        // A space is what is left of a plus sign that was not encoded.
        _ if value.contains(' ') => return None,
        _ => value.parse::<DateTime>().ok()?,
    };
    TimeZone::UTC.to_timestamp(wall).ok()
}
