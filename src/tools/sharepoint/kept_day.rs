//! Days as SharePoint keeps them: it knows moments alone, and keeps a day as the midnight with which that begins in the site's
//! own zone, which version 1.0 of Graph does not tell.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

/// So much later it is that day in UTC too, for every zone from ten hours behind it (Honolulu) to thirteen hours and three
/// quarters before it (the Chatham Islands in summer). Farther off lie American Samoa and Niue, and Kiritimati, whose midnights
/// are those of Auckland and Honolulu: no instant is a day of all of them.
const TO_THE_DAY: SignedDuration = SignedDuration::from_mins(13 * 60 + 45);

/// The day that is kept as this instant.
pub(super) fn day_of(kept: Timestamp) -> Date {
    TimeZone::UTC.to_datetime(kept.saturating_add(TO_THE_DAY).unwrap_or(Timestamp::MAX)).date()
}

/// The first instant that means this day, whatever the zone: the last one comes before the first of the next day.
pub(super) fn first_instant_of(day: Date) -> Timestamp {
    let midnight = TimeZone::UTC.to_timestamp(day.into()).unwrap_or(Timestamp::MIN);
    midnight.checked_sub(TO_THE_DAY).unwrap_or(Timestamp::MIN)
}

#[cfg(test)]
mod tests {
    use jiff::ToSpan;
    use jiff::civil::date;
    use rstest::rstest;

    use super::*;

    /// If this failed, a day would be told as the one before it or behind it to the users of some site, or be looked for where
    /// another is.
    #[rstest]
    #[case::honolulu("Pacific/Honolulu")]
    #[case::los_angeles("America/Los_Angeles")]
    #[case::st_johns("America/St_Johns")]
    #[case::utc("UTC")]
    #[case::berlin("Europe/Berlin")]
    #[case::kathmandu("Asia/Kathmandu")]
    #[case::auckland("Pacific/Auckland")]
    #[case::apia("Pacific/Apia")]
    #[case::chatham("Pacific/Chatham")]
    fn every_midnight_of_a_zone_is_the_day_that_it_begins(#[case] zone: &str) {
        let zone = TimeZone::get(zone).unwrap();
        let mut day = date(2026, 1, 1);
        while day < date(2027, 1, 1) {
            let kept = zone.to_timestamp(day.into()).unwrap();
            assert_eq!(day_of(kept), day, "{kept}");
            let next = day.checked_add(1.day()).unwrap();
            assert!(first_instant_of(day) <= kept && kept < first_instant_of(next), "{kept}");
            day = next;
        }
    }

    /// If this failed, a day at the end of what can be told would end the call.
    #[rstest]
    #[case(Date::MIN)]
    #[case(Date::MAX)]
    fn the_ends_of_time_are_no_trouble(#[case] day: Date) {
        assert!(first_instant_of(day) <= Timestamp::MAX);
        assert!(day_of(Timestamp::MAX) <= Date::MAX && day_of(Timestamp::MIN) >= Date::MIN);
    }
}
